package schedule_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/probe/schedule"
)

// ticker acts at its place in every interval, and notes when.
type ticker struct {
	name  string
	every time.Duration
	acted []time.Time
	first bool
}

func (t *ticker) Act(now time.Time) time.Time {
	if t.first {
		t.acted = append(t.acted, now)
	}
	t.first = true
	return schedule.Next(now, t.every, schedule.Phase(t.name, t.every))
}

// Ten thousand tests over ten minutes: each acts once in every interval, at the same place, and never many at once.
func TestEverybodyActsOnTimeAndNotTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const tests, every = 10_000, time.Minute
		turns, all := make([]schedule.Turn, tests), make([]*ticker, tests)
		for i := range tests {
			all[i] = &ticker{name: fmt.Sprintf("province-%02d/target-%d", i%34, i), every: every}
			turns[i] = all[i]
		}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		passes := 0
		schedule.New(turns, func() { passes++ }).Run(ctx)
		seconds := map[int64]int{}
		for _, one := range all {
			if n := len(one.acted); n < 9 || n > 10 {
				t.Fatalf("%s acted %d times", one.name, n)
			}
			for i, at := range one.acted {
				seconds[at.Unix()]++
				if i > 0 && at.Sub(one.acted[i-1]) != every {
					t.Fatalf("%s acted %v after the time before", one.name, at.Sub(one.acted[i-1]))
				}
			}
		}
		for second, n := range seconds {
			if n > 2*tests/60 { // an even share is 167
				t.Errorf("%d acted in second %d", n, second)
			}
		}
		if passes == 0 {
			t.Error("nobody was told that some have acted")
		}
	})
}

// countdown acts some times, then no more.
type countdown int

func (c *countdown) Act(now time.Time) time.Time {
	if *c--; *c == 0 {
		return time.Time{}
	}
	return now.Add(time.Second)
}

func TestTheLoopEndsWithTheLastTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, began := countdown(3), countdown(600), time.Now()
		schedule.New([]schedule.Turn{&a, &b}, nil).Run(t.Context())
		if a != 0 || b != 0 || time.Since(began) != 599*time.Second {
			t.Errorf("%d, %d after %v", a, b, time.Since(began))
		}
	})
}

// The place in the interval is the wall clock's, so a restart keeps it.
func TestNext(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		every := time.Duration(rapid.Int64Range(1, 86400).Draw(t, "every")) * time.Second
		phase := schedule.Phase(rapid.String().Draw(t, "name"), every)
		next := schedule.Next(now, every, phase)
		if wait := next.Sub(now); wait <= 0 || wait > every || next.UnixNano()%int64(every) != int64(phase) {
			t.Fatalf("%v after %v, %v past the interval, want %v", wait, now, time.Duration(next.UnixNano()%int64(every)), phase)
		}
	})
}
