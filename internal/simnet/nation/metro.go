package nation

import (
	"fmt"
	"strconv"
)

// metro shares the remaining devices out among the provinces and builds each one's tree: cell site,
// OLT or base station below aggregation below MAN-E core.
func (b *builder) metro(pes []int32) error {
	rest, least := b.cfg.Devices-len(b.Devices), 3*len(b.provinces)
	if rest < least {
		return fmt.Errorf("nation: devices: %d are too few: %d provinces need at least %d",
			b.cfg.Devices, len(b.provinces), len(b.Devices)+least)
	}
	weights, sum := b.weights()
	left, spare := rest, rest-least
	for i := range b.provinces {
		n := 3 + spare*weights[i]/sum
		if i == len(b.provinces)-1 {
			n = left
		}
		left -= n
		b.province(i, n, pes[i])
	}
	return nil
}

// weights make Hà Nội and TP.HCM large and the others differ.
func (b *builder) weights() (weights []int, sum int) {
	for i, p := range b.provinces {
		w := 2 + int(mix(b.cfg.Seed^0x9e0, uint64(i))%4)
		if p.Code == "01" || p.Code == "79" {
			w = 12
		}
		weights = append(weights, w)
		sum += w
	}
	return weights, sum
}

// fanOut is the number of access devices below one aggregation router.
const fanOut = 20

// province builds n devices: one or two cores, aggregation, and access for the rest.
func (b *builder) province(index, n int, pe int32) {
	slug := b.provinces[index].Slug
	cores, aggs := make([]int32, 0, 2), make([]int32, 0, n/fanOut+1)
	for i := range 1 + min(n/30, 1) {
		core := b.device(metroCore, fmt.Sprintf("%s-core-%02d", slug, i+1), index, slug+"-dc", -1)
		b.link("", "transport", core, pe, hundredG)
		cores = append(cores, core)
	}
	rest := n - len(cores)
	for i := range (rest + fanOut) / (fanOut + 1) {
		agg := b.device(metroAgg, fmt.Sprintf("%s-agg-%03d", slug, i+1), index,
			fmt.Sprintf("%s-hub-%03d", slug, i+1), cores[i%len(cores)])
		b.link("", "transport", agg, cores[i%len(cores)], hundredG)
		aggs = append(aggs, agg)
	}
	var number [len(roles)]int
	for i := range rest - len(aggs) {
		kind := accessKind(i)
		number[kind]++
		agg := aggs[i%len(aggs)]
		d := b.device(kind, fmt.Sprintf("%s-%s-%04d", slug, roles[kind].name, number[kind]), index,
			fmt.Sprintf("%s-site-%04d", slug, i/2+1), agg)
		class := "transport"
		if kind == olt {
			class = "broadband"
		}
		b.link("", class, d, agg, roles[kind].uplink)
		b.serve(d)
	}
}

// accessKind deals out access roles: of twenty, nine 4G, five OLT, four 5G and two cell-site routers.
func accessKind(i int) uint8 {
	const deal = "eoegeoegecoeeogeoegc"
	return map[byte]uint8{'e': enb, 'o': olt, 'g': gnb, 'c': cellSite}[deal[i%len(deal)]]
}

// serve gives an OLT its PONs as broadband links and adds its subscribers to its gateways.
func (b *builder) serve(d int32) {
	if b.Devices[d].kind == olt {
		for i := 1; i < b.cfg.Interfaces; i++ {
			b.link(fmt.Sprintf("%s:%s", b.Devices[d].Name, ifName(gpon, i)), "broadband", d, -1, gpon)
		}
	}
	for up := b.Devices[d].Parent; up >= 0; up = b.Devices[up].Parent {
		b.Devices[up].Subscribers += b.Devices[d].Subscribers
	}
}

// finish lays out the ports, names them and gives each its traffic.
func (b *builder) finish() {
	b.bundle()
	b.children = make([][]int32, len(b.Devices))
	for i := range b.Devices {
		d := &b.Devices[i]
		d.firstPort, d.ports = int32(len(b.ports)), max(b.used[i], int32(b.cfg.Interfaces))
		for range d.ports {
			b.ports = append(b.ports, b.idle(len(b.ports), d.kind))
		}
		if d.Parent >= 0 {
			b.children[d.Parent] = append(b.children[d.Parent], int32(i))
		}
	}
	for i, l := range b.Links {
		b.join(int32(i), l)
	}
	for i := range b.Devices {
		b.countNeighbours(int32(i))
		for p := range b.Devices[i].ports {
			port := Port{int32(i), p}
			b.portNames = append(b.portNames, []byte(b.name(port)))
		}
	}
}

// name names a port by what it is.
func (b *builder) name(p Port) string {
	if len(b.Members(b.LinkOf(p))) > 0 {
		return "Eth-Trunk" + strconv.Itoa(int(p.Index)+1)
	}
	return ifName(b.flow(p).mbps, int(p.Index))
}

// countNeighbours relies on the order of building: links to other devices take a device's first ports.
func (b *builder) countNeighbours(device int32) {
	d := &b.Devices[device]
	for d.neighbours < d.ports {
		if _, ok := b.Far(Port{device, d.neighbours}); !ok {
			return
		}
		d.neighbours++
	}
}

// idle is a port outside the inventory: a customer's, a little used.
func (b *builder) idle(index int, kind uint8) flow {
	r, h := &roles[kind], mix(b.cfg.Seed^0x1d1e, uint64(index))
	return flow{
		in: unit(r.ports, 20+h%200), out: unit(r.ports, 30+h>>16%300), mbps: r.ports, link: -1,
		phase: uint16(h >> 48 % noiseSlots), shape: r.shape,
	}
}

// join gives both ends of a link the same traffic: the peak is 15 to 60 per cent of the capacity
// downwards and a third of that upwards.
func (b *builder) join(index int32, l Link) {
	h := mix(b.cfg.Seed^0x71a4, uint64(index))
	down := 150 + h%450
	f := flow{
		in: unit(l.CapacityMbps, down), out: unit(l.CapacityMbps, down/3), mbps: l.CapacityMbps, link: index,
		phase: uint16(h >> 48 % noiseSlots), shape: roles[b.Devices[l.A.Device].kind].shape,
	}
	if l.Class == "broadband" && !l.HasB() { // a PON: downstream leaves the OLT
		f.in, f.out = f.out, f.in
	}
	*b.flow(l.A) = f
	b.share(index, f)
	if l.HasB() {
		f.in, f.out, f.mirrored = f.out, f.in, true
		*b.flow(l.B) = f
	}
}
