package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Composite is one system with redundancy over the period. Its state is that of its rule over the
// members' time lines, second by second; the numbers of a capacity composite are those of its
// members' Mbit/s.
type Composite struct {
	Availability // Level, Province and System say where it belongs; Entities is the number of members in service
	Name         string
	Rule         model.CompositeRule
	Need         int   // of k_of_n
	Degraded     int64 // seconds UP in which nothing more might fail
	Last         State // at the period's end
	Unprotected  bool  // then
	Members      []CompositeMember
	Outages      []Outage
	Losses       []Loss         // why it was not UP, or without protection
	Capacity     *CapacityMonth // of a capacity composite whose links carried something
}

// CompositeMember is one member, for the time it belongs to the composite.
type CompositeMember struct {
	model.Scope
	Mbps int64
	Sums Sums
}

// composed is what a row's members make of a stretch of time.
type composed struct {
	base     []Interval // by the rule
	spared   []span     // not UP, and would be if the members in planned windows were
	degraded []span
}

// weave makes every composite's time line, each after those it is made of.
func (e *evaluation) weave() {
	e.made = make([]composed, len(e.plan.composites))
	for i := range e.plan.composites {
		c := &e.plan.composites[i]
		for _, r := range c.rows {
			e.made[i].plus(e.compose(c, r, r.valid().clip(e.seen.span)))
		}
	}
}

// composites evaluates every composite.
func (e *evaluation) composites() {
	e.weave()
	for i := range e.plan.composites {
		if c := &e.plan.composites[i]; secondsIn(c.service, e.whole) > 0 && secondsIn(c.service, e.period) > 0 {
			e.out.Composites = append(e.out.Composites, e.composite(c, &e.made[i]))
		}
	}
	slices.SortFunc(e.out.Composites, func(a, b Composite) int { return cmp.Compare(a.Name, b.Name) })
}

func (a *composed) plus(b composed) {
	for _, iv := range b.base {
		a.base = extend(a.base, iv)
	}
	a.spared = append(a.spared, b.spared...)
	a.degraded = append(a.degraded, b.degraded...)
}

// composite is one composite's result.
func (e *evaluation) composite(c *planComposite, made *composed) Composite {
	last := c.lastRow(e.period)
	m := EntityMonth{Level: LevelComposite, Name: c.name, Province: last.Province, System: last.System}
	l := line{base: made.base, service: c.service, windows: made.spared}
	out := Composite{Name: c.name, Rule: last.Rule, Need: last.Need, Degraded: secondsIn(made.degraded, e.period),
		Availability: Availability{Province: last.Province, Level: LevelComposite, System: last.System, Sums: l.sums(e.period), Expected: secondsIn(c.service, e.whole)}}
	for seg := range l.segments(span{e.period.to - 1, e.period.to}) {
		out.Last, out.Unprotected = seg.final(), holds(made.degraded, seg.from)
	}
	outages := e.outages(&m, &l, c.windows)
	for _, o := range outages {
		out.Sums.count(o)
		out.Outages = append(out.Outages, o.Outage)
	}
	e.guardComposite(c, &m, &l, outages)
	for _, r := range c.rows {
		e.members(&out, c, r)
	}
	out.Losses = e.losses(c)
	out.Capacity = e.capacity(c.name)
	out.judge(e.plan.inv.Targets.Composites[c.name], e.limits())
	return out
}

// lastRow is the last row valid during w, or the last one of all.
func (c *planComposite) lastRow(w span) compositeRow {
	for i := len(c.rows) - 1; i >= 0; i-- {
		if c.rows[i].From < w.to && c.rows[i].To > w.from {
			return c.rows[i]
		}
	}
	return c.rows[len(c.rows)-1]
}

// members adds up the members of one row, for its time.
func (e *evaluation) members(out *Composite, c *planComposite, r compositeRow) {
	during := r.valid().clip(e.period)
	if during.seconds() == 0 {
		return
	}
	for i, part := range r.parts {
		l := e.memberLine(c, part)
		m := CompositeMember{Scope: r.Members[i].Scope, Mbps: e.mbps(part), Sums: l.sums(during)}
		if m.Sums.Excluded < during.seconds() {
			out.Entities++
		}
		if r.Rule == model.Capacity {
			out.Weighted.add(m.Sums, m.Mbps)
		}
		out.Members = append(out.Members, m)
	}
}

// carrying is what the Mbit/s of a capacity composite did in w.
func (e *evaluation) carrying(c *planComposite, w span) (out WSums) {
	for _, r := range c.rows {
		during := r.valid().clip(w)
		if r.Rule != model.Capacity || during.seconds() == 0 {
			continue
		}
		for _, part := range r.parts {
			l := e.memberLine(c, part)
			out.add(l.sums(during), e.mbps(part))
		}
	}
	return out
}

// mbps is a member's capacity at the month's start: the row's own, else the inventory's.
func (e *evaluation) mbps(part composedOf) int64 {
	switch {
	case part.mbps > 0 || part.index < 0:
		return part.mbps
	case part.kind == model.ScopeDevice:
		return e.plan.devices[part.index].rowAt(e.whole.from).CapacityMbps
	case part.kind == model.ScopeLink:
		return e.plan.links[part.index].capacity(e.whole.from)
	}
	return 0
}

// memberLine is a member's time line as the composite sees it: a window on the composite is one on
// each of its members. A member that does not exist is UNKNOWN.
func (e *evaluation) memberLine(c *planComposite, part composedOf) line {
	var l line
	switch {
	case part.index < 0:
		l = line{base: []Interval{{From: e.seen.from, To: e.seen.to, State: Unknown}}, service: []span{e.seen.span}}
	case part.kind == model.ScopeDevice:
		l = e.deviceLine(part.index)
	case part.kind == model.ScopeLink:
		l = e.plan.links[part.index].line(e.seen)
	default:
		made := &e.made[part.index]
		l = line{base: made.base, service: e.plan.composites[part.index].service, windows: made.spared}
	}
	if len(c.planned) > 0 {
		l.windows = union(slices.Concat(l.windows, c.planned))
	}
	return l
}

// judge divides, and holds the result against the composite's target.
func (c *Composite) judge(t model.CompositeTarget, limits model.Targets) {
	c.divide()
	c.Target = t.Target
	if c.Rule != model.Capacity {
		c.hold(t.Target, limits.MaxUnknownMonth, model.Test{Gross: t.Gross})
		return
	}
	w := c.Weighted
	c.Net, c.Gross, c.Lo, c.Hi, c.UnknownShare = w.Net(), w.Gross(), w.Lo(), w.Hi(), w.UnknownShare()
	c.Test.Gross = t.Gross
	c.Status, c.Meets = judge(c.Tested(), c.UnknownShare, t.Target, limits.MaxUnknownMonth)
}
