package kpi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// A month's availability from some day on is what is left of the month when the days before are taken
// away.
func TestMonthFromADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		chunks := w.chunks()
		whole, before, after := w.input(chunks), w.input(chunks), w.input(chunks)
		whole.Day, before.Day, after.Day = false, false, true
		after.From = (w.month.First() + 1).Start()
		whole.End = max(w.end, after.From+1)
		before.End, after.End = after.From, whole.End
		all, early, late := sumsByGroup(Month(whole)), sumsByGroup(Month(before)), sumsByGroup(Month(after))
		for g, want := range all {
			got := early[g]
			got.merge(late[g])
			got.Excluded = want.Excluded // a group leaves out those that are not in it at all
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%+v: the parts do not add up (-month +parts):\n%s", g, diff)
			}
		}
		if r := Month(after); len(r.Links) > 0 || len(r.Congestion) > 0 {
			t.Fatal("a part of a month has a congestion")
		}
	})
}

func sumsByGroup(r MonthResult) map[group]Sums {
	out := map[group]Sums{}
	for _, a := range r.Availability {
		out[group{a.Province, a.Level, a.System, a.Class}] = a.Sums
	}
	return out
}

// A day is held against what a day may lack, the first of a month like all others.
func TestADayMayLackWhatADayMay(t *testing.T) {
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: model.Validity{To: model.Forever}}},
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(99, 100)}}, MaxUnknownMonth: ratio(5, 100), MaxUnknownDay: ratio(25, 100)},
	}
	for day := range model.Day(3) {
		for unknown, want := range map[int64]Status{8640: OK, 80000: Insufficient} {
			d := november.First() + day
			chunk := &DayChunk{Day: d, Entities: []EntityDay{{Device: "d", NonUp: []Interval{{From: d.Start(), To: d.Start() + unknown, State: Unknown}}}}}
			r := Month(MonthInput{Month: november, Day: true, From: d.Start(), End: d.End(), Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}})
			if got := r.Availability[0]; got.Status != want || len(r.Congestion) > 0 || r.From != d.Start() {
				t.Errorf("day %d with %d seconds unknown: %+v, want %s", day+1, unknown, got, want)
			}
		}
	}
}
