package kpi

import (
	"cmp"
	"slices"
	"sort"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
)

// Plan is an inventory prepared for stage 2: who belongs to which group when, what is in service
// and in a planned window when, sorted for one pass over the chunks. It is immutable and safe for
// concurrent use; a reload makes a new one. Rows of one device or link must not overlap.
type Plan struct {
	inv     *model.Inventory
	hash    string
	devices []planDevice // by name
	ports   []linkEnd    // an end at each of the links' ports, sorted by port
	links   []planLink   // by name
	groups  []group      // by (province, level, system, class)
	changes []planChange

	radio *ran.Plan

	composites []planComposite // each after those it is made of
	shards     []planShard     // of links

	lags     []planLAG
	lagPorts []model.Port // their members, sorted
}

// group is one line of MonthResult.Availability.
type group struct {
	province string
	level    Level
	system   model.System
	class    model.LinkClass
}

func (g group) compare(o group) int {
	return cmp.Or(cmp.Compare(g.province, o.province), cmp.Compare(g.level, o.level),
		cmp.Compare(g.system, o.system), cmp.Compare(g.class, o.class))
}

// member says when an entity belongs to a group.
type member struct {
	group int32 // index in Plan.groups
	spans []span
}

// planDevice is one device with all its rows.
type planDevice struct {
	name    string
	rows    []model.Device
	service []span
	windows []window // planned, clipped to the rows they cover
	planned []span   // their union
	members []member
}

// NewPlan prepares an inventory, which must not change afterwards.
func NewPlan(inv *model.Inventory) *Plan {
	p := &Plan{inv: inv, hash: inv.Hash + "/" + inv.Targets.Hash}
	g := grouping{index: map[group]int32{}}
	w := newCalendar(inv)
	p.devices = planDevices(inv, w, &g)
	stays := p.planLinks(w, &g)
	p.radio = p.planRadio()
	p.composites = planComposites(p, w)
	p.addCables()
	p.cut()
	p.changes = w.changes()
	p.groups = g.sorted(func(renumber []int32) {
		for i := range p.devices {
			renumberMembers(p.devices[i].members, renumber)
		}
		for _, s := range stays {
			renumberMembers(s.members, renumber)
		}
	})
	return p
}

// Hash names the files and targets the plan was made of.
func (p *Plan) Hash() string { return p.hash }

// device finds a device by name.
func (p *Plan) device(name string) *planDevice {
	if i := p.deviceIndex(name); i >= 0 {
		return &p.devices[i]
	}
	return nil
}

func (p *Plan) deviceIndex(name string) int {
	i := sort.Search(len(p.devices), func(i int) bool { return p.devices[i].name >= name })
	if i < len(p.devices) && p.devices[i].name == name {
		return i
	}
	return -1
}

func planDevices(inv *model.Inventory, w *calendar, g *grouping) []planDevice {
	out := make([]planDevice, 0, len(inv.Devices)) // few have several rows
	for lo := 0; lo < len(inv.Devices); {
		hi := lo + 1
		for hi < len(inv.Devices) && inv.Devices[hi].Name == inv.Devices[lo].Name {
			hi++
		}
		d := planDevice{name: inv.Devices[lo].Name, rows: inv.Devices[lo:hi]}
		for i := range d.rows {
			row := &d.rows[i]
			valid := span{row.From, row.To}
			d.service = append(d.service, valid)
			d.windows = w.coverDevice(d.windows, row)
			for _, at := range places(provinceOf(inv, row), valid) {
				d.members = g.add(d.members, group{province: at.province, level: LevelDevice, system: row.System}, valid)
				if row.Tagged(model.TagVIP) {
					d.members = g.add(d.members, group{province: at.province, level: LevelTagged, system: model.TagVIP}, valid)
				}
			}
		}
		d.service = union(d.service)
		d.planned = unionOf(d.windows)
		out = append(out, d)
		lo = hi
	}
	return out
}

// provinceOf is the province that holds the row: none for a national system.
func provinceOf(inv *model.Inventory, row *model.Device) string {
	if inv.Targets.Availability[row.System].National {
		return ""
	}
	return row.Province
}

// grouping numbers the groups as they are met.
type grouping struct {
	index map[group]int32
	all   []group
}

func (g *grouping) add(ms []member, key group, s span) []member {
	i, ok := g.index[key]
	if !ok {
		i = int32(len(g.all))
		g.index[key] = i
		g.all = append(g.all, key)
	}
	for k := range ms {
		if ms[k].group == i {
			ms[k].spans = union(append(ms[k].spans, s))
			return ms
		}
	}
	return append(ms, member{group: i, spans: []span{s}})
}

// sorted puts the groups in order and hands the new numbers to apply.
func (g *grouping) sorted(apply func(renumber []int32)) []group {
	order := make([]int32, len(g.all))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return g.all[a].compare(g.all[b]) })
	renumber := make([]int32, len(g.all))
	out := make([]group, len(g.all))
	for to, from := range order {
		renumber[from], out[to] = int32(to), g.all[from]
	}
	apply(renumber)
	return out
}

func renumberMembers(ms []member, renumber []int32) {
	for i := range ms {
		ms[i].group = renumber[ms[i].group]
	}
	slices.SortFunc(ms, func(a, b member) int { return cmp.Compare(a.group, b.group) })
}
