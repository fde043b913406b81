package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// ShardSum adds up the traffic of one shard's links, day after day. It is for one goroutine.
type ShardSum struct {
	lines *Lines
	shard *planShard
	work  linkDay
	sum   *Traffic
}

// Sum begins the sum of a shard, or goes on with what an earlier one left, which it takes over.
func (l *Lines) Sum(shard int, sofar *Traffic) *ShardSum {
	s := &ShardSum{lines: l, shard: &l.plan.shards[shard], sum: sofar}
	if sofar == nil {
		s.sum = &Traffic{Links: make([]LinkTraffic, len(s.shard.links))}
	}
	s.work = linkDay{plan: l.plan, ports: make([]*PortDay, len(s.shard.ports)), loads: loads{}}
	return s
}

// Add adds one local day up to the instant end (0: all of it), later than all before it. ports are lists of
// the shards that Plan.Needs names, each sorted; those of other days are ignored, and none is kept.
func (s *ShardSum) Add(d model.Day, end int64, ports ...[]PortDay) {
	if end == 0 {
		end = d.End()
	}
	clear(s.work.ports)
	for _, list := range ports {
		s.shard.place(s.lines.plan, d, list, s.work.ports)
	}
	for i, at := range s.shard.links {
		l := &s.lines.plan.links[at]
		ln := l.line(s.lines.seen)
		s.work.sum(&s.sum.Links[i], l, &ln, d, end)
	}
	if len(s.work.loads) > 0 {
		s.sum.Capacity = mergeCapacity(s.sum.Capacity, s.work.loads.sums(s.lines.plan))
		clear(s.work.loads)
	}
}

// Traffic is the sum so far. More may be added afterwards, which changes it.
func (s *ShardSum) Traffic() *Traffic { return s.sum }

// Finish puts the sum so far where Month reads it.
func (s *ShardSum) Finish(into *MonthTraffic) {
	for i, at := range s.shard.links {
		into.Links[at] = s.sum.Links[i].total()
	}
	if len(s.sum.Capacity) > 0 {
		into.Capacity = mergeCapacity(into.Capacity, s.sum.Capacity)
	}
}

// sumUp computes the traffic of the period from the chunks.
func (e *evaluation) sumUp(l *Lines, chunks []*DayChunk) *MonthTraffic {
	t := e.plan.NewMonthTraffic()
	first, end := e.month.First(), model.DayOf(e.period.to-1)+1
	for d := first; d < end; d++ {
		t.Reports = t.Plus(e.plan.Reports(d, e.period.to, chunks))
	}
	var split [][Shards][]PortDay
	for _, c := range chunks {
		if c != nil && len(c.Ports) > 0 {
			split = append(split, SplitPorts(c.Ports))
		}
	}
	for shard := range e.plan.shards {
		s := l.Sum(shard, nil)
		var ports [][]PortDay
		for _, need := range e.plan.Needs(shard) {
			for i := range split {
				ports = append(ports, split[i][need])
			}
		}
		for d := first; d < end; d++ {
			s.Add(d, e.period.to, ports...)
		}
		s.Finish(t)
	}
	return t
}

// NewMonthTraffic has room for the plan's links.
func (p *Plan) NewMonthTraffic() *MonthTraffic {
	return &MonthTraffic{Links: make([]LinkTotal, len(p.links))}
}

// load finds a composite's load.
func (t *MonthTraffic) load(name string) *CapacityLoad {
	i := slices.IndexFunc(t.Capacity, func(c CapacityLoad) bool { return c.Composite == name })
	if i < 0 {
		return nil
	}
	return &t.Capacity[i]
}
