package kpi

import (
	"math/bits"
)

// A stretch is what readings are packed by: long enough for its first readings to take little beside the others, and
// short enough for what a port carries to change little in it.
const (
	stretchHours = 4
	stretchSlots = stretchHours * slotsPerHour
	stretches    = SlotsPerDay / stretchSlots
)

// maxPacked holds a stretch whose every column needs 64 bits, and what a reader looks ahead.
const maxPacked = (stretchSlots+9*(stretchSlots+3)*64)/8 + 16

// stretch is the readings at its boundaries.
type stretch [stretchSlots]Counters

// hour is clock hour h of the day, in the stretch that has it.
func (s *stretch) hour(h int) *CounterHour {
	return (*CounterHour)(s[h%stretchHours*slotsPerHour:])
}

// packed is the readings of a stretch as bits: which boundaries have one, then column after column the first value
// and by how much each advances on the one before, above the least that one does, in as many bits as the greatest
// needs. Counters advance by much the same in slot after slot. Nil is a stretch without readings.
type packed []byte

func (s *stretch) pack() packed {
	var c columns
	mask := c.set(s[:])
	if mask == 0 {
		return nil
	}
	var w bitWriter
	w.put(mask, stretchSlots)
	for f := range c {
		w.column(c[f][:bits.OnesCount64(mask)])
	}
	return append(packed(nil), w.bytes()...)
}

// unpack sets all of s.
func (p packed) unpack(s *stretch) {
	*s = stretch{}
	if p == nil {
		return
	}
	var c columns
	r := bitReader{data: p}
	mask := r.take(stretchSlots)
	for f := range c {
		r.column(c[f][:bits.OnesCount64(mask)])
	}
	c.get(mask, s[:])
}

// pack packs the open hours.
func (c *CounterDay) pack() {
	c.packHour(c.last, c.lastHour)
	c.packHour(c.late, c.lateHour)
	c.late = nil
}

// packHour puts the readings of an hour, which may be nil, to those of its stretch.
func (c *CounterDay) packHour(readings *CounterHour, h int8) {
	if readings == nil {
		return
	}
	var s stretch
	p := &c.packed[h/stretchHours]
	p.unpack(&s)
	*s.hour(int(h)) = *readings
	*p = s.pack()
}

// stretch sets s to the i-th stretch, its open hours included. A day that is nil has no readings.
func (c *CounterDay) stretch(i int, s *stretch) {
	if c.Empty() {
		*s = stretch{}
		return
	}
	c.packed[i].unpack(s)
	if h := int(c.lastHour); h/stretchHours == i {
		*s.hour(h) = *c.last
	}
	if h := int(c.lateHour); c.late != nil && h/stretchHours == i {
		*s.hour(h) = *c.late
	}
}
