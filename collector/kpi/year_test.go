package kpi

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What the scores of a year of one month are made of is that month's, whatever happened in it; added twice, all
// sums are twice as large and no ratio is another one.
func TestAYearOfOneMonthIsThatMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		w.day = false
		m := Month(w.input(w.chunks()))
		y := NewYear(NewPlan(w.inv))
		y.Add(&m)
		got := y.sums()
		var known []Availability
		for _, a := range m.Availability {
			if a.Province != UnknownProvince {
				known = append(known, a)
			}
		}
		if diff := cmp.Diff(known, got.Availability); diff != "" {
			t.Fatalf("availability (-month +year):\n%s", diff)
		}
		if diff := cmp.Diff(m.Congestion, got.Congestion); diff != "" {
			t.Fatalf("congestion (-month +year):\n%s", diff)
		}
		composites := slices.Clone(m.Composites)
		for i := range composites {
			composites[i].Members, composites[i].Outages, composites[i].Losses, composites[i].Capacity = nil, nil, nil, nil
		}
		if diff := cmp.Diff(composites, got.Composites); diff != "" {
			t.Fatalf("composites (-month +year):\n%s", diff)
		}
		y.Add(&m)
		for i, a := range y.sums().Availability {
			if s := known[i].Sums; a.Sums.Up != 2*s.Up || a.Sums.Outages != 2*s.Outages || a.Expected != 2*known[i].Expected || a.Status != known[i].Status {
				t.Fatalf("two equal months: %+v, one: %+v", a, known[i])
			}
		}
	})
}
