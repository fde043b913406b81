package engine

import (
	"encoding/binary"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// arrivalRoom is the room that a datagram's time of arrival takes as ancillary data.
const arrivalRoom = 64

// stampArrivals asks the kernel to note when datagrams arrive. Without it, they count as having arrived
// when they were read.
func stampArrivals(conn *net.UDPConn) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_TIMESTAMPNS, 1)
	})
}

// arrival reads the kernel's note; the zero time if there is none.
func arrival(oob []byte) time.Time {
	for len(oob) > 0 {
		h, data, rest, err := unix.ParseOneSocketControlMessage(oob)
		if err != nil {
			return time.Time{}
		}
		if h.Level == unix.SOL_SOCKET && h.Type == unix.SCM_TIMESTAMPNS && len(data) >= 16 {
			return time.Unix(int64(binary.NativeEndian.Uint64(data)), int64(binary.NativeEndian.Uint64(data[8:])))
		}
		oob = rest
	}
	return time.Time{}
}
