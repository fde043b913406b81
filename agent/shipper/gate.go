package shipper

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// gate is the pause that all requests to the destination share. Open, everybody passes. After a failure it is
// closed for a while, then it lets one request through, whose success opens it again and whose
// failure doubles the pause: a dead collector gets one probe at a time, however many batches wait.
type gate struct {
	least, most time.Duration

	mu       sync.Mutex
	changed  chan struct{} // closed and replaced when the gate moves
	failures int           // in a row; 0 is open
	probing  bool
	until    time.Time
	turn     int // grows with each failure and each opening; a pass is for one turn
}

func newGate(least, most time.Duration) *gate {
	return &gate{least: least, most: most, changed: make(chan struct{})}
}

// pass waits until a request may go and returns its turn, which is for report.
func (g *gate) pass(ctx context.Context) (turn int, err error) {
	for {
		turn, pause, changed, ok := g.try()
		if ok {
			return turn, ctx.Err()
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			timer.Stop()
			return 0, ctx.Err()
		}
		timer.Stop()
	}
}

// try passes now, or says how long to wait at most, and for what.
func (g *gate) try() (turn int, pause time.Duration, changed <-chan struct{}, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch wait := time.Until(g.until); {
	case g.failures == 0:
		return g.turn, 0, nil, true
	case g.probing:
		return 0, g.most, g.changed, false
	case wait > 0:
		return 0, wait, g.changed, false
	}
	g.probing = true
	return g.turn, 0, nil, true
}

// succeeded tells that the destination works. A request of an earlier turn says nothing about now.
func (g *gate) succeeded(turn int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if turn == g.turn && g.failures > 0 {
		g.failures = 0
		g.move()
	}
}

// failed closes the gate for a while that doubles, and at least for what the server asked. When many
// requests fail together the first one counts.
func (g *gate) failed(turn int, atLeast time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if turn == g.turn {
		pause := min(g.least<<min(g.failures, 20), g.most)    // an hour, twenty times doubled, still is a Duration
		g.until = time.Now().Add(pause/2 + rand.N(pause/2+1)) //nolint:gosec // spreads agents, hides nothing
		g.failures++
		g.move()
	}
	if asked := time.Now().Add(atLeast); asked.After(g.until) {
		g.until = asked
	}
}

// move begins a new turn and wakes all who wait.
func (g *gate) move() {
	g.turn++
	g.probing = false
	close(g.changed)
	g.changed = make(chan struct{})
}

// open says whether the destination answered the last time.
func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.failures == 0
}
