package nation

import "github.com/haidang-noc/haidang/internal/simnet/fault"

// settling is how long errors must last for their seconds to be unavailable, which a channel then counts all at once.
const settling = 10 * fault.Second

// Channel says whether the port is an optical channel that counts its unavailable seconds.
func (n *Network) Channel(p Port) bool {
	switch n.Devices[p.Device].kind {
	case backboneNode, ringNorth, ringCentral, ringSouth, landing:
		return n.cfg.OTN && n.LinkOf(p) >= 0
	}
	return false
}

// unavailable is when the link was down or full of errors, as far as that lasted.
func (c *course) unavailable() (out []fault.Span) {
	for _, s := range c.segments {
		if s.down || s.errors {
			out = append(out, s.Span)
		}
	}
	all := fault.Union(out)
	out = all[:0]
	for _, s := range all {
		if s.To-s.From >= settling {
			out = append(out, s)
		}
	}
	return out
}

// Unavailable is the channel's counter: the seconds that were unavailable since it began, also while it had no power.
func (r *Reading) Unavailable(index int32) uint64 {
	c := r.o.links[r.o.LinkOf(Port{r.device, index})]
	if c == nil {
		return 0
	}
	sum := fault.Tick(0)
	for _, s := range c.lost {
		if r.at >= s.From+settling {
			sum += max(0, min(s.To, r.at)-max(s.From, r.resetAt))
		}
	}
	return uint64(sum / fault.Second)
}

// isPON says whether the link is one.
func (n *Network) isPON(link int32) bool {
	return n.cfg.ONTs > 0 && n.Devices[n.Links[link].A.Device].kind == olt && !n.Links[link].HasB()
}

// PON says whether the port is one whose OLT tells how many ONTs are ranged.
func (n *Network) PON(p Port) bool {
	link := n.LinkOf(p)
	return link >= 0 && n.isPON(link)
}

// ONTs is how many ONTs of a PON are ranged, and how many there are: none behind some.
func (r *Reading) ONTs(index int32) (online, total int) {
	link := r.o.LinkOf(Port{r.device, index})
	total = int(mix(r.o.cfg.Seed^0x0147, uint64(link)) % uint64(r.o.cfg.ONTs+1))
	if _, oper := r.Status(index); oper == StatusDown {
		return 0, total
	}
	if c := r.o.links[link]; c != nil {
		if s := c.last(r.at); s != nil && s.Covers(r.at) {
			return total - int((uint64(total)*s.off+999_999)/1_000_000), total
		}
	}
	return total, total
}
