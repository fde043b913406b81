package train

import (
	"context"
	crand "crypto/rand"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/plugins/probe/socket"
)

// Lane is a socket with the targets that are probed through it. The goroutine of the schedule sends; another one receives.
type Lane struct {
	protocol Protocol
	conn     *socket.Conn
	pace     *Pace
	metrics  *Metrics
	began    time.Time
	queue    [socket.Batch]flight // what is in the socket's batch; of the sending goroutine alone

	mu      sync.Mutex // guards what follows, and the rounds of all targets
	random  *rand.ChaCha8
	flights map[uint64]flight // by key: of all rounds under way, and those that ended last
}

// flight is a packet of a target's round.
type flight struct {
	target *Target
	index  int
}

// NewLane makes a lane of an open socket, which it owns.
func NewLane(p Protocol, conn *socket.Conn, pace *Pace, m *Metrics) *Lane {
	return &Lane{protocol: p, conn: conn, pace: pace, metrics: m, began: time.Now(), random: rand.NewChaCha8(seed()), flights: map[uint64]flight{}}
}

// seed is from the system's source: who knows a key can forge a reply.
func seed() (s [32]byte) {
	_, _ = crand.Read(s[:]) // never fails
	return s
}

// Add makes a target of the lane. done is told of each round, by the schedule's goroutine.
func (l *Lane) Add(c Config, done func(*Round)) *Target {
	return &Target{Config: c, lane: l, to: l.conn.Peer(c.Peer), done: done, all: make([]packet, 0, c.Packets)}
}

// send queues the next packet of the target's round.
func (l *Lane) send(t *Target) {
	if l.conn.Full() {
		l.Flush()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.enter(t, time.Now())
	l.queue[l.conn.Queued()] = f
	p := &t.all[f.index]
	l.conn.Queue(l.protocol.Append(l.conn.Buffer(), t, p.key, p.sequence), t.to)
	l.metrics.sent.Inc()
}

// enter takes down a packet that is sent now, before a reply to it can come. The lock is held.
func (l *Lane) enter(t *Target, now time.Time) flight {
	key := l.protocol.Key(now, l.random.Uint64())
	for l.flights[key].target != nil { // no two packets under way have the same
		key++
	}
	f := flight{t, len(t.all)}
	l.flights[key] = f
	t.all = append(t.all, packet{key: key, sequence: t.next, sent: now.Sub(l.began)})
	t.next++
	return f
}

// Flush sends what is queued.
func (l *Lane) Flush() {
	l.conn.Flush(func(i int, err error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		f := l.queue[i]
		f.target.all[f.index].refused, f.target.refuse = true, err
		l.metrics.refused.WithLabelValues(Reason(err)).Inc()
	})
}

// Receive credits replies until ctx is done, then closes the socket.
func (l *Lane) Receive(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = l.conn.Close() })
	defer stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		switch more, err := l.conn.Receive(l.take); {
		case err == nil && !more:
			pause.Reset(gather)
			select {
			case <-pause.C:
			case <-ctx.Done():
			}
		case err == nil:
		case ctx.Err() != nil || errors.Is(err, net.ErrClosed):
			return nil
		default: // of a datagram sent earlier: the next call tells more
			l.metrics.dropped.WithLabelValues("socket").Inc()
			if !transient(err) {
				return fmt.Errorf("probe: receive: %w", err)
			}
		}
	}
}

// gather is how long replies may wait for company once all that had come was read. The kernel notes when they come.
const gather = 10 * time.Millisecond

// take credits a reply, or says why not.
func (l *Lane) take(d *socket.Datagram) {
	r, err := l.protocol.Parse(d.Text, d.At)
	switch {
	case errors.Is(err, ErrNotOurs):
		return
	case err != nil:
		l.metrics.dropped.WithLabelValues("malformed").Inc()
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if reason := l.credit(d, &r); reason != "" {
		l.metrics.dropped.WithLabelValues(reason).Inc()
		return
	}
	l.metrics.replies.Inc()
}

// credit finds the packet that the reply answers. The key finds it, and the source, the sequence number and the
// authentication code have to be right, too: what one peer sends never counts for another.
func (l *Lane) credit(d *socket.Datagram, r *Reply) (refused string) {
	f, ok := l.flights[r.Key]
	if !ok {
		return "unknown"
	}
	t := f.target
	if d.From.Addr() != t.Peer.Addr() || t.Peer.Port() != 0 && d.From.Port() != t.Peer.Port() {
		return "source"
	}
	p := &t.all[f.index]
	if !l.protocol.Genuine(t, p.sequence, r, d.Text) {
		return "forged"
	}
	trip := max(d.At.Sub(l.began)-p.sent, 0)
	switch {
	case trip > t.Timeout:
		return "late"
	case !t.open:
		return "tardy"
	case p.answered:
		t.twice++
		return "duplicate"
	}
	p.answered, p.reflector, p.delays, p.trip = true, r.Reflector, r.Delays, trip
	if f.index < t.high {
		t.swaps++
	} else {
		t.high = f.index
	}
	return ""
}

// Close frees the socket of a lane that nobody receives from.
func (l *Lane) Close() { _ = l.conn.Close() }
