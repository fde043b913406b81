package partition

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// carry is what a closed day hands to the next one.
type carry map[entityKey]kpi.Machine

func carryOf(c *kpi.DayChunk) carry {
	if c == nil {
		return nil
	}
	out := make(carry, len(c.Entities))
	for _, e := range c.Entities {
		out[entityKey{e.Device, e.IfName, e.Method}] = e.Carry
	}
	return out
}

// fold makes the chunk of day d from its observations, the state carried into it and, for its edges,
// the days before and after it; prev, d and next may be nil: no observation. An entity that was not
// seen on d has a time line only as far as the state carried into d still holds.
func (s *state) fold(date model.Day, before carry, prev, d, next *day, ids []uint32) *kpi.DayChunk {
	chunk := &kpi.DayChunk{Day: date}
	for _, id := range ids {
		k, i := s.entities[id], int(id)
		m := before[k]
		if series := d.seriesOf(i); !series.Empty() || m.Until > date.Start() {
			e := m.Fold(date, series, next.seriesOf(i))
			e.Device, e.IfName, e.Method = k.device, k.ifname, k.method
			chunk.Entities = append(chunk.Entities, e)
		}
		if counters := d.countersOf(i); !counters.Empty() {
			p := counters.Fold(prev.countersOf(i), next.countersOf(i))
			p.Device, p.IfName, p.Day = k.device, k.ifname, date
			chunk.Ports = append(chunk.Ports, p)
		}
	}
	return chunk
}
