package engine

import (
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// transmit sends one batch: those who waited at a gate first, then what is ready.
func (l *lane) transmit(now time.Time) {
	l.crowded, l.passed = l.passed[:0], l.crowded
	for _, g := range l.passed {
		for g.held() > 0 && g.open(now) && l.room() {
			l.dispatch(g.crowd.waiting.pop(), now)
		}
		if g.held() > 0 {
			l.crowded = append(l.crowded, g)
		}
	}
	for l.ready.len() > 0 && l.room() {
		l.dispatch(l.ready.pop(), now)
	}
	l.flush()
}

func (l *lane) room() bool { return !l.flights.full() && l.wire.room() }

// dispatch sends a peer's request, or makes it wait at the gate that is closed.
func (l *lane) dispatch(i int32, now time.Time) {
	p := &l.peers[i]
	if p.next == nil { // its round ended while it waited
		p.queued = false
		return
	}
	for _, g := range p.gates {
		if !g.open(now) {
			l.hold(g, i)
			return
		}
	}
	p.queued = false
	p.flight = l.flights.start(i, p, now)
	l.flights.places[p.flight].beside = p.gates[ofDevice].busy > 0
	for _, g := range p.gates {
		g.busy++
	}
	l.metrics.inFlight.Inc()
	l.metrics.requests.Inc()
	l.send(p, now)
}

func (l *lane) hold(g *gate, i int32) {
	if g.held() == 0 {
		l.crowded = append(l.crowded, g)
	}
	g.hold(i)
}

// send puts the request of a flight into the batch.
func (l *lane) send(p *peer, now time.Time) {
	for _, g := range p.gates {
		g.pass(now)
	}
	l.wire.queue(l.write(l.wire.buffer(), p, now), p.addr)
	p.next = nil
}

func (l *lane) flush() { l.metrics.sendErrors.Add(float64(l.wire.flush())) }

// receive takes answers until there are none, and only then looks for silence: an answer that lay in
// the socket while this process was held up is not the device's fault. It says whether there may be more.
func (l *lane) receive() (more bool) {
	for range floodGuard {
		asked := time.Now()
		n := l.wire.receive()
		now := time.Now()
		for i := range n {
			text, from := l.wire.datagram(i)
			l.take(text, from, l.wire.age(i, now), now)
		}
		if n < batchSize {
			l.expire(asked, now)
			return false
		}
	}
	return true
}

// take matches a datagram to its request by its number and source address and hands it over.
func (l *lane) take(text []byte, from netip.AddrPort, age time.Duration, now time.Time) {
	var m message
	if err := m.parse(text); err != nil {
		l.metrics.drop(malformed)
		return
	}
	place, reason := l.flights.find(m.id)
	if place == nobody {
		l.metrics.drop(reason)
		return
	}
	f := &l.flights.places[place]
	i := f.peer
	p := &l.peers[i]
	owns, other := p.owns(from)
	if !owns {
		l.metrics.drop(wrongSource)
		return
	}
	r, ok := l.open(p, &m, now)
	if !ok {
		return
	}
	if other {
		l.metrics.otherSource.Inc()
	}
	rtt := now.Sub(f.sent)
	age = min(age, rtt)
	if !f.repeated {
		p.patience.took(rtt-age, l.cfg.Timeout)
	}
	l.learn(p, func(t *turns) { t.answered(f, now.Add(-age)) })
	p.silent = false
	l.land(p, true)
	l.metrics.answers.Inc()
	l.follow(i, p.dialog.Answer(poll.Answer{Response: r, At: now.Add(-age), RTT: rtt - age}))
}

// expire looks after flights whose time had come before the socket was seen empty. What is sent again
// goes out at once, under the same request-id.
func (l *lane) expire(empty, now time.Time) {
	for {
		place, early, ok := l.flights.overdue(empty)
		if !ok {
			break
		}
		f := &l.flights.places[place]
		p := &l.peers[f.peer]
		l.unanswered(p)
		if early {
			p.patience.hasty()
			l.repeat(p, f.request, now)
			continue
		}
		p.silent = true
		l.metrics.silences.Inc()
		if again := p.dialog.Silent(now); again != nil {
			l.repeat(p, again, now)
			continue
		}
		i := f.peer
		l.land(p, false)
		l.explain(p)
		l.follow(i, nil)
	}
	l.flush()
}

// unanswered notes that the request of a peer's flight has had no answer in time.
func (l *lane) unanswered(p *peer) {
	if f := &l.flights.places[p.flight]; f.beside && !f.repeated {
		l.learn(p, (*turns).ignored)
	}
}

// learn notes something of how a peer's device takes requests beside each other.
func (l *lane) learn(p *peer, note func(*turns)) {
	if p.gates[ofDevice].crowd == nil {
		return
	}
	t := &p.gates[ofDevice].crowd.turns
	before := t.serial()
	note(t)
	switch after := t.serial(); {
	case after && !before:
		l.metrics.serial.Inc()
	case before && !after:
		l.metrics.serial.Dec()
	}
}

func (l *lane) repeat(p *peer, r *ber.Request, now time.Time) {
	if !l.wire.room() {
		l.flush()
	}
	l.flights.again(p.flight, r, now)
	l.metrics.repeats.Inc()
	l.send(p, now)
}
