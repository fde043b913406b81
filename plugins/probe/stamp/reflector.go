package stamp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/socket"
)

// ReflectorConfig says whom a reflector answers, and how.
type ReflectorConfig struct {
	Allow    []netip.Prefix // who is answered; nobody else is
	Secret   []byte         // with one, only authenticated packets are answered
	Stateful bool           // answers are numbered by session, not by the sender's numbers
	Sessions int            // kept at most, of senders and, for the rate, of addresses
	Rate     int            // packets per second of one address
	Clock    Clock
}

// idleAfter is how long a sender may be silent until its session is forgotten.
const idleAfter = 15 * time.Minute

// Reflector is STAMP's Session-Reflector. It answers at most as much as it is sent, and only whom it is told to.
type Reflector struct {
	config   ReflectorConfig
	conn     *socket.Conn
	key      *Key
	sessions map[session]*counted
	now      time.Time
	metrics  *ReflectorMetrics
}

// ReflectorMetrics count what reflectors do.
type ReflectorMetrics struct {
	answered prometheus.Counter
	dropped  *prometheus.CounterVec
}

// NewReflectorMetrics registers the counters.
func NewReflectorMetrics(reg prometheus.Registerer) *ReflectorMetrics {
	m := &ReflectorMetrics{
		answered: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_probe_reflected_total", Help: "Test packets that the reflector answered."}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_probe_reflector_dropped_total",
			Help: "Datagrams that the reflector did not answer, or could not, by reason."}, []string{"reason"}),
	}
	reg.MustRegister(m.answered, m.dropped)
	return m
}

// session is a sender as a reflector tells it from others (RFC 8972).
type session struct {
	peer netip.AddrPort
	id   uint16
}

type counted struct {
	next   uint32
	second int64 // in which packets were counted
	count  int
	seen   time.Time
}

// NewReflector makes one that answers through the socket, which it owns.
func NewReflector(c ReflectorConfig, conn *socket.Conn, m *ReflectorMetrics) *Reflector {
	r := &Reflector{config: c, conn: conn, sessions: map[session]*counted{}, metrics: m}
	if len(c.Secret) > 0 {
		r.key = NewKey(c.Secret)
	}
	return r
}

// Run answers until ctx is done, then closes the socket.
func (r *Reflector) Run(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { _ = r.conn.Close() })
	defer stop()
	tidied := time.Now()
	for {
		r.now = time.Now()
		if r.now.Sub(tidied) > time.Minute {
			r.forget()
			tidied = r.now
		}
		_, err := r.conn.Receive(r.answer)
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return nil
		}
		if err != nil && !errors.Is(err, syscall.ECONNREFUSED) {
			return fmt.Errorf("stamp: reflector: %w", err)
		}
		r.conn.Flush(func(int, error) { r.metrics.dropped.WithLabelValues("refused").Inc() })
	}
}

func (r *Reflector) forget() {
	for k, s := range r.sessions {
		if r.now.Sub(s.seen) > idleAfter {
			delete(r.sessions, k)
		}
	}
}

// answer queues the reply to a test packet. A batch received is never longer than one to send.
func (r *Reflector) answer(d *socket.Datagram) {
	reply, reason := r.reply(d)
	if reason != "" {
		r.metrics.dropped.WithLabelValues(reason).Inc()
		return
	}
	r.metrics.answered.Inc()
	reply.Sent = At(time.Now())
	r.conn.Queue(AppendReply(r.conn.Buffer(), d.Text, reply, r.key), r.conn.Peer(d.From))
}

// reply works out what to answer, or why not to.
func (r *Reflector) reply(d *socket.Datagram) (Reply, string) {
	if !slices.ContainsFunc(r.config.Allow, func(p netip.Prefix) bool { return p.Contains(d.From.Addr()) }) {
		return Reply{}, "not_allowed"
	}
	if port := d.From.Port(); port == Port || port == r.conn.Local().Port() {
		return Reply{}, "reflector" // two that answer each other would never end
	}
	t, err := ParseTest(d.Text, r.key != nil)
	if err != nil {
		return Reply{}, "short"
	}
	if r.key != nil && r.key.Check(d.Text) != nil {
		return Reply{}, "code"
	}
	s := r.session(session{peer: netip.AddrPortFrom(d.From.Addr(), 0)}, d.At)
	if s == nil {
		return Reply{}, "sessions"
	}
	if !s.within(r.config.Rate, d.At) {
		return Reply{}, "rate"
	}
	out := Reply{Sequence: t.Sequence, Received: At(d.At), Error: r.config.Clock(), Session: t.Session, TTL: d.TTL, Test: t}
	if r.config.Stateful {
		one := r.session(session{d.From, t.Session}, d.At)
		if one == nil {
			return Reply{}, "sessions"
		}
		out.Sequence = one.next
		one.next++
	}
	return out, ""
}

// session finds or makes what is counted of a sender; nil if there are too many.
func (r *Reflector) session(k session, at time.Time) *counted {
	s := r.sessions[k]
	if s == nil {
		if len(r.sessions) >= 2*r.config.Sessions {
			return nil
		}
		s = new(counted)
		r.sessions[k] = s
	}
	s.seen = at
	return s
}

// within counts a packet and says whether its second's share is not used up.
func (s *counted) within(rate int, at time.Time) bool {
	if second := at.Unix(); second != s.second {
		s.second, s.count = second, 0
	}
	s.count++
	return s.count <= rate
}

// SecretLen is the least length of a secret.
const SecretLen = 16
