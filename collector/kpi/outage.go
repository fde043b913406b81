package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// suppress makes a device's DOWN UNKNOWN where its gateway explains it: the failure begins no
// earlier than one poll interval before a DOWN of the gateway and ends no later than one after it.
func (e *evaluation) suppress(d *planDevice, ivs []Interval) []Interval {
	var out []Interval // nil until something changes
	for i, iv := range ivs {
		explained := iv.State == Down && e.explained(d, iv)
		if explained && out == nil {
			out = append(make([]Interval, 0, len(ivs)), ivs[:i]...)
		}
		if explained {
			iv.State, iv.Poll = Unknown, 0
		}
		if out != nil {
			out = extend(out, iv)
		}
	}
	if out == nil {
		return ivs
	}
	return out
}

func (e *evaluation) explained(d *planDevice, iv Interval) bool {
	poll := int64(iv.Poll)
	for _, g := range e.gateway(d, iv) {
		if g.State == Down && iv.From >= g.From-poll && iv.To <= g.To+poll {
			return true
		}
	}
	return false
}

// gateway is the base time line of the parent that the first inventory row within iv names.
func (e *evaluation) gateway(d *planDevice, iv Interval) []Interval {
	for i := range d.rows {
		if d.rows[i].From < iv.To && d.rows[i].To > iv.From {
			if p := e.plan.deviceIndex(d.rows[i].Parent); p >= 0 {
				return e.seen.devices[p].nonUp
			}
			return nil
		}
	}
	return nil
}

// outage is an Outage with what only the sums need.
type outage struct {
	Outage
	short bool // shorter than min_outage
	flap  bool // and began in the period
}

// outages lists the maximal DOWN intervals of the final time line that touch the period.
func (e *evaluation) outages(m *EntityMonth, l *line, windows []window) []outage {
	var out []outage
	for _, iv := range l.base {
		if iv.State == Down && iv.To > e.period.from && iv.From < e.period.to {
			out = e.failure(out, m, l, windows, iv)
		}
	}
	return out
}

// failure adds what windows and inventory leave of one DOWN interval of the base.
func (e *evaluation) failure(out []outage, m *EntityMonth, l *line, windows []window, iv Interval) []outage {
	var down []span
	planned := int64(0)
	whole := span{iv.From, iv.To}
	for seg := range l.segments(whole) {
		switch seg.final() {
		case Down:
			down = append(down, seg.span)
		case Maint:
			planned += seg.seconds()
		}
	}
	ids := idsWithin(windows, whole)
	for _, s := range union(down) {
		if s.to <= e.period.from || s.from >= e.period.to {
			continue
		}
		o := e.outage(m, l.device, s)
		o.Planned, o.Windows = planned, ids
		out = append(out, o)
	}
	return out
}

func (e *evaluation) outage(m *EntityMonth, d *planDevice, s span) outage {
	o := outage{Outage: Outage{
		Level: m.Level, Name: m.Name, Province: m.Province, Provinces: m.Provinces, System: m.System, Class: m.Class,
		From: s.from, To: min(s.to, e.period.to), Seconds: s.clip(e.period).seconds(), Open: s.to > e.period.to,
	}, short: s.seconds() < e.plan.inv.Targets.MinOutage}
	if s.from >= e.period.from {
		o.Counted, o.flap = !o.short, o.short
	}
	if d != nil {
		o.place(e.plan.inv, d.rowAt(max(s.from, e.period.from)))
	}
	return o
}

// place says where a device was when its outage began, or the period, in which that unit may be none any more.
func (o *outage) place(inv *model.Inventory, row *model.Device) {
	o.Province, o.System = provinceOf(inv, row), row.System
}

// inOrder sorts outages by (From, Level, Name). An outage is long: what is moved about is when it began and where it is.
func inOrder(all []Outage) []Outage {
	if len(all) < 2 {
		return all
	}
	type place struct {
		from int64
		at   int32
	}
	places := make([]place, len(all))
	for i := range all {
		places[i] = place{all[i].From, int32(i)}
	}
	slices.SortFunc(places, func(a, b place) int {
		if a.from != b.from {
			return cmp.Compare(a.from, b.from)
		}
		x, y := &all[a.at], &all[b.at]
		return cmp.Or(cmp.Compare(x.Level, y.Level), cmp.Compare(x.Name, y.Name))
	})
	out := make([]Outage, len(all))
	for i, p := range places {
		out[i] = all[p.at]
	}
	return out
}
