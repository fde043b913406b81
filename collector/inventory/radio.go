package inventory

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

const (
	cellHeader     = "cell,device,object,technology,bandwidth_mhz,n_rb,valid_from,valid_to"
	baselineHeader = "month,province,cell,volume_kbit,time_ms,counter_map"
)

// readCells reads the radio cells, whose counters come from an object of a device.
func (l *loader) readCells(path string) {
	if path == "" {
		return
	}
	l.cells.file = path
	l.cells.broken = l.found.Total > 0 // what it refers to
	l.readTable(path, "cells.csv", cellHeader, func(r *row) {
		c := model.RadioCell{Name: r.name(), Device: r.name(), Object: r.name(), Technology: r.technology()}
		c.RBs = r.resourceBlocks(c.Technology)
		c.Validity = r.validity()
		l.cells.add(r, c)
	})
	l.cells.sort(func(a, b *model.RadioCell) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From))
	})
}

func (r *row) technology() string {
	s := r.text()
	if s != "lte" && s != "nr" {
		r.fail("%s is not a technology: want lte or nr", quote(s))
		return ""
	}
	return s
}

// resourceBlocks reads the bandwidth and N_RB, which follows from it for LTE.
func (r *row) resourceBlocks(technology string) int64 {
	bandwidth, known := r.cell(), int64(0)
	if technology == "lte" {
		known = lteBlocks(bandwidth)
		if known == 0 && bandwidth != "" {
			r.fail("%s is not a bandwidth of LTE: want 1.4, 3, 5, 10, 15 or 20", quote(bandwidth))
		}
	} else if _, ok := parseDecimal(bandwidth); !ok && bandwidth != "" {
		r.fail("%s is not a bandwidth in MHz: want for example 100", quote(bandwidth))
	}
	s := r.cell()
	if s == "" && known > 0 {
		return known
	}
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil || n < 1 || n > 1000:
		r.fail("%s is not N_RB: want a whole number from 1 to 1000, for LTE none if the bandwidth is given", quote(s))
	case known != 0 && n != known:
		r.fail("%d resource blocks: want %d for %s MHz of LTE, or leave it empty", n, known, bandwidth)
	}
	return n
}

// lteBlocks is N_RB of a bandwidth in MHz, 0 for one that LTE does not have.
func lteBlocks(mhz string) int64 {
	switch mhz {
	case "1.4":
		return 6
	case "3":
		return 15
	case "5":
		return 25
	case "10":
		return 50
	case "15":
		return 75
	case "20":
		return 100
	}
	return 0
}

// checkCells wants each cell once at a time, each object for one cell at a time, and devices that exist.
func (l *loader) checkCells(x *Index) {
	twice(l, &l.cells, "cell", func(c *model.RadioCell) (string, model.Validity) { return c.Name, c.Validity })
	type source struct{ device, object, technology string }
	seen := map[source][]int{}
	for i := range l.cells.rows {
		c, line := &l.cells.rows[i], l.cells.lines[i]
		if c.Device != "" && !l.cells.broken && !known(x, c.Device, c.Validity) {
			l.found.add(l.cells.file, line, "device", "%s is not a device%s", quote(c.Device), whileValid(x, c.Device))
		}
		for object := range strings.SplitSeq(c.Object, "|") {
			at := source{c.Device, object, c.Technology}
			for _, other := range seen[at] {
				if o := &l.cells.rows[other]; o.Name != c.Name && overlap(o.Validity, c.Validity) {
					first, last := min(line, l.cells.lines[other]), max(line, l.cells.lines[other])
					l.found.add(l.cells.file, last, "object", "%s of %s is two cells at once: see line %d", quote(object), quote(c.Device), first)
				}
			}
			seen[at] = append(seen[at], i)
		}
	}
}

// readBaseline reads the frozen speed of the baseline year.
func (l *loader) readBaseline(path string) {
	if path == "" {
		return
	}
	type key struct {
		month          model.Month
		province, cell string
	}
	seen := map[key]int{}
	l.readTable(path, "speed_baseline.csv", baselineHeader, func(r *row) {
		b := model.SpeedBase{Month: r.month(), Province: r.text(), Cell: r.text(), VolumeKbit: r.sum(), TimeMs: r.sum(), CounterMap: r.text()}
		k := key{b.Month, b.Province, b.Cell}
		if first, dup := seen[k]; dup {
			r.found.add(r.file, r.line, "month", "the same month, province and cell as in line %d", first)
		}
		seen[k] = r.line
		l.baseline = append(l.baseline, b)
	})
}

// sum reads a sum over a month, which may be far larger than a count.
func (r *row) sum() int64 {
	const largest = 1_000_000_000_000_000_000
	s := r.cell()
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > largest {
		r.fail("%s is not a sum: want a whole number from 0 to %d", quote(s), int64(largest))
		return 0
	}
	return n
}

// month reads YYYY-MM.
func (r *row) month() model.Month {
	s := r.cell()
	m, err := model.ParseMonth(s)
	if err != nil {
		r.fail("%s is not a month: want for example 2020-10", quote(s))
	}
	return m
}
