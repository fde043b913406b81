package kpi

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// linkEnd is an end of a row of links.csv: 2i is A of row i, 2i+1 its B.
type linkEnd int32

// port is what stands at an end.
func (p *Plan) port(e linkEnd) model.Port {
	if e%2 == 0 {
		return p.inv.Links[e/2].A
	}
	return p.inv.Links[e/2].B
}

// linkRows finds the ports of all links' ends, numbers them in their order, and says of each end at which of the
// plan's devices it is; -1: at none.
func (p *Plan) linkRows() (rows []linkRow, devices []int32) {
	links := p.inv.Links
	rows = make([]linkRow, len(links))
	for i := range links {
		rows[i] = linkRow{Link: &links[i], a: -1, b: -1}
	}
	devices = p.devicesOfEnds()
	for _, e := range p.endsByPort(devices) {
		if n := len(p.ports); n == 0 || p.port(p.ports[n-1]) != p.port(e) {
			p.ports = append(p.ports, e)
		}
		if at := int32(len(p.ports) - 1); e%2 == 0 {
			rows[e/2].a = at
		} else {
			rows[e/2].b = at
		}
	}
	p.ports = slices.Clip(p.ports)
	return rows, devices
}

func (p *Plan) devicesOfEnds() []int32 {
	index := make(map[string]int32, len(p.devices))
	for i := range p.devices {
		index[p.devices[i].name] = int32(i)
	}
	out := make([]int32, 2*len(p.inv.Links))
	for e := range out {
		out[e] = -1
		if i, ok := index[p.port(linkEnd(e)).Device]; ok {
			out[e] = i
		}
	}
	return out
}

// endsByPort sorts the ends: by device first, of which there are few, then each device's among themselves.
func (p *Plan) endsByPort(devices []int32) []linkEnd {
	first := make([]int32, len(p.devices)) // 1 + a device's first end
	next := make([]int32, len(devices))    // 1 + the next end at the same device
	var strange []linkEnd                  // at devices of no row
	for e := len(devices) - 1; e >= 0; e-- {
		if d := devices[e]; d >= 0 {
			first[d], next[e] = int32(e)+1, first[d]
		} else if p.port(linkEnd(e)).Device != "" {
			strange = append(strange, linkEnd(e))
		}
	}
	out := make([]linkEnd, 0, len(devices))
	for _, e := range first {
		from := len(out)
		for ; e != 0; e = next[e-1] {
			out = append(out, linkEnd(e-1))
		}
		slices.SortFunc(out[from:], func(a, b linkEnd) int { return strings.Compare(p.port(a).IfName, p.port(b).IfName) })
	}
	if len(strange) > 0 {
		out = append(out, strange...)
		slices.SortFunc(out, func(a, b linkEnd) int { return comparePort(p.port(a), p.port(b)) })
	}
	return out
}

func comparePort(a, b model.Port) int {
	if c := strings.Compare(a.Device, b.Device); c != 0 {
		return c
	}
	return strings.Compare(a.IfName, b.IfName)
}
