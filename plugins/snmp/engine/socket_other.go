//go:build !linux || !(amd64 || arm64)

package engine

import (
	"net"
	"net/netip"
	"time"
)

const batchSize = 1 // datagrams per system call

// socket is one unconnected UDP socket, with one datagram per system call (wire). It is for one goroutine.
type socket struct {
	conn   *net.UDPConn
	tx     [batchSize][]byte
	peers  [batchSize]netip.AddrPort
	queued int
	text   []byte
	size   int
	from   netip.AddrPort
}

func listen(network string) (*socket, error) {
	conn, err := net.ListenUDP(network, nil)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(kernelRoom) // smaller buffers cost datagrams, which are asked for again
	return &socket{conn: conn, text: make([]byte, maxDatagram)}, nil
}

func (s *socket) capacity() int { return 32 }

func (s *socket) close() { _ = s.conn.Close() }

func (s *socket) room() bool { return s.queued < batchSize }

func (s *socket) buffer() []byte { return s.tx[s.queued][:0] }

// queue puts a request into the batch that the next flush sends.
func (s *socket) queue(text []byte, to netip.AddrPort) {
	s.tx[s.queued] = text
	s.peers[s.queued] = to
	s.queued++
}

// flush sends the batch and returns how many datagrams were refused.
func (s *socket) flush() (refused int) {
	for i := range s.queued {
		if _, err := s.conn.WriteToUDPAddrPort(s.tx[i], s.peers[i]); err != nil {
			refused++
		}
	}
	s.queued = 0
	return refused
}

// receive takes one datagram if there is one.
func (s *socket) receive() int {
	const least = 100 * time.Microsecond // a deadline that has passed would keep from looking at all
	_ = s.conn.SetReadDeadline(time.Now().Add(least))
	n, from, err := s.conn.ReadFromUDPAddrPort(s.text)
	if err != nil {
		return 0
	}
	s.size, s.from = n, netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	return 1
}

func (s *socket) datagram(int) ([]byte, netip.AddrPort) { return s.text[:s.size], s.from }

func (s *socket) age(int, time.Time) time.Duration { return 0 }
