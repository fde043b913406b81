package kpi

import (
	"math"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// planLAG is a port that is an aggregate while a row of links.csv names its members.
type planLAG struct {
	port    int32   // of Plan.ports
	members []int32 // of Plan.lagPorts
	need    int
	valid   span
}

// planLAGs finds the aggregates among the links' A ports.
func (p *Plan) planLAGs(rows []linkRow) {
	for i := range rows {
		if l := rows[i].LAG; l != nil && rows[i].a >= 0 {
			for _, name := range l.Members {
				p.lagPorts = append(p.lagPorts, model.Port{Device: rows[i].A.Device, IfName: name})
			}
		}
	}
	slices.SortFunc(p.lagPorts, comparePort)
	p.lagPorts = slices.Compact(p.lagPorts)
	for i := range rows {
		if l := rows[i].LAG; l != nil && rows[i].a >= 0 {
			lag := planLAG{port: rows[i].a, need: l.MinLinks, valid: rows[i].valid()}
			for _, name := range l.Members {
				at, _ := p.lagPort(model.Port{Device: rows[i].A.Device, IfName: name})
				lag.members = append(lag.members, int32(at))
			}
			p.lags = append(p.lags, lag)
		}
	}
}

// lagPort is the place of a member among Plan.lagPorts.
func (p *Plan) lagPort(port model.Port) (int, bool) {
	return slices.BinarySearchFunc(p.lagPorts, port, comparePort)
}

// member keeps the time line of a port that is a member of an aggregate.
func (j *Joining) member(port model.Port, rows []row) {
	if len(j.plan.lagPorts) == 0 {
		return
	}
	if i, ok := j.plan.lagPort(port); ok {
		j.out.members[i] = j.port(rows)
	}
}

// weakness is a stretch in which some of an aggregate's members are DOWN or EXCLUDED.
type weakness struct {
	span
	active, of int64 // members; one of which nothing is known may be active
}

// aggregate lays what the members say over the ports that are aggregates.
func (j *Joining) aggregate() {
	for i := range j.plan.lags {
		lag := &j.plan.lags[i]
		said, weak := lag.line(j.out.members, j.out.span)
		at := &j.out.ports[lag.port]
		*at = either(*at, said)
		if len(weak) > 0 {
			j.out.weak[lag.port] = append(j.out.weak[lag.port], weak...)
		}
	}
}

// line is UP with enough members up, DOWN when not even the unknown ones could make that up, and UNKNOWN where the
// aggregate has not these members.
func (l *planLAG) line(members [][]Interval, over span) (out []Interval, weak []weakness) {
	cursors := make([]baseCursor, len(l.members))
	for i, m := range l.members {
		cursors[i].ivs = members[m]
	}
	valid := l.valid.clip(over)
	out = append(out, Interval{From: math.MinInt64, To: valid.from, State: Unknown})
	for t := valid.from; t < valid.to; {
		to, in, up, down := valid.to, 0, 0, 0
		for i := range cursors {
			s, until := cursors[i].at(t)
			to = min(to, until)
			switch s {
			case Excluded:
				continue
			case Up:
				up++
			case Down:
				down++
			}
			in++
		}
		if s := state(l.need, in, up, down); s != Up {
			out = extend(out, Interval{From: t, To: to, State: s})
		}
		if active, of := int64(in-down), int64(len(cursors)); active < of {
			weak = append(weak, weakness{span{t, to}, active, of})
		}
		t = to
	}
	return extend(out, Interval{From: max(valid.from, valid.to), To: math.MaxInt64, State: Unknown}), weak
}

// weakIn are the stretches in which the row's A port is an aggregate without all of its members.
func (r linkRow) weakIn(seen *gathered) (out []weakness) {
	if r.LAG == nil {
		return nil
	}
	for _, w := range seen.weak[r.a] {
		if w.span = w.clip(r.valid()); w.from < w.to {
			out = append(out, w)
		}
	}
	return out
}

// divideByActive is divideBy with the part of the capacity that the active members have at the end of each slot.
func (w *linkDay) divideByActive(weak []weakness, row *linkRow, port *PortDay, from, to int) {
	mbps := row.CapacityMbps
	for i := from; i < to; i++ {
		last := w.day.Start() + int64(i+1)*SlotSeconds - 1
		for len(weak) > 0 && weak[0].to <= last {
			weak = weak[1:]
		}
		if len(weak) > 0 && weak[0].from <= last && last < row.To {
			w.divideBy(port, i, i+1, mbps*weak[0].active/weak[0].of)
		} else {
			w.divideBy(port, i, i+1, mbps)
		}
	}
}
