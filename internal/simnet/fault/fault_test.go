package fault_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
)

var local = time.FixedZone("+07", 7*3600)

func TestDailySpans(t *testing.T) {
	date := func(day, hour int) fault.Time {
		return fault.Time{Time: time.Date(2026, 10, day, hour, 0, 0, 0, local)}
	}
	at := func(day, hour int) fault.Tick { return fault.TickOf(date(day, hour).Time) }
	f := fault.Fault{From: date(1, 20), To: date(3, 19), Daily: &fault.Hours{From: 18, To: 24}}
	want := []fault.Span{{From: at(1, 20), To: at(2, 0)}, {From: at(2, 18), To: at(3, 0)}, {From: at(3, 18), To: at(3, 19)}}
	if d := cmp.Diff(want, f.Spans()); d != "" {
		t.Error(d)
	}
	f.Daily, f.To = nil, fault.Time{}
	if got := f.Spans(); len(got) != 1 || got[0].To != fault.Forever {
		t.Errorf("without an end: %v", got)
	}
}

// A union covers exactly what its spans cover.
func TestUnion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 6).Draw(t, "n")
		spans := make([]fault.Span, 0, n)
		for range n {
			from := fault.Tick(rapid.IntRange(0, 20).Draw(t, "from"))
			spans = append(spans, fault.Span{From: from, To: from + fault.Tick(rapid.IntRange(1, 6).Draw(t, "long"))})
		}
		union := fault.Union(append([]fault.Span(nil), spans...))
		for i := 1; i < len(union); i++ {
			if union[i].From <= union[i-1].To {
				t.Fatalf("%v of %v is not disjoint", union, spans)
			}
		}
		for at := range fault.Tick(30) {
			want := false
			for _, s := range spans {
				want = want || s.Covers(at)
			}
			if fault.Covered(union, at) != want {
				t.Fatalf("%d: %v covers it: %v", at, spans, want)
			}
		}
	})
}

// Drawn faults are valid, and the same for the same seed.
func TestRandom(t *testing.T) {
	begin, end := fault.Time{Time: time.Date(2026, 10, 1, 0, 0, 0, 0, local)}, fault.Time{Time: time.Date(2026, 11, 1, 0, 0, 0, 0, local)}
	r := fault.Random{From: begin, To: end, Count: map[fault.Kind]int{
		fault.Dead: 9, fault.Reboot: 9, fault.CounterReset: 9, fault.Loss: 9, fault.Latency: 9, fault.Truncate: 9, fault.TooBig: 9,
		fault.Reindex: 9, fault.WrongSource: 9, fault.LinkDown: 9, fault.Congestion: 9, fault.AdminDown: 9, fault.AgentStop: 9,
		fault.Slow: 9, fault.SingleThreaded: 9, fault.WrongPort: 9, fault.WrongID: 9, fault.WrongNames: 9, fault.CounterJump: 9, fault.UptimeStop: 9, fault.PortDown: 9, fault.ONTsOff: 9, fault.Errors: 9}}
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	targets := fault.Targets{Devices: []string{"a", "b"}, Links: []string{"l"}, Agents: []string{"x"}, Ports: [][2]string{{"a", "1"}}, Members: [][2]string{{"b", "2"}}, PONs: []string{"p"}, Channels: []string{"c"}}
	for seed := range uint64(50) {
		r.Seed = seed
		drawn := r.Draw(targets)
		if len(drawn) != 23*9 {
			t.Fatalf("%d faults, want %d", len(drawn), 23*9)
		}
		for _, f := range drawn {
			if err := f.Validate(); err != nil {
				t.Errorf("seed %d: %+v: %v", seed, f, err)
			}
		}
		if d := cmp.Diff(drawn, r.Draw(targets)); d != "" {
			t.Fatal(d)
		}
	}
	targets.Agents = nil
	if got := len(r.Draw(targets)); got != 22*9 {
		t.Errorf("%d faults without agents, want %d", got, 22*9)
	}
	for _, bad := range []fault.Random{{Count: map[fault.Kind]int{"fire": 1}, From: begin, To: end}, {Count: map[fault.Kind]int{fault.Dead: -1}, From: begin, To: end}, {Count: r.Count}} {
		if bad.Validate() == nil {
			t.Errorf("%+v was accepted", bad)
		}
	}
}
