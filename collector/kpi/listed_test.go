package kpi

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What is left out of a result is left out, and nothing else is changed by it.
func TestAListedMonthIsTheMonth(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		in := w.input(w.chunks())
		want := Month(in)
		in.Listed = true
		got := Month(in)
		if diff := cmp.Diff(sampledOf(want.Links), got.Sampled); diff != "" {
			t.Fatalf("sampled (-links +sums):\n%s", diff)
		}
		want.Entities = nil
		for i := range want.Protection {
			want.Protection[i].Unseen = nil
		}
		want.Links = slices.DeleteFunc(want.Links, func(l LinkMonth) bool { return !l.Congested && l.NotEvaluated == "" })
		if len(want.Links) == 0 {
			want.Links = nil
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("-whole +listed:\n%s", diff)
		}
	})
}

func sampledOf(links []LinkMonth) []Sampled {
	all := sampled{}
	for i := range links {
		l := &links[i]
		for _, province := range append([]string{""}, l.Provinces...) {
			s := all.of(province)
			s.Slots += int64(min(l.In.Slots, l.Out.Slots))
			s.Expected += int64(l.Expected)
			s.Conflicts += int64(l.Conflicts)
		}
	}
	return all.list()
}
