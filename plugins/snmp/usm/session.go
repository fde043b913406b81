package usm

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
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
	doubt  bool        // answers could not be verified, in this round or the last: that is logged once
}

func newSession(p *Pool, t Target) *session {
	s := &session{pool: p, target: t}
	s.forget()
	return s
}

// forget makes the next request discover the engine anew: a device may have been replaced by one with
// another engine id, whose answers do not verify under the old one's keys.
func (s *session) forget() {
	t, u := s.target, s.target.User
	usm := &gosnmp.UsmSecurityParameters{
		UserName:                 u.Name,
		AuthenticationProtocol:   max(gosnmp.SnmpV3AuthProtocol(u.Auth), gosnmp.NoAuth),
		AuthenticationPassphrase: u.AuthPassword,
		PrivacyProtocol:          max(gosnmp.SnmpV3PrivProtocol(u.Priv), gosnmp.NoPriv),
		PrivacyPassphrase:        u.PrivPassword,
	}
	s.client = &gosnmp.GoSNMP{
		Target:             t.Addr.Addr().String(),
		Port:               t.Addr.Port(),
		Transport:          "udp",
		Version:            gosnmp.Version3,
		Timeout:            s.pool.cfg.Timeout,
		Retries:            0, // the dialog decides what to repeat
		MaxOids:            1 << 16,
		SecurityModel:      gosnmp.UserSecurityModel,
		MsgFlags:           u.flags(),
		SecurityParameters: usm,
		ContextName:        u.Context,
	}
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
	if err == nil {
		conn := s.client.Conn
		defer func() { _ = conn.Close() }()                         // nothing was left to send
		defer context.AfterFunc(ctx, func() { _ = conn.Close() })() // ends the wait for an answer
	}
	doubt := false
	for request != nil && ctx.Err() == nil {
		a := poll.Answer{At: time.Now()}
		if err == nil {
			a, err = s.ask(request)
		}
		if err == nil {
			request = d.Answer(a)
			continue
		}
		if ctx.Err() != nil {
			return
		}
		doubt = s.fail(err) || doubt
		request, err = d.Silent(time.Now()), nil
	}
	if s.doubt = doubt; doubt {
		s.forget()
	}
}

// fail counts a request without a usable answer and says whether there was an answer that could not be
// verified. To the dialog both are silence: what cannot be verified proves nothing about the device.
func (s *session) fail(err error) (unverified bool) {
	var timeout net.Error
	reason := "other"
	switch {
	case errors.As(err, &timeout) && timeout.Timeout(), strings.Contains(err.Error(), "timeout"):
		reason = "timeout"
	case isAuthentication(err):
		reason = "authentication"
	}
	s.pool.metrics.failures.WithLabelValues(reason).Inc()
	unverified, level := reason == "authentication", slog.LevelDebug
	if unverified && !s.doubt {
		s.doubt, level = true, slog.LevelWarn
	}
	s.pool.cfg.Log.Log(context.Background(), level, "no usable answer", "device", s.target.Device, "user", s.target.User.Name, "reason", reason, "error", err)
	return unverified
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
func (s *session) ask(r *ber.Request) (poll.Answer, error) {
	s.pool.metrics.requests.Inc()
	sent := time.Now()
	p, err := s.send(r)
	if err == nil && p.PDUType != gosnmp.GetResponse {
		err = fmt.Errorf("usm: the answer is a PDU of type %#x", byte(p.PDUType))
	}
	if err != nil {
		return poll.Answer{}, err
	}
	now := time.Now()
	s.pool.metrics.answers.Inc()
	out, err := response(p)
	return poll.Answer{Response: out, At: now, RTT: now.Sub(sent)}, err
}

func (s *session) send(r *ber.Request) (*gosnmp.SnmpPacket, error) {
	names := make([]string, len(r.Names))
	for i, n := range r.Names {
		names[i] = "." + ber.FormatOID(n)
	}
	if r.Op == ber.GetBulkRequest {
		return s.client.GetBulk(names, uint8(r.NonRepeaters), uint32(r.MaxRepetitions))
	}
	return s.client.Get(names)
}
