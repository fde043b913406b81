package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Month computes every number of one month. It is a pure function of its input and leaves that
// unchanged; running it again over a longer part of a running month is how the live view works.
func Month(in MonthInput) MonthResult {
	e := newEvaluation(in)
	e.spread(len(e.plan.devices), (*evaluation).devices)
	if len(e.seen.strange) > 0 {
		for _, s := range e.seen.strange {
			e.strange(s)
		}
		slices.SortFunc(e.out.Entities, func(a, b EntityMonth) int { return cmp.Compare(a.Name, b.Name) })
	}
	e.spread(len(e.plan.links), (*evaluation).links)
	if !e.day {
		e.out.Congestion, e.out.Sampled = e.ratios(), e.sampled.list()
	}
	e.composites()
	e.quality()
	return e.result()
}

// evaluation is the work on one month.
type evaluation struct {
	plan    *Plan
	month   model.Month
	period  span // the month, or the part asked for, as far as it is over
	whole   span // the whole month
	day     bool // the period is a day: availability only
	listed  bool // the result has only what scorecards list
	seen    *gathered
	carried *MonthTraffic // nil: availability only
	made    []composed    // beside plan.composites
	events  []guarded     // that touch the period; none of a day
	unknown Availability
	tallies
	out MonthResult
}

// tallies are what entities are added to.
type tallies struct {
	groups []Availability // beside plan.groups
	ratio  []ratioGroup   // likewise
	guards
	sampled
}

func newEvaluation(in MonthInput) *evaluation {
	e := begin(in)
	if e.day = in.Day; e.day {
		e.period.from = min(max(in.From, e.period.from), e.period.to)
	}
	e.see(in)
	e.makeRoom()
	if e.carried = in.Traffic; e.day {
		e.carried = nil
	} else if e.carried == nil {
		e.carried = e.sumUp(&Lines{plan: e.plan, month: e.month, seen: e.seen}, in.Chunks)
	}
	return e
}

// begin is an evaluation of the month as far as it is over.
func begin(in MonthInput) *evaluation {
	e := &evaluation{plan: in.Plan, month: in.Month, listed: in.Listed, whole: span{in.Month.Start(), in.Month.End()}}
	e.period = e.whole
	if in.End > 0 {
		e.period.to = min(max(in.End, e.whole.from), e.whole.to)
	}
	return e
}

// see joins the chunks to the plan for the period, unless that is done.
func (e *evaluation) see(in MonthInput) {
	lines := in.Lines
	if lines == nil {
		j := e.joining()
		j.Add(in.Chunks)
		lines = j.Lines()
	}
	e.seen = lines.seen
	e.tallies = newTallies(e.plan)
	e.unknown = Availability{Province: UnknownProvince, Level: LevelDevice}
	e.out = MonthResult{Month: in.Month, From: e.period.from, End: e.period.to}
	e.out.LateWindows = lateWindows(e.plan.inv.Windows, e.period)
	e.out.VoidWindows = e.plan.voidWindows(e.period)
	if !e.day {
		e.events = e.plan.guarded(e.period)
	}
	e.out.Notes = notes(e.plan.inv.Freezes, e.period)
}

// makeRoom has every entity written where it will stand.
func (e *evaluation) makeRoom() {
	if e.listed {
		return
	}
	e.out.Entities = make([]EntityMonth, 0, len(e.plan.devices)+len(e.seen.strange)+len(e.plan.links))
	if !e.day {
		e.out.Links = make([]LinkMonth, 0, len(e.plan.links))
	}
}

func (e *evaluation) devices(from, to int) {
	for i := from; i < to; i++ {
		e.device(i)
	}
}

func (e *evaluation) device(i int) {
	d, b := &e.plan.devices[i], &e.seen.devices[i]
	if secondsIn(d.service, e.whole) == 0 {
		return
	}
	l := e.deviceLine(i)
	row := d.lastRow(e.period)
	m := EntityMonth{
		Level: LevelDevice, Name: d.name, Province: provinceOf(e.plan.inv, row), System: row.System,
		Weight: d.rowAt(e.whole.from).Subscribers, Unconfirmed: b.unconfirmed, Restarts: b.restarts,
	}
	e.guardDevice(d, &m, &l, e.entity(&m, &l, d.members, d.windows))
}

// deviceLine lays gateway, inventory and windows over what was observed of a device.
func (e *evaluation) deviceLine(i int) line {
	d := &e.plan.devices[i]
	return line{device: d, base: e.suppress(d, e.seen.devices[i].nonUp), service: d.service, windows: d.planned}
}

// rowAt is the row valid at t, or the first one after, or the last one.
func (d *planDevice) rowAt(t int64) *model.Device {
	for i := range d.rows {
		if d.rows[i].To > t {
			return &d.rows[i]
		}
	}
	return &d.rows[len(d.rows)-1]
}

// lastRow is the last row valid during w, or the last one of all.
func (d *planDevice) lastRow(w span) *model.Device {
	for i := len(d.rows) - 1; i >= 0; i-- {
		if d.rows[i].From < w.to && d.rows[i].To > w.from {
			return &d.rows[i]
		}
	}
	return &d.rows[len(d.rows)-1]
}

// entity adds one device or link to the result and to its groups, and returns its outages.
func (e *evaluation) entity(m *EntityMonth, l *line, members []member, windows []window) []outage {
	m.Sums = l.sums(e.period)
	outages := e.outages(m, l, windows)
	for _, o := range outages {
		m.Sums.count(o)
	}
	for _, mem := range members {
		e.member(mem, m, l, outages)
	}
	for _, o := range outages {
		e.out.Outages = append(e.out.Outages, o.Outage)
	}
	e.keep(m)
	return outages
}

func (e *evaluation) keep(m *EntityMonth) {
	if !e.listed {
		e.out.Entities = append(e.out.Entities, *m)
	}
}

// member adds an entity to one group, for the time it belongs to it.
func (e *evaluation) member(mem member, m *EntityMonth, l *line, outages []outage) {
	g := &e.groups[mem.group]
	expected := secondsIn(mem.spans, e.whole)
	g.Expected += expected
	if m.Weight > 0 {
		g.WExpected = g.WExpected.Add(mul(expected, m.Weight))
	}
	if secondsIn(mem.spans, e.period) == 0 {
		return
	}
	g.Entities++
	g.Unconfirmed += m.Unconfirmed
	g.Restarts += m.Restarts
	s := m.Sums
	if len(mem.spans) != 1 || !mem.spans[0].covers(e.period) {
		s = e.sumsWithin(l, mem.spans)
		for _, o := range outages {
			if holds(mem.spans, o.From) {
				s.count(o)
			}
		}
	}
	g.Sums.merge(s)
	g.Weighted.add(s, m.Weight)
}

func holds(spans []span, t int64) bool {
	return slices.ContainsFunc(spans, func(s span) bool { return s.holds(t) })
}

// sumsWithin adds up the line over spans; the rest of the period is EXCLUDED for that group.
func (e *evaluation) sumsWithin(l *line, spans []span) Sums {
	var s Sums
	for _, sp := range spans {
		if part := sp.clip(e.period); part.from < part.to {
			s.merge(l.sums(part))
		}
	}
	s.Excluded += e.period.seconds() - secondsIn(spans, e.period)
	return s
}

// strange adds a device that no inventory row names: counted apart, in no verdict.
func (e *evaluation) strange(d strangeDevice) {
	l := line{base: d.base.nonUp, service: []span{{e.seen.from, e.seen.to}}}
	m := EntityMonth{Level: LevelDevice, Name: d.name, Province: UnknownProvince, Unconfirmed: d.base.unconfirmed, Restarts: d.base.restarts}
	m.Sums = l.sums(e.period)
	for _, o := range e.outages(&m, &l, nil) {
		m.Sums.count(o)
		e.out.Outages = append(e.out.Outages, o.Outage)
	}
	e.keep(&m)
	e.unknown.Entities++
	e.unknown.Sums.merge(m.Sums)
	e.unknown.Unconfirmed += m.Unconfirmed
	e.unknown.Restarts += m.Restarts
}

func (e *evaluation) result() MonthResult {
	targets := e.limits()
	for i := range e.groups {
		if e.groups[i].Entities > 0 {
			e.groups[i].judge(&targets)
			e.out.list(e.groups[i])
		}
	}
	if e.unknown.Entities > 0 {
		e.unknown.judge(&model.Targets{})
		e.out.Availability = append(e.out.Availability, e.unknown)
	}
	byKey := func(a, b Availability) int {
		return group{a.Province, a.Level, a.System, a.Class}.compare(group{b.Province, b.Level, b.System, b.Class})
	}
	slices.SortFunc(e.out.Availability, byKey)
	e.out.Outages = inOrder(e.out.Outages)
	e.out.Protection = e.protected()
	if !e.day {
		e.out.Measured = measured(e.plan.inv, func(m model.Month) bool { return m == e.out.Month })
		e.out.score(e.plan.inv)
	}
	return e.out
}

// list puts a group where it belongs.
func (r *MonthResult) list(a Availability) {
	if a.Level == LevelTagged {
		r.Tagged = append(r.Tagged, a)
	} else {
		r.Availability = append(r.Availability, a)
	}
}

// limits are the targets, with the unknown share of a day where the period is one.
func (e *evaluation) limits() model.Targets {
	targets := e.plan.inv.Targets
	if e.day {
		targets.MaxUnknownMonth = targets.MaxUnknownDay
	}
	return targets
}

func (s *Sums) merge(o Sums) {
	s.Up += o.Up
	s.Down += o.Down
	s.Unknown += o.Unknown
	s.MaintDown += o.MaintDown
	s.MaintUnknown += o.MaintUnknown
	s.Excluded += o.Excluded
	s.Outages += o.Outages
	s.Flaps += o.Flaps
}

// count adds an outage that began in the period.
func (s *Sums) count(o outage) {
	switch {
	case o.Counted:
		s.Outages++
	case o.flap:
		s.Flaps++
	}
}

func (w *WSums) add(s Sums, weight int64) {
	if weight <= 0 {
		return
	}
	w.Up = w.Up.Add(mul(s.Up, weight))
	w.Down = w.Down.Add(mul(s.Down, weight))
	w.Unknown = w.Unknown.Add(mul(s.Unknown, weight))
	w.MaintDown = w.MaintDown.Add(mul(s.MaintDown, weight))
}
