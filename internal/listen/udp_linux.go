package listen

import (
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// noteArrivals makes the kernel note when a datagram arrived and how many were lost for want of room. Without the notes
// a datagram has arrived when it is read: no reason to fail.
func noteArrivals(conn *net.UDPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_RXQ_OVFL, 1)
	})
}

// arrival reads the kernel's notes: the time, and the count of datagrams lost since the socket was opened (0: none noted).
func arrival(notes []byte, now time.Time) (at time.Time, lost uint32) {
	at = now
	for len(notes) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(notes)
		if err != nil {
			return at, lost
		}
		switch {
		case h.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16:
			seconds, nanos := binary.NativeEndian.Uint64(data), binary.NativeEndian.Uint64(data[8:])
			if noted := time.Unix(int64(seconds), int64(nanos)); noted.Before(now) {
				at = now.Add(noted.Sub(now)) // keeps the reading of the monotonic clock
			}
		case h.Type == unix.SO_RXQ_OVFL && len(data) >= 4:
			lost = binary.NativeEndian.Uint32(data)
		}
		notes = rest
	}
	return at, lost
}
