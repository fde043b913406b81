package poll_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

func TestRoundsComeInOrderAndNoneIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := time.Unix(1_800_000_000, 0)
		var s poll.Schedule
		n := rapid.IntRange(1, 30).Draw(t, "targets")
		every := make([]time.Duration, n)
		for i := range n {
			every[i] = time.Duration(rapid.IntRange(1, 5).Draw(t, "every")) * time.Second
			first := 50 * time.Millisecond * time.Duration(rapid.IntRange(0, int(every[i]/time.Second)*20-1).Draw(t, "first"))
			s.Add(i, start.Add(first), every[i])
		}
		rounds := make([]int, n)
		last := start
		const span = time.Minute // a multiple of every interval drawn
		end := start.Add(span)
		for now := start; now.Before(end); now = now.Add(50 * time.Millisecond) {
			for d, ok := s.Pop(now); ok; d, ok = s.Pop(now) {
				if d.At.Before(last) || d.At.After(now) || d.Skipped != 0 {
					t.Fatalf("at %v came %+v after %v", now, d, last)
				}
				last = d.At
				rounds[d.Target]++
			}
		}
		for i, got := range rounds {
			if want := int(span / every[i]); got != want {
				t.Errorf("target %d with interval %v had %d rounds, want %d", i, every[i], got, want)
			}
		}
	})
}

func TestLateRoundsAreSkippedNotMadeUpFor(t *testing.T) {
	start := time.Unix(1_800_000_000, 0)
	var s poll.Schedule
	s.Add(7, start, time.Minute)
	d, ok := s.Pop(start.Add(3*time.Minute + time.Second))
	if !ok || d.Target != 7 || d.Skipped != 3 || !d.At.Equal(start.Add(3*time.Minute)) {
		t.Errorf("got %+v, %v", d, ok)
	}
	if next, _ := s.Next(); !next.Equal(start.Add(4 * time.Minute)) {
		t.Errorf("the next round is due at %v", next)
	}
}

func TestOnceIsOnce(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	var s poll.Schedule
	s.Add(0, now, 0)
	s.Add(1, now, 0)
	for range 2 {
		if _, ok := s.Pop(now); !ok {
			t.Error("a round is missing")
		}
	}
	if _, more := s.Next(); more {
		t.Error("there is a third round")
	}
}

func TestPhasesAreSpreadAndSurviveARestart(t *testing.T) {
	const every = time.Minute
	now := time.Unix(1_800_000_000, 123)
	var tenths [10]int
	for i := range 10000 {
		name := fmt.Sprintf("hni-bts-%04d", i)
		first := poll.FirstDue(name, every, now)
		wait := first.Sub(now)
		if wait < 0 || wait >= every {
			t.Fatalf("%s waits %v", name, wait)
		}
		tenths[int(wait*10/every)]++
		later := poll.FirstDue(name, every, now.Add(17*every+5*time.Second))
		if later.Sub(first)%every != 0 {
			t.Fatalf("%s has moved by %v", name, later.Sub(first)%every)
		}
	}
	for i, n := range tenths {
		if n < 800 || n > 1200 {
			t.Errorf("%d of 10000 devices begin in tenth %d of the interval", n, i)
		}
	}
}
