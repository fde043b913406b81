package engine

import (
	"errors"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

const (
	batchSize   = 64      // datagrams per system call
	maxDatagram = 1 << 16 // no UDP payload is longer
	kernelRoom  = 4 << 20 // socket buffers asked for; the kernel may give less
)

// batcher is what ipv4.PacketConn and ipv6.PacketConn have in common: many datagrams per system call.
type batcher interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

// socket is one unconnected UDP socket with room for a batch each way. It is for one goroutine;
// only close may come from another.
type socket struct {
	conn   *net.UDPConn
	batch  batcher
	rx, tx []ipv4.Message
	peers  []net.UDPAddr // of tx
	queued int           // in tx
}

func listen(network string) (*socket, error) {
	conn, err := net.ListenUDP(network, nil)
	if err != nil {
		return nil, err
	}
	// Smaller buffers cost datagrams under load, which are then asked for again: no reason to fail.
	_ = conn.SetReadBuffer(kernelRoom)
	_ = conn.SetWriteBuffer(kernelRoom)
	stampArrivals(conn)
	s := &socket{conn: conn, batch: ipv6.NewPacketConn(conn), peers: make([]net.UDPAddr, batchSize)}
	if network == "udp4" {
		s.batch = ipv4.NewPacketConn(conn)
	}
	s.rx, s.tx = messages(maxDatagram), messages(0)
	for i := range batchSize {
		s.tx[i].Addr = &s.peers[i]
		s.rx[i].OOB = make([]byte, arrivalRoom)
	}
	return s, nil
}

func messages(size int) []ipv4.Message {
	ms := make([]ipv4.Message, batchSize)
	for i := range ms {
		ms[i].Buffers = [][]byte{make([]byte, size)}
	}
	return ms
}

func (s *socket) close() { _ = s.conn.Close() } // closed twice at the end: nothing to report

func (s *socket) room() bool { return s.queued < batchSize }

// queue puts a request into the batch that the next flush sends.
func (s *socket) queue(r *ber.Request, id uint32, to netip.AddrPort) {
	m, peer := &s.tx[s.queued], &s.peers[s.queued]
	m.Buffers[0] = r.Append(m.Buffers[0][:0], id)
	peer.IP = append(peer.IP[:0], to.Addr().AsSlice()...)
	peer.Port, peer.Zone = int(to.Port()), to.Addr().Zone()
	s.queued++
}

// flush sends the batch and returns how many datagrams the kernel refused: no route, a firewall. For
// their devices that is the same as an answer that never comes.
func (s *socket) flush() (refused int, err error) {
	batch := s.tx[:s.queued]
	s.queued = 0
	for len(batch) > 0 {
		n, err := s.batch.WriteBatch(batch, 0)
		if errors.Is(err, net.ErrClosed) {
			return refused, err
		}
		if err != nil {
			n = 1 // the error is about the first one
			refused++
		}
		batch = batch[n:]
	}
	return refused, nil
}

// receive waits for a batch of datagrams, at most for wait; with 0 it takes what is there.
func (s *socket) receive(wait time.Duration) (int, error) {
	flags := syscall.MSG_DONTWAIT
	if wait > 0 {
		flags = 0
		if err := s.conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
			return 0, err
		}
	} else if err := s.conn.SetReadDeadline(time.Time{}); err != nil {
		return 0, err
	}
	n, err := s.batch.ReadBatch(s.rx, flags)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, net.ErrClosed):
		return 0, err
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, syscall.EAGAIN):
		return 0, nil
	}
	return 0, nil // an error that some earlier datagram caused: the next read tells
}

// datagram is number i of the batch received.
func (s *socket) datagram(i int) (text []byte, from netip.AddrPort) {
	m := &s.rx[i]
	if a, ok := m.Addr.(*net.UDPAddr); ok {
		from = a.AddrPort()
		from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	}
	return m.Buffers[0][:m.N], from
}

// age is how long number i has lain in the socket by now. It is a difference of two readings of the same
// clock, so a clock that is wrong does no harm.
func (s *socket) age(i int, now time.Time) time.Duration {
	at := arrival(s.rx[i].OOB[:s.rx[i].NN])
	if at.IsZero() {
		return 0
	}
	return max(time.Duration(now.UnixNano()-at.UnixNano()), 0)
}
