package kpi

import (
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
)

// happened is what may be added up of an event in the members of a unit. An outage while a device moves from one member
// to another is one in each.
type happened struct {
	Sums    Sums
	Down    map[string]int64 // within the event, by name
	Changes []string
}

// What happened to a merged unit during an event happened to its members, and a province means what it meant when the
// event began.
func TestEventsOfAMergedUnit(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		e := anyEras(t, dir)
		m := model.MonthOf(e.from.Start())
		old, merged := e.protection(t, inventory.UnitsAuto, m), e.protection(t, inventory.Units34, m)
		if d := diff.Diff(old, merged); d != "" {
			t.Fatalf("(-63 +34):\n%s", d)
		}
	})
}

// protection is what happened by event and unit after the merger. Every device is P1.
func (e *eras) protection(t rapid.TB, units string, m model.Month) map[protectedAt]*happened {
	e.files.UnitSet = units
	x, err := inventory.Load(e.files)
	if err != nil {
		t.Fatalf("%s units: %v", units, err)
	}
	inv := *x.WithWindows(e.more).Inventory
	inv.Targets.Protection.MinSubscribers = 1
	out := map[protectedAt]*happened{}
	for _, p := range Month(MonthInput{Month: m, Plan: NewPlan(&inv), Chunks: e.chunks, End: min((e.from + e.days).Start(), m.End())}).Protection {
		at := protectedAt{p.Event.ID, heir(p.Province)}
		if out[at] == nil {
			out[at] = &happened{Down: map[string]int64{}}
		}
		h := out[at]
		p.Sums.Outages, p.Sums.Flaps = 0, 0
		h.Sums.merge(p.Sums)
		for _, f := range p.Failures {
			h.Down[f.Name] += f.Seconds
		}
		for _, c := range p.Changes {
			if !slices.Contains(h.Changes, c.ID) {
				h.Changes = append(h.Changes, c.ID)
			}
		}
		slices.Sort(h.Changes)
	}
	return out
}
