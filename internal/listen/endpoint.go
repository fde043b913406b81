// Package listen opens what an input listens at: UDP sockets that tell when a datagram arrived and what was lost, and
// listeners for streams that bound how many connections a source may have, with TLS or without.
package listen

import (
	"fmt"
	"net/netip"
	"strings"
)

// Endpoint is where an input listens, written like udp://0.0.0.0:514 or tls://[::]:6514.
type Endpoint struct {
	Scheme string
	Addr   netip.AddrPort
}

// UnmarshalText reads an endpoint of any scheme; Of says whether it is one of those that are wanted.
func (e *Endpoint) UnmarshalText(text []byte) error {
	scheme, rest, ok := strings.Cut(string(text), "://")
	addr, err := netip.ParseAddrPort(rest)
	if !ok || err != nil {
		return fmt.Errorf("%q: want a scheme, an IP address and a port, like udp://0.0.0.0:514 or tls://[::]:6514", text)
	}
	e.Scheme, e.Addr = scheme, addr
	return nil
}

// String is the endpoint as it is written.
func (e Endpoint) String() string { return e.Scheme + "://" + e.Addr.String() }

// Of is an error unless the scheme is one of those.
func (e Endpoint) Of(schemes ...string) error {
	for _, s := range schemes {
		if e.Scheme == s {
			return nil
		}
	}
	return fmt.Errorf("%s: want one of %s", e, strings.Join(schemes, ", "))
}
