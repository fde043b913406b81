package kpi

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// linesOf is the time line of whatever a composite may be made of.
func (o *oracleMonth) linesOf(links map[string][]second, made map[string]*oracleComposite) func(model.Scope) []second {
	return func(s model.Scope) []second {
		switch s.Kind {
		case model.ScopeDevice:
			return o.devices[s.Key]
		case model.ScopeLink:
			return links[s.Key]
		}
		return made[s.Key].line
	}
}

// checkLosses holds every second of a composite against what explains it: each that is not UP, or UP without
// protection, stands in one loss, with the members that were not UP, and no other second does.
func (o *oracleMonth) checkLosses(t *rapid.T, c Composite, want *oracleComposite, lineOf func(model.Scope) []second) {
	next := 0
	for i := o.w.start - o.from; i < o.w.end-o.from; i++ {
		at := i + o.from
		if next < len(c.Losses) && c.Losses[next].To <= at {
			next++
		}
		inside := next < len(c.Losses) && c.Losses[next].From <= at
		state := want.line[i].final
		if lost := state != Excluded && (state != Up || want.degraded[i]); lost != inside {
			t.Fatalf("%s at %d: %s, without protection %v; explained: %v", c.Name, at, state, want.degraded[i], inside)
		}
		if !inside {
			continue
		}
		l := c.Losses[next]
		if l.State != state {
			t.Fatalf("%s at %d: %s is explained as %s", c.Name, at, state, l.State)
		}
		for _, m := range o.compositeRow(c.Name, at).Members {
			known := slices.ContainsFunc(l.Members, func(x LostMember) bool { return x.Scope == m.Scope })
			if line := lineOf(m.Scope); line == nil {
				if !known {
					t.Fatalf("%s at %d: %s, which nobody knows, is not named", c.Name, at, m.Scope)
				}
			} else if s := line[i].final; known != (s != Up && s != Excluded) {
				t.Fatalf("%s at %d: member %s is %s, named %v", c.Name, at, m.Scope, s, known)
			}
		}
	}
	if next < len(c.Losses)-1 {
		t.Fatalf("%s: losses outside the period: %+v", c.Name, c.Losses[next+1:])
	}
}

// Example A5: while one arm is down the ring has no protection, while both are it is down.
func TestLossesOfARing(t *testing.T) {
	got := ringOf([][2]int64{{0, 3600}}, [][2]int64{{1800, 2400}}).Losses
	arm := func(key string) LostMember {
		return LostMember{model.Scope{Kind: model.ScopeLink, Key: key}, Down}
	}
	start := november.Start()
	want := []Loss{
		{start, start + 1800, Up, []LostMember{arm("l0")}}, {start + 1800, start + 2400, Down, []LostMember{arm("l0"), arm("l1")}},
		{start + 2400, start + 3600, Up, []LostMember{arm("l0")}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("losses (-want +got):\n%s", diff)
	}
}

// Each cable's part of the peak is known, and all of them are the peak.
func TestPeaksAreMadeOfCables(t *testing.T) {
	c := cablesOf([]int64{2200, 1500, 3145}, []int64{0, 0, 0}, 4500)
	kbps, mbps := int64(0), int64(0)
	for _, one := range c.Capacity.Out.Cables {
		kbps, mbps = kbps+one.Kbps, mbps+one.Mbps
	}
	if p := c.Capacity.Out; len(p.Cables) != 3 || kbps != p.Kbps || mbps != p.Mbps || p.Cables[2] != (CableLoad{"l2", 1_500_000_000, 3_145_000}) {
		t.Errorf("%+v", p)
	}
}

// Sums of links that were kept before peaks named their cables are not read: they are made anew.
func TestOlderTrafficIsMadeAnew(t *testing.T) {
	if _, err := DecodeTraffic([]byte{3, 0, 0}); err == nil {
		t.Error("traffic of version 3 was read")
	}
	if got, err := DecodeTraffic((&Traffic{}).AppendTo(nil)); err != nil || len(got.Capacity) != 0 {
		t.Errorf("%+v, %v", got, err)
	}
}
