package kpi

import (
	"math/bits"
	"slices"
)

// A slot is usable when the readings that bound it are between half and two and a half slots
// apart. So a bound is looked for in at most lookBack boundaries, its own included.
const (
	minSlotMs = SlotSeconds * 1000 / 2
	maxSlotMs = SlotSeconds * 1000 * 5 / 2
	lookBack  = 3
)

// Fold turns the day's boundaries into the rates of its slots. A slot [s, s+300) is bounded by the
// last reading at or before s and the last at or before s+300, so the first slots may need the end
// of the day before, and the last one boundary 0 of the day after; either may be nil. The result's
// key fields are left empty.
func (c *CounterDay) Fold(prev, next *CounterDay) PortDay {
	var f slotFold
	prev.stretch(stretches-1, f.stretch())
	for i := range stretches {
		f.after(c, i)
		for k := range stretchSlots {
			f.slot(i*stretchSlots+k-1, k)
			if f.stretch()[k].Has&Conflicting != 0 {
				f.out.Conflicts++
			}
		}
	}
	f.after(next, 0)
	f.slot(SlotsPerDay-1, 0)
	return f.out
}

// slotFold is one day's work. A slot that ends with a stretch's first boundary begins in the stretch before, so it is
// seen with the later one.
type slotFold struct {
	readings [lookBack + stretchSlots]Counters // the last ones of a stretch, and those of the next
	out      PortDay
	loss     [slotsPerHour]SlotLoss // of the hour so far
	losses   int
}

func (f *slotFold) stretch() *stretch { return (*stretch)(f.readings[lookBack:]) }

// after goes on to the i-th stretch of a day.
func (f *slotFold) after(c *CounterDay, i int) {
	copy(f.readings[:lookBack], f.readings[stretchSlots:])
	c.stretch(i, f.stretch())
}

// slot takes slot i of the day, whose boundaries end with the k-th of the stretch.
func (f *slotFold) slot(i, k int) {
	if i < 0 {
		return
	}
	if i%slotsPerHour == 0 {
		f.losses = 0
	}
	f.rates(i, (*[lookBack + 1]Counters)(f.readings[k:]))
	if hour := f.loss[:f.losses]; i%slotsPerHour == slotsPerHour-1 && lossy(hour) {
		f.out.Loss = append(f.out.Loss, hour...)
	}
}

// lossy says whether anything was dropped. Where nothing was, the drop ratio is 0 whatever was sent.
func lossy(hour []SlotLoss) bool {
	return slices.ContainsFunc(hour, func(l SlotLoss) bool { return l.Drops > 0 })
}

// rates are of the slot between the last two of its boundaries. Where the first has no reading, one of those before it
// takes its place.
func (f *slotFold) rates(i int, at *[lookBack + 1]Counters) {
	a, b := &at[lookBack-1], &at[lookBack]
	if b.Has == 0 {
		return
	}
	f.speed(i, b)
	for back := lookBack - 1; a.Has == 0; a = &at[back] {
		if back--; back < 0 {
			return
		}
	}
	dt, steady := elapsed(a, b)
	if dt < minSlotMs || dt > maxSlotMs {
		return
	}
	if !steady {
		f.out.Resets++
		return
	}
	p := pair{a: a, b: b, dtMs: dt}
	in, out := p.rate(a.InOctets, b.InOctets), p.rate(a.OutOctets, b.OutOctets)
	if in == NoRate || out == NoRate {
		f.out.Resets++
	}
	setRate(&f.out.In, i, in)
	setRate(&f.out.Out, i, out)
	if l, ok := p.lost(i); ok && out != NoRate {
		f.loss[f.losses] = l
		f.losses++
	}
}

// speed notes a change. A reading that does not tell the speed leaves it as it was.
func (f *slotFold) speed(i int, b *Counters) {
	n, mbps := len(f.out.Speed), b.SpeedMbps
	last := uint32(0)
	if n > 0 {
		last = f.out.Speed[n-1].Mbps
	}
	if mbps == last || mbps == 0 && b.Has&HasSpeed == 0 {
		return
	}
	f.out.Speed = append(f.out.Speed, SpeedStep{Slot: uint16(i), Mbps: mbps})
}

func setRate(rates *[]uint32, i int, r uint32) {
	if r == NoRate {
		return
	}
	if *rates == nil {
		*rates = make([]uint32, SlotsPerDay)
		for j := range *rates {
			(*rates)[j] = NoRate
		}
	}
	(*rates)[i] = r
}

// elapsed is the time from a to b in ms, by the device's own clock where both readings have it.
// It is not steady when the device or its counters started anew in between.
func elapsed(a, b *Counters) (ms int64, steady bool) {
	wall := b.Time/1e6 - a.Time/1e6
	both := a.Has & b.Has
	if both&HasDiscontinuity != 0 && a.Discontinuity != b.Discontinuity {
		return wall, false
	}
	if both&HasUptime == 0 {
		return wall, true
	}
	up, ok := uptimeAdvance(a.Uptime, b.Uptime)
	if !ok || abs(up-wall) > max(5000, wall/100) {
		return wall, false
	}
	return up, true
}

// uptimeAdvance is the advance of sysUpTime in ms. Its own 32-bit wrap after 497 days is no reset.
func uptimeAdvance(a, b uint64) (ms int64, ok bool) {
	const wrap, longest = 1 << 32, 1 << 32 // centiseconds
	switch {
	case b >= a && b-a < longest:
		return int64(b-a) * 10, true
	case a < wrap && b < a:
		return int64(b+wrap-a) * 10, true
	}
	return 0, false
}

// pair is the two readings that bound a slot.
type pair struct {
	a, b *Counters
	dtMs int64
}

// rate is the rate in kbit/s between two values of an octet counter, or NoRate after a reset.
func (p pair) rate(from, to uint64) uint32 {
	delta, wrapped, ok := p.delta(from, to)
	if !ok {
		return NoRate
	}
	hi, lo := bits.Mul64(delta, 8) // bits per ms are kbit/s
	if hi >= uint64(p.dtMs) {
		return NoRate - 1
	}
	q, _ := bits.Div64(hi, lo, uint64(p.dtMs))
	if wrapped && p.b.SpeedMbps != 0 && q*100 > uint64(p.b.SpeedMbps)*1000*105 {
		return NoRate
	}
	return uint32(min(q, NoRate-1))
}

// delta is the advance of a counter. A 32-bit one that fell wrapped once; a 64-bit one was reset.
func (p pair) delta(from, to uint64) (d uint64, wrapped, ok bool) {
	const wrap = 1 << 32
	narrow := p.a.Has&Is32Bit != 0
	switch {
	case narrow != (p.b.Has&Is32Bit != 0):
		return 0, false, false
	case to >= from:
		return to - from, false, true
	case narrow && from < wrap:
		return to + wrap - from, true, true
	}
	return 0, false, false
}

// lost is what was sent and dropped. A 32-bit counter that seems to have wrapped by more than half
// its range was cleared instead: no such port sends so many packets in a slot.
func (p pair) lost(slot int) (SlotLoss, bool) {
	const plausible = 1 << 31
	pkts, wrapped1, ok1 := p.delta(p.a.OutPkts, p.b.OutPkts)
	drops, wrapped2, ok2 := p.delta(p.a.OutDiscards, p.b.OutDiscards)
	cleared := wrapped1 && pkts > plausible || wrapped2 && drops > plausible
	known := p.a.Has&p.b.Has&HasPackets != 0
	l := SlotLoss{Slot: uint16(slot), Pkts: min(pkts, maxLoss), Drops: min(drops, maxLoss)}
	return l, known && ok1 && ok2 && !cleared
}

// maxLoss caps a slot's packets and drops, far above any port, so that an hour's sum cannot overflow.
const maxLoss = 1 << 56
