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
	HasOctets   // InOctets and OutOctets
	HasPackets  // OutPkts and OutDiscards
	Is32Bit     // the point carries bits=32i
	HasSpeed    // SpeedMbps, which may be 0: an aggregate without active members has none
	Conflicting // set by CounterDay: another reading of the same instant said something else
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
	SpeedMbps     uint32 // ifHighSpeed; 0 without HasSpeed: not told
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
// (b-300 s, b]. Readings of the same instant are joined field by field, the greater wins; where they
// contradict each other, the reading is marked. So it is a function of the set of readings: order
// and duplicates leave no trace. The zero value is empty.
//
// A reading takes 64 bytes, and less than 20 where it is packed. Hours that readings come for are open: the latest
// one, and one before it if some come late. All others are packed.
type CounterDay struct {
	packed             [stretches]packed // what it says of an open hour does not count
	last, late         *CounterHour      // the open hours, or nil
	lastHour, lateHour int8
}

// Add takes one reading at its boundary (see BoundaryOf). It reports whether anything changed.
func (c *CounterDay) Add(boundary int, r Counters) bool {
	if r.Has&HasOctets == 0 || boundary < 0 || boundary >= SlotsPerDay {
		return false
	}
	return c.open(boundary / slotsPerHour)[boundary%slotsPerHour].keep(r)
}

// open is clock hour h, to be added to.
func (c *CounterDay) open(h int) *CounterHour {
	switch {
	case c.last == nil:
		c.last, c.lastHour = new(CounterHour), int8(h)
	case h < int(c.lastHour):
		return c.openLate(h)
	case h > int(c.lastHour): // there are no readings of it yet
		c.pack()
		*c.last, c.lastHour = CounterHour{}, int8(h)
	}
	return c.last
}

// openLate is open for an hour before the last one.
func (c *CounterDay) openLate(h int) *CounterHour {
	if c.late == nil || int(c.lateHour) != h {
		c.packHour(c.late, c.lateHour)
		readings, _ := c.Hour(h)
		c.late, c.lateHour = &readings, int8(h)
	}
	return c.late
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
	if c.contradicts(&r) {
		c.Has |= Conflicting
	}
	c.Uptime = max(c.Uptime, r.Uptime)
	c.Discontinuity = max(c.Discontinuity, r.Discontinuity)
	c.InOctets = max(c.InOctets, r.InOctets)
	c.OutOctets = max(c.OutOctets, r.OutOctets)
	c.OutPkts = max(c.OutPkts, r.OutPkts)
	c.OutDiscards = max(c.OutDiscards, r.OutDiscards)
	c.SpeedMbps = max(c.SpeedMbps, r.SpeedMbps)
	c.Has |= r.Has
}

// contradicts says whether both readings have a field, and different values of it.
func (c *Counters) contradicts(r *Counters) bool {
	both := c.Has & r.Has
	return c.InOctets != r.InOctets || c.OutOctets != r.OutOctets ||
		both&HasPackets != 0 && (c.OutPkts != r.OutPkts || c.OutDiscards != r.OutDiscards) ||
		both&HasUptime != 0 && c.Uptime != r.Uptime || both&HasDiscontinuity != 0 && c.Discontinuity != r.Discontinuity ||
		c.SpeedMbps != 0 && r.SpeedMbps != 0 && c.SpeedMbps != r.SpeedMbps
}

// Conflicting says whether readings of the instant that counts at a boundary contradict each other.
func (c *CounterDay) Conflicting(boundary int) bool {
	h, i := boundary/slotsPerHour, boundary%slotsPerHour
	switch {
	case c.Empty() || boundary < 0 || boundary >= SlotsPerDay:
		return false
	case h == int(c.lastHour):
		return c.last[i].Has&Conflicting != 0
	case c.late != nil && h == int(c.lateHour):
		return c.late[i].Has&Conflicting != 0
	}
	readings, _ := c.Hour(h)
	return readings[i].Has&Conflicting != 0
}

// Empty says whether no reading was kept.
func (c *CounterDay) Empty() bool { return c == nil || c.last == nil }

// Hour is the readings of one clock hour (0 to 23), and false if there are none.
func (c *CounterDay) Hour(h int) (readings CounterHour, ok bool) {
	switch {
	case c.Empty() || h > int(c.lastHour):
		return readings, false
	case h == int(c.lastHour):
		return *c.last, true
	}
	var s stretch
	c.stretch(h/stretchHours, &s)
	readings = *s.hour(h)
	return readings, readings != CounterHour{}
}

// MergeHour adds the readings of a block of clock hour h.
func (c *CounterDay) MergeHour(h int, block *CounterHour) bool {
	changed := false
	for i := range block {
		changed = c.Add(h*slotsPerHour+i, block[i]) || changed
	}
	return changed
}
