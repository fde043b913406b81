package snmptrap

import (
	"crypto/subtle"
	"errors"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/plugins/snmptrap/engine"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// intake turns datagrams into events. Its methods may be called from several goroutines.
type intake struct {
	setup    *setup
	gate     *gate.Gate
	receiver *engine.Receiver
	informs  *informs
	namer    *namer
	metrics  *metrics
	events   chan<- *event
	last     atomic.Int64 // the latest time given to an event
}

// Reasons of the intake's own for not taking a datagram.
var (
	errCommunity = errors.New("snmptrap: no credential has this community")
	errVersion   = errors.New("snmptrap: no credential is for this version")
)

// take takes a datagram that came from an address at a time. It does not keep the datagram, and it does not wait.
func (t *intake) take(datagram []byte, from netip.AddrPort, at time.Time, answer reply) {
	t.metrics.datagrams.Inc()
	addr := from.Addr().Unmap()
	relay := t.setup.Relays.Has(addr)
	account, why := t.gate.Enter(addr, t.setup.limits(addr, relay), at)
	if why != gate.Pass {
		t.metrics.dropped.WithLabelValues(string(why)).Inc()
		return
	}
	n, response, err := t.open(datagram, at)
	if err != nil {
		t.refuse(err, from, answer)
		return
	}
	e := &event{at: t.stamp(at), source: addr, account: account}
	if relay && n.Origin.IsValid() && !n.Origin.IsUnspecified() {
		e.source = n.Origin
	}
	kind := "trap"
	if n.Inform {
		kind = "inform"
		if e.inform = t.informs.begin(&n, letter{response, from, answer, account}, at); e.inform == nil {
			return
		}
	}
	t.metrics.taken.WithLabelValues(kind).Inc()
	e.device = t.setup.devices.At(e.source, at)
	e.interpret(&n, t.setup.table, int(t.setup.MaxText))
	t.pass(e, at)
}

// pass sends an event on, by way of the namer if its interface has no name yet.
func (t *intake) pass(e *event, now time.Time) {
	e.cost = overhead + len(e.text) + len(e.oid) + len(e.ifname) + len(e.ifdescr)
	t.gate.Hold(e.account, e.cost)
	if e.alarm != nil && e.alarm.renumbers && e.device != nil {
		t.namer.forget(e.device.Name)
	}
	if t.namer.name(e, now) {
		t.events <- e // has room: the gate holds fewer
	}
}

// open reads a datagram and makes sure that it comes from somebody who may send it.
func (t *intake) open(datagram []byte, at time.Time) (n packet.Notification, response []byte, err error) {
	version, err := packet.VersionOf(datagram)
	if err != nil {
		return n, nil, err
	}
	if version == packet.V3 {
		if t.receiver == nil {
			return n, nil, errVersion
		}
		return t.receiver.Open(datagram, at)
	}
	if n, err = packet.Parse(datagram); err != nil {
		return n, nil, err
	}
	if !t.allowed(n.Community) {
		return n, nil, errCommunity
	}
	if n.Inform {
		response = n.Response()
	}
	return n, response, nil
}

func (t *intake) allowed(community []byte) bool {
	found := 0
	for _, c := range t.setup.communities {
		found |= subtle.ConstantTimeCompare([]byte(c), community)
	}
	return found == 1
}

// refuse counts a datagram that was not taken, and sends the report if there is one.
func (t *intake) refuse(err error, from netip.AddrPort, answer reply) {
	reason := "malformed"
	var refusal *engine.Refusal
	switch {
	case errors.As(err, &refusal):
		reason = refusal.Reason
		if refusal.Report != nil {
			answer(refusal.Report, from)
			t.metrics.reports.Inc()
		}
	case errors.Is(err, packet.ErrOther):
		reason = "not_a_notification"
	case errors.Is(err, errCommunity):
		reason = "community"
	case errors.Is(err, errVersion):
		reason = "version"
	}
	t.metrics.dropped.WithLabelValues(reason).Inc()
}

// stamp is the time of arrival, made later than that of every event before: two lines of one series and one time
// would be one.
func (t *intake) stamp(at time.Time) time.Time {
	for {
		last := t.last.Load()
		next := max(at.UnixNano(), last+1)
		if t.last.CompareAndSwap(last, next) {
			return time.Unix(0, next)
		}
	}
}
