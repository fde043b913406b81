package engine

import (
	crand "crypto/rand"
	"math/rand/v2"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

const (
	slotBits = 14
	idMark   = 1 << 30 // keeps a request-id at four octets
)

const nobody = -1

// flight is a request under way, or a free place for one.
type flight struct {
	request  *ber.Request
	sent     time.Time // last transmission
	deadline time.Time
	id       uint32
	inner    uint32 // the second number of a message of version 3
	peer     int32  // nobody: the place is free
	beside   bool   // the device had another one when this was sent
	repeated bool   // which transmission an answer belongs to cannot be known
	awaited  bool   // the peer is alive as far as is known
	answered bool   // how the last flight ended
}

// flights is the window: a fixed number of places. Request-ids are random, so whoever cannot see the
// requests can forge an answer by luck only, and an answer to a request of long ago, or of another
// process that had this port before, meets one under way by luck only.
type flights struct {
	places  []flight
	free    queue[int32] // the place that was free longest is taken first, so late answers are known as such
	ids     map[uint32]int32
	ends    [shortest + 1]queue[end] // by halvings of the timeout
	random  *rand.ChaCha8
	timeout time.Duration
	awaited int // flights
}

// end is when to look at a flight: at its deadline, or before that to repeat it. Entries of flights that
// ended or were sent again are passed over.
type end struct {
	at    time.Time
	id    uint32
	place int32
}

func newFlights(n int, timeout time.Duration) *flights {
	var seed [32]byte
	crand.Read(seed[:]) // never fails
	f := &flights{places: make([]flight, n), random: rand.NewChaCha8(seed), timeout: timeout, ids: map[uint32]int32{}}
	for i := range f.places {
		f.places[i].peer = nobody
		f.free.push(int32(i))
	}
	return f
}

func (f *flights) full() bool { return f.free.len() == 0 }

// start takes a place for a request of a peer.
func (f *flights) start(i int32, p *peer, now time.Time) (place int32) {
	place = f.free.pop()
	l := &f.places[place]
	delete(f.ids, l.id)
	*l = flight{id: f.newID(), inner: f.number(), peer: i, awaited: !p.silent}
	f.ids[l.id] = place
	if l.awaited {
		f.awaited++
	}
	f.send(place, p.next, now)
	if h := p.patience.halvings; h > 0 && l.awaited {
		f.ends[h].push(end{now.Add(f.timeout >> h), l.id, place})
	}
	return place
}

func (f *flights) newID() uint32 {
	for {
		id := f.number()
		if _, taken := f.ids[id]; !taken {
			return id
		}
	}
}

func (f *flights) number() uint32 { return idMark | uint32(f.random.Uint64())&(idMark-1) }

// send notes a transmission that the whole timeout is given to.
func (f *flights) send(place int32, r *ber.Request, now time.Time) {
	l := &f.places[place]
	l.request, l.sent, l.deadline = r, now, now.Add(f.timeout)
	f.ends[0].push(end{l.deadline, l.id, place})
}

// again notes a transmission that was not answered and is repeated. Before the deadline it leaves that as it is.
func (f *flights) again(place int32, r *ber.Request, now time.Time) {
	l := &f.places[place]
	l.repeated = true
	if now.Before(l.deadline) {
		l.sent = now
		return
	}
	f.forsake(place)
	f.send(place, r, now)
}

// forsake counts on an answer no longer.
func (f *flights) forsake(place int32) {
	if l := &f.places[place]; l.awaited {
		l.awaited = false
		f.awaited--
	}
}

// end frees a place.
func (f *flights) end(place int32, answered bool) {
	f.forsake(place)
	l := &f.places[place]
	l.answered, l.peer, l.request = answered, nobody, nil
	f.free.push(place)
}

// find returns the place of the flight with a request-id, or why there is none.
func (f *flights) find(id uint32) (place int32, reason string) {
	place, ok := f.ids[id]
	switch {
	case !ok:
		return nobody, unknown
	case f.places[place].peer != nobody:
		return place, ""
	case f.places[place].answered:
		return nobody, duplicate
	}
	return nobody, late
}

// overdue returns a flight to look at by now; it stays under way. It is early if its deadline is still to come.
func (f *flights) overdue(now time.Time) (place int32, early, ok bool) {
	for h := range f.ends {
		if e := f.first(h); e != nil && !e.at.After(now) {
			f.ends[h].pop()
			return e.place, h > 0 && f.places[e.place].deadline.After(now), true
		}
	}
	return nobody, false, false
}

// nextEnd is when overdue has to be asked again.
func (f *flights) nextEnd() (at time.Time, ok bool) {
	for h := range f.ends {
		if e := f.first(h); e != nil && (!ok || e.at.Before(at)) {
			at, ok = e.at, true
		}
	}
	return at, ok
}

// first returns the next end of a queue that still means something.
func (f *flights) first(h int) *end {
	for q := &f.ends[h]; q.len() > 0; q.pop() {
		e := q.first()
		l := &f.places[e.place]
		if l.peer != nobody && l.id == e.id && (h > 0 && !l.repeated || h == 0 && l.deadline.Equal(e.at)) {
			return e
		}
	}
	return nil
}
