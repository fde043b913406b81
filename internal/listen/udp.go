package listen

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"
)

// maxDatagram is the longest that UDP can carry.
const maxDatagram = 65535

// UDP opens a socket with the kernel buffer wanted, or as much of it as the system grants.
func UDP(addr netip.AddrPort, buffer int) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	_ = conn.SetReadBuffer(buffer) // with a smaller one storms cost datagrams, which are counted
	noteArrivals(conn)
	return conn, nil
}

// Datagrams takes what comes to a socket.
type Datagrams interface {
	// Datagram takes one; the octets are only lent. It must not wait: what comes meanwhile is lost once the kernel's
	// buffer is full.
	Datagram(octets []byte, from netip.AddrPort, at time.Time)
	// Lost says how many more datagrams the kernel had no room for.
	Lost(n int)
}

// Receive hands a socket's datagrams over until ctx is done. It leaves the socket open.
func Receive(ctx context.Context, conn *net.UDPConn, to Datagrams) error {
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	buffer, notes := make([]byte, maxDatagram), make([]byte, 128)
	lost := uint32(0)
	for {
		n, noted, _, from, err := conn.ReadMsgUDPAddrPort(buffer, notes)
		switch {
		case err == nil:
			at, dropped := arrival(notes[:noted], time.Now())
			if dropped != 0 && dropped != lost {
				to.Lost(int(dropped - lost))
				lost = dropped
			}
			to.Datagram(buffer[:n], from, at)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("listen: receive: %w", err)
		} // any other error is that of an answer sent before, to a port that is closed by now
	}
}
