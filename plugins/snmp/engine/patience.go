package engine

import "time"

// patience is how soon a device that is known to be quick is asked a second time. The timeout is what
// tells a dead device, and stays as configured; what was lost on the way need not wait for it.
//
// Waits are the timeout, halved up to shortest times: as each of these is the same for all devices,
// their ends come in the order in which they began, and need a queue each instead of a heap.
type patience struct {
	mean, spread time.Duration // of the time to an answer; mean 0: not known
	halvings     int8          // of the timeout; 0: nothing is sent before the timeout
}

const (
	shortest  = 3                      // halvings
	leastWait = 100 * time.Millisecond // a device may always take so long
)

// took notes the time to an answer, as TCP does (RFC 6298). Only an answer that can belong to no other
// transmission tells anything.
func (p *patience) took(rtt, timeout time.Duration) {
	if p.mean == 0 {
		p.mean, p.spread = rtt, rtt/2
	} else {
		p.spread += ((rtt - p.mean).Abs() - p.spread) / 4
		p.mean += (rtt - p.mean) / 8
	}
	p.halvings = 0
	for p.halvings < shortest && timeout>>(p.halvings+1) >= max(p.mean+4*p.spread, leastWait) {
		p.halvings++
	}
}

// hasty notes that the wait was too short, or that something was lost.
func (p *patience) hasty() { p.halvings = max(p.halvings-1, 0) }
