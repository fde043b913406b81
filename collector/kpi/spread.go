package kpi

import (
	"runtime"
	"sync"
)

// spread has the work on n entities done by as many goroutines as may run at once, each on a stretch of its
// own; what they add up is joined in the entities' order, so that nobody can tell.
func (e *evaluation) spread(n int, work func(part *evaluation, from, to int)) {
	parts := make([]*evaluation, min(runtime.GOMAXPROCS(0), n/spreadAtLeast+1))
	if len(parts) == 1 {
		work(e, 0, n)
		return
	}
	var all sync.WaitGroup
	for i := range parts {
		from, to := i*n/len(parts), (i+1)*n/len(parts)
		parts[i] = e.part(from, to)
		all.Go(func() { work(parts[i], from, to) })
	}
	all.Wait()
	for _, part := range parts {
		e.join(part)
	}
}

// spreadAtLeast is how many entities are worth a goroutine.
const spreadAtLeast = 1000

// part is an evaluation of entities [from, to), which writes what it makes of them where it will stand.
func (e *evaluation) part(from, to int) *evaluation {
	p := *e
	p.tallies = newTallies(e.plan)
	p.out.Outages = nil
	p.out.Entities = room(e.out.Entities, from, to)
	p.out.Links = room(e.out.Links, from, to)
	return &p
}

// room is an empty slice in what list can still take, for its elements [from, to) from now on.
func room[T any](list []T, from, to int) []T {
	n := len(list)
	if n+to > cap(list) {
		return nil
	}
	return list[n+from : n+from : n+to]
}

func (e *evaluation) join(p *evaluation) {
	for i := range e.groups {
		e.groups[i].join(&p.groups[i])
		e.ratio[i].join(&p.ratio[i])
	}
	e.guards.join(p.guards)
	e.sampled.join(p.sampled)
	e.out.Entities = append(e.out.Entities, p.out.Entities...)
	e.out.Links = append(e.out.Links, p.out.Links...)
	e.out.Outages = append(e.out.Outages, p.out.Outages...)
}

func newTallies(p *Plan) tallies {
	t := tallies{groups: make([]Availability, len(p.groups)), ratio: make([]ratioGroup, len(p.groups)), guards: guards{}, sampled: sampled{}}
	for i, g := range p.groups {
		t.groups[i] = Availability{Province: g.province, Level: g.level, System: g.system, Class: g.class}
	}
	return t
}

// join adds what was counted elsewhere.
func (a *Availability) join(b *Availability) {
	a.Entities += b.Entities
	a.Expected += b.Expected
	a.WExpected = a.WExpected.Add(b.WExpected)
	a.Unconfirmed += b.Unconfirmed
	a.Restarts += b.Restarts
	a.Sums.merge(b.Sums)
	a.Weighted.merge(&b.Weighted)
}

func (w *WSums) merge(o *WSums) {
	w.Up = w.Up.Add(o.Up)
	w.Down = w.Down.Add(o.Down)
	w.Unknown = w.Unknown.Add(o.Unknown)
	w.MaintDown = w.MaintDown.Add(o.MaintDown)
}

func (c *ratioGroup) join(o *ratioGroup) {
	c.met = c.met || o.met
	c.Congestion = c.Congestion.plus(o.Congestion)
}
