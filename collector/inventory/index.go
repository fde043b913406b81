package inventory

import (
	"iter"

	"github.com/haidang-noc/haidang/collector/model"
)

// Index answers what the collector asks of an inventory. It is built once, holds only positions in
// the inventory's slices, and is safe for concurrent use because nothing in it changes.
type Index struct {
	*model.Inventory
	devices   map[string]span
	links     map[string]span
	ports     map[model.Port]int32 // 1 + the first end at this port
	ends      []int32              // per end 1 + the next end at the same port; link i has ends 2i (A) and 2i+1 (B)
	windows   map[model.Scope][]*model.Window
	provinces map[string][]*model.Province
}

// span is a run of rows with one key.
type span struct{ first, end int32 }

// NewIndex indexes an inventory, which must be sorted as its type promises and is not copied.
func NewIndex(inv *model.Inventory) *Index {
	x := &Index{
		Inventory: inv,
		devices:   spans(len(inv.Devices), func(i int) string { return inv.Devices[i].Name }),
		links:     spans(len(inv.Links), func(i int) string { return inv.Links[i].Name }),
		provinces: map[string][]*model.Province{},
	}
	x.indexPorts()
	x.indexWindows()
	for i := range inv.Provinces {
		p := &inv.Provinces[i]
		x.provinces[p.Code] = append(x.provinces[p.Code], p)
	}
	return x
}

// spans indexes n rows that are sorted by key.
func spans(n int, key func(int) string) map[string]span {
	m := make(map[string]span, n)
	for first := 0; first < n; {
		end := first + 1
		for end < n && key(end) == key(first) {
			end++
		}
		m[key(first)] = span{int32(first), int32(end)}
		first = end
	}
	return m
}

// indexPorts chains the ends of each port: nearly every port has one, so the chain costs 4 bytes
// an end and no allocation.
func (x *Index) indexPorts() {
	x.ports = make(map[model.Port]int32, 2*len(x.Links))
	x.ends = make([]int32, 2*len(x.Links))
	for e := len(x.ends) - 1; e >= 0; e-- { // backwards: the chain then runs forwards
		if p := x.port(e); p.Device != "" {
			x.ends[e] = x.ports[p]
			x.ports[p] = int32(e) + 1
		}
	}
}

// port is the port of an end.
func (x *Index) port(end int) model.Port {
	if end%2 == 0 {
		return x.Links[end/2].A
	}
	return x.Links[end/2].B
}

// DeviceRows are all rows of a device, in the order of their validity; none if it is unknown.
func (x *Index) DeviceRows(name string) []model.Device {
	s := x.devices[name]
	return x.Devices[s.first:s.end]
}

// Device is the row of a device that holds at the instant at, or nil.
func (x *Index) Device(name string, at int64) *model.Device {
	rows := x.DeviceRows(name)
	for i := range rows {
		if rows[i].Covers(at) {
			return &rows[i]
		}
	}
	return nil
}

// LinkRows are all rows of a link, in the order of their validity.
func (x *Index) LinkRows(name string) []model.Link {
	s := x.links[name]
	return x.Links[s.first:s.end]
}

// LinksAt yields every link row that ever had an end at the port, whatever its validity.
func (x *Index) LinksAt(p model.Port) iter.Seq[*model.Link] {
	return func(yield func(*model.Link) bool) {
		for e := x.ports[p]; e != 0; e = x.ends[e-1] {
			if !yield(&x.Links[(e-1)/2]) {
				return
			}
		}
	}
}

// Link is the link that has an end at the port at the instant at, or nil.
func (x *Index) Link(p model.Port, at int64) *model.Link {
	for link := range x.LinksAt(p) {
		if link.Covers(at) {
			return link
		}
	}
	return nil
}

// ScopeWindows are the maintenance windows of exactly this scope, in the order of their start.
func (x *Index) ScopeWindows(kind model.ScopeKind, key string) []*model.Window {
	return x.windows[model.Scope{Kind: kind, Key: key}]
}

// Covering yields the windows, planned or not, that cover the device's row at the instant at.
func (x *Index) Covering(d *model.Device, at int64) iter.Seq[*model.Window] {
	scopes := [...]model.Scope{
		{Kind: model.ScopeDevice, Key: d.Name}, {Kind: model.ScopeSite, Key: d.Site},
		{Kind: model.ScopeProvince, Key: d.Province}, {Kind: model.ScopeSystem, Key: string(d.System)},
	}
	return func(yield func(*model.Window) bool) {
		for _, s := range scopes {
			for _, w := range x.windows[s] {
				if w.Start <= at && at < w.End && !yield(w) {
					return
				}
			}
		}
	}
}

// Province is the unit with this code at the instant at, or nil.
func (x *Index) Province(code string, at int64) *model.Province {
	for _, p := range x.provinces[code] {
		if p.Covers(at) {
			return p
		}
	}
	return nil
}

// Units are the provincial units at the instant at, sorted by code.
func (x *Index) Units(at int64) []*model.Province {
	var units []*model.Province
	for i := range x.Provinces {
		if x.Provinces[i].Covers(at) {
			units = append(units, &x.Provinces[i])
		}
	}
	return units
}
