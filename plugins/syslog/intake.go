package syslog

import (
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/backlog"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/syslog/message"
	"github.com/haidang-noc/haidang/plugins/syslog/table"
)

// intake turns messages into lines. Its methods may be called from several goroutines.
type intake struct {
	setup   *setup
	gate    *gate.Gate // of messages and of memory
	samples *gate.Gate // of unknown messages that are written all the same
	metrics *metrics
	lines   *lines
	backlog *backlog.Backlog
}

// event is a message that was read, on its way to its lines. It points into the message's text.
type event struct {
	at     time.Time
	device string // empty: unknown
	source netip.Addr
	msg    message.Message
	known  bool
	match  table.Match
}

// Datagram takes a message over UDP. It does not keep it, and it does not wait.
func (t *intake) Datagram(text []byte, from netip.AddrPort, at time.Time) {
	t.metrics.datagrams.Inc()
	addr := from.Addr().Unmap()
	relay := t.setup.Relays.Has(addr)
	account, why := t.gate.Enter(addr, t.limit(addr, relay), at)
	if why != gate.Pass {
		t.metrics.dropped.WithLabelValues(string(why)).Inc()
		return
	}
	if len(text) > int(t.setup.MaxMessage) {
		text = text[:t.setup.MaxMessage]
		t.metrics.cut.Inc()
	}
	t.take(text, origin{addr, relay, account}, at)
}

// Lost counts what the kernel had no room for.
func (t *intake) Lost(n int) { t.metrics.dropped.WithLabelValues("kernel").Add(float64(n)) }

// origin is where a message came from.
type origin struct {
	addr    netip.Addr
	relay   bool
	account *gate.Source
}

// limit is that of a source: relays have their own, and devices an account each.
func (t *intake) limit(addr netip.Addr, relay bool) gate.Limit {
	if relay {
		return t.setup.RelayLimit.Limit(true)
	}
	return t.setup.Limit.Limit(t.setup.devices.Knows(addr))
}

// take reads a message that may come in, and writes its lines if it is known, or a sample of those that are not.
func (t *intake) take(text []byte, from origin, at time.Time) {
	m, err := message.Parse(text)
	if err != nil {
		t.metrics.dropped.WithLabelValues("empty").Inc()
		return
	}
	e := event{at: t.when(m.Stamp, at), source: from.addr, msg: m, device: t.setup.sender(from.addr, from.relay, m.Host, at)}
	if e.device == "" {
		t.metrics.strangers.Inc()
	}
	if e.match, e.known = t.setup.table.Match(m.Text); e.known {
		t.metrics.known.Inc()
	} else {
		t.metrics.unknown.Inc()
		if !t.sample(from, at) {
			return
		}
	}
	written := e // only what is written costs an allocation
	t.backlog.Add(from.account, func(to *sdk.Encoder) { t.lines.encode(to, &written) })
}

// sample says whether one more unknown message is written: so many of each source, so many of all.
func (t *intake) sample(from origin, at time.Time) bool {
	known := from.relay || t.setup.devices.Knows(from.addr)
	if _, why := t.samples.Enter(from.addr, t.setup.SourceSamples.Limit(known), at); why != gate.Pass {
		return false
	}
	if _, why := t.samples.Enter(netip.Addr{}, t.setup.Samples.Limit(true), at); why != gate.Pass {
		return false
	}
	t.metrics.samples.Inc()
	return true
}

// when is the time of a message: the device's, unless that is doubtful or far from the time of arrival.
func (t *intake) when(s message.Stamp, arrival time.Time) time.Time {
	told, ok := s.Near(arrival, t.setup.zone)
	var reason string
	switch {
	case !ok:
		reason = "none"
	case s.Doubtful:
		reason = "not_set"
	case told.Sub(arrival).Abs() > t.setup.Skew.D():
		reason = "far"
	default:
		return told
	}
	t.metrics.arrivals.WithLabelValues(reason).Inc()
	return arrival
}
