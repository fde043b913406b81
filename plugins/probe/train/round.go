package train

import (
	"errors"
	"os"
	"syscall"
	"time"
)

// Round is what one train brought.
type Round struct {
	Began   time.Time
	Ended   time.Time
	Unknown string // why nothing can be said of the network; empty: the rest holds
	Sent    int
	Answers int
	Twice   int // answers that came again
	Swapped int // answers after that of a later packet
	TooLate int // answers to packets that a listener's buffer would not have waited for
	Burst   float64

	Trip       Spread // there and back, without the time at the peer
	Jitter     time.Duration
	HasJitter  bool // two neighbours came back
	There      Spread
	Back       Spread
	ClockError time.Duration // of the peer, the greatest
	Synced     bool          // the peer says that its clock is held to an outer one: There and Back can be believed as far as ours is

	Direction Direction
}

// Spread is delays put together.
type Spread struct {
	N              int
	Mean, Min, Max time.Duration
}

func (s *Spread) add(d time.Duration) {
	if s.N == 0 || d < s.Min {
		s.Min = d
	}
	if s.N == 0 || d > s.Max {
		s.Max = d
	}
	s.N++
	s.Mean += d // the sum, until mean
}

func (s *Spread) mean() {
	if s.N > 0 {
		s.Mean /= time.Duration(s.N)
	}
}

// Loss is the share of packets that were not answered.
func (r *Round) Loss() float64 { return 1 - float64(r.Answers)/float64(r.Sent) }

// The reasons for which a round says nothing of the network.
const (
	Late     = "late"     // this machine stood still, or had too much to do
	Overflow = "overflow" // this machine threw replies away
	NoRoute  = "no_route" // this machine has no way to the peer
	Other    = "other"
)

// sum puts the round together. The lane's lock is held.
func (t *Target) sum(now time.Time) *Round {
	r := &Round{Began: t.began, Ended: now, Twice: t.twice, Swapped: t.swaps, Synced: true}
	for i := range t.all {
		p := &t.all[i]
		if p.refused {
			continue
		}
		r.Sent++
		if p.answered {
			r.Answers++
			r.delays(p)
		}
	}
	r.Synced = r.Synced && r.There.N > 0
	for _, s := range []*Spread{&r.Trip, &r.There, &r.Back} {
		s.mean()
	}
	r.jitter(t.all)
	r.Burst = burst(t.all)
	if t.Buffer > 0 {
		r.tooLate(t.all, t.Buffer)
	}
	if t.Stateful {
		r.Direction = t.origin.split(t.all)
	}
	switch {
	case r.Sent == 0:
		r.Unknown = Reason(t.refuse)
	case t.late:
		r.Unknown = Late
	case r.Answers < r.Sent && t.lane.conn.Lost() != t.lost:
		r.Unknown = Overflow
	}
	return r
}

// delays adds those of an answered packet. A peer whose times make no sense has none.
func (r *Round) delays(p *packet) {
	d := &p.delays
	if !d.Known {
		r.Trip.add(p.trip)
		return
	}
	if d.Dwell < 0 || d.Dwell > p.trip {
		return
	}
	r.Trip.add(p.trip - d.Dwell)
	r.There.add(d.There)
	r.Back.add(d.Back)
	r.Synced = r.Synced && d.Synced
	r.ClockError = max(r.ClockError, d.Error)
}

// jitter is the mean difference of the delays of neighbouring packets: of the worse direction where the peer tells times,
// which takes no common clock; else there and back.
func (r *Round) jitter(all []packet) {
	var there, back, trip time.Duration
	pairs, last := 0, -1
	for i := range all {
		p := &all[i]
		if !p.answered {
			continue
		}
		if last >= 0 && last == i-1 {
			q := &all[last]
			pairs++
			there += (p.delays.There - q.delays.There).Abs()
			back += (p.delays.Back - q.delays.Back).Abs()
			trip += (p.trip - q.trip).Abs()
		}
		last = i
	}
	if pairs == 0 {
		return
	}
	r.HasJitter = true
	if r.There.N > 0 {
		trip = max(there, back)
	}
	r.Jitter = trip / time.Duration(pairs)
}

// tooLate counts packets that a listener throws away: by the way there where the peer tells times, as the difference to the
// quickest takes no common clock; else by there and back.
func (r *Round) tooLate(all []packet, buffer time.Duration) {
	for i := range all {
		p := &all[i]
		beyond := p.trip - r.Trip.Min
		if r.There.N > 0 {
			beyond = p.delays.There - r.There.Min
		}
		if p.answered && beyond > buffer {
			r.TooLate++
		}
	}
}

// burst is how much longer than random losses those of the round hang together (BurstR of G.107), at least 1.
func burst(all []packet) float64 {
	sent, lost, runs, before := 0, 0, 0, false
	for i := range all {
		if all[i].refused {
			continue
		}
		sent++
		if !all[i].answered {
			lost++
			if !before {
				runs++
			}
		}
		before = !all[i].answered
	}
	if runs == 0 || lost == sent {
		return 1
	}
	return max(float64(lost)/float64(runs)*(1-float64(lost)/float64(sent)), 1)
}

// Reason names what kept a packet from leaving.
func Reason(err error) string {
	for _, r := range []struct {
		is   error
		name string
	}{
		{syscall.ENETUNREACH, NoRoute}, {syscall.EHOSTUNREACH, NoRoute}, {syscall.EINVAL, NoRoute}, // the last: none from the socket's own address
		{syscall.ENETDOWN, "interface_down"},
		{syscall.EADDRNOTAVAIL, "no_address"}, {syscall.EPERM, "not_permitted"}, {syscall.EACCES, "not_permitted"},
		{syscall.ENOBUFS, "no_buffer"}, {syscall.EAGAIN, "no_buffer"}, {syscall.EMSGSIZE, "too_long"}, {os.ErrClosed, "closed"},
	} {
		if errors.Is(err, r.is) {
			return r.name
		}
	}
	return Other
}

// transient says whether a socket's error is that of an earlier datagram.
func transient(err error) bool {
	for _, is := range []error{syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH, syscall.ENETDOWN, syscall.EMSGSIZE, syscall.EACCES, syscall.EPROTO} {
		if errors.Is(err, is) {
			return true
		}
	}
	return false
}
