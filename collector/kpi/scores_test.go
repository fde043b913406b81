package kpi

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// servedBy is a group of fixed broadband devices with one weight each.
func servedBy(s Sums, weight int64) Availability {
	a := Availability{Level: LevelDevice, System: "olt", Sums: s}
	a.Weighted.add(s, weight)
	return a
}

func scoredBroadband(groups ...Availability) score.Value {
	r, v := MonthResult{Availability: groups}, score.Values{}
	r.fixedValues(v, "", &model.Inventory{Targets: model.Targets{MaxUnknownMonth: ratio(5, 100),
		Availability: map[model.System]model.SystemTarget{"olt": {FixedBroadband: true}}}})
	return v[score.Name{Service: fixedBroadband, KPI: "service_availability"}]
}

// What broadband depends on is added up and judged once: neither the order of the systems nor a verdict on one of
// them decides, and what has no subscribers weighs nothing.
func TestServiceAvailabilityIsJudgedOnceAndByWeight(t *testing.T) {
	silent, good := servedBy(Sums{}, 10), servedBy(Sums{Up: 900, Down: 100}, 1000)
	dark, small := servedBy(Sums{Unknown: 1000}, 0), servedBy(Sums{Up: 500, Unknown: 500}, 1000)
	for _, c := range []struct {
		name   string
		groups []Availability
		want   score.Status
	}{
		{"one has no data", []Availability{silent, good}, score.OK},
		{"none has", []Availability{silent, silent}, score.NoData},
		{"nobody is served by what is unknown", []Availability{dark, good}, score.OK},
		{"many are", []Availability{small, good}, score.Insufficient},
		{"all that is known has no weight", []Availability{servedBy(Sums{Up: 99, Unknown: 1}, 0)}, score.OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			one := scoredBroadband(c.groups...)
			if one.Status != c.want {
				t.Errorf("status %s, want %s", one.Status, c.want)
			}
			if len(c.groups) == 2 {
				if other := scoredBroadband(c.groups[1], c.groups[0]); other.Status != one.Status || (one.V != nil && other.V.Cmp(one.V) != 0) {
					t.Errorf("in the other order %+v, not %+v", other, one)
				}
			}
		})
	}
}
