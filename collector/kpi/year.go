package kpi

import (
	"maps"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// Year adds up months, one after the other, and keeps only what they add up to: the numbers of a year are made
// of its counters, never of the months' numbers.
type Year struct {
	plan      *Plan
	available map[group]Availability
	congested map[group]Congestion
	composed  map[string]Composite
	radio     *ran.Total
	probes    *probe.Total
	protected []Protection         // the months', of the nation
	growths   []ran.Growth         // likewise
	months    map[model.Month]bool // whether the month's busy hours have a speed
	speed     bool                 // whether one has
	from, end int64
	whole     int64 // seconds of the months, also those that are not over yet
}

// YearResult is what the months of a year add up to. Its units are those at the start of the last month.
type YearResult struct {
	From, End    int64
	Availability []Availability // as a month's, of all its seconds
	Tagged       []Availability // likewise
	Congestion   []Congestion   // a link counts once for each month
	Protection   []Protection   // the months', of the nation
	Composites   []Composite    // without members, failures and traffic, which are the months'
	Radio        ran.Result
	Samples      []probe.KPI
	Measured     []Measured
	Scores       []score.Card // the nation ("") first, then the units by code
	Units        score.Units
}

// NewYear begins a year under one plan, which every month must have been computed with.
func NewYear(plan *Plan) *Year {
	return &Year{plan: plan, available: map[group]Availability{}, congested: map[group]Congestion{}, composed: map[string]Composite{}, months: map[model.Month]bool{}}
}

// Add takes the next month, in order of time. It keeps nothing of m but sums.
func (y *Year) Add(m *MonthResult) {
	if y.whole == 0 {
		y.from = m.From
	}
	y.end = m.End
	y.whole += m.Month.End() - m.Month.Start()
	for _, a := range slices.Concat(m.Availability, m.Tagged) {
		if key := a.group(); a.Province != UnknownProvince {
			y.available[key] = a.plus(y.available[key])
		}
	}
	for i := range m.Congestion {
		key := group{province: m.Congestion[i].Province, class: m.Congestion[i].Class}
		y.congested[key] = m.Congestion[i].plus(y.congested[key])
	}
	for i := range m.Composites {
		c := &m.Composites[i]
		y.composed[c.Name] = c.plus(y.composed[c.Name])
	}
	for i := range m.Protection {
		if p := &m.Protection[i]; p.Province == "" {
			y.protected = append(y.protected, *p)
		}
	}
	sums := Reports{Radio: y.radio, Probes: y.probes}.Plus(Reports{Radio: m.Radio.Total, Probes: m.SampleSums})
	y.radio, y.probes = sums.Radio, sums.Probes
	y.growths = append(y.growths, m.Radio.Growth...)
	k := m.Radio.Find("", ran.LTE, "busy_throughput_dl")
	y.months[m.Month] = k != nil && k.Value != nil
	y.speed = y.speed || y.months[m.Month]
}

func (a *Availability) group() group { return group{a.Province, a.Level, a.System, a.Class} }

// plus is a and the earlier o, without what follows from the sums.
func (a *Availability) plus(o Availability) Availability {
	sum := Availability{Province: a.Province, Level: a.Level, System: a.System, Class: a.Class, Entities: max(a.Entities, o.Entities),
		Sums: a.Sums, Expected: a.Expected + o.Expected, WExpected: a.WExpected.Add(o.WExpected), Unconfirmed: a.Unconfirmed + o.Unconfirmed, Restarts: a.Restarts + o.Restarts}
	sum.Sums.merge(o.Sums)
	sum.Weighted = a.Weighted
	sum.Weighted.merge(&o.Weighted)
	return sum
}

// plus is c and the earlier o: where it belongs and what it is made of are those of the later month.
func (c *Composite) plus(o Composite) Composite {
	return Composite{Availability: c.Availability.plus(o.Availability), Name: c.Name, Rule: c.Rule, Need: c.Need,
		Degraded: c.Degraded + o.Degraded, Last: c.Last, Unprotected: c.Unprotected}
}

// plus counts a link once for each month: its 95th percentile is a month's.
func (c *Congestion) plus(o Congestion) Congestion {
	return Congestion{Province: c.Province, Class: c.Class, Links: c.Links + o.Links, Evaluated: c.Evaluated + o.Evaluated, Congested: c.Congested + o.Congested,
		NotEvaluated: c.NotEvaluated + o.NotEvaluated, CapEvaluated: c.CapEvaluated + o.CapEvaluated, CapCongested: c.CapCongested + o.CapCongested}
}

// Result is the year so far.
func (y *Year) Result() YearResult {
	sum := y.sums()
	sum.score(y.plan.inv)
	return YearResult{From: y.from, End: y.end, Availability: sum.Availability, Tagged: sum.Tagged, Congestion: sum.Congestion, Protection: y.protected, Composites: sum.Composites, Radio: sum.Radio, Samples: sum.Samples, Measured: sum.Measured, Scores: sum.Scores, Units: sum.Units}
}

// sums are what the scores are made of, as a month's.
func (y *Year) sums() MonthResult {
	inv := y.plan.inv
	sum := MonthResult{From: model.MonthOf(y.end - 1).Start(), End: y.end}
	for _, key := range slices.SortedFunc(maps.Keys(y.available), group.compare) {
		a := y.available[key]
		a.judge(&inv.Targets)
		sum.list(a)
	}
	for _, key := range slices.SortedFunc(maps.Keys(y.congested), group.compare) {
		c := y.congested[key]
		c.judge(inv.Targets.Congestion[c.Class].MaxRatio)
		sum.Congestion = append(sum.Congestion, c)
	}
	for _, name := range slices.Sorted(maps.Keys(y.composed)) {
		c := y.composed[name]
		c.judge(inv.Targets.Composites[name], inv.Targets)
		sum.Composites = append(sum.Composites, c)
	}
	sum.Radio = ran.Evaluate(y.radio, &inv.Targets.RAN, y.end-y.from, y.whole)
	sum.Radio.CompareYear(y.baseline(), y.growths, &inv.Targets.RAN)
	sum.Samples = probe.Evaluate(y.probes, inv.Targets.Scores.MinSamples)
	sum.Measured = measured(inv, func(m model.Month) bool { _, added := y.months[m]; return added })
	return sum
}

// baseline is the frozen speed of the same months of the baseline year. Months without a speed are not compared,
// unless none has one.
func (y *Year) baseline() (out []model.SpeedBase) {
	for m, speed := range y.months {
		if speed == y.speed {
			out = append(out, y.plan.baseline(m)...)
		}
	}
	return out
}
