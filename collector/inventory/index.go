package inventory

import (
	"cmp"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// Index answers what the collector asks of an inventory. It is built once, holds only positions in
// the inventory's slices, and is safe for concurrent use because nothing in it changes.
type Index struct {
	*model.Inventory
	entries   map[string]entry
	ends      []int32 // those at a device's ports stand together, by port; link i has ends 2i (A) and 2i+1 (B)
	windows   map[model.Scope][]*model.Window
	provinces map[string][]*model.Province
	members   map[model.Port]bool // of aggregates
}

// entry is what the inventory has of a device: its rows, and the ends of links at it.
type entry struct{ rows, ends span }

// span is a run of positions.
type span struct{ first, end int32 }

// NewIndex indexes an inventory, which must be sorted as its type promises and is not copied.
func NewIndex(inv *model.Inventory) *Index {
	x := &Index{Inventory: inv, entries: make(map[string]entry, len(inv.Devices)), provinces: map[string][]*model.Province{}}
	x.indexDevices()
	x.indexEnds()
	x.indexWindows()
	x.indexMembers()
	for i := range inv.Provinces {
		p := &inv.Provinces[i]
		x.provinces[p.Code] = append(x.provinces[p.Code], p)
	}
	return x
}

func (x *Index) indexDevices() {
	for first := 0; first < len(x.Devices); {
		name, end := x.Devices[first].Name, first+1
		for end < len(x.Devices) && x.Devices[end].Name == name {
			end++
		}
		x.entries[name] = entry{rows: span{int32(first), int32(end)}}
		first = end
	}
}

// indexEnds sorts the ends by port: by device, of which there are few, and those of each device, which are few,
// among themselves. That costs 4 bytes an end, where a map of ports would cost 50.
func (x *Index) indexEnds() {
	devices, names, counts := x.devicesOfEnds()
	x.ends = gather(devices, counts)
	byPort := func(a, b int32) int {
		return cmp.Or(strings.Compare(x.port(int(a)).IfName, x.port(int(b)).IfName), cmp.Compare(a, b))
	}
	first := int32(0)
	for n, name := range names {
		at := x.entries[name]
		at.ends = span{first, first + counts[n]}
		slices.SortFunc(x.ends[at.ends.first:at.ends.end], byPort)
		x.entries[name], first = at, at.ends.end
	}
}

// devicesOfEnds numbers the devices of links' ends as they are met: of each end its device's number, -1 where it has
// none, and of each number the device and how many ends it has.
func (x *Index) devicesOfEnds() (of []int32, names []string, counts []int32) {
	of = make([]int32, 2*len(x.Links))
	numbers := make(map[string]int32, len(x.entries))
	for e := range of {
		name := x.port(e).Device
		if name == "" {
			of[e] = -1
			continue
		}
		n, known := numbers[name]
		if !known {
			n = int32(len(names))
			numbers[name] = n
			names, counts = append(names, name), append(counts, 0)
		}
		of[e] = n
		counts[n]++
	}
	return of, names, counts
}

// gather lists the positions of the numbers in of that are not negative, those of a number together; counts says how
// many each number has.
func gather(of, counts []int32) []int32 {
	next, total := make([]int32, len(counts)), int32(0)
	for n, count := range counts {
		next[n] = total
		total += count
	}
	out := make([]int32, total)
	for i, n := range of {
		if n >= 0 {
			out[next[n]] = int32(i)
			next[n]++
		}
	}
	return out
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
	s := x.entries[name].rows
	return x.Devices[s.first:s.end]
}

func (x *Index) indexMembers() {
	x.members = map[model.Port]bool{}
	for i := range x.Links {
		if l := &x.Links[i]; l.LAG != nil {
			for _, name := range l.LAG.Members {
				x.members[model.Port{Device: l.A.Device, IfName: name}] = true
			}
		}
	}
}

// Member says whether the port is, or was, a member of an aggregate that is a link's A end.
func (x *Index) Member(p model.Port) bool { return x.members[p] }

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
	first := sort.Search(len(x.Links), func(i int) bool { return x.Links[i].Name >= name })
	end := first
	for end < len(x.Links) && x.Links[end].Name == name {
		end++
	}
	return x.Links[first:end]
}

// LinksAt yields every link row that ever had an end at the port, whatever its validity.
func (x *Index) LinksAt(p model.Port) iter.Seq[*model.Link] {
	return func(yield func(*model.Link) bool) {
		s := x.entries[p.Device].ends
		own := x.ends[s.first:s.end]
		at := sort.Search(len(own), func(i int) bool { return x.port(int(own[i])).IfName >= p.IfName })
		for ; at < len(own) && x.port(int(own[at])).IfName == p.IfName; at++ {
			if !yield(&x.Links[own[at]/2]) {
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

// ScopeWindows are the maintenance windows of exactly this scope, which is no province, in the order of their start.
func (x *Index) ScopeWindows(kind model.ScopeKind, key string) []*model.Window {
	return x.windows[model.Scope{Kind: kind, Key: key}]
}

// Covering yields the windows, planned or not, that cover the device's row at the instant at.
func (x *Index) Covering(d *model.Device, at int64) iter.Seq[*model.Window] {
	return func(yield func(*model.Window) bool) {
		for _, s := range d.Scopes() {
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
