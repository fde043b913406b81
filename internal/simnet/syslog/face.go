// Package syslog is the syslog face of the simulated network: a device tells a collector over UDP, from its own address and in the
// form of its maker, when one of its links goes down or comes back. It tells the same facts as the SNMP face, at the instants of the
// model.
package syslog

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Config says where messages go.
type Config struct {
	Target string `yaml:"target"` // a loopback address with a port; empty: nowhere
}

// Validate says what is wrong with the configuration.
func (c Config) Validate() error {
	if c.Target == "" {
		return nil
	}
	if a, err := netip.ParseAddrPort(c.Target); err != nil || !a.Addr().IsLoopback() || a.Port() == 0 {
		return fmt.Errorf("target: %q: want a loopback address such as 127.0.0.1:1514", c.Target)
	}
	return nil
}

// Start adds the face to what runs, if it has a target.
func Start(c Config, overlay *atomic.Pointer[nation.Overlay], reg prometheus.Registerer, add func(string, func(context.Context) error)) error {
	if c.Target == "" {
		return nil
	}
	target, err := netip.ParseAddrPort(c.Target)
	if err != nil {
		return fmt.Errorf("simnet: syslog: %w", err)
	}
	sent := prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_simnet_syslog_messages_total", Help: "Syslog messages that devices sent."})
	reg.MustRegister(sent)
	w := newWatch(overlay.Load(), fault.TickOf(time.Now()))
	add("syslog", func(ctx context.Context) error {
		return w.run(ctx, overlay, func(device netip.Addr, message []byte) {
			if send(device, target, message) == nil {
				sent.Inc()
			}
		})
	})
	return nil
}

// lookEvery is how often links are looked at; messages tell the instant at which a state changed all the same.
const lookEvery = 200 * time.Millisecond

// run looks until ctx is done.
func (w *watch) run(ctx context.Context, overlay *atomic.Pointer[nation.Overlay], send func(netip.Addr, []byte)) error {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			for _, c := range w.look(overlay.Load(), fault.TickOf(now)) {
				if m := c.message(); m != nil {
					send(c.overlay.Address(c.port.Device), m)
				}
			}
		case <-ctx.Done():
			return ctx.Err() //nolint:wrapcheck // a stop that was asked for
		}
	}
}

// send sends a datagram from a device's address. Whether anybody is there does not matter to it.
func send(from netip.Addr, to netip.AddrPort, message []byte) error {
	conn, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(from, 0)), net.UDPAddrFromAddrPort(to))
	if err != nil {
		return fmt.Errorf("simnet: syslog: %w", err)
	}
	defer func() { _ = conn.Close() }()
	_, err = conn.Write(message)
	return err //nolint:wrapcheck // it is not shown
}
