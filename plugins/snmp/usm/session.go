package usm

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// session is one target with what gosnmp knows of its engine: id, boots and time are discovered once.
type session struct {
	pool   *Pool
	target Target
	client *gosnmp.GoSNMP
	busy   atomic.Bool // a worker has it
}

func newSession(p *Pool, t Target) *session {
	u := t.User
	usm := &gosnmp.UsmSecurityParameters{
		UserName:                 u.Name,
		AuthenticationProtocol:   max(gosnmp.SnmpV3AuthProtocol(u.Auth), gosnmp.NoAuth),
		AuthenticationPassphrase: u.AuthPassword,
		PrivacyProtocol:          max(gosnmp.SnmpV3PrivProtocol(u.Priv), gosnmp.NoPriv),
		PrivacyPassphrase:        u.PrivPassword,
	}
	return &session{pool: p, target: t, client: &gosnmp.GoSNMP{
		Target:             t.Addr.Addr().String(),
		Port:               t.Addr.Port(),
		Transport:          "udp",
		Version:            gosnmp.Version3,
		Timeout:            p.cfg.Timeout,
		Retries:            0, // the dialog decides what to repeat
		MaxOids:            1 << 16,
		SecurityModel:      gosnmp.UserSecurityModel,
		MsgFlags:           u.flags(),
		SecurityParameters: usm,
		ContextName:        u.Context,
	}}
}

// round polls the target once. The socket lives as long as the round: thousands of devices need no
// thousands of sockets. It is connected, so the kernel drops what comes from another address.
func (s *session) round(ctx context.Context) {
	d := s.target.Dialog
	request := d.Begin(time.Now())
	if request == nil {
		return
	}
	err := s.client.Connect()
	defer s.disconnect()
	for request != nil && ctx.Err() == nil {
		sent := time.Now()
		var r ber.Response
		if err == nil {
			s.pool.metrics.requests.Inc()
			r, err = s.ask(request)
		}
		now := time.Now()
		if err == nil {
			s.pool.metrics.answers.Inc()
			request = d.Answer(poll.Answer{Response: r, At: now, RTT: now.Sub(sent)})
			continue
		}
		s.fail(err)
		request, err = d.Silent(now), nil
	}
}

func (s *session) disconnect() {
	if s.client.Conn != nil {
		_ = s.client.Conn.Close() // a UDP socket that is not needed any more
		s.client.Conn = nil
	}
}

// fail counts a request without a usable answer. To the dialog it is silence: what cannot be verified
// proves nothing about the device.
func (s *session) fail(err error) {
	var timeout net.Error
	reason := "other"
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(), strings.Contains(err.Error(), "timeout"):
		reason = "timeout"
	case isAuthentication(err):
		reason = "authentication"
	}
	s.pool.metrics.failures.WithLabelValues(reason).Inc()
	s.pool.cfg.Log.Debug("no usable answer", "device", s.target.Device, "reason", reason, "error", err)
}

func isAuthentication(err error) bool {
	for _, known := range []error{gosnmp.ErrUnknownUsername, gosnmp.ErrWrongDigest, gosnmp.ErrDecryption,
		gosnmp.ErrUnknownSecurityLevel, gosnmp.ErrNotInTimeWindow, gosnmp.ErrUnknownEngineID} {
		if errors.Is(err, known) {
			return true
		}
	}
	return strings.Contains(err.Error(), "not authentic")
}

// ask sends a request the way gosnmp verifies answers: over its connection, where the HMAC of what
// comes back is checked against the user's key before anything is decoded.
func (s *session) ask(r *ber.Request) (ber.Response, error) {
	names := make([]string, len(r.Names))
	for i, n := range r.Names {
		names[i] = "." + ber.FormatOID(n)
	}
	var p *gosnmp.SnmpPacket
	var err error
	if r.Op == ber.GetBulkRequest {
		p, err = s.client.GetBulk(names, uint8(r.NonRepeaters), uint32(r.MaxRepetitions))
	} else {
		p, err = s.client.Get(names)
	}
	if err != nil {
		return ber.Response{}, err
	}
	if p.PDUType != gosnmp.GetResponse {
		return ber.Response{}, fmt.Errorf("usm: the answer is a PDU of type %#x", byte(p.PDUType))
	}
	return response(p)
}
