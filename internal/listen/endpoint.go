// Package listen opens what an input listens at: UDP sockets that tell when a datagram arrived and what was lost, and
// listeners for streams that bound how many connections a source may have, with TLS or without.
package listen

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Endpoint is where an input listens, written like udp://0.0.0.0:514 or tls://[::]:6514.
type Endpoint struct {
	Scheme string
	Addr   netip.AddrPort
}

// String is the endpoint as it is written.
func (e Endpoint) String() string { return e.Scheme + "://" + e.Addr.String() }

// Endpoints reads endpoints, at least one, of one of the schemes each.
func Endpoints(texts []string, schemes ...string) (all []Endpoint, err error) {
	for _, text := range texts {
		scheme, rest, _ := strings.Cut(text, "://")
		addr, err := netip.ParseAddrPort(rest)
		if err != nil || !slices.Contains(schemes, scheme) {
			return nil, fmt.Errorf("%q: want an IP address with a port behind one of %s://, like %s://0.0.0.0:514", text, strings.Join(schemes, "://, "), schemes[0])
		}
		all = append(all, Endpoint{scheme, addr})
	}
	if len(all) == 0 {
		return nil, errors.New("want at least one endpoint, like " + schemes[0] + "://0.0.0.0:514")
	}
	return all, nil
}
