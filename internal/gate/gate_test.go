package gate_test

import (
	"net/netip"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/gate"
)

func addr(i int) netip.Addr {
	return netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
}

func roomy() gate.Config { return gate.Config{Memory: 1 << 20, SourceMemory: 1 << 16, Strangers: 1000} }

// One device sends 10,000 a second for a minute, another one now and then: the first gets its rate and no more, the
// second gets everything.
func TestAStormCostsOnlyItsSource(t *testing.T) {
	g, now := gate.New(roomy()), time.Unix(1_800_000_000, 0)
	limit := gate.Limit{Rate: 50, Burst: 500}
	storm, quiet := 0, 0
	for ms := range 60_000 {
		now = now.Add(time.Millisecond)
		for range 10 {
			if _, why := g.Enter(addr(1), limit, now); why == gate.Pass {
				storm++
			}
		}
		if ms%100 == 0 {
			if _, why := g.Enter(addr(2), limit, now); why == gate.Pass {
				quiet++
			}
		}
	}
	if storm < 3499 || storm > 3501 || quiet != 600 {
		t.Errorf("the storm got %d through, the other %d; want 3500 and 600", storm, quiet)
	}
}

// Whatever the order of arrivals, no source gets more through than burst + rate × time since its first one.
func TestNoSourceGetsMoreThanItsBucket(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := gate.Limit{Rate: float64(rapid.IntRange(1, 100).Draw(t, "rate")), Burst: float64(rapid.IntRange(1, 50).Draw(t, "burst"))}
		g, now := gate.New(roomy()), time.Unix(1_800_000_000, 0)
		var first, latest time.Time
		passed := 0
		for _, gap := range rapid.SliceOf(rapid.IntRange(-5, 200)).Draw(t, "milliseconds") {
			now = now.Add(time.Duration(gap) * time.Millisecond)
			if first.IsZero() {
				first, latest = now, now
			} else if now.After(latest) {
				latest = now
			}
			if _, why := g.Enter(addr(1), limit, now); why == gate.Pass {
				passed++
			}
		}
		if most := limit.Burst + limit.Rate*latest.Sub(first).Seconds(); float64(passed) > most+1e-6 {
			t.Errorf("%d passed; want at most %.3f", passed, most)
		}
	})
}

func TestMemoryIsBoundedForEachAndForAll(t *testing.T) {
	g, now := gate.New(gate.Config{Memory: 250, SourceMemory: 100, Strangers: 10}), time.Unix(0, 0)
	limit := gate.Limit{Rate: 1, Burst: 100}
	enter := func(i int) (*gate.Source, gate.Reason) { return g.Enter(addr(i), limit, now) }
	held := make([]*gate.Source, 0, 3)
	for i := range 3 {
		s, _ := enter(i)
		g.Hold(s, 100)
		held = append(held, s)
		if _, why := enter(i); why != gate.SourceMemory {
			t.Errorf("source %d: %q; want its own bound", i, why)
		}
	}
	if _, why := enter(9); why != gate.Memory {
		t.Errorf("%q; want the bound of all", why)
	}
	for _, s := range held {
		g.Release(s, 100)
	}
	if _, why := enter(9); why != gate.Pass || g.Held() != 0 {
		t.Errorf("%q with %d held; want a way in", why, g.Held())
	}
}

// A flood of made-up addresses takes all places: known ones keep theirs, the rest share one, and all is forgotten later.
func TestMadeUpAddressesShareOneBucket(t *testing.T) {
	g, now := gate.New(gate.Config{Memory: 1 << 20, SourceMemory: 1 << 16, Strangers: 100}), time.Unix(0, 0)
	limit := gate.Limit{Rate: 1, Burst: 10}
	passed := 0
	for i := range 100_000 {
		if _, why := g.Enter(addr(i), limit, now); why == gate.Pass {
			passed++
		}
	}
	if passed != 110 {
		t.Errorf("%d passed; want 100 places and a burst of 10", passed)
	}
	if _, why := g.Enter(addr(5), limit, now); why != gate.Pass {
		t.Errorf("an address with a place of its own: %q", why)
	}
	known := gate.Limit{Rate: 1, Burst: 10, Known: true}
	if own, why := g.Enter(addr(300_000), known, now); why != gate.Pass {
		t.Errorf("a known device among strangers: %q", why)
	} else if shared, _ := g.Enter(addr(300_001), limit, now); own == shared {
		t.Error("a known device shares an account with strangers")
	}
	now = now.Add(time.Minute)
	first, _ := g.Enter(addr(200_000), limit, now)
	if second, _ := g.Enter(addr(200_001), limit, now); first == second {
		t.Error("places are not free again a minute later")
	}
}

// A stream that takes more than it has waits until time has earned it.
func TestADebtIsWaitedFor(t *testing.T) {
	g, now := gate.New(roomy()), time.Unix(0, 0)
	limit := gate.Limit{Rate: 100, Burst: 50}
	if _, wait := g.Debit(addr(1), limit, 50, now); wait != 0 {
		t.Errorf("within the burst: wait %v", wait)
	}
	if _, wait := g.Debit(addr(1), limit, 200, now); wait != 2*time.Second {
		t.Errorf("200 of 100 a second: wait %v", wait)
	}
	s, wait := g.Debit(addr(1), limit, 10, now.Add(2*time.Second))
	if wait != 100*time.Millisecond {
		t.Errorf("after two seconds: wait %v", wait)
	}
	if g.Hold(s, 1<<16); !g.Full(s) {
		t.Error("not full at its bound")
	}
}
