// Package snmptest is an agent of SNMPv2c and v3 for tests: one socket that answers for any number of devices on
// addresses of 127.0.0.0/8, with the faults that real ones have.
package snmptest

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/ipv4"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// Responder is the socket.
type Responder struct {
	conn  *ipv4.PacketConn
	port  uint16
	stray *net.UDPConn // answers from the wrong source go out here
	done  chan struct{}

	mu      sync.Mutex
	devices map[netip.Addr]*Device
}

// Start opens a responder that is closed at the end of the test.
func Start(t testing.TB) *Responder {
	t.Helper()
	r, err := Listen()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

// Listen opens a responder; Close ends it.
func Listen() (*Responder, error) {
	conn, err := net.ListenUDP("udp4", nil)
	if err != nil {
		return nil, err
	}
	_ = conn.SetReadBuffer(4 << 20) // as much as the kernel gives
	stray, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	r := &Responder{
		conn:    ipv4.NewPacketConn(conn),
		port:    uint16(conn.LocalAddr().(*net.UDPAddr).Port),
		stray:   stray,
		devices: map[netip.Addr]*Device{},
		done:    make(chan struct{}),
	}
	if err := r.conn.SetControlMessage(ipv4.FlagDst, true); err != nil {
		return nil, err
	}
	go func() {
		defer close(r.done)
		r.serve()
	}()
	return r, nil
}

// Close ends the responder and waits until it has ended.
func (r *Responder) Close() {
	_ = r.conn.Close()
	_ = r.stray.Close()
	<-r.done
}

// Device adds a device that answers at an address of 127.0.0.0/8 and returns it.
func (r *Responder) Device(addr string) *Device {
	d := NewDevice(time.Now)
	a := netip.MustParseAddr(addr)
	d.addr = netip.AddrPortFrom(a, r.port)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.devices[a] = d
	return d
}

// Nobody is an address at which nothing answers, though datagrams arrive.
func (r *Responder) Nobody(addr string) netip.AddrPort {
	return netip.AddrPortFrom(netip.MustParseAddr(addr), r.port)
}

func (r *Responder) serve() {
	buf := make([]byte, 1<<16)
	for {
		n, cm, from, err := r.conn.ReadFrom(buf)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil || cm == nil {
			continue
		}
		dst, _ := netip.AddrFromSlice(cm.Dst.To4())
		r.mu.Lock()
		d := r.devices[dst]
		r.mu.Unlock()
		if d == nil {
			continue
		}
		for _, reply := range d.handle(buf[:n]) {
			r.send(reply, cm.Dst, from)
		}
	}
}

func (r *Responder) send(reply reply, src net.IP, to net.Addr) {
	write := func() {
		if reply.stray {
			_, _ = r.stray.WriteTo(reply.text, to)
			return
		}
		_, _ = r.conn.WriteTo(reply.text, &ipv4.ControlMessage{Src: src}, to) // a lost datagram is a lost datagram
	}
	if reply.after > 0 {
		time.AfterFunc(reply.after, write)
		return
	}
	write()
}

type reply struct {
	text  []byte
	stray bool
	after time.Duration
}

// Query is a decoded request.
type Query struct {
	Community string // of version 2c
	ID        uint32
	Op        byte
	First     int // non-repeaters, GETBULK only
	Second    int // max-repetitions
	Names     [][]uint32
}

// Varbinds is the most that an answer to the query can hold.
func (q Query) Varbinds() int {
	if q.Op != ber.GetBulkRequest {
		return len(q.Names)
	}
	first := min(q.First, len(q.Names))
	return first + (len(q.Names)-first)*q.Second
}

func parseQuery(text []byte) (q Query, ok bool) {
	_, msg, _, _ := ber.Cut(text)
	_, _, msg, _ = ber.Cut(msg)
	_, community, msg, _ := ber.Cut(msg)
	q, ok = parsePDU(msg)
	q.Community = string(community)
	return q, ok
}

func parsePDU(text []byte) (q Query, ok bool) {
	op, pdu, _, ok := ber.Cut(text)
	if !ok {
		return q, false
	}
	q.Op = op
	var n [3]int64
	for i := range n {
		_, contents, rest, _ := ber.Cut(pdu)
		n[i], _ = ber.Int(contents)
		pdu = rest
	}
	q.ID, q.First, q.Second = uint32(n[0]), int(n[1]), int(n[2])
	_, list, _, ok := ber.Cut(pdu)
	for ok && len(list) > 0 {
		var v ber.Varbind
		if list, ok = v.Cut(list); ok {
			q.Names = append(q.Names, arcs(v.Name))
		}
	}
	return q, ok
}

func arcs(contents []byte) []uint32 {
	first, rest, ok := ber.CutArc(contents)
	out := []uint32{min(first/40, 2), first - 40*min(first/40, 2)}
	for ok && len(rest) > 0 {
		var arc uint32
		arc, rest, ok = ber.CutArc(rest)
		out = append(out, arc)
	}
	return out
}
