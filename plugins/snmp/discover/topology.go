package discover

import (
	"cmp"
	"fmt"
	"slices"
)

// End is a port of a device.
type End struct {
	Device int // place in the list of devices
	IfName string
}

// Edge is a link between two devices that were found.
type Edge struct{ A, B End }

// Topology is how the devices hang together.
type Topology struct {
	Edges   []Edge
	Parents []int    // by device: the gateway towards the agent, or one of the following
	Strange []string // neighbours that were not found, and ports with several: for people
	joined  [][]int
}

// What a device's parent can be beside another device.
const (
	NoParent = -1 // it is at the top
	Unknown  = -2 // no way from it to the top was seen
)

// half is what one device knows of a link.
type half struct {
	near, far End
}

// Topology matches what each device knows of its neighbours with what these know, and works out who is whose gateway: the
// nearest device that is on every way from the top. tops are the devices at which these ways end.
func topology(devices []*Device, tops []bool) *Topology {
	t := &Topology{joined: make([][]int, len(devices))}
	t.link(t.halves(devices))
	for _, l := range t.joined {
		slices.Sort(l)
	}
	t.Parents = gateways(t.joined, tops)
	return t
}

// halves finds the device behind each neighbour.
func (t *Topology) halves(devices []*Device) []half {
	index := newIndex(devices)
	var out []half
	for i, d := range devices {
		at := map[uint32]int{}
		for _, n := range d.Neighbours {
			at[n.Port]++
		}
		for _, n := range d.Neighbours {
			name := d.ports[n.Port].name()
			far, ok := index.find(n)
			if !ok {
				t.Strange = append(t.Strange, fmt.Sprintf("%s %s: neighbour %s was not found", d.Name, name, cmp.Or(n.SysName, "without a name")))
			}
			if !ok || far == i {
				continue
			}
			t.join(i, far)
			if n.Port == NoPort {
				continue
			}
			if at[n.Port] > 1 {
				t.Strange = append(t.Strange, fmt.Sprintf("%s %s: %d neighbours at one port, so no link is proposed", d.Name, name, at[n.Port]))
				continue
			}
			out = append(out, half{End{i, name}, End{far, farName(devices[far], n)}})
		}
	}
	return out
}

func (t *Topology) join(a, b int) {
	if !slices.Contains(t.joined[a], b) {
		t.joined[a] = append(t.joined[a], b)
	}
	if !slices.Contains(t.joined[b], a) {
		t.joined[b] = append(t.joined[b], a)
	}
}

// farName is how the far device itself calls the port that a neighbour tells of.
func farName(far *Device, n Neighbour) string {
	for _, p := range far.ports {
		if p.kind == n.PortKind && p.id == n.PortID {
			return p.name()
		}
	}
	if n.PortKind == ifNameKind {
		return clean([]byte(n.PortID))
	}
	return ""
}

// link makes links of halves: two that say the same are one.
func (t *Topology) link(halves []half) {
	byEnd := map[End]half{}
	for _, h := range halves {
		byEnd[h.near] = h
	}
	done := map[End]bool{}
	for _, h := range halves {
		if h.near.IfName == "" || done[h.near] {
			continue
		}
		if h.far.IfName == "" {
			h.far = t.onlyEnd(halves, h)
		}
		if back, ok := byEnd[h.far]; done[h.far] || ok && back.far.Device != h.near.Device {
			continue // the ends do not agree
		}
		done[h.near], done[h.far] = true, h.far.IfName != ""
		t.Edges = append(t.Edges, Edge{h.near, h.far})
	}
}

// onlyEnd is the far end of a half that does not tell its port: it is known if only one link joins the two devices.
func (t *Topology) onlyEnd(halves []half, h half) End {
	var back []End
	for _, o := range halves {
		if o.near.Device == h.far.Device && o.far.Device == h.near.Device {
			back = append(back, o.near)
		}
		if o.near.Device == h.near.Device && o.far.Device == h.far.Device && o != h {
			return h.far
		}
	}
	if len(back) == 1 {
		return back[0]
	}
	return h.far
}

// index finds devices by what neighbours say of them.
type index struct {
	chassis, name map[string]int // ambiguous: the place of ambiguous
}

const ambiguous = -1

func newIndex(devices []*Device) *index {
	x := &index{map[string]int{}, map[string]int{}}
	enter := func(m map[string]int, key string, i int) {
		if _, there := m[key]; there {
			i = ambiguous
		}
		m[key] = i
	}
	for i, d := range devices {
		if d.Chassis != "" {
			enter(x.chassis, d.Chassis, i)
		}
		if d.SysName != "" {
			enter(x.name, plain(d.SysName), i)
		}
	}
	return x
}

// plain is a name as everybody would write it: some tell their neighbours the domain, too.
func plain(sysName string) string { return Names{Lower: true}.name(sysName) }

// find goes by the chassis; a name will do for a device that does not tell its own.
func (x *index) find(n Neighbour) (int, bool) {
	for _, by := range []struct {
		m   map[string]int
		key string
	}{{x.chassis, n.Chassis}, {x.name, plain(n.SysName)}} {
		if i, ok := by.m[by.key]; ok && i != ambiguous && by.key != "" {
			return i, true
		}
	}
	return 0, false
}
