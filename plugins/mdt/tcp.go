package mdt

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/klauspost/compress/zlib"

	"github.com/haidang-noc/haidang/internal/listen"
)

// header is what Cisco's dial-out over TCP puts before a message.
type header struct {
	kind, encoding, version, flags uint16
	length                         uint32
}

const (
	headerOctets = 12
	telemetry    = 1 // kind of a message; the other one is a heartbeat
	compressed   = 1 // flag: with zlib
)

func readHeader(b []byte) header {
	be := binary.BigEndian
	return header{be.Uint16(b), be.Uint16(b[2:]), be.Uint16(b[4:]), be.Uint16(b[6:]), be.Uint32(b[8:])}
}

var (
	errLength = errors.New("mdt: the message is longer than max_message")
	errHeader = errors.New("mdt: this is no header of a message")
)

// check says whether a message of a known form, and of a length that is allowed, follows.
func (h header) check(most int64) error {
	switch {
	case h.version != 1 || h.kind > 2 || h.flags&^compressed != 0:
		return errHeader
	case int64(h.length) > most:
		return errLength
	}
	return nil
}

// serve takes connections until ctx is done.
func (t *intake) serve(ctx context.Context, l net.Listener, scheme string) error {
	return listen.Serve(ctx, l, func(conn net.Conn) { t.connection(ctx, conn, scheme) }) //nolint:wrapcheck // by the caller
}

// connection reads one connection until it ends, is idle for too long, sends what cannot be read, or ctx is done.
func (t *intake) connection(ctx context.Context, conn net.Conn, scheme string) {
	raw := conn // of which TLS only makes another face
	defer func() { _ = raw.Close() }()
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	t.metrics.connections.Inc()
	defer t.metrics.connections.Dec()
	from := listen.Source(conn)
	if scheme == "tls" {
		secured, err := listen.Secure(ctx, conn, t.setup.tls[scheme])
		if err != nil {
			t.metrics.refused.WithLabelValues("handshake").Inc()
			return
		}
		conn = secured
	}
	switch err := t.messages(ctx, conn, from, scheme); {
	case errors.Is(err, errLength):
		t.metrics.dropped.WithLabelValues("too_long").Inc()
	case errors.Is(err, errHeader), errors.Is(err, zlib.ErrHeader):
		t.metrics.dropped.WithLabelValues("framing").Inc()
	}
}

// messages takes the messages of a connection, one after the other, in one buffer.
func (t *intake) messages(ctx context.Context, conn net.Conn, from netip.Addr, scheme string) error {
	received := t.metrics.messages.WithLabelValues(scheme)
	var head [headerOctets]byte
	var message bytes.Buffer
	for {
		if err := conn.SetReadDeadline(time.Now().Add(t.setup.Idle.D())); err != nil {
			return err //nolint:wrapcheck // ends the connection
		}
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return err //nolint:wrapcheck // ends the connection
		}
		h := readHeader(head[:])
		if err := h.check(int64(t.setup.MaxMessage)); err != nil {
			return err
		}
		message.Reset()
		if _, err := io.CopyN(&message, conn, int64(h.length)); err != nil {
			return err //nolint:wrapcheck // ends the connection
		}
		if h.kind != telemetry && h.kind != 0 {
			continue
		}
		received.Inc()
		octets, err := t.inflate(h, message.Bytes())
		if err != nil {
			return err
		}
		t.metrics.octets.Add(float64(len(octets)))
		if err := t.take(ctx, octets, cisco, from); err != nil {
			return err
		}
	}
}

// inflate is the message, decompressed if it has to be.
func (t *intake) inflate(h header, message []byte) ([]byte, error) {
	if h.flags&compressed == 0 {
		return message, nil
	}
	r, err := zlib.NewReader(bytes.NewReader(message))
	if err != nil {
		return nil, zlib.ErrHeader
	}
	plain, err := io.ReadAll(io.LimitReader(r, int64(t.setup.MaxMessage)+1))
	switch {
	case err != nil:
		return nil, zlib.ErrHeader
	case len(plain) > int(t.setup.MaxMessage):
		return nil, errLength
	}
	return plain, nil
}
