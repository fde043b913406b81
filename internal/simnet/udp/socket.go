// Package udp is a UDP socket that stands for every loopback address at once: each datagram tells
// which address it was sent to, and an answer leaves from there. Datagrams travel in batches, many to
// a system call. Linux only.
package udp

import (
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Address is an IPv4 address as a number.
type Address uint32

// Loopback says whether the address lies in 127.0.0.0/8.
func (a Address) Loopback() bool { return a>>24 == 127 }

// Peer is where a datagram came from.
type Peer = unix.RawSockaddrInet4

// Socket is one UDP port on all loopback addresses.
type Socket struct {
	fd   int
	port int
}

// wake is how often a blocked Receive looks up although nothing came.
const wake = 100 * time.Millisecond

// Listen opens the port (0: a free one). The socket belongs to the loopback interface, so nothing from
// another host can reach it; what is addressed to this host outside 127.0.0.0/8 is dropped by Receive.
func Listen(port int) (*Socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("udp: socket: %w", err)
	}
	if err := prepare(fd, port); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	name, err := unix.Getsockname(fd)
	in, ok := name.(*unix.SockaddrInet4)
	if err != nil || !ok {
		return nil, errors.Join(fmt.Errorf("udp: port %d: %w", port, err), unix.Close(fd))
	}
	return &Socket{fd, in.Port}, nil
}

func prepare(fd, port int) error {
	if err := unix.SetsockoptString(fd, unix.SOL_SOCKET, unix.SO_BINDTODEVICE, "lo"); err != nil {
		return fmt.Errorf("udp: keeping the socket to the loopback interface: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_PKTINFO, 1); err != nil {
		return fmt.Errorf("udp: asking for destination addresses: %w", err)
	}
	timeout := unix.NsecToTimeval(int64(wake))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &timeout); err != nil {
		return fmt.Errorf("udp: receive timeout: %w", err)
	}
	for _, buffer := range []int{unix.SO_RCVBUF, unix.SO_SNDBUF} {
		force := map[int]int{unix.SO_RCVBUF: unix.SO_RCVBUFFORCE, unix.SO_SNDBUF: unix.SO_SNDBUFFORCE}[buffer]
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, 64<<20) != nil { // needs a privilege; do with less
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, 8<<20)
		}
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Port: port}); err != nil {
		return fmt.Errorf("udp: port %d: %w", port, err)
	}
	return nil
}

// Port is the port's number.
func (s *Socket) Port() int { return s.port }

// Close frees the port. No Receive or Send may be running.
func (s *Socket) Close() error { return unix.Close(s.fd) }

// mmsghdr is the kernel's struct mmsghdr.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// control is a control message with IP_PKTINFO.
type control struct {
	hdr  unix.Cmsghdr
	info unix.Inet4Pktinfo
	_    [4]byte
}

const controlLen = unix.SizeofCmsghdr + unix.SizeofInet4Pktinfo

// Batch is room for a number of datagrams in one direction.
type Batch struct {
	heads    []mmsghdr
	iovs     []unix.Iovec
	peers    []Peer
	controls []control
	room     []byte
	size     int
}

// NewBatch makes room for n datagrams of at most size octets.
func NewBatch(n, size int) *Batch {
	b := &Batch{heads: make([]mmsghdr, n), iovs: make([]unix.Iovec, n), peers: make([]Peer, n),
		controls: make([]control, n), room: make([]byte, n*size), size: size}
	for i := range n {
		b.iovs[i].Base = &b.room[i*size]
		h := &b.heads[i].hdr
		h.Name = (*byte)(unsafe.Pointer(&b.peers[i])) //nolint:gosec // the kernel's ABI; b keeps it alive
		h.Iov, h.Iovlen = &b.iovs[i], 1
		h.Control = (*byte)(unsafe.Pointer(&b.controls[i])) //nolint:gosec // as above
	}
	return b
}

// Cap is the number of datagrams there is room for.
func (b *Batch) Cap() int { return len(b.heads) }

// Receive waits for at least one datagram and takes as many as there are. 0 without error means that
// nothing came for a while.
func (s *Socket) Receive(b *Batch) (int, error) {
	for i := range b.heads {
		b.iovs[i].SetLen(b.size)
		h := &b.heads[i].hdr
		h.Namelen, h.Flags = unix.SizeofSockaddrInet4, 0
		h.SetControllen(int(unsafe.Sizeof(control{})))
	}
	n, err := s.call(unix.SYS_RECVMMSG, b, len(b.heads), unix.MSG_WAITFORONE)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) || errors.Is(err, unix.ECONNREFUSED) {
		return 0, nil
	}
	return n, err
}

func (s *Socket) call(trap uintptr, b *Batch, n int, flags uintptr) (int, error) {
	//nolint:gosec // the kernel's ABI
	r, _, errno := unix.Syscall6(trap, uintptr(s.fd), uintptr(unsafe.Pointer(&b.heads[0])), uintptr(n), flags, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(r), nil
}

// Payload is datagram i as received; nil if it was longer than the room for it.
func (b *Batch) Payload(i int) []byte {
	if b.heads[i].hdr.Flags&unix.MSG_TRUNC != 0 {
		return nil
	}
	return b.room[i*b.size : i*b.size+int(b.heads[i].len)]
}

// Peer is who sent datagram i.
func (b *Batch) Peer(i int) Peer { return b.peers[i] }

// To is the address datagram i was sent to; 0 if the kernel did not tell.
func (b *Batch) To(i int) Address {
	c := &b.controls[i]
	if b.heads[i].hdr.Controllen < controlLen || c.hdr.Level != unix.IPPROTO_IP || c.hdr.Type != unix.IP_PKTINFO {
		return 0
	}
	return Address(binary.BigEndian.Uint32(c.info.Addr[:]))
}

// Room is where datagram i's payload may be written before Put.
func (b *Batch) Room(i int) []byte { return b.room[i*b.size : i*b.size : (i+1)*b.size] }

// Put makes payload datagram i, to be sent to a peer from one of this host's addresses.
func (b *Batch) Put(i int, payload []byte, to Peer, from Address) {
	if len(payload) > 0 && &payload[0] != &b.room[i*b.size] {
		payload = b.room[i*b.size : i*b.size+copy(b.room[i*b.size:(i+1)*b.size], payload)]
	}
	b.iovs[i].SetLen(len(payload))
	b.peers[i] = to
	c := &b.controls[i]
	c.hdr.Level, c.hdr.Type = unix.IPPROTO_IP, unix.IP_PKTINFO
	c.hdr.SetLen(controlLen)
	c.info = unix.Inet4Pktinfo{}
	binary.BigEndian.PutUint32(c.info.Spec_dst[:], uint32(from))
	h := &b.heads[i].hdr
	h.Namelen = unix.SizeofSockaddrInet4
	h.SetControllen(int(unsafe.Sizeof(control{})))
}

// Send sends the first n datagrams and returns how many were lost: one that the kernel refuses is
// skipped.
func (s *Socket) Send(b *Batch, n int) (lost int) {
	for i := 0; i < n; {
		rest := Batch{heads: b.heads[i:]}
		k, err := s.call(unix.SYS_SENDMMSG, &rest, n-i, 0)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil || k == 0:
			i, lost = i+1, lost+1
		default:
			i += k
		}
	}
	return lost
}
