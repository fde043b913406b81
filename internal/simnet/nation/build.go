package nation

import (
	"fmt"
	"slices"
)

// Build makes the network that the configuration describes: the same one each time.
func Build(cfg Config) (*Network, error) {
	registry, err := ReadProvinces(cfg.Provinces)
	if err != nil {
		return nil, err
	}
	provinces, err := choose(registry, cfg.Only)
	if err != nil {
		return nil, err
	}
	b := &builder{Network: &Network{
		cfg: cfg, provinces: provinces, tables: newTables(cfg.Seed),
		byName: map[string]int32{}, linkName: map[string]int32{}, trunks: map[int32]trunk{},
	}, uplink: make(map[int32]uint32)}
	for i := range cfg.Agents {
		b.Agents = append(b.Agents, fmt.Sprintf("agent-%02d", i+1))
	}
	pes := b.core()
	b.rings()
	b.submarine()
	if err := b.metro(pes); err != nil {
		return nil, err
	}
	b.finish()
	return b.Network, nil
}

// builder grows a network: devices first take ports as links need them, finish lays the ports out.
type builder struct {
	*Network
	used   []int32          // ports taken, by device
	uplink map[int32]uint32 // speed of a device's first port where it is not its role's
}

// national marks a device that belongs to no province.
const national = -1

// device adds a device of a role; province is an index or national.
func (b *builder) device(kind uint8, name string, province int, site string, parent int32) int32 {
	r, id := &roles[kind], int32(len(b.Devices))
	d := Device{Name: name, System: r.system, Site: site, Parent: parent, Agent: -1, Role: r.name, Vendor: r.vendor,
		CapacityMbps: r.uplink, kind: kind}
	if province != national {
		d.Province = b.provinces[province].Code
	}
	if n := len(b.Agents); n > 0 {
		d.Agent = int32(max(province, 0) % n)
	}
	if r.subs > 0 {
		d.Subscribers = r.subs/2 + uint32(mix(b.cfg.Seed^0x5b5, uint64(id))%uint64(r.subs))
	}
	b.Devices = append(b.Devices, d)
	b.used = append(b.used, 0)
	b.byName[name] = id
	return id
}

// port takes the device's next free port.
func (b *builder) port(device int32) Port {
	p := Port{device, b.used[device]}
	b.used[device]++
	return p
}

// link joins a to b at the speed of a's uplink. b may be -1.
func (b *builder) link(name, class string, a, z int32, mbps uint32) {
	l := Link{Name: name, Class: class, A: b.port(a), B: noPort(), CapacityMbps: mbps}
	if z >= 0 {
		l.B = b.port(z)
	}
	if l.Name == "" {
		l.Name = b.Devices[a].Name + "--" + b.Devices[z].Name
	}
	b.linkName[l.Name] = int32(len(b.Links))
	b.Links = append(b.Links, l)
}

// core builds VN2 and the backbone and returns the VN2 edge router of each province.
func (b *builder) core() []int32 {
	var hubs [2]int32
	pes := make([]int32, 0, len(b.provinces))
	for i := range hubs {
		hubs[i] = b.device(vn2P, fmt.Sprintf("vn2-p-%02d", i+1), national, fmt.Sprintf("vn2-dc-%d", i+1), -1)
	}
	b.link("", "transport", hubs[0], hubs[1], fourHund)
	for _, p := range b.provinces {
		pe := b.device(vn2PE, "vn2-pe-"+p.Slug, national, p.Slug+"-dc", -1)
		b.link("", "transport", pe, hubs[len(pes)%len(hubs)], hundredG)
		pes = append(pes, pe)
	}
	last := int32(-1)
	for _, hub := range b.regionHubs() {
		node := b.device(backboneNode, "backbone-"+hub, national, hub+"-dc", -1)
		if last >= 0 {
			b.section(last, node)
		}
		last = node
	}
	return pes
}

// section joins two nodes of the backbone by three lines.
func (b *builder) section(from, to int32) {
	b.link("", "transport", from, to, fourHund)
	for i := 2; i <= 3; i++ {
		b.link(fmt.Sprintf("%s--%s-%d", b.Devices[from].Name, b.Devices[to].Name, i), "transport", from, to, fourHund)
	}
}

// regionHubs are the slugs of the provinces where the backbone has its nodes.
func (b *builder) regionHubs() []string {
	preferred := []string{"01", "48", "79"}
	var hubs []string
	for _, region := range regions {
		of := b.inRegion(region.name)
		if len(of) == 0 {
			continue
		}
		hub := of[0]
		for _, p := range of {
			if slices.Contains(preferred, p.Code) {
				hub = p
			}
		}
		hubs = append(hubs, hub.Slug)
	}
	return hubs
}

var regions = [...]struct {
	name   string
	prefix string
	kind   uint8
}{{"Bắc", "ring-north", ringNorth}, {"Trung", "ring-central", ringCentral}, {"Nam", "ring-south", ringSouth}}

func (b *builder) inRegion(name string) []Province {
	var out []Province
	for _, p := range b.provinces {
		if p.Region == name {
			out = append(out, p)
		}
	}
	return out
}

// rings builds the regional rings: at least three nodes, and an arm from each to the next.
func (b *builder) rings() {
	for _, region := range regions {
		of := b.inRegion(region.name)
		if len(of) == 0 {
			continue
		}
		var nodes []int32
		for i := range min(max(3, len(of)/2), 6) {
			site := of[i%len(of)].Slug + "-dc"
			nodes = append(nodes, b.device(region.kind, fmt.Sprintf("%s-%02d", region.prefix, i+1), national, site, -1))
		}
		for i, n := range nodes {
			b.link(fmt.Sprintf("%s-arm-%d", region.prefix, i+1), "transport", n, nodes[(i+1)%len(nodes)], hundredG)
		}
	}
}

// submarine builds a landing station and the international link of each cable.
func (b *builder) submarine() {
	for _, c := range cables {
		d := b.device(landing, "landing-"+c.name, national, "landing-"+c.name, -1)
		b.uplink[d] = c.mbps
		b.Devices[d].CapacityMbps = c.mbps
		b.link(c.name, "international", d, -1, c.mbps)
	}
}
