// Package resolve measures DNS servers: one question, how long the answer takes, and what it says.
package resolve

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// Query is a question to a server.
type Query struct {
	Server   netip.AddrPort
	Name     string
	Type     uint16
	TCP      bool          // from the beginning
	Timeout  time.Duration // of one attempt
	Attempts int           // over UDP
	Source   netip.Addr    // zero: the system's choice
}

// Answer is what came of it.
type Answer struct {
	Took    time.Duration // of all attempts together: what somebody waits
	Rcode   int
	Records int
	TCP     bool // the last attempt was over TCP, asked for or since the answer over UDP was cut off
	Asked   int
}

// errOther means that what came is no answer to the question.
var errOther = errors.New("resolve: the server answered another question")

// Ask asks. An error says that no answer came that could be used.
func (q *Query) Ask(ctx context.Context) (a Answer, err error) {
	began := time.Now()
	defer func() { a.Took = time.Since(began) }()
	a.TCP = q.TCP
	for a.Asked < max(q.Attempts, 1) {
		a.Asked++
		var m *dns.Msg
		if m, err = q.exchange(ctx, a.TCP); err == nil && m.Truncated && !a.TCP {
			a.TCP = true
			m, err = q.exchange(ctx, true)
		}
		if err == nil {
			a.Rcode, a.Records = m.Rcode, len(m.Answer)
			return a, nil
		}
		if !timedOut(err) {
			break
		}
	}
	return a, fmt.Errorf("resolve: %w", err)
}

// exchange asks once, from a port of its own: what comes later reaches nobody.
func (q *Query) exchange(ctx context.Context, tcp bool) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, q.Timeout)
	defer cancel()
	m := new(dns.Msg).SetQuestion(dns.Fqdn(q.Name), q.Type)
	m.SetEdns0(1232, false)
	client := &dns.Client{Net: "udp", Timeout: q.Timeout, UDPSize: 1232, Dialer: &net.Dialer{Timeout: q.Timeout}}
	if tcp {
		client.Net = "tcp"
	}
	if q.Source.IsValid() {
		client.Dialer.LocalAddr = local(q.Source, tcp)
	}
	r, _, err := client.ExchangeContext(ctx, m, q.Server.String())
	if err != nil {
		return nil, err
	}
	if !r.Response || len(r.Question) != 1 || r.Question[0].Qtype != q.Type || !strings.EqualFold(r.Question[0].Name, m.Question[0].Name) {
		return nil, errOther
	}
	return r, nil
}

func local(a netip.Addr, tcp bool) net.Addr {
	if tcp {
		return &net.TCPAddr{IP: a.AsSlice()}
	}
	return &net.UDPAddr{IP: a.AsSlice()}
}

func timedOut(err error) bool {
	var t net.Error
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &t) && t.Timeout()
}
