package engine

import (
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// message is a datagram of either version, as far as it is read before anybody knows whose it is.
type message struct {
	id       uint32
	isV3     bool
	response ber.Response // of version 2c
	secured  usm.Message  // of version 3
}

func (m *message) parse(text []byte) (err error) {
	if m.response, err = ber.ParseResponse(text); err == nil {
		m.id = m.response.ID
		return nil
	}
	m.secured, err = usm.Parse(text)
	m.id, m.isV3 = m.secured.ID, true
	return err
}

// write writes the request of a peer's flight as a message of the peer's version.
func (l *lane) write(dst []byte, p *peer, now time.Time) []byte {
	f := &l.flights.places[p.flight]
	if p.remote == nil {
		return f.request.Append(dst, f.id)
	}
	l.pdu = f.request.AppendPDU(l.pdu[:0], f.inner)
	return p.remote.Append(dst, f.ticket(), l.pdu, now)
}

func (f *flight) ticket() usm.Ticket { return usm.Ticket{Message: f.id, Request: f.inner} }

// open returns the response in the message that a peer sent, if it can be believed. A peer is answered in its own version
// only: whoever could answer version 3 with version 2c would need no keys. What cannot be believed leaves the flight as
// it is, so that nobody can end it but the peer, except that it is sent again when the peer says what it lacks.
func (l *lane) open(p *peer, m *message, now time.Time) (r ber.Response, ok bool) {
	if m.isV3 != (p.remote != nil) {
		l.metrics.drop(wrongVersion)
		return r, false
	}
	if p.remote == nil {
		return m.response, true
	}
	o := p.remote.Open(&m.secured, l.flights.places[p.flight].ticket(), now)
	if o.Complaint != usm.NoComplaint {
		l.metrics.reports[o.Complaint].Inc()
	}
	switch o.Verdict {
	case usm.Answered:
		r, err := ber.ParsePDU(o.PDU)
		if err == nil {
			p.believe()
			return r, true
		}
		l.metrics.drop(malformed)
	case usm.Again:
		if work := p.remote.Preparation(); work != nil {
			l.park(p, work)
		} else {
			l.resend(p, now)
		}
	case usm.Told:
		p.disbelieve(o.Complaint.String())
	default:
		l.metrics.drop(o.Verdict.String())
		p.disbelieve(o.Verdict.String())
	}
	return r, false
}

// resend sends the request of a flight anew, as if it had not been sent before.
func (l *lane) resend(p *peer, now time.Time) {
	if !l.wire.room() {
		l.flush()
	}
	l.flights.send(p.flight, l.flights.places[p.flight].request, now)
	l.send(p, now)
}

// explain says in the log, once until the peer is believed again, that what it answered was of no use. As long as it is
// believed nothing is said: what somebody else sends in its name does no harm and is counted.
func (l *lane) explain(p *peer) {
	if why := p.doubt(); why != "" {
		l.cfg.Log.Warn("no usable answer: look at user, protocols and passwords", "device", p.device, "reason", why)
	}
}
