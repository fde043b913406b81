package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/plugins/syslog/frame"
)

// streams opens a listener for messages over TCP, or over TLS.
func (t *intake) streams(e listen.Endpoint) (net.Listener, error) {
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(e.Addr))
	if err != nil {
		return nil, fmt.Errorf("syslog: listen: %w", err)
	}
	return listen.Limit(l, listen.Bounds{Connections: t.setup.Connections,
		Source:  func(a netip.Addr) int { return t.connections(a) },
		Refused: func(reason string, _ netip.Addr) { t.metrics.refused.WithLabelValues(reason).Inc() },
	}), nil
}

// connections is how many a source may have: a relay of many devices all that there are.
func (t *intake) connections(a netip.Addr) int {
	if t.setup.Relays.Has(a) {
		return t.setup.Connections
	}
	return t.setup.SourceConnections
}

// serve takes connections until ctx is done.
func (t *intake) serve(ctx context.Context, l net.Listener, scheme string) error {
	return listen.Serve(ctx, l, func(conn net.Conn) { t.connection(ctx, conn, scheme) }) //nolint:wrapcheck // by the caller
}

// connection reads one connection until it ends, is idle for too long, or ctx is done.
func (t *intake) connection(ctx context.Context, conn net.Conn, scheme string) {
	defer func() { _ = conn.Close() }()
	raw := conn // of which TLS only makes another face
	defer context.AfterFunc(ctx, func() { _ = raw.SetReadDeadline(time.Unix(1, 0)) })()
	t.metrics.connections.Inc()
	defer t.metrics.connections.Dec()
	from := listen.Source(conn)
	if scheme == "tls" {
		secured, err := listen.Secure(ctx, conn, t.setup.tls)
		if err != nil {
			t.metrics.refused.WithLabelValues("handshake").Inc()
			return
		}
		conn = secured
	}
	if err := t.stream(ctx, conn, from, scheme); errors.Is(err, frame.ErrCount) {
		t.metrics.dropped.WithLabelValues("framing").Inc()
	}
}

// stream takes the messages of a connection. A sender that is over its limit is read more slowly, not dropped: it knows what
// it has not sent yet.
func (t *intake) stream(ctx context.Context, conn net.Conn, from netip.Addr, scheme string) error {
	relay := t.setup.Relays.Has(from)
	limit := t.limit(from, relay)
	messages := frame.NewReader(&patient{conn, t.setup.Idle.D(), ctx}, int(t.setup.MaxMessage))
	received := t.metrics.messages.WithLabelValues(scheme)
	for {
		text, cut, err := messages.Next()
		if err != nil {
			return err
		}
		received.Inc()
		if cut > 0 {
			t.metrics.cut.Inc()
		}
		now := time.Now()
		account, wait := t.gate.Debit(from, limit, 1, now)
		t.take(text, origin{from, relay, account}, now)
		if wait > 0 && !pause.For(ctx, wait) {
			return ctx.Err()
		}
		if err := t.backlog.Wait(ctx, account); err != nil {
			return err
		}
	}
}

// patient is a connection that may be silent for so long.
type patient struct {
	net.Conn
	idle time.Duration
	ctx  context.Context //nolint:containedctx // a read has none of its own
}

// Read waits for what comes next.
func (p *patient) Read(b []byte) (int, error) {
	if err := p.SetReadDeadline(time.Now().Add(p.idle)); err != nil {
		return 0, io.EOF
	}
	if p.ctx.Err() != nil { // the deadline of the end was set before this one
		return 0, io.EOF
	}
	return p.Conn.Read(b) //nolint:wrapcheck // an io.Reader
}
