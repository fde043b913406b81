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
	for _, id := range s.sorted() {
		if e, seen := foldLine(date, carried.of(id), around, int(id)); seen {
			k := s.entities[id]
			e.Device, e.IfName, e.Method = k.device, k.ifname, k.method
			chunk.Entities = append(chunk.Entities, e)
		}
	}
	if ports {
		chunk.Ports = s.foldPorts(date, around, s.sorted())
		chunk.Reports = s.foldReports(date, around[1])
	}
	return chunk
}

// foldPorts makes the traffic of those of the entities that counted something.
func (s *state) foldPorts(date model.Day, around [3]*day, ids []uint32) (out []kpi.PortDay) {
	prev, d, next := around[0], around[1], around[2]
	for _, id := range ids {
		counters := d.countersOf(int(id))
		if counters.Empty() {
			continue
		}
		p := counters.Fold(prev.countersOf(int(id)), next.countersOf(int(id)))
		p.Device, p.IfName, p.Day = s.entities[id].device, s.entities[id].ifname, date
		out = append(out, p)
	}
	return out
}

// byShard are the entities that counted something on the day, by the shard of their ports, in order.
func (s *state) byShard(d *day) (out [kpi.Shards][]uint32) {
	device, shard := "", 0
	for _, id := range s.sorted() {
		if d.countersOf(int(id)).Empty() {
			continue
		}
		if k := s.entities[id]; k.device != device {
			device, shard = k.device, kpi.ShardOf(k.device)
		}
		out[shard] = append(out[shard], id)
	}
	return out
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
