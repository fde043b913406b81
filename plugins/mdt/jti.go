package mdt

import (
	"net/netip"
	"time"

	"github.com/haidang-noc/haidang/internal/gate"
)

// datagrams takes Juniper's native sensors, which come over UDP.
type datagrams struct{ *intake }

// Datagram takes one. It does not wait: what is over a limit is dropped and counted.
func (d datagrams) Datagram(octets []byte, from netip.AddrPort, at time.Time) {
	d.metrics.messages.WithLabelValues("jti").Inc()
	d.metrics.octets.Add(float64(len(octets)))
	addr := from.Addr().Unmap()
	account, why := d.gate.Take(addr, d.setup.limit(addr), float64(len(octets)), at)
	if why != gate.Pass {
		d.metrics.dropped.WithLabelValues(string(why)).Inc()
		return
	}
	d.message(octets, juniper, addr, account, at)
}

// Lost counts what the kernel had no room for.
func (d datagrams) Lost(n int) { d.metrics.dropped.WithLabelValues("kernel").Add(float64(n)) }
