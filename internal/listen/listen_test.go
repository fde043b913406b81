package listen_test

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/listen"
)

func TestEndpoints(t *testing.T) {
	for text, want := range map[string]bool{
		"udp://0.0.0.0:514": true, "tls://[::]:6514": true, "tcp://0.0.0.0:1": false, "0.0.0.0:514": false, "udp://router:514": false, "udp://10.0.0.1": false, "": false,
	} {
		if got, err := listen.Endpoints([]string{text}, "udp", "tls"); (err == nil) != want || err == nil && got[0].String() != text {
			t.Errorf("%q: %v, %v", text, got, err)
		}
	}
	if _, err := listen.Endpoints(nil, "udp"); err == nil {
		t.Error("no endpoint is none too few")
	}
}

func TestConnectionsAreBounded(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := make(chan string, 8)
	one := netip.MustParseAddr("127.0.0.1")
	l := listen.Limit(inner, listen.Bounds{Connections: 3, Refused: func(r string, _ netip.Addr) { refused <- r }, Source: func(a netip.Addr) int {
		switch a {
		case one:
			return 2
		case netip.MustParseAddr("127.0.0.9"):
			return 0
		}
		return 9
	}})
	defer l.Close()
	accepted := make(chan net.Conn, 8)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted <- conn
		}
	}()
	dial := func(from string) {
		t.Helper()
		d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
		conn, err := d.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
	}
	dial("127.0.0.1")
	dial("127.0.0.1")
	first, second := <-accepted, <-accepted
	dial("127.0.0.1")
	if r := <-refused; r != "source_connections" {
		t.Errorf("refused for %q", r)
	}
	dial("127.0.0.2")
	third := <-accepted
	dial("127.0.0.3")
	if r := <-refused; r != "connections" {
		t.Errorf("refused for %q", r)
	}
	dial("127.0.0.9")
	if r := <-refused; r != "unknown_source" {
		t.Errorf("refused for %q", r)
	}
	_ = first.Close()
	_ = first.Close() // counts once
	dial("127.0.0.1")
	for _, c := range []net.Conn{second, third, <-accepted} {
		_ = c.Close()
	}
}

type taken chan string

func (d taken) Datagram(octets []byte, from netip.AddrPort, at time.Time) {
	if at.IsZero() || !from.IsValid() {
		octets = nil
	}
	d <- string(octets)
}
func (taken) Lost(int) {}

func TestDatagramsAreHandedOver(t *testing.T) {
	conn, err := listen.UDP(netip.MustParseAddrPort("[::1]:0"), 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ctx, cancel := context.WithCancel(t.Context())
	got, ended := make(taken, 1), make(chan error, 1)
	go func() { ended <- listen.Receive(ctx, conn, got) }()
	client, err := net.Dial("udp", conn.LocalAddr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	if _, err := client.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if text := <-got; text != "hello" {
		t.Errorf("%q", text)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
