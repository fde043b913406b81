package kpi

// AppendTo appends the encoding of one hour of counters: which boundaries have a reading, then
// column after column the advance against the reading before.
func (h *CounterHour) AppendTo(dst []byte) []byte {
	mask := uint64(0)
	for i := range h {
		if h[i].Has != 0 {
			mask |= 1 << i
		}
	}
	dst = appendUint(dst, mask)
	for _, col := range counterColumns() {
		last := uint64(0)
		for i := range h {
			if mask&(1<<i) != 0 {
				v := col.get(&h[i])
				dst = appendInt(dst, int64(v-last)) // wraps around, and back on decoding
				last = v
			}
		}
	}
	return dst
}

// DecodeCounterHour reads what CounterHour.AppendTo wrote and returns the bytes after it.
func DecodeCounterHour(data []byte) (h CounterHour, rest []byte, err error) {
	r := reader{data: data}
	mask := r.below(1<<slotsPerHour, "boundaries")
	for _, col := range counterColumns() {
		last := uint64(0)
		for i := range h {
			if mask&(1<<i) != 0 {
				last += uint64(r.int())
				col.set(&h[i], last)
			}
		}
	}
	for i := range h {
		if mask&(1<<i) != 0 && h[i].Has&HasOctets == 0 {
			r.fail("reading without octets")
		}
	}
	if r.err != nil {
		return CounterHour{}, nil, r.err
	}
	return h, r.data, nil
}

// counterColumn is one field of Counters.
type counterColumn struct {
	get func(*Counters) uint64
	set func(*Counters, uint64)
}

func counterColumns() [9]counterColumn {
	word := func(field func(*Counters) *uint64) counterColumn {
		return counterColumn{
			get: func(c *Counters) uint64 { return *field(c) },
			set: func(c *Counters, v uint64) { *field(c) = v },
		}
	}
	return [...]counterColumn{
		{func(c *Counters) uint64 { return uint64(c.Has) }, func(c *Counters, v uint64) { c.Has = Has(v) }},
		{func(c *Counters) uint64 { return uint64(c.Time) }, func(c *Counters, v uint64) { c.Time = int64(v) }},
		{func(c *Counters) uint64 { return uint64(c.SpeedMbps) }, func(c *Counters, v uint64) { c.SpeedMbps = uint32(v) }},
		word(func(c *Counters) *uint64 { return &c.Uptime }),
		word(func(c *Counters) *uint64 { return &c.Discontinuity }),
		word(func(c *Counters) *uint64 { return &c.InOctets }),
		word(func(c *Counters) *uint64 { return &c.OutOctets }),
		word(func(c *Counters) *uint64 { return &c.OutPkts }),
		word(func(c *Counters) *uint64 { return &c.OutDiscards }),
	}
}
