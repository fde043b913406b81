package kpi

import "math/bits"

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
	f := slotFold{prev: prev, day: c, next: next}
	for i := range SlotsPerDay {
		f.slot(i)
	}
	f.out.Loss = keepLossyHours(f.loss)
	return f.out
}

type slotFold struct {
	prev, day, next *CounterDay
	out             PortDay
	loss            []SlotLoss
}

// bound is the last reading at or before boundary i, which may be that of the next day.
func (f *slotFold) bound(i, back int) *Counters {
	for ; back > 0; i, back = i-1, back-1 {
		if r := f.at(i); r != nil {
			return r
		}
	}
	return nil
}

func (f *slotFold) at(i int) *Counters {
	switch {
	case i < 0:
		return f.prev.boundary(i + SlotsPerDay)
	case i == SlotsPerDay:
		return f.next.boundary(0)
	}
	return f.day.boundary(i)
}

func (f *slotFold) slot(i int) {
	a, b := f.bound(i, lookBack), f.at(i+1)
	if b == nil {
		return
	}
	f.speed(i, b.SpeedMbps)
	if a == nil {
		return
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
		f.loss = append(f.loss, l)
	}
}

func (f *slotFold) speed(i int, mbps uint32) {
	n := len(f.out.Speed)
	if mbps == 0 || n > 0 && f.out.Speed[n-1].Mbps == mbps {
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

// keepLossyHours keeps the slots of the hours in which anything was dropped: elsewhere the drop
// ratio is 0 whatever was sent.
func keepLossyHours(all []SlotLoss) []SlotLoss {
	var lossy [24]bool
	for _, l := range all {
		lossy[l.Slot/slotsPerHour] = lossy[l.Slot/slotsPerHour] || l.Drops > 0
	}
	var kept []SlotLoss
	for _, l := range all {
		if lossy[l.Slot/slotsPerHour] {
			kept = append(kept, l)
		}
	}
	return kept
}
