package kpi

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// A merged unit's sums are those of its members: the same windows, freezes, failures, traffic, cells and samples,
// counted otherwise. What begins before the merger means the old unit under every set.
func TestAMergedUnitIsTheSumOfItsMembers(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		e := anyEras(t, dir)
		m := model.MonthOf(e.from.Start())
		old := e.month(t, rapid.SampledFrom([]string{inventory.UnitsAuto, inventory.Units63}).Draw(t, "set"), m)
		merged := e.month(t, inventory.Units34, m)
		checkThings(t, &old, &merged)
		checkDeviceGroups(t, &old, &merged)
		checkLinkGroups(t, &old, &merged)
		checkReports(t, &old, &merged)
		if next := m.Next(); e.from+e.days > next.First() {
			if d := diff.Diff(e.month(t, inventory.UnitsAuto, next), e.month(t, inventory.Units34, next), exactly()); d != "" {
				t.Fatalf("the month after the merger (-auto +34):\n%s", d)
			}
		}
	})
}

func exactly() diff.Option { return diff.Exporter(func(reflect.Type) bool { return true }) }

// checkThings wants each thing to be what it was, in the unit that counts it now.
func checkThings(t *rapid.T, old, merged *MonthResult) {
	for i := range old.Entities {
		e := &old.Entities[i]
		e.Province, e.Provinces = heir(e.Province), heirsOf(e.Provinces)
	}
	for i := range old.Outages {
		o := &old.Outages[i]
		o.Province, o.Provinces = heir(o.Province), heirsOf(o.Provinces)
	}
	for i := range old.Links {
		old.Links[i].Provinces = heirsOf(old.Links[i].Provinces)
	}
	for i := range old.Composites {
		c := &old.Composites[i]
		c.Province = heir(c.Province)
		for i := range c.Outages {
			c.Outages[i].Province = heir(c.Outages[i].Province)
		}
	}
	for name, pair := range map[string][2]any{
		"entities": {old.Entities, merged.Entities}, "outages": {old.Outages, merged.Outages}, "links": {old.Links, merged.Links}, "composites": {old.Composites, merged.Composites},
		"void windows": {old.VoidWindows, merged.VoidWindows}, "late windows": {old.LateWindows, merged.LateWindows},
	} {
		if d := diff.Diff(pair[0], pair[1], exactly()); d != "" {
			t.Fatalf("%s (-63 +34):\n%s", name, d)
		}
	}
}

func heirsOf(codes []string) (out []string) {
	for _, code := range codes {
		out = append(out, heir(code))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// unitSums are the sums of a group that tell no difference between one unit and two.
type unitSums struct {
	Sums     Sums
	Weighted WSums
	Expected int64
}

func groupSums(r *MonthResult) map[group]unitSums {
	out := map[group]unitSums{}
	for _, a := range r.Availability {
		if a.Level == LevelLink && a.Province != "" {
			continue
		}
		key := group{heir(a.Province), a.Level, a.System, a.Class}
		g := out[key]
		a.Sums.Excluded = 0 // a device that moves is out of each unit for the rest of the time
		g.Sums.merge(a.Sums)
		g.Weighted.merge(&a.Weighted)
		g.Expected += a.Expected
		out[key] = g
	}
	return out
}

func checkDeviceGroups(t *rapid.T, old, merged *MonthResult) {
	if d := diff.Diff(groupSums(old), groupSums(merged), exactly()); d != "" {
		t.Fatalf("groups of devices (-members +merged):\n%s", d)
	}
}

// checkLinkGroups wants a link between two members to be one of the merged unit, once.
func checkLinkGroups(t *rapid.T, old, merged *MonthResult) {
	sums, ratios := map[group]Sums{}, map[group]Congestion{}
	for _, e := range old.Entities {
		for _, province := range append(e.Provinces, "") {
			key := group{province: province, class: e.Class}
			if e.Level == LevelLink {
				s := sums[key]
				s.merge(e.Sums)
				sums[key] = s
			}
		}
	}
	for _, l := range old.Links {
		for _, province := range append(l.Provinces, "") {
			key := group{province: province, class: l.Class}
			c := ratios[key]
			if l.NotEvaluated == "" {
				c.Evaluated, c.CapEvaluated = c.Evaluated+1, c.CapEvaluated+l.CapacityMbps
			}
			if l.Congested {
				c.Congested, c.CapCongested = c.Congested+1, c.CapCongested+l.CapacityMbps
			}
			ratios[key] = c
		}
	}
	for _, a := range merged.Availability {
		if want := sums[group{province: a.Province, class: a.Class}]; a.Level == LevelLink && a.Sums != want {
			t.Fatalf("links of %q: %+v, want %+v", a.Province, a.Sums, want)
		}
	}
	for _, c := range merged.Congestion {
		want := ratios[group{province: c.Province, class: c.Class}]
		if c.Evaluated != want.Evaluated || c.Congested != want.Congested || c.CapEvaluated != want.CapEvaluated || c.CapCongested != want.CapCongested {
			t.Fatalf("congestion of %q: %+v, want %+v", c.Province, c, want)
		}
	}
}

// checkReports wants the totals of cells and samples of the members together.
func checkReports(t *rapid.T, old, merged *MonthResult) {
	var cells []*ran.Total
	for _, g := range old.Radio.Total.Groups {
		g.Province = heir(g.Province)
		cells = append(cells, &ran.Total{Groups: []ran.GroupTotal{g}})
	}
	if d := diff.Diff(ran.Merge(cells...).Groups, merged.Radio.Total.Groups, exactly()); d != "" {
		t.Fatalf("cells (-members +merged):\n%s", d)
	}
	if (old.SampleSums == nil) != (merged.SampleSums == nil) {
		t.Fatalf("samples: %+v and %+v", old.SampleSums, merged.SampleSums)
	}
	if old.SampleSums == nil {
		return
	}
	var samples []*probe.Total
	for _, g := range old.SampleSums.Groups {
		g.Province = heir(g.Province)
		samples = append(samples, &probe.Total{Groups: []probe.Group{g}})
	}
	all := probe.Merge(samples...).Groups
	slices.SortFunc(all, func(a, b probe.Group) int { return cmp.Compare(a.Province, b.Province) })
	if d := diff.Diff(all, merged.SampleSums.Groups, exactly()); d != "" {
		t.Fatalf("samples (-members +merged):\n%s", d)
	}
}

// One code in two eras, windows over the merger, the register, freezes and probes: by hand.
func TestWhatAProvinceMeansInTwoEras(t *testing.T) {
	e := newEras(t.TempDir(), model.DayOf(merger)-1)
	row := func(i int, province string) []string {
		return deviceRows(fmt.Sprint("d", i), province, i, func() (string, int64) { return "", 0 })
	}
	e.write(t, "devices.csv", deviceColumns, append(row(2, "02"), row(8, "08")...))
	e.write(t, "links.csv", linkColumns, []string{"l,d2,p,d8,p,transport,1000,,"})
	e.write(t, "cells.csv", cellColumns, nil)
	e.write(t, "composites.csv", compositeColumns, []string{"pair,P,P,man-e,08,series,,device:d2|device:d8,,"})
	at := func(hours int64) string { return stampOf(merger + 3600*hours) }
	e.write(t, "maintenance.csv", windowColumns, []string{
		"old,province:02," + at(-10) + "," + at(-9) + "," + at(-40) + ",a," + at(-30) + ",r",
		"over,province:08," + at(-2) + "," + at(3) + "," + at(-40) + ",a," + at(-30) + ",r", // of d8 alone, before and after
		"new,province:08," + at(5) + "," + at(6) + "," + at(-40) + ",a," + at(-30) + ",r"})
	e.write(t, "freezes.csv", freezeColumns, []string{
		"f8,F,F," + at(-10) + "," + at(-9) + ",province:08,frozen,,,", // not of 02
		"f2,F,F," + at(1) + "," + at(6) + ",province:08,frozen,,N,N"})
	e.more = []model.Window{{ID: "register", Kind: model.ScopeProvince, Key: "02", Start: merger - 3600, End: merger + 7200, ApprovedAt: 1}}
	for d := e.from; d < e.from+2; d++ {
		c := &DayChunk{Day: d}
		for _, name := range []string{"d2", "d8"} {
			c.Entities = append(c.Entities, EntityDay{Device: name, NonUp: []Interval{{From: d.Start(), To: d.End(), State: Down}}})
		}
		e.chunks = append(e.chunks, c)
	}
	june, july := model.MonthOf(merger-1), model.MonthOf(merger)
	for _, units := range []string{inventory.UnitsAuto, inventory.Units34} {
		before, after := e.month(t, units, june), e.month(t, units, july)
		want := map[string]int64{"d2 June": 3600 + 3600, "d8 June": 7200, "d2 July": 3600, "d8 July": 3600}
		// The register's window is of d2 until 02:00, but from 01:00 on the unit 08 of the new era is frozen: so are d2 and d8.
		got := map[string]int64{}
		for _, m := range []struct {
			name   string
			result *MonthResult
		}{{"June", &before}, {"July", &after}} {
			for _, one := range m.result.Entities {
				if one.Level == LevelDevice {
					got[one.Name+" "+m.name] = one.Sums.MaintDown
				}
			}
		}
		if d := diff.Diff(want, got); d != "" {
			t.Errorf("%s units: seconds in windows (-want +got):\n%s", units, d)
		}
	}
}

// Samples that name a province are counted in the unit of their time, also in the nation.
func TestSamplesOfAProvinceInTwoEras(t *testing.T) {
	e := newEras(t.TempDir(), model.DayOf(merger)-1)
	for name, header := range map[string]string{"devices.csv": deviceColumns, "links.csv": linkColumns, "cells.csv": cellColumns, "composites.csv": compositeColumns,
		"maintenance.csv": windowColumns, "freezes.csv": freezeColumns} {
		e.write(t, name, header, nil)
	}
	for d := e.from; d < e.from+2; d++ {
		e.chunks = append(e.chunks, &DayChunk{Day: d, Reports: []report.Day{
			roundTripsOf("province:02", d, slices.Repeat([]int{100}, 150)), roundTripsOf("province:08", d, slices.Repeat([]int{20}, 150))}})
	}
	for _, c := range []struct {
		units string
		at    int64
		want  map[string]string
	}{
		{inventory.UnitsAuto, merger - 1, map[string]string{"": "30 of 300", "02": "50 of 150", "08": "10 of 150"}},
		{inventory.Units34, merger - 1, map[string]string{"": "30 of 300", "08": "30 of 300"}},
		{inventory.UnitsAuto, merger, map[string]string{"": "30 of 300", "08": "30 of 300"}},
		{inventory.Units34, merger, map[string]string{"": "30 of 300", "08": "30 of 300"}},
		{inventory.Units63, merger, map[string]string{"": "30 of 300", "02": "50 of 150", "08": "10 of 150"}},
	} {
		got := map[string]string{}
		for _, k := range e.month(t, c.units, model.MonthOf(c.at)).Samples {
			got[k.Province] = fmt.Sprintf("%s of %d", k.Value.FloatString(0), k.Samples)
		}
		if d := diff.Diff(c.want, got); d != "" {
			t.Errorf("one-way delay, %s units, %s (-want +got):\n%s", c.units, model.MonthOf(c.at), d)
		}
	}
}
