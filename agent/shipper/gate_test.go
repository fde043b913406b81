package shipper

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

const (
	least = time.Second
	most  = time.Minute
)

// waits is how long the gate holds the next request back.
func waits(t *testing.T, g *gate) (turn int, held time.Duration) {
	t.Helper()
	start := time.Now()
	turn, err := g.pass(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return turn, time.Since(start)
}

func TestPausesDoubleUpToTheMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(least, most)
		turn, held := waits(t, g)
		if held != 0 {
			t.Fatalf("an open gate holds for %v", held)
		}
		for want := least; want < 100*most; want *= 2 {
			g.failed(turn, 0)
			turn, held = waits(t, g)
			if upper := min(want, most); held < upper/2 || held > upper+time.Millisecond {
				t.Fatalf("held for %v, want %v to %v", held, upper/2, upper)
			}
		}
		g.succeeded(turn)
		if _, held := waits(t, g); held != 0 {
			t.Errorf("after a success it holds for %v", held)
		}
	})
}

func TestFailuresTogetherCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(least, most)
		turn, _ := waits(t, g)
		for range 8 {
			g.failed(turn, 0)
		}
		if _, held := waits(t, g); held > least+time.Millisecond {
			t.Errorf("eight failures of one turn hold for %v, as one does: %v", held, least)
		}
	})
}

// A request that began before the failure and succeeds late tells nothing about now: Retry-After holds.
func TestALateSuccessDoesNotOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(least, most)
		turn, _ := waits(t, g)
		g.failed(turn, 20*time.Second)
		g.succeeded(turn)
		if g.open() {
			t.Error("the gate is open")
		}
		if _, held := waits(t, g); held < 20*time.Second {
			t.Errorf("held for %v", held)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate(least, most)
		turn, _ := waits(t, g)
		g.failed(turn, time.Hour)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := g.pass(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("pass = %v", err)
		}
	})
}
