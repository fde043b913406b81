package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Slots cut a local day into 288 × 5 minutes; slot i is [i*300, (i+1)*300), boundary i its start.
const (
	SlotSeconds  = 300
	SlotsPerDay  = daySeconds / SlotSeconds
	slotsPerHour = 12
)

// Has tells which optional fields of Counters were in the point.
type Has uint8

// The optional fields. A point without HasOctets bounds nothing and is not kept.
const (
	HasUptime Has = 1 << iota
	HasDiscontinuity
	HasOctets  // InOctets and OutOctets
	HasPackets // OutPkts and OutDiscards
	Is32Bit    // the point carries bits=32i
)

// Counters is one reading of a port's counters.
type Counters struct {
	Time          int64  // Unix nanoseconds
	Uptime        uint64 // sysUpTime, centiseconds
	Discontinuity uint64 // ifCounterDiscontinuityTime, centiseconds
	InOctets      uint64
	OutOctets     uint64
	OutPkts       uint64
	OutDiscards   uint64
	SpeedMbps     uint32 // ifHighSpeed; 0 unknown
	Has           Has
}

// BoundaryOf is the boundary a reading at ns (Unix nanoseconds) may bound: the first one at or
// after it, with the local day that holds that instant.
func BoundaryOf(ns int64) (model.Day, int) {
	const slot = SlotSeconds * 1_000_000_000
	b := ns / slot
	if ns%slot > 0 {
		b++
	}
	sec := b * SlotSeconds
	d := model.DayOf(sec)
	return d, int(sec-d.Start()) / SlotSeconds
}

// CounterHour is the 12 boundaries of one clock hour.
type CounterHour [slotsPerHour]Counters

// CounterDay is a port's counters on one local day: for each boundary b the latest reading in
// (b-300 s, b]. Readings of the same instant are joined field by field, the greater wins. So it is
// a function of the set of readings: order and duplicates leave no trace. The zero value is empty;
// hours without a reading take no memory.
type CounterDay struct {
	hours [24]*CounterHour
}

// Add takes one reading at its boundary (see BoundaryOf). It reports whether anything changed.
func (c *CounterDay) Add(boundary int, r Counters) bool {
	if r.Has&HasOctets == 0 || boundary < 0 || boundary >= SlotsPerDay {
		return false
	}
	h := boundary / slotsPerHour
	if c.hours[h] == nil {
		c.hours[h] = new(CounterHour)
	}
	return c.hours[h][boundary%slotsPerHour].keep(r)
}

// keep replaces c by the later reading, or joins two of the same instant.
func (c *Counters) keep(r Counters) bool {
	old := *c
	switch {
	case old.Has == 0 || r.Time > old.Time:
		*c = r
	case r.Time == old.Time:
		c.join(r)
	}
	return *c != old
}

func (c *Counters) join(r Counters) {
	c.Uptime = max(c.Uptime, r.Uptime)
	c.Discontinuity = max(c.Discontinuity, r.Discontinuity)
	c.InOctets = max(c.InOctets, r.InOctets)
	c.OutOctets = max(c.OutOctets, r.OutOctets)
	c.OutPkts = max(c.OutPkts, r.OutPkts)
	c.OutDiscards = max(c.OutDiscards, r.OutDiscards)
	c.SpeedMbps = max(c.SpeedMbps, r.SpeedMbps)
	c.Has |= r.Has
}

// boundary is the reading kept at boundary i, or nil.
func (c *CounterDay) boundary(i int) *Counters {
	if c == nil || c.hours[i/slotsPerHour] == nil {
		return nil
	}
	if r := &c.hours[i/slotsPerHour][i%slotsPerHour]; r.Has != 0 {
		return r
	}
	return nil
}

// Empty says whether no reading was kept.
func (c *CounterDay) Empty() bool {
	return c == nil || c.hours == [24]*CounterHour{}
}

// Hour is the block of one clock hour (0 to 23), or nil. The caller must not change it.
func (c *CounterDay) Hour(h int) *CounterHour { return c.hours[h] }

// MergeHour adds the readings of a block of clock hour h.
func (c *CounterDay) MergeHour(h int, block *CounterHour) bool {
	changed := false
	for i := range block {
		changed = c.Add(h*slotsPerHour+i, block[i]) || changed
	}
	return changed
}

// DropHour forgets clock hour h, for callers that keep old hours encoded.
func (c *CounterDay) DropHour(h int) { c.hours[h] = nil }
