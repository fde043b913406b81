package kpi

import "math/bits"

// AppendTo appends the encoding of one hour of counters: which boundaries have a reading, then
// column after column the advance against the reading before.
func (h *CounterHour) AppendTo(dst []byte) []byte {
	var c columns
	mask := c.set(h[:])
	dst = appendUint(dst, mask)
	for f := range c {
		last := uint64(0)
		for _, v := range c[f][:bits.OnesCount64(mask)] {
			dst = appendInt(dst, int64(v-last)) // wraps around, and back on decoding
			last = v
		}
	}
	return dst
}

// DecodeCounterHour reads what CounterHour.AppendTo wrote and returns the bytes after it.
func DecodeCounterHour(data []byte) (h CounterHour, rest []byte, err error) {
	r := reader{data: data}
	mask := r.below(1<<slotsPerHour, "boundaries")
	var c columns
	for f := range c {
		last := uint64(0)
		for i := range bits.OnesCount64(mask) {
			last += uint64(r.int())
			c[f][i] = last
		}
	}
	c.get(mask, h[:])
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

// columns are the fields of readings, each in a row of its own, up to a stretch of them.
type columns [9][stretchSlots]uint64

// set takes those of the readings that are there, and returns a bit for each of them.
func (c *columns) set(readings []Counters) (mask uint64) {
	n := 0
	for i := range readings {
		r := &readings[i]
		if r.Has == 0 {
			continue
		}
		mask |= 1 << i
		c[0][n], c[1][n], c[2][n] = uint64(r.Has), uint64(r.Time), uint64(r.SpeedMbps)
		c[3][n], c[4][n] = r.Uptime, r.Discontinuity
		c[5][n], c[6][n], c[7][n], c[8][n] = r.InOctets, r.OutOctets, r.OutPkts, r.OutDiscards
		n++
	}
	return mask
}

// get puts the readings back, and leaves those that are not there as they are.
func (c *columns) get(mask uint64, readings []Counters) {
	for k := 0; mask != 0; k, mask = k+1, mask&(mask-1) {
		readings[bits.TrailingZeros64(mask)] = Counters{Has: Has(c[0][k]), Time: int64(c[1][k]), SpeedMbps: uint32(c[2][k]), Uptime: c[3][k], Discontinuity: c[4][k],
			InOctets: c[5][k], OutOctets: c[6][k], OutPkts: c[7][k], OutDiscards: c[8][k]}
	}
}
