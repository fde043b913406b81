package engine

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

const (
	longestWait = time.Second           // an idle lane looks round this often
	pausedWait  = 50 * time.Millisecond // a paused one this often
	floodGuard  = 16                    // batches read in a row before sending gets its turn
	breath      = 5 * time.Millisecond  // between two looks at a socket that has little to say
)

// lane is one socket with its devices.
type lane struct {
	cfg      Config
	sock     *socket
	metrics  *metrics
	peers    []peer
	schedule poll.Schedule
	flights  *flights
	ready    queue[int32] // peers with a request to send, in the order they asked
	busy     int          // peers inside a round
}

type peer struct {
	addr   netip.AddrPort
	dialog poll.Dialog
	next   *ber.Request // waits in ready
	flight int32        // under way, or nobody
	queued bool         // in ready
	busy   bool
}

func newLane(cfg Config, s *socket, m *metrics) *lane {
	return &lane{cfg: cfg, sock: s, metrics: m, flights: newFlights(cfg.Window, cfg.Timeout)}
}

func (l *lane) add(t poll.Target, once bool) {
	addr := netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port())
	now, every := time.Now(), t.Every
	if once {
		every = 0
	}
	l.schedule.Add(len(l.peers), poll.FirstDue(t.Device, every, now), every)
	l.peers = append(l.peers, peer{addr: addr, dialog: t.Dialog, flight: nobody})
}

// run is the lane's loop: begin what is due, send, take answers, note silence. Waking up for a single
// answer costs as much as reading it, so the lane takes a breath after each look that brought little; the
// kernel notes when the answers arrive meanwhile.
func (l *lane) run(ctx context.Context) error {
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		l.sock.interrupt()
	})
	defer func() {
		if !stop() {
			<-interrupted // the socket is closed once this returns
		}
	}()
	for ctx.Err() == nil {
		now := time.Now()
		l.begin(now)
		err := l.transmit(now)
		got := 0
		if err == nil && !l.finished() {
			got, err = l.receive(l.wait(now))
		}
		if errors.Is(err, net.ErrClosed) && ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		if l.finished() {
			return nil
		}
		if got < batchSize/2 && (l.ready.len() == 0 || l.flights.full()) {
			time.Sleep(breath)
		}
	}
	return nil
}

func (l *lane) finished() bool {
	_, more := l.schedule.Next()
	return !more && l.busy == 0
}

// begin starts rounds that are due, as long as their requests can go out soon.
func (l *lane) begin(now time.Time) {
	for l.ready.len() < batchSize && !l.flights.full() && !l.cfg.Pause() {
		d, ok := l.schedule.Pop(now)
		if !ok {
			return
		}
		l.metrics.skipped.Add(float64(d.Skipped))
		l.metrics.lateness.Observe(now.Sub(d.At).Seconds())
		p := &l.peers[d.Target]
		if p.flight != nobody {
			l.land(p, false)
		}
		l.follow(int32(d.Target), p.dialog.Begin(now))
	}
}

// follow does what a dialog wants next: another request, or the end of its round.
func (l *lane) follow(i int32, next *ber.Request) {
	p := &l.peers[i]
	p.next = next
	if busy := next != nil; busy != p.busy {
		p.busy = busy
		if busy {
			l.busy++
		} else {
			l.busy--
		}
	}
	if next != nil && !p.queued {
		p.queued = true
		l.ready.push(i)
	}
}

// land ends the flight of a peer.
func (l *lane) land(p *peer, answered bool) {
	l.flights.end(p.flight, answered)
	p.flight = nobody
	l.metrics.inFlight.Dec()
}

// transmit sends one batch of what is ready.
func (l *lane) transmit(now time.Time) error {
	for l.ready.len() > 0 && !l.flights.full() && l.sock.room() {
		i := l.ready.pop()
		p := &l.peers[i]
		p.queued = false
		if p.next == nil {
			continue // its round ended while it waited
		}
		p.flight = l.flights.start(i, p.next, now)
		l.metrics.inFlight.Inc()
		l.metrics.requests.Inc()
		l.enqueue(p)
	}
	return l.flush()
}

func (l *lane) enqueue(p *peer) {
	f := &l.flights.places[p.flight]
	l.sock.queue(f.request, f.id, p.addr)
	p.next = nil
}

// wait is how long the lane has nothing to do unless an answer comes.
func (l *lane) wait(now time.Time) time.Duration {
	if l.ready.len() > 0 && !l.flights.full() {
		return 0
	}
	wait := longestWait
	if due, ok := l.schedule.Next(); ok && !l.flights.full() {
		wait = min(wait, due.Sub(now))
		if wait <= 0 && l.cfg.Pause() {
			wait = pausedWait
		}
	}
	if at, ok := l.flights.nextDeadline(); ok {
		wait = min(wait, at.Sub(now))
	}
	return max(wait, 0)
}

// receive takes answers until the socket is empty, and only then looks for silence: an answer that
// lay in the socket while this process was held up is not the device's fault.
func (l *lane) receive(wait time.Duration) (got int, err error) {
	for range floodGuard {
		asked := time.Now()
		n, err := l.sock.receive(wait)
		if err != nil {
			return got, err
		}
		got += n
		now := time.Now()
		for i := range n {
			l.take(i, now)
		}
		if n < batchSize {
			return got, l.expire(asked, now)
		}
		wait = 0
	}
	return got, nil
}

// take matches a datagram to its request by request-id and source address and hands it over.
func (l *lane) take(n int, now time.Time) {
	text, from := l.sock.datagram(n)
	r, err := ber.ParseResponse(text)
	if err != nil {
		l.metrics.drop(malformed)
		return
	}
	place, reason := l.flights.find(r.ID)
	if place == nobody {
		l.metrics.drop(reason)
		return
	}
	f := &l.flights.places[place]
	i := f.peer
	rtt := now.Sub(f.sent)
	age := min(l.sock.age(n, now), rtt)
	p := &l.peers[i]
	if p.addr != from {
		l.metrics.drop(wrongSource)
		return
	}
	l.land(p, true)
	l.metrics.answers.Inc()
	l.follow(i, p.dialog.Answer(poll.Answer{Response: r, At: now.Add(-age), RTT: rtt - age}))
}

// expire tells the dialogs whose deadline passed before the socket was seen empty. What they want
// sent again goes out at once, under the same request-id.
func (l *lane) expire(empty, now time.Time) error {
	for {
		place, ok := l.flights.expired(empty)
		if !ok {
			break
		}
		i := l.flights.places[place].peer
		p := &l.peers[i]
		l.metrics.silences.Inc()
		again := p.dialog.Silent(now)
		if again == nil {
			l.land(p, false)
			l.follow(i, nil)
			continue
		}
		if err := l.repeat(p, again, now); err != nil {
			return err
		}
	}
	return l.flush()
}

func (l *lane) repeat(p *peer, r *ber.Request, now time.Time) error {
	if !l.sock.room() {
		if err := l.flush(); err != nil {
			return err
		}
	}
	l.flights.send(p.flight, r, now)
	l.metrics.repeats.Inc()
	l.enqueue(p)
	return nil
}

func (l *lane) flush() error {
	refused, err := l.sock.flush()
	l.metrics.sendErrors.Add(float64(refused))
	return err
}
