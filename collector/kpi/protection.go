package kpi

import (
	"cmp"
	"maps"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Protection is how a national event went, in the nation ("") or in a province that it covers something of: what
// happened to the P1 elements that it covers, and which changes lay in it. An event that is longer than the period is
// told for its part in the period alone.
type Protection struct {
	Event    model.Freeze
	Province string
	From, To int64 // the event's part within the period
	Elements int   // P1, in service
	Sums     Sums  // of theirs; Outages and Flaps also of failures that began earlier
	Unknown  Number
	Failures []Outage // unplanned, of P1, by (From, Level, Name); Seconds are those within the event
	Unseen   []Unseen // P1 with unknown time, most first; none in a listed month
	Changes  []Change // within the event, by (From, ID, Scope)
	Verdict  Kept
}

// Unseen is the unknown time of one element.
type Unseen struct {
	Level   Level
	Name    string
	Seconds int64
}

// Kept says whether the network was kept safe during an event.
type Kept string

// The verdicts. One outage or one change is enough for NotKept, however much is unknown.
const (
	KeptSafe Kept = "kept"
	NotKept  Kept = "not_kept"
	KeptData Kept = "insufficient_data" // nothing is known to have happened, and too much is unknown
	KeptNone Kept = "no_p1"             // no P1 element was in service, no change was made
)

// Void is how many of the changes nobody had allowed.
func (p *Protection) Void() (n int) {
	for i := range p.Changes {
		if !p.Changes[i].Overridden {
			n++
		}
	}
	return n
}

// guarded is an event as far as it lies in the period, and what it covers, as it was meant.
type guarded struct {
	*model.Freeze
	span
	scopes []model.Scope
}

// guarded are the events that touch the period.
func (p *Plan) guarded(period span) (out []guarded) {
	for i := range p.inv.Freezes {
		f := &p.inv.Freezes[i]
		g := guarded{Freeze: f, span: span{f.Start, f.End}.clip(period)}
		if g.from >= g.to {
			continue
		}
		for _, s := range f.Scopes {
			g.scopes = append(g.scopes, p.inv.Meant(s, f.Start))
		}
		out = append(out, g)
	}
	return out
}

// covers says whether the event covers what any of the scopes covers.
func (g *guarded) covers(scopes []model.Scope) bool {
	return slices.ContainsFunc(g.scopes, func(s model.Scope) bool { return s.Kind == model.ScopeNation || slices.Contains(scopes, s) })
}

// guards is how the events went, by event and province.
type guards map[guardKey]*Protection

type guardKey struct {
	event    int // of the period's
	province string
}

func (g guards) of(key guardKey) *Protection {
	if g[key] == nil {
		g[key] = &Protection{Province: key.province}
	}
	return g[key]
}

func (g guards) join(o guards) {
	for key, more := range o {
		own := g.of(key)
		own.Elements += more.Elements
		own.Sums.merge(more.Sums)
		own.Failures = append(own.Failures, more.Failures...)
		own.Unseen = append(own.Unseen, more.Unseen...)
	}
}

// guardDevice adds a device to the events that cover it.
func (e *evaluation) guardDevice(d *planDevice, m *EntityMonth, l *line, outages []outage) {
	for i := range e.events {
		var there []place
		for k := range d.rows {
			row := &d.rows[k]
			scopes, part := row.Scopes(), span{row.From, row.To}.clip(e.events[i].span)
			if part.from < part.to && e.events[i].covers(scopes[:]) {
				there = while(there, part, provinceOf(e.plan.inv, row), e.plan.inv.Targets.P1(row))
			}
		}
		e.guard(i, there, m, l, outages)
	}
}

// guardComposite adds a composite to the events that cover it, if composites are P1.
func (e *evaluation) guardComposite(c *planComposite, m *EntityMonth, l *line, outages []outage) {
	for i := range e.events {
		var there []place
		for _, r := range c.rows {
			part := r.valid().clip(e.events[i].span)
			if part.from < part.to && e.events[i].covers(r.Frozen()) {
				there = while(there, part, r.Province, e.plan.inv.Targets.Protection.Composites)
			}
		}
		e.guard(i, there, m, l, outages)
	}
}

// while appends where an event covers an element for a time; of one that is not P1 that time counts for nothing.
func while(there []place, s span, province string, p1 bool) []place {
	if !p1 {
		s = span{}
	}
	return append(there, places(province, s)...)
}

// guard adds an element to an event wherever that covers it.
func (e *evaluation) guard(event int, there []place, m *EntityMonth, l *line, outages []outage) {
	for len(there) > 0 {
		key := guardKey{event, there[0].province}
		var times []span
		var rest []place
		for _, p := range there {
			if p.province == key.province {
				times = append(times, p.span)
			} else {
				rest = append(rest, p)
			}
		}
		e.guards.of(key).element(union(times), m, l, outages)
		there = rest
	}
}

// element adds what happened to a P1 element within times; none: it is not P1.
func (p *Protection) element(times []span, m *EntityMonth, l *line, outages []outage) {
	if len(times) == 0 {
		return
	}
	p.Elements++
	var own Sums
	for _, s := range times {
		own.merge(l.sums(s))
	}
	for _, o := range outages {
		switch lost := secondsIn(times, span{o.From, o.To}); {
		case lost == 0:
		case o.short:
			own.Flaps++
		default:
			own.Outages++
			o.Seconds = lost
			p.Failures = append(p.Failures, o.Outage)
		}
	}
	p.Sums.merge(own)
	if own.Unknown > 0 {
		p.Unseen = append(p.Unseen, Unseen{m.Level, m.Name, own.Unknown})
	}
}

// protected is how the events of the period went.
func (e *evaluation) protected() (out []Protection) {
	for i := range e.events {
		e.guards.of(guardKey{i, ""}) // one that covers nothing in service is told, too
		for k := range e.plan.changes {
			c := &e.plan.changes[k]
			if part, ok := c.within(e.events[i].span); ok && e.events[i].ID == c.Freeze {
				p := e.guards.of(guardKey{i, c.province})
				p.Changes = append(p.Changes, part)
			}
		}
	}
	keys := slices.SortedFunc(maps.Keys(e.guards), func(a, b guardKey) int {
		return cmp.Or(cmp.Compare(a.event, b.event), cmp.Compare(a.province, b.province))
	})
	for _, key := range keys {
		p, event := e.guards[key], &e.events[key.event]
		p.Event, p.From, p.To = *event.Freeze, event.from, event.to
		p.close(e.plan.inv.Targets.Protection.MaxUnknown, e.listed)
		out = append(out, *p)
	}
	return out
}

// close sorts what was added, and judges it.
func (p *Protection) close(maxUnknown model.Ratio, listed bool) {
	p.Failures = inOrder(p.Failures)
	slices.SortFunc(p.Changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Scope.String(), b.Scope.String()))
	})
	slices.SortFunc(p.Unseen, func(a, b Unseen) int {
		return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Name, b.Name))
	})
	if listed {
		p.Unseen = nil
	}
	p.Unknown = p.Sums.UnknownShare()
	switch {
	case len(p.Failures) > 0 || p.Void() > 0:
		p.Verdict = NotKept
	case !p.Unknown.Valid():
		p.Verdict = KeptNone
	case maxUnknown.Den != 0 && p.Unknown.Cmp(maxUnknown) > 0:
		p.Verdict = KeptData
	default:
		p.Verdict = KeptSafe
	}
}
