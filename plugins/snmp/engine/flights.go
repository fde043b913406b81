package engine

import (
	crand "crypto/rand"
	"math/rand/v2"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

const (
	slotBits = 14
	saltBits = 16
	idMark   = 1 << 30 // keeps a request-id at four octets
)

const nobody = -1

// flight is a request under way, or a free place for one.
type flight struct {
	request  *ber.Request
	sent     time.Time // last transmission
	deadline time.Time
	id       uint32
	last     uint32 // the id that this place had before
	peer     int32  // nobody: the place is free
	answered bool   // how the last flight ended
}

// flights is the window: a fixed number of places. A request-id names its place and is otherwise
// unpredictable, so whoever cannot see the requests can forge an answer by luck only.
type flights struct {
	places   []flight
	free     queue[int32] // the place that was free longest is taken first, so late answers are known as such
	timeouts queue[timeout]
	random   *rand.ChaCha8
	patience time.Duration
}

// timeout is when to look at a place. As every transmission has the same patience, the queue is in
// order; entries of flights that ended or were sent again are passed over.
type timeout struct {
	at    time.Time
	place int32
}

func newFlights(n int, patience time.Duration) *flights {
	var seed [32]byte
	crand.Read(seed[:]) // never fails
	f := &flights{places: make([]flight, n), random: rand.NewChaCha8(seed), patience: patience}
	for i := range f.places {
		f.places[i].peer = nobody
		f.free.push(int32(i))
	}
	return f
}

func (f *flights) full() bool { return f.free.len() == 0 }

// start takes a place for a request of a peer.
func (f *flights) start(peer int32, r *ber.Request, now time.Time) int32 {
	i := f.free.pop()
	p := &f.places[i]
	salt := uint32(f.random.Uint64()) & (1<<saltBits - 1)
	p.id = idMark | uint32(i)<<saltBits | salt
	p.peer = peer
	f.send(i, r, now)
	return i
}

// send notes a transmission, the first or a repeated one.
func (f *flights) send(i int32, r *ber.Request, now time.Time) {
	p := &f.places[i]
	p.request, p.sent, p.deadline = r, now, now.Add(f.patience)
	f.timeouts.push(timeout{p.deadline, i})
}

// end frees a place.
func (f *flights) end(i int32, answered bool) {
	p := &f.places[i]
	p.last, p.answered, p.peer, p.request = p.id, answered, nobody, nil
	f.free.push(i)
}

// find returns the place that a request-id names, or why there is none.
func (f *flights) find(id uint32) (i int32, reason string) {
	i = int32(id >> saltBits & (1<<slotBits - 1))
	if id>>30 != 1 || int(i) >= len(f.places) {
		return nobody, unknown
	}
	p := &f.places[i]
	switch {
	case p.peer != nobody && p.id == id:
		return i, ""
	case p.last == id && p.answered:
		return nobody, duplicate
	case p.last == id:
		return nobody, late
	}
	return nobody, unknown
}

// expired returns a place whose deadline passed by now; it stays taken.
func (f *flights) expired(now time.Time) (int32, bool) {
	for f.timeouts.len() > 0 {
		t := *f.timeouts.first()
		if t.at.After(now) {
			return nobody, false
		}
		f.timeouts.pop()
		if p := &f.places[t.place]; p.peer != nobody && p.deadline.Equal(t.at) {
			return t.place, true
		}
	}
	return nobody, false
}

// nextDeadline is when expired has to be asked again; entries passed over make it early, never late.
func (f *flights) nextDeadline() (time.Time, bool) {
	if f.timeouts.len() == 0 {
		return time.Time{}, false
	}
	return f.timeouts.first().at, true
}
