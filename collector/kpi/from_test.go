package kpi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A month's availability from some day on is what is left of the month when the days before are taken
// away.
func TestMonthFromADay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		chunks := w.chunks()
		whole, before, after := w.input(chunks), w.input(chunks), w.input(chunks)
		whole.From, before.From = 0, 0
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
