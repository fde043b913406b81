package nation

import (
	"strconv"
	"strings"
)

// trunk is a link that is an aggregate at its a end: the ports that it is made of there follow each other. The inventory
// does not say what an unsized one carries; its speed does.
type trunk struct {
	link, first, members int32
	unsized              bool
}

// bundle makes aggregates of the aggregation routers' uplinks, every other one unsized. Their members are ports behind those of all links.
func (b *builder) bundle() {
	members := int32(b.cfg.Aggregates.Members)
	for i, l := range b.Links {
		if a := l.A.Device; members > 0 && b.Devices[a].kind == metroAgg {
			b.trunks[a] = trunk{int32(i), b.used[a], members, len(b.trunks)%2 > 0}
			b.used[a] += members
		}
	}
}

// share gives each member its part of the link's speed and of its usual traffic; faults change nothing of that.
func (b *builder) share(link int32, f flow) {
	members := b.Members(link)
	for _, m := range members {
		n := uint32(len(members))
		*b.flow(m) = flow{in: f.in / n, out: f.out / n, mbps: f.mbps / n, link: -1, phase: f.phase, shape: f.shape}
	}
}

// Members are the ports that the link's a end is made of; none if it is no aggregate.
func (n *Network) Members(link int32) []Port {
	if link < 0 || len(n.trunks) == 0 {
		return nil
	}
	a := n.Links[link].A.Device
	t := n.trunks[a]
	if t.link != link || t.members == 0 {
		return nil
	}
	out := make([]Port, t.members)
	for i := range out {
		out[i] = Port{a, t.first + int32(i)}
	}
	return out
}

// Behind is the link that the port carries: one that ends there, or of whose a end it is a member, which is then told by
// its bit. -1 for none.
func (n *Network) Behind(p Port) (link int32, member uint8) {
	if link = n.LinkOf(p); link >= 0 {
		return link, 0
	}
	t := n.trunks[p.Device]
	if i := p.Index - t.first; i >= 0 && i < t.members {
		return t.link, 1 << i
	}
	return -1, 0
}

// Capacity is what the inventory says of the link, 0 if that is left to its speed.
func (n *Network) Capacity(link int32) uint32 {
	if t := n.trunks[n.Links[link].A.Device]; t.unsized && t.link == link {
		return 0
	}
	return n.Links[link].CapacityMbps
}

// memberCells are what links.csv says of an aggregate.
func (n *Network) memberCells(link int32) (members, least string) {
	ports := n.Members(link)
	if len(ports) == 0 {
		return "", ""
	}
	names := make([]string, len(ports))
	for i, m := range ports {
		names[i] = string(n.IfName(m))
	}
	return strings.Join(names, "|"), strconv.Itoa(n.cfg.Aggregates.MinLinks)
}
