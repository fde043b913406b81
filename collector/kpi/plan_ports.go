package kpi

import (
	"maps"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// linkEnd is an end of a link's row while ports are being numbered.
type linkEnd struct {
	ifName string
	row    int32
	b      bool
}

// linkRows finds the ports and devices of all links' ends, and numbers the ports in their order. Ends are
// sorted by device first, of which there are few, then each device's among themselves.
func linkRows(links []model.Link, devices []planDevice) ([]linkRow, []model.Port) {
	rows := make([]linkRow, len(links))
	index := make(map[string]int32, len(devices))
	for i := range devices {
		index[devices[i].name] = int32(i)
	}
	ends := make(map[string][]linkEnd, len(devices))
	find := func(row int, p model.Port, b bool) int32 {
		if p.Device != "" {
			ends[p.Device] = append(ends[p.Device], linkEnd{p.IfName, int32(row), b})
		}
		if i, ok := index[p.Device]; ok {
			return i
		}
		return -1
	}
	for i := range links {
		l := &links[i]
		rows[i] = linkRow{Link: l, a: -1, b: -1}
		rows[i].deviceA, rows[i].deviceB = find(i, l.A, false), find(i, l.B, true)
	}
	return rows, numberPorts(rows, ends)
}

func numberPorts(rows []linkRow, ends map[string][]linkEnd) []model.Port {
	ports := make([]model.Port, 0, 2*len(rows))
	for _, device := range slices.Sorted(maps.Keys(ends)) {
		own := ends[device]
		slices.SortFunc(own, func(a, b linkEnd) int { return strings.Compare(a.ifName, b.ifName) })
		for i, e := range own {
			if i == 0 || e.ifName != own[i-1].ifName {
				ports = append(ports, model.Port{Device: device, IfName: e.ifName})
			}
			if at := int32(len(ports) - 1); e.b {
				rows[e.row].b = at
			} else {
				rows[e.row].a = at
			}
		}
	}
	return ports
}

func comparePort(a, b model.Port) int {
	if c := strings.Compare(a.Device, b.Device); c != 0 {
		return c
	}
	return strings.Compare(a.IfName, b.IfName)
}
