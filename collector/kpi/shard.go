package kpi

import (
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/haidang-noc/haidang/collector/model"
)

// Shards is into how many parts traffic is cut, by device: so much of a month is read, added up and made
// anew at a time. It is part of what the store holds and never changes.
const Shards = 64

// CableShard is beside the shards the one of links whose slots must be added up across shards: members of
// capacity composites. It has no ports of its own.
const CableShard = Shards

// ShardOf is the shard of a device's ports.
func ShardOf(device string) int { return int(xxhash.Sum64String(device) % Shards) }

// SplitPorts cuts ports by shard; each part keeps their order.
func SplitPorts(ports []PortDay) [Shards][]PortDay {
	var out [Shards][]PortDay
	for lo := 0; lo < len(ports); {
		hi := lo + 1
		for hi < len(ports) && ports[hi].Device == ports[lo].Device {
			hi++
		}
		s := ShardOf(ports[lo].Device)
		out[s] = append(out[s], ports[lo:hi]...)
		lo = hi
	}
	return out
}

// planShard is the links of one shard: those first measured at a port of it.
type planShard struct {
	links  []int32 // indexes of Plan.links, ascending
	ports  []int32 // indexes of Plan.ports where they are measured, ascending
	needs  []int   // the shards of those ports
	inputs uint64  // of a day that nothing touches, all links together
}

// cut puts every link into its shard.
func (p *Plan) cut() {
	p.shards = make([]planShard, Shards+1)
	h := linkInputs{plan: p}
	for i := range p.links {
		l := &p.links[i]
		own := CableShard
		if len(l.cables) == 0 {
			own = ShardOf(l.rows[0].A.Device)
		}
		s := &p.shards[own]
		s.links = append(s.links, int32(i))
		for _, r := range l.rows {
			if r.a < 0 {
				continue
			}
			s.ports = append(s.ports, r.a)
			if need := ShardOf(r.A.Device); !slices.Contains(s.needs, need) {
				s.needs = append(s.needs, need)
			}
		}
		l.inputs = h.quiet(l)
		s.inputs += l.inputs
	}
	for i := range p.shards {
		p.shards[i].sort(p)
	}
}

// sort puts ports and needs in order and tells the links' rows the places of their ports.
func (s *planShard) sort(p *Plan) {
	slices.Sort(s.needs)
	slices.Sort(s.ports)
	s.ports = slices.Compact(s.ports)
	for _, i := range s.links {
		for k := range p.links[i].rows {
			r := &p.links[i].rows[k]
			at, _ := slices.BinarySearch(s.ports, r.a)
			r.at = int32(at)
		}
	}
}

// Needs says the rates of which shards' ports the links of a shard are made of: nearly always its own.
func (p *Plan) Needs(shard int) []int { return p.shards[shard].needs }

// LinksOf is how many links a shard has.
func (p *Plan) LinksOf(shard int) int { return len(p.shards[shard].links) }

// place puts each of the day's ports where the shard's links look for it; of several the first one counts.
func (s *planShard) place(p *Plan, d model.Day, ports []PortDay, into []*PortDay) {
	at := 0
	for i := range ports {
		port := &ports[i]
		if port.Day != d {
			continue
		}
		for at < len(s.ports) && p.compare(s.ports[at], port) < 0 {
			at++
		}
		if at < len(s.ports) && into[at] == nil && p.compare(s.ports[at], port) == 0 {
			into[at] = port
		}
	}
}

// compare orders the plan's i-th port and another.
func (p *Plan) compare(i int32, b *PortDay) int {
	return comparePort(p.port(p.ports[i]), model.Port{Device: b.Device, IfName: b.IfName})
}
