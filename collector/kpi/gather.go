package kpi

import (
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/haidang-noc/haidang/collector/model"
)

// base is what was observed of one device or port over the horizon.
type base struct {
	nonUp       []Interval // the first one may begin before the horizon: a DOWN's true start
	unconfirmed int64      // of the month's days
	restarts    int64
}

// gathered is all chunks joined to the plan.
type gathered struct {
	span                         // the horizon
	devices []base               // beside Plan.devices
	ports   [][]Interval         // likewise of Plan.ports; what else a base has, no link needs
	members [][]Interval         // likewise of Plan.lagPorts
	weak    map[int32][]weakness // of Plan.ports that are aggregates
	strange []strangeDevice
}

// strangeDevice is observed but in no inventory row.
type strangeDevice struct {
	name string
	base base
}

// Joining joins chunks to a plan, a list at a time. Lists of different entities may be added by several
// goroutines at once; all chunks of one entity must come in one list.
type Joining struct {
	plan  *Plan
	month model.Month
	days  horizon
	out   *gathered
	heard struct{ devices, ports []bool }
	one   sync.Mutex // guards out.strange
}

func (e *evaluation) joining() *Joining {
	p := e.plan
	first, last := model.DayOf(e.period.from), model.DayOf(max(e.period.to-1, e.period.from))
	j := &Joining{plan: p, month: e.month, days: horizon{from: first - 1, to: e.month.Next().First() + 1, countFrom: first, countTo: last + 1}}
	j.out = &gathered{span: j.days.span(), weak: map[int32][]weakness{}, devices: make([]base, len(p.devices)), ports: make([][]Interval, len(p.ports))}
	j.out.members = slices.Repeat([][]Interval{j.days.unheard()}, len(p.lagPorts))
	j.heard.devices, j.heard.ports = make([]bool, len(p.devices)), make([]bool, len(p.ports))
	return j
}

// Add joins chunks in one pass over them. Days of which an entity has no row follow from the machine its last
// row left.
func (j *Joining) Add(chunks []*DayChunk) {
	dev, port := 0, 0
	for rows := range eachEntity(chunks, j.days.from, j.days.to) {
		e := rows[0].entity
		if e.IfName != "" {
			own := model.Port{Device: e.Device, IfName: e.IfName}
			port = seek(j.plan.ports, port, func(at *linkEnd) bool { return comparePort(j.plan.port(*at), own) < 0 })
			if port < len(j.plan.ports) && j.plan.port(j.plan.ports[port]) == own {
				j.out.ports[port], j.heard.ports[port] = j.port(rows), true
			}
			j.member(own, rows)
			continue
		}
		dev = seek(j.plan.devices, dev, func(d *planDevice) bool { return d.name < e.Device })
		if dev < len(j.plan.devices) && j.plan.devices[dev].name == e.Device {
			j.out.devices[dev], j.heard.devices[dev] = j.days.join(j.plan.devices[dev].primary(rows)), true
			continue
		}
		stranger := strangeDevice{e.Device, j.days.join(rows)}
		j.one.Lock()
		j.out.strange = append(j.out.strange, stranger)
		j.one.Unlock()
	}
}

// Lines are what was added, and UNKNOWN of all that was not.
func (j *Joining) Lines() *Lines {
	for i, heard := range j.heard.devices {
		if !heard {
			j.out.devices[i].nonUp = j.days.unheard()
		}
	}
	for i, heard := range j.heard.ports {
		if !heard {
			j.out.ports[i] = j.days.unheard()
		}
	}
	j.aggregate()
	slices.SortFunc(j.out.strange, func(a, b strangeDevice) int { return strings.Compare(a.name, b.name) })
	return &Lines{plan: j.plan, month: j.month, seen: j.out}
}

// seek is the first place from i on that does not lie before what is looked for, which is near as a rule.
func seek[T any](all []T, i int, before func(*T) bool) int {
	step := 1
	for i+step <= len(all) && before(&all[i+step-1]) {
		i += step
		step *= 2
	}
	rest := all[i:min(i+step, len(all))]
	return i + sort.Search(len(rest), func(k int) bool { return !before(&rest[k]) })
}

// primary keeps the rows of the method that decides: the inventory's primary_method, else the
// first by name. A row without a method stands for any.
func (d *planDevice) primary(rows []row) []row {
	want := d.rows[len(d.rows)-1].PrimaryMethod
	out := rows[:0]
	for _, r := range rows {
		if r.entity.Method == "" || want == "" || r.entity.Method == want {
			out = append(out, r)
		}
	}
	return out
}

// horizon is the days a time line is made of, and those whose counts belong to the month.
type horizon struct{ from, to, countFrom, countTo model.Day }

func (h horizon) span() span { return span{h.from.Start(), h.to.Start()} }

// join makes one time line of an entity's rows, sorted by day; of rows over the same days the
// first counts.
func (h horizon) join(rows []row) base {
	var b base
	var m Machine
	next := h.from
	for _, r := range rows {
		if r.chunk.Day < next && next != h.from {
			continue
		}
		b.nonUp = m.unseen(b.nonUp, next, r.chunk.Day)
		b.append(r.entity)
		if r.chunk.End() > h.countFrom && r.chunk.Day < h.countTo {
			b.unconfirmed += int64(r.entity.Unconfirmed)
			b.restarts += int64(r.entity.Restarts)
		}
		m, next = r.entity.Carry, r.chunk.End()
	}
	b.nonUp = m.unseen(b.nonUp, next, h.to)
	return b
}

// append adds a row's intervals; a quiet row costs nothing.
func (b *base) append(e *EntityDay) {
	for i, iv := range e.NonUp {
		if i == 0 && e.DownSince != 0 && len(b.nonUp) == 0 {
			iv.From = e.DownSince
		}
		b.nonUp = extend(b.nonUp, iv)
	}
}

// unseen continues a time line through days without any observation.
func (m Machine) unseen(ivs []Interval, from, to model.Day) []Interval {
	for d := from; d < to; d++ {
		if m.Until <= d.Start() {
			return extend(ivs, Interval{From: d.Start(), To: to.Start(), State: Unknown})
		}
		for _, iv := range m.Fold(d, nil, nil).NonUp {
			ivs = extend(ivs, iv)
		}
	}
	return ivs
}

// unheard is what an entity without any row was: UNKNOWN over the whole horizon.
func (h horizon) unheard() []Interval {
	return []Interval{{From: h.from.Start(), To: h.to.Start(), State: Unknown}}
}
