// Package train measures with trains of packets: it sends some to a peer, credits each reply to the packet that it answers and
// to no other, and says at the end how many came back, when, and in which order. Many trains share a socket.
package train

import (
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/schedule"
)

// Protocol writes packets and reads replies. One of its functions is called at a time, but for Parse.
type Protocol interface {
	// Key makes the number by which a reply is recognised; random is.
	Key(now time.Time, random uint64) uint64
	// Append adds the packet with a key and a sequence number.
	Append(dst []byte, t *Target, key uint64, sequence uint32) []byte
	// Parse reads a reply that arrived at an instant.
	Parse(text []byte, at time.Time) (Reply, error)
	// Genuine says whether the reply, whose key and source are right, answers the packet with the sequence number.
	Genuine(t *Target, sequence uint32, r *Reply, text []byte) bool
}

// ErrNotOurs means that a datagram is another program's business, and nothing to count.
var ErrNotOurs = errors.New("train: not a reply to this program")

// Reply is what a reply says.
type Reply struct {
	Key       uint64
	Sequence  uint32 // as the peer gives it back
	Reflector uint32 // the peer's own number of the reply
	Session   uint16 // as the peer gives it back, 0 if it does not
	Delays    Delays
}

// Delays are what the peer's clock adds to a reply.
type Delays struct {
	Known  bool          // the peer tells times
	Dwell  time.Duration // between arrival at the peer and leaving it
	There  time.Duration // by the difference of two clocks
	Back   time.Duration
	Error  time.Duration // of the peer's clock
	Synced bool          // the peer's clock is held to an outer one
}

// Config is what a target needs.
type Config struct {
	Name     string
	Peer     netip.AddrPort // port 0 for ICMP
	Session  uint16
	Secret   any // of the protocol
	Packets  int
	Spacing  time.Duration
	Interval time.Duration
	Timeout  time.Duration // for the reply to a packet
	Size     int
	Stateful bool          // the peer counts by itself what it answers
	Buffer   time.Duration // of a listener: what is delayed more than this beyond the quickest is too late for it; 0: nobody listens
	Once     bool          // a single round, at once
}

// Target is one peer, probed in every interval. It is a schedule.Turn.
type Target struct {
	Config
	lane *Lane
	to   net.Addr
	done func(*Round)

	// Of the schedule's goroutine.
	state  state
	due    time.Time // of what state says
	began  time.Time
	turn   bool   // due is a place that pace gave
	next   uint32 // sequence number
	sent   int    // packets of this round that were tried
	late   bool
	lost   uint32 // datagrams of the socket that the kernel had thrown away when the round began
	origin origin

	// Guarded by the lane's mu.
	open   bool     // the round goes on
	refuse error    // why a packet was not sent
	all    []packet // of this round
	high   int      // the highest of them that was answered, -1 for none
	swaps  int      // answered after a higher one
	twice  int      // answered again
}

type state uint8

const (
	idle state = iota
	sending
	waiting
)

// packet is one of a round.
type packet struct {
	key       uint64
	sequence  uint32
	reflector uint32
	sent      time.Duration // since the lane began
	trip      time.Duration
	delays    Delays
	refused   bool
	answered  bool
}

// Act does what is due: it sends a packet, or ends a round.
func (t *Target) Act(now time.Time) time.Time {
	switch t.state {
	case sending:
		return t.send(now)
	case waiting:
		t.finish(now)
		if t.Once {
			return time.Time{}
		}
	case idle:
		if t.due.IsZero() {
			break
		}
		t.begin(now)
		return t.send(now)
	}
	t.state, t.due = idle, now
	if !t.Once {
		t.due = schedule.Next(now, t.Interval, schedule.Phase(t.Name, t.Interval))
	}
	return t.due
}

func (t *Target) begin(now time.Time) {
	l := t.lane
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range t.all { // of the round before: until now a reply was known to be late
		delete(l.flights, t.all[i].key)
	}
	t.all, t.open, t.refuse = t.all[:0], true, nil
	t.high, t.swaps, t.twice = -1, 0, 0
	t.began, t.sent, t.late, t.lost = now, 0, false, l.conn.Lost()
	t.state, t.due = sending, now
}

const (
	// slack is how late something may be done before the round says more of this machine than of the network: so much, or
	// the timeout if that is longer.
	slack = 500 * time.Millisecond
	// grace is how long replies that arrived in time may wait in the socket: the kernel's note says when they arrived.
	grace = 100 * time.Millisecond
)

func (t *Target) punctual(now time.Time) { t.late = t.late || now.Sub(t.due) > max(slack, t.Timeout) }

func (t *Target) send(now time.Time) time.Time {
	t.punctual(now)
	if !t.turn {
		if wait := t.lane.pace.Take(now); wait > 0 {
			t.turn, t.due = true, now.Add(wait)
			return t.due
		}
	}
	t.turn = false
	t.lane.send(t)
	t.sent++
	t.due = now.Add(t.Spacing)
	if t.sent == t.Packets {
		t.state, t.due = waiting, now.Add(t.Timeout+grace)
	}
	return t.due
}

func (t *Target) finish(now time.Time) {
	t.punctual(now)
	t.lane.mu.Lock()
	t.open = false
	r := t.sum(now)
	t.lane.mu.Unlock()
	t.done(r)
}
