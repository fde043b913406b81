// Package socket is sockets for measuring: many datagrams to a system call, the kernel's own time of arrival, and what the
// kernel refused, by datagram.
package socket

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
)

const (
	// Batch is how many datagrams travel with one system call.
	Batch = 32
	// Longest is the longest datagram that is read whole.
	Longest = 9216

	kernelRoom = 4 << 20 // octets of buffer asked for; the kernel may give less
	noteRoom   = 128     // octets of control messages
)

// batcher is both versions' packet connection of x/net.
type batcher interface {
	ReadBatch(ms []ipv4.Message, flags int) (int, error)
	WriteBatch(ms []ipv4.Message, flags int) (int, error)
}

// Conn is an unconnected socket. One goroutine may receive while another sends.
type Conn struct {
	conn   net.PacketConn
	batch  batcher
	header bool // what is received begins with an IPv4 header
	raw    bool
	rx, tx [Batch]ipv4.Message
	queued int
	lost   atomic.Uint32
}

// Datagram is one received. It is valid until the function that it is given to returns.
type Datagram struct {
	Text []byte
	From netip.AddrPort
	At   time.Time // when it arrived, by the kernel's note if there is one
	TTL  uint8     // as it arrived; 0: not known
}

// UDP opens a socket at an address; its port may be 0. tos is the octet of what it sends.
func UDP(at netip.AddrPort, tos uint8) (*Conn, error) {
	network := "udp6"
	if at.Addr().Is4() {
		network = "udp4"
	}
	conn, err := net.ListenUDP(network, net.UDPAddrFromAddrPort(at))
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	return prepare(&Conn{conn: conn}, at.Addr().Is4(), tos)
}

// Echo opens a socket for ICMP echo at an address, the unspecified one for any: an unprivileged one where the system lets
// this process's group have it, else a raw one, which needs CAP_NET_RAW.
func Echo(at netip.Addr, tos uint8) (*Conn, error) {
	conn, unprivileged := ping(at)
	if unprivileged == nil {
		return prepare(&Conn{conn: conn}, at.Is4(), tos)
	}
	network := "ip6:ipv6-icmp"
	if at.Is4() {
		network = "ip4:icmp"
	}
	raw, err := new(net.ListenConfig).ListenPacket(context.Background(), network, at.String())
	if err != nil {
		return nil, fmt.Errorf("socket: ICMP: neither an unprivileged socket (%w; see net.ipv4.ping_group_range) nor a raw one (%w; needs CAP_NET_RAW)", unprivileged, err)
	}
	c, err := prepare(&Conn{conn: raw, raw: true, header: at.Is4()}, at.Is4(), tos)
	if err != nil {
		return nil, err
	}
	c.onlyReplies()
	return c, nil
}

// prepare sets the socket's options. Large buffers and notes cannot always be had; measuring goes on without.
func prepare(c *Conn, v4 bool, tos uint8) (*Conn, error) {
	for i := range Batch {
		c.rx[i] = ipv4.Message{Buffers: [][]byte{make([]byte, Longest)}, OOB: make([]byte, noteRoom)}
		c.tx[i].Buffers = [][]byte{nil}
	}
	c.enlarge()
	var err error
	if v4 {
		p := ipv4.NewPacketConn(c.conn)
		c.batch, err = p, p.SetTOS(int(tos))
		_ = p.SetControlMessage(ipv4.FlagTTL, true)
	} else {
		p := ipv6.NewPacketConn(c.conn)
		c.batch, err = p, p.SetTrafficClass(int(tos))
		_ = p.SetControlMessage(ipv6.FlagHopLimit, true)
	}
	if err != nil {
		_ = c.conn.Close()
		return nil, fmt.Errorf("socket: type of service %d: %w", tos, err)
	}
	return c, nil
}

// onlyReplies keeps everything but echo replies from a raw socket.
func (c *Conn) onlyReplies() {
	switch p := c.batch.(type) {
	case *ipv4.PacketConn:
		f := new(ipv4.ICMPFilter)
		f.SetAll(true)
		f.Accept(ipv4.ICMPTypeEchoReply)
		_ = p.SetICMPFilter(f) // without it there is more to read, and nothing else to do with it
	case *ipv6.PacketConn:
		f := new(ipv6.ICMPFilter)
		f.SetAll(true)
		f.Accept(ipv6.ICMPTypeEchoReply)
		_ = p.SetICMPFilter(f)
	}
}

// Raw says whether the socket sees the echo replies of other programs, too, and its identifiers are its own.
func (c *Conn) Raw() bool { return c.raw }

// Local is the socket's address.
func (c *Conn) Local() netip.AddrPort { return addrPort(c.conn.LocalAddr()) }

// Lost is how many datagrams the kernel threw away because the socket's buffer was full.
func (c *Conn) Lost() uint32 { return c.lost.Load() }

// Close frees the socket; a Receive under way ends.
func (c *Conn) Close() error { return c.conn.Close() }

// Peer is an address as Queue wants it.
func (c *Conn) Peer(to netip.AddrPort) net.Addr {
	if c.raw {
		return &net.IPAddr{IP: to.Addr().AsSlice()}
	}
	return net.UDPAddrFromAddrPort(to)
}

// Queued is how many datagrams wait for Flush.
func (c *Conn) Queued() int { return c.queued }

// Full says that Flush comes before Queue.
func (c *Conn) Full() bool { return c.queued == Batch }

// Buffer is room for the next datagram to queue.
func (c *Conn) Buffer() []byte { return c.tx[c.queued].Buffers[0][:0] }

// Queue puts a datagram into the batch, which keeps text until it is used again by Buffer.
func (c *Conn) Queue(text []byte, to net.Addr) {
	m := &c.tx[c.queued]
	m.Buffers[0], m.Addr = text, to
	c.queued++
}

// Flush sends the batch. Each datagram that the kernel refused is told by its number in the batch.
func (c *Conn) Flush(refused func(i int, err error)) {
	for from := 0; from < c.queued; {
		n, err := c.batch.WriteBatch(c.tx[from:c.queued], 0)
		from += max(n, 0)
		if err != nil && from < c.queued { // about the first that was not sent
			refused(from, err)
			from++
		} else if n <= 0 {
			break
		}
	}
	c.queued = 0
}

// Receive waits for datagrams and gives each to take. It returns whether there may be more, and an error when the socket is
// closed.
func (c *Conn) Receive(take func(*Datagram)) (more bool, err error) {
	n, err := c.batch.ReadBatch(c.rx[:], 0)
	if err != nil {
		return false, err
	}
	now := time.Now()
	var d Datagram
	for i := range c.rx[:n] {
		m := &c.rx[i]
		d = Datagram{Text: m.Buffers[0][:m.N], From: addrPort(m.Addr), At: now}
		c.read(m.OOB[:m.NN], now, &d)
		if c.header {
			d.Text = withoutHeader(d.Text)
		}
		take(&d)
	}
	return n == Batch, nil
}

// withoutHeader cuts the IPv4 header off that a raw socket delivers.
func withoutHeader(p []byte) []byte {
	if len(p) < 20 || p[0]>>4 != 4 {
		return nil
	}
	if n := int(p[0]&15) * 4; n >= 20 && n <= len(p) {
		return p[n:]
	}
	return nil
}

func addrPort(a net.Addr) netip.AddrPort {
	switch a := a.(type) {
	case *net.UDPAddr:
		p := a.AddrPort()
		return netip.AddrPortFrom(p.Addr().Unmap().WithZone(""), p.Port())
	case *net.IPAddr:
		ip, _ := netip.AddrFromSlice(a.IP)
		return netip.AddrPortFrom(ip.Unmap(), 0)
	}
	return netip.AddrPort{}
}
