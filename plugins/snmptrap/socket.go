package snmptrap

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

// listen opens a socket with the kernel buffer wanted, or as much of it as the system grants.
func listen(addr netip.AddrPort, buffer int) (*net.UDPConn, error) {
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(addr))
	if err != nil {
		return nil, fmt.Errorf("snmptrap: listen: %w", err)
	}
	_ = conn.SetReadBuffer(buffer) // with a smaller one storms cost datagrams, which are counted
	noteArrivals(conn)
	return conn, nil
}

// receive hands the socket's datagrams to the intake until ctx is done. It leaves the socket open for answers.
func (t *intake) receive(ctx context.Context, conn *net.UDPConn) error {
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) })()
	answer := func(datagram []byte, to netip.AddrPort) {
		_, _ = conn.WriteToUDPAddrPort(datagram, to) // what is lost is asked for again
	}
	buffer, notes := make([]byte, maxDatagram), make([]byte, 128)
	lost := uint32(0)
	for {
		n, noted, _, from, err := conn.ReadMsgUDPAddrPort(buffer, notes)
		switch {
		case err == nil:
			at, dropped := arrival(notes[:noted], time.Now())
			if dropped != 0 && dropped != lost {
				t.metrics.dropped.WithLabelValues("kernel").Add(float64(dropped - lost))
				lost = dropped
			}
			t.take(buffer[:n], from, at, answer)
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("snmptrap: receive: %w", err)
		} // any other error is that of an answer sent before, to a port that is closed by now
	}
}
