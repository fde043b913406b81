package listen

import (
	"fmt"
	"net"
	"net/netip"
	"sync"
)

// Bounds say how many connections there may be.
type Bounds struct {
	Connections int                  // of all sources
	Source      func(netip.Addr) int // of one source; 0: it is not known
	// Refused hears of a connection that was closed at once: "connections", "source_connections" or "unknown_source".
	Refused func(reason string, from netip.Addr)
}

// Limit bounds the connections of a listener. What is over a bound is closed without a word.
func Limit(l net.Listener, b Bounds) net.Listener {
	return &limited{Listener: l, bounds: b, open: map[netip.Addr]int{}}
}

type limited struct {
	net.Listener
	bounds Bounds

	mu   sync.Mutex
	open map[netip.Addr]int
	all  int
}

// Accept waits for a connection that is within the bounds.
func (l *limited) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil {
			return nil, fmt.Errorf("listen: accept: %w", err)
		}
		from := Source(conn)
		if reason := l.enter(from); reason != "" {
			l.bounds.Refused(reason, from)
			_ = conn.Close()
			continue
		}
		return &counted{Conn: conn, leave: sync.OnceFunc(func() { l.leave(from) })}, nil
	}
}

func (l *limited) enter(from netip.Addr) (refused string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch most := l.bounds.Source(from); {
	case most == 0:
		return "unknown_source"
	case l.open[from] >= most:
		return "source_connections"
	case l.all >= l.bounds.Connections:
		return "connections"
	}
	l.open[from]++
	l.all++
	return ""
}

func (l *limited) leave(from netip.Addr) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all--
	if l.open[from]--; l.open[from] == 0 {
		delete(l.open, from)
	}
}

// counted is a connection whose end frees its place.
type counted struct {
	net.Conn
	leave func()
}

// Close closes the connection.
func (c *counted) Close() error {
	c.leave()
	return c.Conn.Close()
}

// Source is the address that a connection comes from.
func Source(conn net.Conn) netip.Addr {
	if a, ok := conn.RemoteAddr().(*net.TCPAddr); ok {
		return a.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}
