package snmptrap

import (
	"net"
	"net/netip"
	"time"
)

// hearing hands a socket's datagrams to the intake, and answers to the socket (listen.Datagrams).
type hearing struct {
	intake *intake
	conn   *net.UDPConn
}

// Datagram takes one.
func (h hearing) Datagram(octets []byte, from netip.AddrPort, at time.Time) {
	h.intake.take(octets, from, at, h.answer)
}

// Lost counts those that the kernel had no room for.
func (h hearing) Lost(n int) { h.intake.metrics.dropped.WithLabelValues("kernel").Add(float64(n)) }

func (h hearing) answer(datagram []byte, to netip.AddrPort) {
	_, _ = h.conn.WriteToUDPAddrPort(datagram, to) // what is lost is asked for again
}
