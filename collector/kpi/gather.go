package kpi

import "github.com/haidang-noc/haidang/collector/model"

// base is what was observed of one device or port over the horizon.
type base struct {
	nonUp       []Interval // the first one may begin before the horizon: a DOWN's true start
	unconfirmed int64      // of the month's days
	restarts    int64
}

// gathered is all chunks joined to the plan.
type gathered struct {
	span           // the horizon
	devices []base // beside Plan.devices
	ports   []base // beside Plan.ports
	strange []strangeDevice
}

// strangeDevice is observed but in no inventory row.
type strangeDevice struct {
	name string
	base base
}

// gather joins the chunks of the horizon's days to the plan in one pass over both. Days of which an
// entity has no row follow from the machine its last row left.
func (p *Plan) gather(chunks []*DayChunk, days horizon) *gathered {
	g := &gathered{span: days.span(), devices: make([]base, len(p.devices)), ports: make([]base, len(p.ports))}
	var dev, port int
	seenDev, seenPort := 0, 0
	for rows := range eachEntity(chunks, days.from, days.to) {
		e := rows[0].entity
		if e.IfName == "" {
			dev = seekDevice(p.devices, dev, e.Device)
			if dev == len(p.devices) || p.devices[dev].name != e.Device {
				g.strange = append(g.strange, strangeDevice{e.Device, days.join(rows)})
				continue
			}
			seenDev = days.fillUnseen(g.devices, seenDev, dev)
			g.devices[dev] = days.join(p.devices[dev].primary(rows))
			seenDev = dev + 1
			continue
		}
		port = seekPort(p.ports, port, e.Device, e.IfName)
		if port == len(p.ports) || p.ports[port] != (model.Port{Device: e.Device, IfName: e.IfName}) {
			continue
		}
		seenPort = days.fillUnseen(g.ports, seenPort, port)
		g.ports[port] = days.join(rows)
		seenPort = port + 1
	}
	days.fillUnseen(g.devices, seenDev, len(g.devices))
	days.fillUnseen(g.ports, seenPort, len(g.ports))
	return g
}

func seekDevice(all []planDevice, i int, name string) int {
	for i < len(all) && all[i].name < name {
		i++
	}
	return i
}

func seekPort(all []model.Port, i int, device, ifName string) int {
	for i < len(all) && (all[i].Device < device || all[i].Device == device && all[i].IfName < ifName) {
		i++
	}
	return i
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

// fillUnseen makes entities [i, end) UNKNOWN over the whole horizon: they have no row at all.
func (h horizon) fillUnseen(all []base, i, end int) int {
	for ; i < end; i++ {
		all[i].nonUp = []Interval{{From: h.from.Start(), To: h.to.Start(), State: Unknown}}
	}
	return end
}
