package partition

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// carry is the state, by entity, in which a day leaves the next one.
type carry []kpi.Machine

// carryOf is what a day's chunk, which may be nil, hands on. It may bring entities back that no day in
// memory has.
func (s *state) carryOf(c *kpi.DayChunk) carry {
	if c == nil {
		return nil
	}
	out := make(carry, len(s.entities))
	for _, e := range c.Entities {
		id := s.entity(entityKey{e.Device, e.IfName, e.Method})
		for int(id) >= len(out) {
			out = append(out, kpi.Machine{})
		}
		out[id] = e.Carry
	}
	return out
}

func (c carry) of(id uint32) kpi.Machine {
	if int(id) < len(c) {
		return c[id]
	}
	return kpi.Machine{}
}

// fold makes the chunk of a day from its observations, the chunk of the day before and, for its edges,
// the observations of the days around it; each may be nil. An entity that was not seen on the day has a
// time line only as far as the state carried into it still holds. Without ports only the states are
// folded, not traffic and reports, which costs a fraction.
func (s *state) fold(date model.Day, before *kpi.DayChunk, around [3]*day, ports bool) *kpi.DayChunk {
	chunk := &kpi.DayChunk{Day: date}
	carried := s.carryOf(before)
	prev, d, next := around[0], around[1], around[2]
	for _, id := range s.sorted() {
		k, i := s.entities[id], int(id)
		if e, seen := foldLine(date, carried.of(id), around, i); seen {
			e.Device, e.IfName, e.Method = k.device, k.ifname, k.method
			chunk.Entities = append(chunk.Entities, e)
		}
		if counters := d.countersOf(i); ports && !counters.Empty() {
			p := counters.Fold(prev.countersOf(i), next.countersOf(i))
			p.Device, p.IfName, p.Day = k.device, k.ifname, date
			chunk.Ports = append(chunk.Ports, p)
		}
	}
	if ports {
		chunk.Reports = s.foldReports(date, d)
	}
	return chunk
}

// foldLine makes the time line of one entity: of the readings of its counter, or else of its observations.
func foldLine(date model.Day, m kpi.Machine, around [3]*day, id int) (e kpi.EntityDay, seen bool) {
	prev, d, next := around[0], around[1], around[2]
	if readings := d.readingsOf(id); !readings.Empty() {
		return readings.Fold(date, prev.readingsOf(id), next.readingsOf(id)), true
	}
	if series := d.seriesOf(id); !series.Empty() || m.Until > date.Start() {
		return m.Fold(date, series, next.seriesOf(id)), true
	}
	return e, false
}
