package train

import (
	"errors"
	"fmt"
	"math"
	"syscall"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Directions add up: whatever is lost where, over any rounds, both shares together are the losses that a sender sees between
// its first and its last answer.
func TestDirectionsAreThoseOfThePath(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var o origin
		sequence, reflector := rapid.Uint32().Draw(t, "sequence"), rapid.Uint32().Draw(t, "reflector")
		base := [2]uint32{}
		known := false
		for range rapid.IntRange(1, 6).Draw(t, "rounds") {
			all := make([]packet, 0, 20)
			var last [2]uint32
			answers := 0
			for range rapid.IntRange(1, 20).Draw(t, "packets") {
				p := packet{sequence: sequence}
				sequence++
				if fate := rapid.IntRange(0, 3).Draw(t, "fate"); fate > 0 { // 0: lost on the way there
					p.reflector = reflector
					reflector++
					if p.answered = fate > 1; p.answered {
						answers++
						last = [2]uint32{p.sequence, p.reflector}
					}
				}
				all = append(all, p)
			}
			d := o.split(all)
			if d.Known != (known && answers > 0) {
				t.Fatalf("known: %v with %d answers", d.Known, answers)
			}
			if d.Known {
				sent, reached := last[0]-base[0], last[1]-base[1]
				if there, back := float64(sent-reached)/float64(sent), float64(reached-uint32(answers))/float64(reached); math.Abs(d.There-there)+math.Abs(d.Back-back) > 1e-9 {
					t.Fatalf("%+v, want %v and %v", d, there, back)
				}
			}
			if answers > 0 {
				base, known = last, true
			}
		}
	})
}

// A peer that begins anew tells nothing for a round.
func TestAReflectorThatBeginsAnew(t *testing.T) {
	var o origin
	round := func(sequence, reflector uint32) Direction {
		return o.split([]packet{{sequence: sequence, reflector: reflector, answered: true}, {sequence: sequence + 1, reflector: reflector + 1, answered: true}})
	}
	for i, want := range []bool{false, true, false, true} {
		sequence, reflector := uint32(2*i), uint32(2*i)
		if i >= 2 {
			reflector -= 4
		}
		if got := round(sequence, reflector); got.Known != want {
			t.Errorf("round %d: %+v, want known %v", i, got, want)
		}
	}
}

func trips(ms ...int) (all []packet) {
	for _, v := range ms {
		all = append(all, packet{answered: v >= 0, trip: time.Duration(v) * time.Millisecond})
	}
	return all
}

func TestJitterIsOfNeighbours(t *testing.T) {
	for _, c := range []struct {
		all  []packet
		want time.Duration
		has  bool
	}{
		{trips(10, 14, 11), 3500 * time.Microsecond, true},
		{trips(10, -1, 50, 52), 2 * time.Millisecond, true}, // over a loss there are no neighbours
		{trips(10, -1, 50), 0, false},
		{trips(10), 0, false},
	} {
		var r Round
		if r.jitter(c.all); r.Jitter != c.want || r.HasJitter != c.has {
			t.Errorf("%v, %v; want %v, %v", r.Jitter, r.HasJitter, c.want, c.has)
		}
	}
	r := Round{There: Spread{N: 2}}
	all := trips(10, 10)
	all[1].delays.There, all[1].delays.Back = 3*time.Millisecond, time.Millisecond
	if r.jitter(all); r.Jitter != 3*time.Millisecond {
		t.Errorf("of two directions %v, want the worse one's", r.Jitter)
	}
}

// A listener waits as long as its buffer is, whatever the clocks say.
func TestWhatIsTooLateForAListener(t *testing.T) {
	r := Round{Trip: Spread{N: 3, Min: 10 * time.Millisecond}}
	if r.tooLate(trips(10, 30, -1, 31, 80), 20*time.Millisecond); r.TooLate != 2 {
		t.Errorf("%d there and back, want 2", r.TooLate)
	}
	all := trips(10, 10, 10)
	for i, there := range []time.Duration{-time.Hour, -time.Hour + 20*time.Millisecond, -time.Hour + 21*time.Millisecond} { // the peer's clock is an hour behind
		all[i].delays.There = there
	}
	r = Round{There: Spread{N: 3, Min: -time.Hour}}
	if r.tooLate(all, 20*time.Millisecond); r.TooLate != 1 {
		t.Errorf("%d there, want 1", r.TooLate)
	}
}

func TestBursts(t *testing.T) {
	for _, c := range []struct {
		all  []packet
		want float64
	}{
		{trips(1, 1, 1, 1), 1},
		{trips(1, -1, 1, -1), 1}, // single ones are at most random
		{trips(1, -1, -1, -1, -1, 1, 1, 1), 2},
		{trips(-1, -1), 1},
	} {
		if got := burst(c.all); got != c.want {
			t.Errorf("%v, want %v", got, c.want)
		}
	}
}

// Never more than its rate over any second, and not much less when there is always something to send.
func TestPace(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.IntRange(1, 100_000).Draw(t, "rate")
		p, now := NewPace(rate), time.Unix(1_800_000_000, 0)
		begin := now
		n := rapid.IntRange(2, 300).Draw(t, "packets")
		for range n {
			wait := p.Take(now)
			now = now.Add(wait)
		}
		took, room := now.Sub(begin).Seconds(), max(0.01, 1/float64(rate))
		if least := float64(n)/float64(rate) - room - 1e-6; took < least || took > least+room+1e-3 {
			t.Fatalf("%d packets at %d a second took %v s", n, rate, took)
		}
	})
}

func TestReasons(t *testing.T) {
	for err, want := range map[error]string{syscall.ENETUNREACH: NoRoute, syscall.ENOBUFS: "no_buffer", syscall.EPERM: "not_permitted", errors.New("x"): Other} {
		if got := Reason(fmt.Errorf("write: %w", err)); got != want {
			t.Errorf("%v is %q, want %q", err, got, want)
		}
	}
}
