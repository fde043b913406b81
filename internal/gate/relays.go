package gate

import (
	"fmt"
	"net/netip"
	"slices"
)

// Relays are the addresses that may speak for others.
type Relays []netip.Prefix

// Check refuses more of them than can have an account each.
func (r Relays) Check() error {
	for _, p := range r {
		if p.Addr().BitLen()-p.Bits() > 8 {
			return fmt.Errorf("relays: %v: want 256 addresses or fewer, like 10.9.0.0/24", p)
		}
	}
	return nil
}

// Has says whether what comes from addr may speak for others.
func (r Relays) Has(addr netip.Addr) bool {
	return slices.ContainsFunc(r, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// Datagrams is how a configuration writes a limit in datagrams.
type Datagrams struct {
	Rate  int `yaml:"rate"`
	Burst int `yaml:"burst"`
}

// Limit is the limit of a source that is known, or is not.
func (d Datagrams) Limit(known bool) Limit {
	return Limit{Rate: float64(d.Rate), Burst: float64(d.Burst), Known: known}
}
