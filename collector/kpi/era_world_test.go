package kpi

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// eras is a small operator of before the merger, as files, and what was measured around an instant.
type eras struct {
	dir    string
	files  inventory.Config
	more   []model.Window // of the register
	from   model.Day
	days   model.Day
	chunks []*DayChunk
}

// The headers of the files.
const (
	deviceColumns    = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to"
	linkColumns      = "link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to"
	cellColumns      = "cell,device,object,technology,bandwidth_mhz,n_rb,valid_from,valid_to"
	compositeColumns = "composite,name_vi,name_en,system,province,rule,need,members,valid_from,valid_to"
	windowColumns    = "id,scope,start,end,created_at,approved_by,approved_at,reason"
	freezeColumns    = "id,name_vi,name_en,start,end,scope,changes,alert_sensitivity,note_vi,note_en"
)

// merger is when 02 and 08 became 08, and 06 and 19 became 19.
const merger = 1751302800 // 2025-07-01

func heirs() map[string]string { return map[string]string{"02": "08", "06": "19"} }

// heir is the unit that counts an old one now.
func heir(code string) string {
	if to, ok := heirs()[code]; ok {
		return to
	}
	return code
}

func newEras(dir string, from model.Day) *eras {
	in := func(name string) string { return filepath.Join(dir, name) }
	return &eras{dir: dir, from: from, days: 4, files: inventory.Config{
		Devices: in("devices.csv"), Links: in("links.csv"), Maintenance: in("maintenance.csv"), Freezes: in("freezes.csv"), Cells: in("cells.csv"),
		Composites: in("composites.csv"), Targets: "../../configs/targets.yaml", Provinces: "../../configs/provinces"}}
}

// write makes a file of its header and rows.
func (e *eras) write(t rapid.TB, name, header string, rows []string) {
	if err := os.WriteFile(filepath.Join(e.dir, name), []byte(header+"\n"+strings.Join(append(rows, ""), "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// month evaluates a month under a set of units.
func (e *eras) month(t rapid.TB, units string, m model.Month) MonthResult {
	e.files.UnitSet = units
	x, err := inventory.Load(e.files)
	if err != nil {
		t.Fatalf("%s units: %v", units, err)
	}
	return Month(MonthInput{Month: m, Plan: NewPlan(x.WithWindows(e.more).Inventory), Chunks: e.chunks, End: min((e.from + e.days).Start(), m.End())})
}

func stampOf(at int64) string { return time.Unix(at, 0).In(model.Local).Format(time.RFC3339) }

// anyEras is random. d0 to d2 stay where they are, end links and hold cells; d3 and d4 may move.
func anyEras(t *rapid.T, dir string) *eras {
	e := newEras(dir, model.DayOf(merger)-rapid.SampledFrom([]model.Day{2, 61}).Draw(t, "days before the merger"))
	instant := func(label string) int64 { return e.from.Start() + 60*rapid.Int64Range(-1440, 1440*4).Draw(t, label) }
	homes := map[string]string{}
	var devices []string
	for i := range 5 {
		name := fmt.Sprint("d", i)
		homes[name] = rapid.SampledFrom([]string{"02", "02", "08", "08", "06", "19", "01"}).Draw(t, name)
		devices = append(devices, deviceRows(name, homes[name], i, func() (string, int64) {
			if i < 3 || rapid.Bool().Draw(t, "stays") {
				return "", 0
			}
			return rapid.SampledFrom([]string{"02", "08", "01"}).Draw(t, "moves to"), min(instant("moves"), merger-60, (e.from+e.days).Start()-60) // within what is counted
		})...)
	}
	e.write(t, "devices.csv", deviceColumns, devices)
	e.write(t, "links.csv", linkColumns,
		[]string{"l0,d0,p,d1,p,transport,1000,,", "l1,d1,q,d2,p,transport,400,,", "l2,d2,q,,,broadband,100,,"})
	e.write(t, "cells.csv", cellColumns, []string{"c0,d0,o,lte,20,,,", "c1,d1,o,lte,10,,,", "c2,d2,o,lte,20,,,"})
	home := rapid.SampledFrom([]string{"02", "08"}).Draw(t, "ring of")
	e.write(t, "composites.csv", compositeColumns, []string{
		"ring,R,R,man-e," + home + ",ring,,device:d0|device:d1|link:l1,,2025-07-01", "ring,R,R,man-e,08,ring,,device:d0|device:d1|link:l1,2025-07-01,"})
	e.calendar(t, instant)
	e.measure(t)
	return e
}

// deviceRows are a device's rows until the merger, and the one after it.
func deviceRows(name, province string, i int, moves func() (to string, at int64)) []string {
	row := func(province, from, to string) string {
		return fmt.Sprintf("%s,10.0.0.%d,%s,olt-gpon,s%d,,,,%d,0,snmp,,,%s,%s", name, i+1, province, i%2, 100*i+1, from, to)
	}
	var rows []string
	from := ""
	if to, at := moves(); to != "" {
		rows = append(rows, row(province, from, stampOf(at)))
		province, from = to, stampOf(at)
	}
	return append(rows, row(province, from, "2025-07-01"), row(heir(province), "2025-07-01", ""))
}

// calendar writes windows and freezes, and keeps some windows for the register.
func (e *eras) calendar(t *rapid.T, instant func(string) int64) {
	var windows, freezes []string
	scope := func(at int64) string {
		provinces := []string{"province:02", "province:08", "province:06", "province:19"}
		if at >= merger {
			provinces = []string{"province:08", "province:19"}
		}
		return rapid.SampledFrom(append(provinces, "province:08", "province:01", "device:d0", "site:s1", "system:olt-gpon", "composite:ring", "link:l0")).Draw(t, "scope")
	}
	for i := range rapid.IntRange(0, 5).Draw(t, "windows") {
		start := instant("window")
		end := start + 60*rapid.Int64Range(1, 900).Draw(t, "minutes")
		approved := start - rapid.SampledFrom([]int64{60, 60, 0}).Draw(t, "approved before")
		w := model.Window{ID: fmt.Sprint("w", i), Start: start, End: end, CreatedAt: 1, ApprovedBy: "a", ApprovedAt: approved, Reason: "r"}
		s, err := inventory.ParseScope(scope(start))
		if err != nil {
			t.Fatal(err)
		}
		if w.Kind, w.Key = s.Kind, s.Key; rapid.Bool().Draw(t, "of the register") {
			e.more = append(e.more, w)
			continue
		}
		windows = append(windows, fmt.Sprintf("%s,%s,%s,%s,%s,a,%s,r", w.ID, s, stampOf(start), stampOf(end), stampOf(1), stampOf(approved)))
	}
	for i := range rapid.IntRange(0, 2).Draw(t, "freezes") {
		start := instant("freeze")
		freezes = append(freezes, fmt.Sprintf("f%d,F,F,%s,%s,%s,frozen,,,", i, stampOf(start), stampOf(start+60*rapid.Int64Range(1, 900).Draw(t, "minutes")), scope(start)))
	}
	e.write(t, "maintenance.csv", windowColumns, windows)
	e.write(t, "freezes.csv", freezeColumns, freezes)
}

// measure makes failures, traffic, counters of cells and samples.
func (e *eras) measure(t *rapid.T) {
	failures := map[model.Port][]span{}
	ports := []model.Port{{Device: "d0", IfName: "p"}, {Device: "d1", IfName: "p"}, {Device: "d1", IfName: "q"}, {Device: "d2", IfName: "p"}, {Device: "d2", IfName: "q"}}
	rates := map[model.Port]uint32{}
	for _, p := range ports {
		rates[p] = rapid.SampledFrom([]uint32{1000, 350_000, 900_000}).Draw(t, "kbit/s")
	}
	for i := range 5 {
		ports = append(ports, model.Port{Device: fmt.Sprint("d", i)})
	}
	slices.SortFunc(ports, comparePort)
	for _, p := range ports {
		for range rapid.IntRange(0, 3).Draw(t, "failures") {
			at := e.from.Start() + rapid.Int64Range(0, 3*model.DaySeconds).Draw(t, "fails")
			failures[p] = append(failures[p], span{at, at + rapid.Int64Range(1, 30_000).Draw(t, "for")})
		}
	}
	for d := e.from; d < e.from+e.days; d++ {
		c := &DayChunk{Day: d}
		for _, p := range ports {
			one := EntityDay{Device: p.Device, IfName: p.IfName}
			for _, s := range union(slices.Clone(failures[p])) {
				if s = s.clip(span{d.Start(), d.End()}); s.from < s.to {
					one.NonUp = append(one.NonUp, Interval{From: s.from, To: s.to, State: Down})
				}
			}
			c.Entities = append(c.Entities, one)
			if p.IfName != "" {
				all := slices.Repeat([]uint32{rates[p]}, SlotsPerDay)
				c.Ports = append(c.Ports, PortDay{Device: p.Device, IfName: p.IfName, Day: d, In: all, Out: all})
			}
		}
		for i := range 3 {
			c.Reports = append(c.Reports, countersOf(fmt.Sprint("d", i), d, rapid.IntRange(0, 90).Draw(t, "load")))
		}
		for _, who := range []string{"d3", "d4", "province:02", "province:08", "province:01"} {
			c.Reports = append(c.Reports, roundTripsOf(who, d, rapid.SliceOfN(rapid.IntRange(1, 100), 0, 5).Draw(t, "ms")))
		}
		slices.SortFunc(c.Reports, func(a, b report.Day) int { return a.Compare(&b) })
		e.chunks = append(e.chunks, c)
	}
}

// roundTripsOf are round trips at even distances in a day.
func roundTripsOf(who string, d model.Day, ms []int) report.Day {
	var s report.Set
	for i, v := range ms {
		values := slices.Repeat([]float64{math.NaN()}, len(probe.Fields()))
		values[1] = float64(v)
		var one report.Report
		probe.Sample(&one, d.Start()+int64(i)*model.DaySeconds/int64(len(ms)), values)
		s.Add(d, &one)
	}
	out := report.Fold(d, []*report.Set{&s})
	out.Device, out.Object, out.Kind = who, "t", probe.KindPrefix+"transport"
	return out
}

// countersOf is a day of a cell's counters, every quarter of an hour.
func countersOf(device string, d model.Day, load int) report.Day {
	var s report.Set
	reader := ran.NewReader()
	for end := d.Start() + 900; end <= d.End(); end += 900 {
		one := report.Report{End: end, Period: 900}
		reader.Begin(ran.LTE, 900)
		for name, v := range map[string]int{"RRU.PrbTotDl": load, "DRB.IPVolDl.9": 1000 * load, "DRB.IPTimeDl.9": load + 1, "RRC.ConnEstabAtt.sum": 100, "RRC.ConnEstabSucc.sum": load,
			"RRU.CellUnavailableTime.ManualIntervention": load} {
			reader.Counter([]byte(name), float64(v))
		}
		if reader.Report(&one) {
			s.Add(d, &one)
		}
	}
	out := report.Fold(d, []*report.Set{&s})
	out.Device, out.Object, out.Kind = device, "o", ran.LTE
	return out
}
