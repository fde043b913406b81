//go:build linux && (amd64 || arm64)

//nolint:gosec // the kernel takes pointers; each is to memory that the socket keeps
package engine

import (
	"encoding/binary"
	"net/netip"
	"os"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// socket is one unconnected UDP socket with room for a batch each way (wire). It is for one goroutine.
// It stays outside of Go's network poller, which would wake up for every single datagram: the lane looks
// when it wants to, and takes what has come since in one system call. Those never wait, so the runtime
// need not know of them: telling it would wake its monitor each time, which costs more than the call.
type socket struct {
	fd     int
	keeps  int // datagrams
	rx, tx batch
	queued int // in tx
}

// batch is the memory of sendmmsg or recvmmsg. The kernel reads and writes it through the pointers in
// headers, which the garbage collector knows.
type batch struct {
	headers [batchSize]header
	pieces  [batchSize]unix.Iovec
	peers   [batchSize]unix.RawSockaddrInet6 // or an Inet4 in the same place
	notes   [batchSize][noteRoom]byte
	texts   [batchSize][]byte
}

// header is struct mmsghdr.
type header struct {
	unix.Msghdr
	n uint32 // octets of the datagram
	_ uint32
}

const (
	batchSize = 64 // datagrams per system call
	noteRoom  = 64 // octets for the time of arrival

	heldDatagram = 4096 // octets of its buffer that the kernel counts for an answer of one packet
)

func listen(network string) (*socket, error) {
	family, peer := unix.AF_INET, unix.Sockaddr(&unix.SockaddrInet4{})
	if network == "udp6" {
		family, peer = unix.AF_INET6, &unix.SockaddrInet6{}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, peer); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	s := &socket{fd: fd, keeps: room(fd) / heldDatagram}
	s.rx.prepare(maxDatagram)
	s.tx.prepare(0)
	return s, nil
}

// room asks for large buffers and returns how large the one for answers is. Smaller ones cost datagrams
// under load, which are then asked for again, and without the kernel's note a datagram counts as having
// arrived when it was read: no reasons to fail.
func room(fd int) int {
	for buffer, force := range map[int]int{unix.SO_RCVBUF: unix.SO_RCVBUFFORCE, unix.SO_SNDBUF: unix.SO_SNDBUFFORCE} {
		if unix.SetsockoptInt(fd, unix.SOL_SOCKET, force, kernelRoom) != nil { // needs a privilege
			_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, buffer, kernelRoom)
		}
	}
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	n, _ := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_RCVBUF)
	return n
}

// prepare sets the pointers that stay; size is the room for each datagram.
func (b *batch) prepare(size int) {
	for i := range b.headers {
		h := &b.headers[i]
		h.Iov = &b.pieces[i]
		h.SetIovlen(1)
		h.Name = (*byte)(unsafe.Pointer(&b.peers[i]))
		if size > 0 {
			b.texts[i] = make([]byte, size)
			b.pieces[i].Base = &b.texts[i][0]
			b.pieces[i].SetLen(size)
			h.Control = &b.notes[i][0]
		}
	}
}

func (s *socket) close() { _ = unix.Close(s.fd) }

func (s *socket) capacity() int { return s.keeps }

func (s *socket) room() bool { return s.queued < batchSize }

func (s *socket) buffer() []byte { return s.tx.texts[s.queued][:0] }

// queue puts a request into the batch that the next flush sends.
func (s *socket) queue(text []byte, to netip.AddrPort) {
	i := s.queued
	s.queued++
	s.tx.texts[i] = text
	s.tx.pieces[i].Base = &s.tx.texts[i][0]
	s.tx.pieces[i].SetLen(len(s.tx.texts[i]))
	s.tx.headers[i].Namelen = setPeer(&s.tx.peers[i], to)
}

func setPeer(sa *unix.RawSockaddrInet6, to netip.AddrPort) (size uint32) {
	port := (*[2]byte)(unsafe.Pointer(&sa.Port)) // in both families in the same place
	binary.BigEndian.PutUint16(port[:], to.Port())
	if to.Addr().Is4() {
		sa4 := (*unix.RawSockaddrInet4)(unsafe.Pointer(sa))
		sa4.Family, sa4.Addr = unix.AF_INET, to.Addr().As4()
		return unix.SizeofSockaddrInet4
	}
	sa.Family, sa.Addr = unix.AF_INET6, to.Addr().As16()
	return unix.SizeofSockaddrInet6
}

func getPeer(sa *unix.RawSockaddrInet6) netip.AddrPort {
	port := binary.BigEndian.Uint16((*[2]byte)(unsafe.Pointer(&sa.Port))[:])
	if sa.Family == unix.AF_INET {
		return netip.AddrPortFrom(netip.AddrFrom4((*unix.RawSockaddrInet4)(unsafe.Pointer(sa)).Addr), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom16(sa.Addr), port)
}

// flush sends the batch and returns how many datagrams the kernel refused: no route, a firewall, a buffer
// that stays full. For their devices that is the same as an answer that never comes.
func (s *socket) flush() (refused int) {
	waited := false
	for from := 0; from < s.queued; {
		n, errno := s.call(unix.SYS_SENDMMSG, s.tx.headers[from:s.queued])
		switch {
		case errno == 0:
			from += n
		case errno == unix.EINTR:
		case errno == unix.EAGAIN && !waited:
			waited = true
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: unix.POLLOUT}}, int(tick.Milliseconds()))
		default: // about the first one
			from++
			refused++
		}
	}
	s.queued = 0
	return refused
}

func (s *socket) call(number uintptr, hs []header) (int, unix.Errno) {
	n, _, errno := unix.RawSyscall6(number, uintptr(s.fd), uintptr(unsafe.Pointer(&hs[0])), uintptr(len(hs)), unix.MSG_DONTWAIT, 0, 0)
	return int(n), errno
}

// receive takes what is there. An error is that of some earlier datagram: the next call tells.
func (s *socket) receive() int {
	for i := range s.rx.headers {
		h := &s.rx.headers[i]
		h.Namelen = unix.SizeofSockaddrInet6
		h.SetControllen(noteRoom)
	}
	n, errno := s.call(unix.SYS_RECVMMSG, s.rx.headers[:])
	if errno != 0 {
		return 0
	}
	return n
}

// datagram is number i of the batch received.
func (s *socket) datagram(i int) (text []byte, from netip.AddrPort) {
	return s.rx.texts[i][:s.rx.headers[i].n], getPeer(&s.rx.peers[i])
}

// age is how long number i has lain in the socket by now. It is a difference of two readings of the same
// clock, so a clock that is wrong does no harm.
func (s *socket) age(i int, now time.Time) time.Duration {
	h, data, _, err := unix.ParseOneSocketControlMessage(s.rx.notes[i][:s.rx.headers[i].Controllen])
	if err != nil || h.Type != unix.SCM_TIMESTAMPNS || len(data) < 16 {
		return 0
	}
	at := int64(binary.NativeEndian.Uint64(data))*1e9 + int64(binary.NativeEndian.Uint64(data[8:]))
	return max(time.Duration(now.UnixNano()-at), 0)
}
