package kpi

import (
	"cmp"

	"github.com/haidang-noc/haidang/collector/model"
)

// links evaluates links: their time lines, then their traffic.
func (e *evaluation) links(from, to int) {
	var at stayed
	for i := from; i < to; i++ {
		l := &e.plan.links[i]
		if secondsIn(l.service, e.whole) == 0 {
			continue
		}
		if at.stay != l.linkStay { // of neighbours it is the same as a rule
			at = e.stayed(l.linkStay)
		}
		ln := l.line(e.seen)
		m := EntityMonth{
			Level: LevelLink, Name: l.name(), Class: l.lastRow(e.period).Class, Provinces: at.provinces,
			Weight: l.capacity(e.whole.from),
		}
		e.entity(&m, &ln, l.members, l.windows)
		if !e.day && secondsIn(l.service, e.period) > 0 {
			t := &e.carried.Links[i]
			at.sampled(Sampled{Slots: int64(min(t.In.Slots, t.Out.Slots)), Expected: int64(t.Expected), Conflicts: int64(t.Conflicts)})
			e.link(l, t, &m)
		}
	}
}

// link adds one link's congestion.
func (e *evaluation) link(l *planLink, t *LinkTotal, m *EntityMonth) {
	row := l.lastRow(e.period)
	out := LinkMonth{
		Link: l.name(), Port: row.A, Class: m.Class, Provinces: m.Provinces,
		CapacityMbps: cmp.Or(m.Weight, int64(t.SpeedMbps)),
		In:           t.In.month(), Out: t.Out.month(), Expected: t.Expected,
		Coverage:       Quo(int64(min(t.In.Slots, t.Out.Slots)), int64(t.Expected)),
		CongestedHours: t.CongestedHours, DropDays: t.DropDays, Resets: t.Resets, Conflicts: int32(t.Conflicts),
	}
	out.P95 = max(out.In.P95, out.Out.P95)
	rule, known := e.plan.inv.Targets.Congestion[m.Class]
	switch {
	case !known:
		out.NotEvaluated = NoRule
	case e.shortService(rule, e.period.seconds()-m.Sums.Excluded):
		out.NotEvaluated = ShortService
	case !out.covered(rule.MinCoverage):
		out.NotEvaluated = LowCoverage
	default:
		out.Congested = congested(rule, out.P95, out.DropDays)
	}
	if !e.listed || out.Congested || out.NotEvaluated != "" {
		e.out.Links = append(e.out.Links, out)
	}
	for _, mem := range l.members {
		if e.plan.groups[mem.group].class == m.Class && secondsIn(mem.spans, e.period) > 0 {
			e.ratio[mem.group].met = true
			e.ratio[mem.group].add(&out)
		}
	}
}

// shortService says that a link was in service for less than the rule's days. Of a running month
// it asks the same share.
func (e *evaluation) shortService(rule model.ClassRule, seconds int64) bool {
	return seconds*e.whole.seconds() < int64(rule.MinServiceDays)*model.DaySeconds*e.period.seconds()
}

func (m *LinkMonth) covered(minimum model.Ratio) bool {
	return m.Coverage.Valid() && (minimum.Den == 0 || m.Coverage.Cmp(minimum) >= 0)
}

// congested: the P95 reaches theta, or the busy hour dropped too much on too many days.
func congested(rule model.ClassRule, p95, dropDays int32) bool {
	return int(p95) >= rule.ThetaPerMille || rule.DropDays > 0 && int(dropDays) >= rule.DropDays
}

// ratios are the groups' counts that belong to links, in the groups' order.
func (e *evaluation) ratios() []Congestion {
	var out []Congestion
	for i, g := range e.plan.groups {
		c := &e.ratio[i]
		if !c.met {
			continue
		}
		c.Province, c.Class = g.province, g.class
		c.judge(e.plan.inv.Targets.Congestion[g.class].MaxRatio)
		out = append(out, c.Congestion)
	}
	return out
}

// ratioGroup is a Congestion in the making.
type ratioGroup struct {
	Congestion
	met bool // a link of the group was in service
}

func (c *Congestion) add(l *LinkMonth) {
	switch l.NotEvaluated {
	case ShortService, NoRule:
		return
	case LowCoverage:
		c.Links++
		c.NotEvaluated++
		return
	}
	c.Links++
	c.Evaluated++
	c.CapEvaluated += l.CapacityMbps
	if l.Congested {
		c.Congested++
		c.CapCongested += l.CapacityMbps
	}
}

// judge tests the ratio by count strictly on integers; the ratio by capacity only warns.
func (c *Congestion) judge(limit model.Ratio) {
	c.MaxRatio = limit
	c.Ratio = Quo(int64(c.Congested), int64(c.Evaluated))
	c.CapRatio = Quo(c.CapCongested, c.CapEvaluated)
	switch {
	case c.Evaluated == 0:
		c.Status = NoData
	case limit.Den == 0:
		c.Status = NoTarget
	default:
		c.Status = OK
		c.Meets = c.Ratio.Cmp(limit) < 0
		c.CapWarn = c.CapRatio.Valid() && c.CapRatio.Cmp(limit) >= 0
	}
}
