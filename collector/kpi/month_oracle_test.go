package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// The oracle of stage 2: one array element per second, rules applied one after another.

// second is what an entity is in one second.
type second struct {
	base    State
	out     bool // no inventory row
	planned bool
	final   State
}

type oracleMonth struct {
	w       *world
	from    int64 // of the arrays
	to      int64
	devices map[string][]second
	ports   map[model.Port]*oracleLine
	links   map[string][]second
	speeds  map[portAt]int64
	groups  map[group]*oracleGroup
	sums    map[string]Sums
	outages []Outage
	flaps   []Outage
	windows []int64 // of burn rates
	made    map[string]*oracleComposite
}

type oracleGroup struct {
	entities int
	sums     Sums
	weighted [4]int64
	weighs   bool // something in it has a weight

	expected, wexpected int64
}

func newOracle(w *world) *oracleMonth {
	// What is down when the observations end is so until its hold ends.
	o := &oracleMonth{w: w, from: w.from.Start(), to: w.to.Start() + hold(MaxInterval), devices: map[string][]second{}, ports: map[model.Port]*oracleLine{}, links: map[string][]second{}, speeds: map[portAt]int64{}, groups: map[group]*oracleGroup{}, sums: map[string]Sums{}}
	for p := range w.counts {
		o.ports[p] = oracleTimeline(oneASecond(w.seen[p]), o.from, o.to)
		if w.served[p] != nil {
			o.ports[p] = portLine(o.ports[p], oracleTimeline(oneASecond(w.served[p]), o.from, o.to))
		}
		if w.lost[p] != nil && !w.inv.Targets.IgnoreUnavailable {
			o.ports[p].count(oracleUnavailable(w.lost[p], o.from, o.to))
		}
	}
	for _, p := range w.aggregated() {
		o.ports[p] = oracleTimeline(oneASecond(w.seen[p]), o.from, o.to)
	}
	lines := map[string]*oracleLine{}
	for _, name := range []string{"d0", "d1", "d2"} {
		lines[name] = oracleTimeline(oneASecond(w.seen[model.Port{Device: name}]), o.from, o.to)
	}
	for name, l := range lines {
		o.devices[name] = o.device(name, l, lines)
	}
	for _, name := range []string{"d0", "d1", "d2"} {
		o.count(o.deviceThing(name), o.devices[name])
	}
	return o
}

// rowOf is the device's row at t.
func (o *oracleMonth) rowOf(name string, t int64) *model.Device {
	for i := range o.w.inv.Devices {
		if r := &o.w.inv.Devices[i]; r.Name == name && r.From <= t && t < r.To {
			return r
		}
	}
	return nil
}

func (o *oracleMonth) device(name string, l *oracleLine, lines map[string]*oracleLine) []second {
	base := slices.Clone(l.state)
	if name == "d1" { // its gateway is d0, in every row
		gateway := stretchesOf(lines["d0"].state, Down)
		for _, r := range stretchesOf(l.state, Down) {
			poll := int64(l.poll[r.from])
			covered := slices.ContainsFunc(o.rowSpans(name), func(v span) bool { return v.from < r.to+o.from && v.to > r.from+o.from })
			why := func(g span) bool { return r.from >= g.from-poll && r.to <= g.to+poll }
			if covered && slices.ContainsFunc(gateway, why) {
				for t := r.from; t < r.to; t++ {
					base[t] = Unknown
				}
			}
		}
	}
	out := make([]second, len(base))
	for _, x := range o.stretches(o.from, o.to) {
		row, planned := o.rowOf(name, x.from), len(o.deviceWindows(name, x.from)) > 0
		for t := x.from; t < x.to; t++ {
			out[t-o.from] = second{base: base[t-o.from], out: row == nil, planned: planned}
			out[t-o.from].decide()
		}
	}
	return out
}

// stretches cuts time wherever a row or a window begins or ends: within one the files say the same
// in every second, so that they are asked only once.
func (o *oracleMonth) stretches(from, to int64) []span {
	cuts := []int64{from, to}
	for _, r := range o.w.inv.Devices {
		cuts = append(cuts, r.From, r.To)
	}
	for _, l := range o.w.inv.Links {
		cuts = append(cuts, l.From, l.To)
	}
	for _, w := range o.w.inv.Windows {
		cuts = append(cuts, w.Start, w.End)
	}
	for _, f := range o.w.inv.Freezes {
		cuts = append(cuts, f.Start, f.End)
	}
	for _, c := range o.w.inv.Composites {
		cuts = append(cuts, c.From, c.To)
	}
	slices.Sort(cuts)
	var out []span
	for i := 1; i < len(cuts); i++ {
		if s := (span{cuts[i-1], cuts[i]}); s.from >= from && s.to <= to && s.from < s.to {
			out = append(out, s)
		}
	}
	return out
}

func (o *oracleMonth) rowSpans(name string) []span {
	var out []span
	for _, r := range o.w.inv.Devices {
		if r.Name == name {
			out = append(out, span{r.From, r.To})
		}
	}
	return out
}

func (s *second) decide() {
	switch {
	case s.out || s.base == Excluded:
		s.final = Excluded
	case s.planned && (s.base == Down || s.base == Unknown):
		s.final = Maint
	default:
		s.final = s.base
	}
}

func covers(s model.Scope, row *model.Device) bool {
	switch s.Kind {
	case model.ScopeDevice:
		return s.Key == row.Name
	case model.ScopeSite:
		return s.Key == row.Site
	case model.ScopeProvince:
		return s.Key == row.Province
	case model.ScopeSystem:
		return s.Key == string(row.System)
	}
	return false
}

// stretchesOf are the maximal stretches of a state, as indexes.
func stretchesOf(states []State, want State) []span {
	var out []span
	for i, s := range states {
		if s != want {
			continue
		}
		if n := len(out); n > 0 && out[n-1].to == int64(i) {
			out[n-1].to++
			continue
		}
		out = append(out, span{int64(i), int64(i) + 1})
	}
	return out
}

// count adds an entity's seconds to itself and its groups, and lists its outages.
func (o *oracleMonth) count(of thing, line []second) {
	start, level, name := o.w.start, of.level, of.name
	in := map[group]*Sums{}
	var all Sums
	for _, x := range o.stretches(start, o.w.end) {
		var part Sums
		for t := x.from; t < x.to; t++ {
			part.tick(line[t-o.from])
		}
		all.merge(part)
		for _, g := range o.groupsAt(level, name, x.from) {
			if in[g] == nil {
				in[g] = &Sums{}
			}
			in[g].merge(part)
		}
	}
	for _, out := range o.outagesOf(of, line) {
		if out.From >= start {
			for _, s := range append([]*Sums{&all}, sumsAt(in, o.groupsAt(level, name, out.From))...) {
				if out.Counted {
					s.Outages++
				} else {
					s.Flaps++
				}
			}
		}
		o.outages = append(o.outages, out)
	}
	o.sums[name] = all
	for g, s := range in {
		s.Excluded += o.w.end - start - s.Up - s.Down - s.Unknown - s.MaintDown - s.MaintUnknown - s.Excluded
		if o.groups[g] == nil {
			o.groups[g] = &oracleGroup{}
		}
		og := o.groups[g]
		og.entities++
		og.sums.merge(*s)
		for i, n := range []int64{s.Up, s.Down, s.Unknown, s.MaintDown} {
			og.weighted[i] += n * o.weight(level, name)
		}
	}
	for _, x := range o.stretches(o.w.month.Start(), o.w.month.End()) {
		for _, g := range o.groupsAt(level, name, x.from) {
			if o.groups[g] == nil {
				o.groups[g] = &oracleGroup{}
			}
			o.groups[g].expected += x.to - x.from
			o.groups[g].wexpected += (x.to - x.from) * o.weight(level, name)
			o.groups[g].weighs = o.groups[g].weighs || o.weight(level, name) > 0
		}
	}
}

func sumsAt(in map[group]*Sums, gs []group) []*Sums {
	var out []*Sums
	for _, g := range gs {
		out = append(out, in[g])
	}
	return out
}

func (s *Sums) tick(x second) {
	switch x.final {
	case Up:
		s.Up++
	case Down:
		s.Down++
	case Unknown:
		s.Unknown++
	case Excluded:
		s.Excluded++
	case Maint:
		if x.base == Down {
			s.MaintDown++
		} else {
			s.MaintUnknown++
		}
	}
}

func (o *oracleMonth) groupsAt(level Level, name string, t int64) []group {
	if level == LevelLink {
		return o.linkGroupsAt(name, t)
	}
	row := o.rowOf(name, t)
	if row == nil {
		return nil
	}
	out := []group{{level: level, system: row.System}}
	if row.System != "vn2" {
		out = append(out, group{province: row.Province, level: level, system: row.System})
	}
	return out
}

// weight is that of the first row that ends after the month's start; of links, that has one.
func (o *oracleMonth) weight(level Level, name string) int64 {
	for _, r := range o.w.inv.Devices {
		if level == LevelDevice && r.Name == name && r.To > o.w.month.Start() {
			return r.Subscribers
		}
	}
	for _, l := range o.w.inv.Links {
		if level == LevelLink && l.Name == name && l.To > o.w.month.Start() && l.CapacityMbps > 0 {
			return l.CapacityMbps
		}
	}
	return 0
}

// verdict is what the target of a group, 0.9 if it has one, says of it.
func (o *oracleMonth) verdict(g *oracleGroup, system model.System) (Status, bool) {
	limit := 0.5
	if o.w.day {
		limit = 0.25
	}
	sums := [4]int64{g.sums.Up, g.sums.Down, g.sums.Unknown, g.sums.MaintDown}
	t := o.w.inv.Targets.Availability[system]
	if t.Weighted && g.weighs {
		sums = g.weighted
	}
	up, down, unknown, tested := float64(sums[0]), float64(sums[1]), float64(sums[2]), float64(sums[1])
	if t.Test == "gross" {
		tested += float64(sums[3])
	}
	switch {
	case up+tested == 0:
		return NoData, false
	case unknown > limit*(up+down+unknown):
		return Insufficient, false
	case t.Target.Den == 0:
		return NoTarget, false
	}
	return OK, 10*up >= 9*(up+tested)
}
