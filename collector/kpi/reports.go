package kpi

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// Reports is what the reports of cells and probes of some days add up to under one plan. nil: nothing was
// expected, and nothing came.
type Reports struct {
	Radio  *ran.Total
	Probes *probe.Total
}

// Plus is both together; neither is changed.
func (r Reports) Plus(o Reports) Reports {
	return Reports{Radio: ran.Merge(present(r.Radio, o.Radio)...), Probes: probe.Merge(present(r.Probes, o.Probes)...)}
}

func present[T any](all ...*T) []*T {
	return slices.DeleteFunc(all, func(one *T) bool { return one == nil })
}

// Reports adds up one local day, up to the instant end. Cells count once their day is over: a closed day may
// be its sums alone, which cannot be cut.
func (p *Plan) Reports(d model.Day, end int64, chunks []*DayChunk) Reports {
	var days []report.Day
	for _, c := range chunks {
		if c == nil || c.Day > d || c.End() <= d {
			continue
		}
		for i := range c.Reports {
			if c.Reports[i].Date == d {
				days = append(days, c.Reports[i])
			}
		}
	}
	var out Reports
	if end >= d.End() {
		if t := p.radio.Sum(d, days); !t.Empty() {
			out.Radio = t
		}
	}
	if t := probe.Sum(d, end, days, p.where, &p.inv.Targets.Probes); len(t.Groups) > 0 {
		out.Probes = t
	}
	return out
}

// RadioPlan is what Plan knows of cells, for who decides which reports must be kept (ran.Trim).
func (p *Plan) RadioPlan() *ran.Plan { return p.radio }

// where is the province of a device, or of the samples of a whole province, at an instant.
func (p *Plan) where(device string, at int64) (province string, known bool) {
	if code, whole := strings.CutPrefix(device, probe.ProvincePrefix); whole {
		return p.inv.Unit(code, at)
	}
	d := p.device(device)
	if d == nil {
		return "", false
	}
	for i := range d.rows {
		if d.rows[i].Covers(at) {
			return provinceOf(p.inv, &d.rows[i]), true
		}
	}
	return "", false
}

// planRadio gives each cell the provinces and the planned windows of its device.
func (p *Plan) planRadio() *ran.Plan {
	cells := make([]ran.Cell, 0, len(p.inv.Cells))
	for _, row := range p.inv.Cells {
		c := ran.Cell{Name: row.Name, Device: row.Device, Objects: strings.Split(row.Object, "|"), Kind: row.Technology, RBs: row.RBs, Span: ran.Span{From: row.From, To: row.To}}
		if d := p.device(row.Device); d != nil {
			c.Stays = p.stays(d, c.Span)
			for _, w := range d.planned {
				c.Planned = append(c.Planned, ran.Span{From: w.from, To: w.to})
			}
		}
		cells = append(cells, c)
	}
	return ran.NewPlan(p.hash, cells, func(device string) []ran.Stay {
		d := p.device(device)
		if d == nil {
			return nil
		}
		return p.stays(d, ran.Span{To: model.Forever})
	})
}

// stays is where a device was during valid; rows that differ in something else are one stay.
func (p *Plan) stays(d *planDevice, valid ran.Span) (out []ran.Stay) {
	for i := range d.rows {
		row := &d.rows[i]
		s := ran.Stay{Province: provinceOf(p.inv, row), Span: ran.Span{From: max(row.From, valid.From), To: min(row.To, valid.To)}}
		n := len(out)
		switch {
		case s.From >= s.To:
		case n > 0 && out[n-1].To == s.From && out[n-1].Province == s.Province:
			out[n-1].To = s.To
		default:
			out = append(out, s)
		}
	}
	return out
}

// quality adds what cells and probes reported, and the scores that it and all other results earn.
func (e *evaluation) quality() {
	if e.day {
		return
	}
	sums := e.carried.Reports
	targets := &e.plan.inv.Targets
	e.out.Radio = ran.Evaluate(sums.Radio, &targets.RAN, e.period.seconds(), e.whole.seconds())
	e.out.Radio.Compare(e.plan.baseline(e.month), &targets.RAN)
	e.out.SampleSums = sums.Probes
	e.out.Samples = probe.Evaluate(sums.Probes, targets.Scores.MinSamples)
}

// baseline is the frozen speed of the same month of the baseline year; that of a unit that was merged since then is one
// of the merged unit's.
func (p *Plan) baseline(m model.Month) (out []model.SpeedBase) {
	for _, b := range p.inv.SpeedBase {
		if b.Month.Month == m.Month {
			if unit, known := p.inv.Unit(b.Province, m.Start()); known {
				b.Province = unit
			}
			out = append(out, b)
		}
	}
	return out
}
