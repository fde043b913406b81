package train

import "time"

// Pace bounds packets per second over all lanes. It is for one goroutine: the schedule's.
type Pace struct {
	each time.Duration // between two packets
	room time.Duration // by how much the bucket may be ahead
	free time.Time     // when the bucket is full again
}

// NewPace allows a number of packets per second, a hundredth of a second's at once.
func NewPace(perSecond int) *Pace {
	each := time.Second / time.Duration(perSecond)
	return &Pace{each: each, room: max(10*time.Millisecond, each)}
}

// Take gives the next packet its place, and says how long it has to wait for it.
func (p *Pace) Take(now time.Time) time.Duration {
	if p.free.Before(now) {
		p.free = now
	}
	p.free = p.free.Add(p.each)
	return max(p.free.Sub(now)-p.room, 0)
}
