package discover

import (
	"fmt"
	"math/big"
	"net/netip"
	"slices"
)

// MostAddresses is how many addresses one discovery asks: a /12.
const MostAddresses = 1 << 20

// Range is the addresses to ask. Single addresses are ranges of one.
type Range []netip.Prefix

// ParseRange reads prefixes and single addresses and refuses what cannot be asked one by one in any useful time.
func ParseRange(texts []string) (Range, error) {
	var out Range
	total := new(big.Int)
	for _, text := range texts {
		p, err := parsePrefix(text)
		if err != nil {
			return nil, err
		}
		size := new(big.Int).Lsh(big.NewInt(1), uint(p.Addr().BitLen()-p.Bits()))
		if total.Add(total, size); size.Cmp(big.NewInt(MostAddresses)) > 0 {
			return nil, fmt.Errorf("discover: %s: %v addresses cannot be asked one by one: want at most %d (%s): name the parts that hold devices",
				text, size, MostAddresses, map[bool]string{true: "a /12", false: "a /108"}[p.Addr().Is4()])
		}
		out = append(out, p)
	}
	if total.Cmp(big.NewInt(MostAddresses)) > 0 {
		return nil, fmt.Errorf("discover: %v addresses in all cannot be asked at once: want at most %d", total, MostAddresses)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("discover: no addresses: want prefixes such as 10.1.0.0/16, or single addresses")
	}
	return out, nil
}

func parsePrefix(text string) (netip.Prefix, error) {
	if p, err := netip.ParsePrefix(text); err == nil {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()).Masked(), nil
	}
	a, err := netip.ParseAddr(text)
	if err != nil || a.Zone() != "" {
		return netip.Prefix{}, fmt.Errorf("discover: %q: want a prefix such as 10.1.0.0/16 or 2001:db8::/112, or an address", text)
	}
	a = a.Unmap()
	return netip.PrefixFrom(a, a.BitLen()), nil
}

// Contains says whether the address is one of those that are asked.
func (r Range) Contains(a netip.Addr) bool {
	return slices.ContainsFunc(r, func(p netip.Prefix) bool { return p.Contains(a) && !edge(p, a) })
}

// edge says whether the address is the network's own or its broadcast address, which nobody has.
func edge(p netip.Prefix, a netip.Addr) bool {
	if !p.Addr().Is4() || p.Bits() > 30 {
		return false
	}
	return a == p.Addr() || !p.Contains(a.Next())
}

// Addresses are all of them without those in skip, each once, in order.
func (r Range) Addresses(skip Range) []netip.Addr {
	var out []netip.Addr
	for _, p := range r {
		for a := p.Addr(); p.Contains(a); a = a.Next() {
			if !edge(p, a) && !skip.Contains(a) {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, netip.Addr.Compare)
	return slices.Compact(out)
}

// Families is 2 for a range that has addresses of IPv4 and IPv6, otherwise 1.
func (r Range) Families() int {
	is4 := func(p netip.Prefix) bool { return p.Addr().Is4() }
	if slices.ContainsFunc(r, is4) && slices.ContainsFunc(r, func(p netip.Prefix) bool { return !is4(p) }) {
		return 2
	}
	return 1
}
