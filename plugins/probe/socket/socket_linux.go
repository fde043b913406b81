package socket

import (
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// ping opens an unprivileged socket for ICMP echo.
func ping(at netip.Addr) (net.PacketConn, error) {
	family, protocol, local := unix.AF_INET6, unix.IPPROTO_ICMPV6, unix.Sockaddr(&unix.SockaddrInet6{Addr: at.As16()})
	if at.Is4() {
		family, protocol, local = unix.AF_INET, unix.IPPROTO_ICMP, &unix.SockaddrInet4{Addr: at.As4()}
	}
	fd, err := unix.Socket(family, unix.SOCK_DGRAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, protocol)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, local); err != nil {
		_ = unix.Close(fd)
		return nil, os.NewSyscallError("bind", err)
	}
	file := os.NewFile(uintptr(fd), "icmp")
	defer func() { _ = file.Close() }() // FilePacketConn has a copy
	return net.FilePacketConn(file)
}

// enlarge asks for large buffers, for the time of arrival, and for the number of datagrams lost.
func (c *Conn) enlarge() {
	s, ok := c.conn.(syscall.Conn)
	if !ok {
		return
	}
	control, err := s.SyscallConn()
	if err != nil {
		return
	}
	_ = control.Control(func(fd uintptr) {
		for buffer, force := range map[int]int{unix.SO_RCVBUF: unix.SO_RCVBUFFORCE, unix.SO_SNDBUF: unix.SO_SNDBUFFORCE} {
			if unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, force, kernelRoom) != nil { // needs a privilege
				_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, buffer, kernelRoom)
			}
		}
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
	})
}

// read takes what the kernel noted with a datagram. Its time of arrival keeps the monotonic clock's reading, so that a
// clock that is set between sending and arrival does no harm.
func (c *Conn) read(notes []byte, now time.Time, d *Datagram) {
	for len(notes) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(notes)
		if err != nil {
			return
		}
		notes = rest
		switch {
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16:
			at := int64(binary.NativeEndian.Uint64(data))*1e9 + int64(binary.NativeEndian.Uint64(data[8:]))
			d.At = now.Add(-max(time.Duration(now.UnixNano()-at), 0))
		case h.Level == unix.SOL_SOCKET && h.Type == unix.SO_RXQ_OVFL && len(data) >= 4:
			c.lost.Store(binary.NativeEndian.Uint32(data))
		case (h.Level == unix.IPPROTO_IP && h.Type == unix.IP_TTL || h.Level == unix.IPPROTO_IPV6 && h.Type == unix.IPV6_HOPLIMIT) && len(data) >= 4:
			d.TTL = uint8(binary.NativeEndian.Uint32(data))
		}
	}
}
