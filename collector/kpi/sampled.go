package kpi

import (
	"maps"
	"slices"
)

// sampled is what was seen of the links' traffic, by province.
type sampled map[string]*Sampled

func (s sampled) of(province string) *Sampled {
	if s[province] == nil {
		s[province] = &Sampled{Province: province}
	}
	return s[province]
}

func (s sampled) join(o sampled) {
	for province, more := range o {
		s.of(province).add(*more)
	}
}

func (s *Sampled) add(more Sampled) {
	s.Slots += more.Slots
	s.Expected += more.Expected
	s.Conflicts += more.Conflicts
}

// list is all of it, sorted.
func (s sampled) list() (out []Sampled) {
	for _, province := range slices.Sorted(maps.Keys(s)) {
		out = append(out, *s[province])
	}
	return out
}

// stayed is where links of one stay counted in the period.
type stayed struct {
	stay      *linkStay
	provinces []string // of both ends, sorted
	tallies   []*Sampled
}

func (e *evaluation) stayed(s *linkStay) stayed {
	out := stayed{stay: s, provinces: s.provincesIn(e.period, e.plan.groups), tallies: []*Sampled{e.sampled.of("")}}
	for _, province := range out.provinces {
		out.tallies = append(out.tallies, e.sampled.of(province))
	}
	return out
}

// sampled adds a link, once for the nation and once for each province.
func (s *stayed) sampled(one Sampled) {
	for _, t := range s.tallies {
		t.add(one)
	}
}
