package engine

import (
	"context"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

const (
	tick        = 20 * time.Millisecond // between two looks at a socket on which answers are awaited
	longTick    = 3 * tick              // the same, where rounds are so far apart that it makes no difference
	farApart    = 1000                  // such ticks lie between such rounds
	quickTick   = tick / 4              // the same, while a round takes many requests
	shortTick   = tick / 20             // the same, when more are awaited than the socket can keep
	manyAsked   = 10                    // requests of a round that are many: to learn a small device takes a dozen
	longestWait = time.Second           // an idle lane looks round this often
	pausedWait  = 50 * time.Millisecond // a paused one this often
	floodGuard  = 16                    // batches read in a row before sending gets its turn
	catchUp     = 4                     // times the usual rate at which overdue rounds are begun
)

// wire is a socket that never waits. It takes a batch of datagrams to each system call.
type wire interface {
	room() bool                           // for another request
	buffer() []byte                       // is empty and has memory to write the next request to
	queue(text []byte, to netip.AddrPort) // into the batch; text is the wire's until the batch was sent
	flush() (refused int)                 // sends the batch
	receive() int                         // takes a batch of what has come, the caller's until the next
	datagram(i int) (text []byte, from netip.AddrPort)
	age(i int, now time.Time) time.Duration // how long number i has lain there
	capacity() int                          // answers that it keeps while nobody looks
	close()
}

// lane is one socket with its devices.
type lane struct {
	cfg      Config
	wire     wire
	metrics  *metrics
	peers    []peer
	schedule poll.Schedule
	start    gate // for rounds to begin: after a standstill not all at once
	flights  *flights
	ready    queue[int32] // peers with a request to send, in the order they asked
	crowded  []*gate      // at which peers wait
	passed   []*gate      // the list before, its memory to be used again
	busy     int          // peers inside a round
	long     int          // of them: inside one of many requests
	tick     time.Duration
	keys     *keymaker
	parked   int     // peers that wait for keys
	keyed    []int32 // those whose keys were ready last, its memory to be used again
	pdu      []byte  // of the request that is written
}

func newLane(cfg Config, w wire, m *metrics) *lane {
	return &lane{cfg: cfg, wire: w, metrics: m, start: gate{rule: new(rule)}, keys: newKeymaker(), flights: newFlights(cfg.Window, cfg.Timeout)}
}

// add takes in targets; once means a single round of each, now.
func (l *lane) add(targets []*poll.Target, once bool) {
	now, perSecond := time.Now(), 100.0
	l.tick = longTick
	gates := newGates(l.cfg.Limits, l.metrics)
	l.peers = make([]peer, len(targets))
	l.schedule.Grow(len(targets))
	for i, t := range targets {
		addr, every := netip.AddrPortFrom(t.Addr.Addr().Unmap(), t.Addr.Port()), t.Every
		if once {
			every = 0
		} else {
			perSecond += catchUp / every.Seconds()
		}
		l.tick = max(tick, min(l.tick, every/farApart))
		l.schedule.Add(i, poll.FirstDue(t.Device, every, now), every)
		l.peers[i] = newPeer(t, addr, gates.of(addr))
	}
	if !once {
		l.start.limit.PerSecond = int(perSecond)
	}
}

// run is the lane's loop: take answers, note silence, begin what is due, send. It looks round once a tick
// and does then what has come up since: waking up for each answer costs more than reading it. The kernel
// notes when the answers came meanwhile.
func (l *lane) run(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	defer l.keys.forget()
	for {
		select {
		case <-timer.C:
		case <-ctx.Done():
			return
		}
		more := l.receive()
		now := time.Now()
		l.unpark()
		l.begin(now)
		l.transmit(now)
		if l.finished() {
			return
		}
		timer.Reset(l.wait(now, more))
	}
}

func (l *lane) finished() bool {
	_, more := l.schedule.Next()
	return !more && l.busy == 0
}

// begin starts rounds that are due, as long as their requests can go out soon.
func (l *lane) begin(now time.Time) {
	for l.ready.len() < batchSize && !l.flights.full() && l.start.open(now) && !l.cfg.Pause() {
		d, ok := l.schedule.Pop(now)
		if !ok {
			return
		}
		l.start.pass(now)
		l.metrics.skipped.Add(float64(d.Skipped))
		l.metrics.lateness.Observe(now.Sub(d.At).Seconds())
		p := &l.peers[d.Target]
		if p.parked {
			l.metrics.skipped.Inc()
			continue
		}
		if p.flight != nobody {
			l.unanswered(p)
			l.land(p, false)
		}
		l.follow(int32(d.Target), nil) // ends the last round, if that is still running
		l.follow(int32(d.Target), p.dialog.Begin(now))
	}
}

// follow does what a dialog wants next: another request, or the end of its round.
func (l *lane) follow(i int32, next *ber.Request) {
	p := &l.peers[i]
	p.next = next
	switch {
	case next != nil:
		if p.asked++; p.asked == 1 {
			l.busy++
		} else if p.asked == manyAsked+1 {
			l.long++
		}
	case p.asked > 0:
		l.busy--
		if p.asked > manyAsked {
			l.long--
		}
		p.asked = 0
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
	if !answered && p.remote != nil {
		p.remote.Silent()
	}
	for _, g := range p.gates {
		g.busy--
	}
	l.metrics.inFlight.Dec()
}

// wait is how long the lane may look away; 0 if there is more to do at once.
func (l *lane) wait(now time.Time, more bool) time.Duration {
	full := l.flights.full()
	if more || l.ready.len() > 0 && !full {
		return 0
	}
	wait := longestWait
	if at, ok := l.flights.nextEnd(); ok {
		wait = at.Sub(now)
	}
	if due, ok := l.schedule.Next(); ok && !full {
		switch until := due.Sub(now); {
		case until > 0:
			wait = min(wait, until)
		case l.cfg.Pause():
			wait = min(wait, pausedWait)
		case l.start.open(now):
			return 0
		default:
			wait = l.tick
		}
	}
	if l.flights.awaited > 0 || len(l.crowded) > 0 || l.parked > 0 {
		return l.nextLook()
	}
	return min(max(wait, l.tick), longestWait)
}

// nextLook is how long the lane may look away while answers are on their way.
func (l *lane) nextLook() time.Duration {
	switch keeps := l.wire.capacity(); {
	case l.flights.awaited > keeps:
		return max(l.tick*time.Duration(keeps)/time.Duration(l.flights.awaited), shortTick)
	case l.long > 0:
		return quickTick
	}
	return l.tick
}
