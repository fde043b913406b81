package kpi

import (
	"cmp"
	"math"
	"math/bits"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

const (
	minHourSlots    = 9    // an hour has a mean when at least 9 of its 12 slots are valid
	defaultOverflow = 1050 // per mille; utilisation above is suspect
)

// linkDay adds one link's local day to its traffic. It is reused from link to link.
type linkDay struct {
	plan  *Plan
	ports []*PortDay // of the day, beside the shard's ports

	link     *planLink
	day      model.Day
	end      int64 // slots that end later are not over yet
	rule     model.ClassRule
	expected [SlotsPerDay]bool
	down     [SlotsPerDay]bool // more than half DOWN
	in, out  samples
	result   *LinkTraffic
	loads    loads
}

// samples are a direction's utilisations in per mille; -1: none.
type samples [SlotsPerDay]int32

// sum adds the link's slots of day d that end by end to t.
func (w *linkDay) sum(t *LinkTraffic, l *planLink, ln *line, d model.Day, end int64) {
	w.link, w.day, w.end, w.result = l, d, end, t
	w.rule = w.plan.inv.Targets.Congestion[l.rowAt(d.Start()).Class]
	w.judgeSlots(ln)
	if w.sample(ln) {
		in, out := t.In.addDay(&w.in), t.Out.addDay(&w.out)
		if w.plan.workingDay(d) {
			t.In.addHours(&in)
			t.Out.addHours(&out)
		}
		w.congestedHours(&in, &out)
		w.drops(&out)
	}
	if len(l.cables) > 0 {
		w.carry(ln)
	}
}

// judgeSlots says which slots should have a sample, and in which the link was DOWN.
func (w *linkDay) judgeSlots(ln *line) {
	start := w.day.Start()
	if w.end >= w.day.End() && ln.plain(span{start, w.day.End()}) {
		for i := range SlotsPerDay {
			w.expected[i], w.down[i] = true, false
		}
		w.result.Expected += SlotsPerDay
		return
	}
	var out, down [SlotsPerDay]int32 // seconds
	for seg := range ln.segments(span{start, w.day.End()}) {
		void, broken := seg.excluded() || seg.planned, seg.base == Down
		for i := int((seg.from - start) / SlotSeconds); void || broken; i++ {
			s := span{start + int64(i)*SlotSeconds, start + int64(i+1)*SlotSeconds}
			n := int32(s.clip(seg.span).seconds())
			if void {
				out[i] += n
			}
			if broken {
				down[i] += n
			}
			if s.to >= seg.to {
				break
			}
		}
	}
	for i := range SlotsPerDay {
		over := start+int64(i+1)*SlotSeconds <= w.end
		w.expected[i] = over && out[i] <= SlotSeconds/2
		w.down[i] = down[i] > SlotSeconds/2
		if w.expected[i] {
			w.result.Expected++
		}
	}
}

// sample divides the rates by the capacity and says whether there is any sample. A link that is
// DOWN carries nothing, which is a valid 0 even where its counters could not be read.
func (w *linkDay) sample(ln *line) bool {
	some := false
	for i := range SlotsPerDay {
		w.in[i], w.out[i] = -1, -1
		if w.expected[i] && w.down[i] {
			w.in[i], w.out[i], some = 0, 0, true
		}
	}
	for i := range w.link.rows {
		row := &w.link.rows[i]
		if port := w.portDay(row); port != nil {
			if !w.again(i) {
				w.result.Resets += int32(port.Resets)
				w.result.Conflicts += int32(port.Conflicts)
			}
			for _, step := range port.Speed {
				w.result.SpeedMbps = cmp.Or(step.Mbps, w.result.SpeedMbps)
			}
			w.divide(row, port, ln)
			some = true
		}
	}
	return some
}

// again says that an earlier row of the day is measured at the same port as row i: its capacity changed, not its place.
func (w *linkDay) again(i int) bool {
	own := w.link.rows[i].a
	return slices.ContainsFunc(w.link.rows[:i], func(r linkRow) bool { return r.a == own && w.portDay(&r) != nil })
}

// divide fills in the slots that start while row is valid, a stretch of one capacity after the other.
func (w *linkDay) divide(row *linkRow, port *PortDay, ln *line) {
	start := w.day.Start()
	valid := row.valid().clip(span{start, w.day.End()})
	from, to := int(valid.from-start+SlotSeconds-1)/SlotSeconds, int(valid.to-start+SlotSeconds-1)/SlotSeconds
	switch {
	case row.CapacityMbps > 0 && row.LAG != nil && len(ln.weak) > 0:
		w.divideByActive(ln.weak, row, port, from, to)
		return
	case row.CapacityMbps > 0:
		w.divideBy(port, from, to, row.CapacityMbps)
		return
	}
	for i, step := range port.Speed {
		until := to
		if i+1 < len(port.Speed) {
			until = min(to, int(port.Speed[i+1].Slot))
		}
		w.divideBy(port, max(from, int(step.Slot)), until, int64(step.Mbps))
	}
}

func (w *linkDay) divideBy(port *PortDay, from, to int, mbps int64) {
	if mbps <= 0 {
		return
	}
	limit := min(cmp.Or(w.rule.OverflowPerMill, defaultOverflow), maxUint16)
	d := divisor(mbps)
	w.result.In.Suspect += w.put(&w.in, port.In, from, to, d, uint64(limit))
	w.result.Out.Suspect += w.put(&w.out, port.Out, from, to, d, uint64(limit))
}

// put stores one direction's utilisation, kbit/s by Mbit/s are per mille, and counts what is above the limit.
func (w *linkDay) put(u *samples, rates []uint32, from, to int, d divider, limit uint64) (suspect int32) {
	to = min(to, len(rates))
	for i := from; i < to; i++ {
		if !w.expected[i] || rates[i] == NoRate {
			continue
		}
		if v := d.of(rates[i]); v <= limit {
			u[i] = int32(v)
		} else {
			u[i] = -1
			suspect++
		}
	}
	return suspect
}

// divider divides 32-bit numbers by one that stays, by multiplying: exactly, as its inverse has 64 bits.
type divider struct{ inverse, by uint64 }

func divisor(by int64) divider {
	d := divider{by: uint64(by)}
	if by > 1 && by <= math.MaxUint32 {
		d.inverse = math.MaxUint64/d.by + 1
	}
	return d
}

func (d divider) of(n uint32) uint64 {
	if d.inverse == 0 {
		return uint64(n) / d.by
	}
	hi, _ := bits.Mul64(d.inverse, uint64(n))
	return hi
}

// portDay is the measured port's traffic on the day, if row is valid in it.
func (w *linkDay) portDay(row *linkRow) *PortDay {
	if row.a < 0 || row.From >= w.day.End() || row.To <= w.day.Start() {
		return nil
	}
	return w.ports[row.at]
}

// addDay counts the samples and says what each hour comes to.
func (d *DirTraffic) addDay(u *samples) (hours [24]HourSum) {
	d.room(slices.Max(u[:]))
	for h := range hours {
		var s HourSum
		for _, v := range u[h*slotsPerHour : (h+1)*slotsPerHour] {
			if v >= 0 {
				d.Counts[v]++
				s.Sum += uint32(v)
				s.Slots++
			}
		}
		hours[h] = s
		d.Slots += int32(s.Slots)
		d.Sum += int64(s.Sum)
	}
	return hours
}

// addHours adds a working day's hours that have a mean.
func (d *DirTraffic) addHours(hours *[24]HourSum) {
	for h, s := range hours {
		if s.Slots >= minHourSlots {
			d.Hours[h].Sum += s.Sum
			d.Hours[h].Slots += s.Slots
		}
	}
}

// busiest is the day's clock hour with the greatest mean, the earliest of equals; -1: none has one.
func busiest(hours *[24]HourSum) int {
	best := -1
	for h, s := range hours {
		if s.Slots >= minHourSlots && (best < 0 || s.above(hours[best])) {
			best = h
		}
	}
	return best
}

// above says whether a's mean is greater than b's. Both have slots.
func (a HourSum) above(b HourSum) bool {
	return uint64(a.Sum)*uint64(b.Slots) > uint64(b.Sum)*uint64(a.Slots)
}

// congestedHours counts the hours whose mean, in either direction, reaches theta.
func (w *linkDay) congestedHours(in, out *[24]HourSum) {
	theta := uint32(w.rule.ThetaPerMille)
	reached := func(s HourSum) bool { return s.Slots >= minHourSlots && s.Sum >= theta*s.Slots }
	for h := range 24 {
		if theta > 0 && (reached(in[h]) || reached(out[h])) {
			w.result.CongestedHours++
		}
	}
}

// drops says whether more than the allowed share of the packets was dropped in the day's busy
// hour, the one of the out direction. An hour in which the link moved to another port is judged
// for each port alone.
func (w *linkDay) drops(out *[24]HourSum) {
	hour := busiest(out)
	if hour < 0 || w.rule.DropDays == 0 {
		return
	}
	lossy := false
	for i := range w.link.rows {
		row := &w.link.rows[i]
		port := w.portDay(row)
		lossy = lossy || port != nil && w.lossy(row.a, port, hour)
	}
	if lossy {
		w.result.DropDays++
	}
}

// lossy judges the slots of the hour in which the link is measured at the port.
func (w *linkDay) lossy(at int32, port *PortDay, hour int) bool {
	var pkts, drops uint64
	for _, l := range port.Loss {
		counts := int(l.Slot/slotsPerHour) == hour && w.out[l.Slot] >= 0
		start := w.day.Start() + int64(l.Slot)*SlotSeconds
		here := func(r linkRow) bool { return r.a == at && r.valid().holds(start) }
		if counts && slices.ContainsFunc(w.link.rows, here) {
			pkts += l.Pkts
			drops += l.Drops
		}
	}
	hi1, lo1 := bits.Mul64(drops, 1_000_000)
	hi2, lo2 := bits.Mul64(pkts+drops, uint64(w.rule.DropPerMillion))
	return hi1 > hi2 || hi1 == hi2 && lo1 > lo2
}

// workingDay is Monday to Friday without the national holidays.
func (p *Plan) workingDay(d model.Day) bool {
	weekday := (int(d) + 4) % 7 // 1970-01-01 was a Thursday; 0 is Sunday
	_, holiday := slices.BinarySearch(p.inv.Holidays, d)
	return weekday != 0 && weekday != 6 && !holiday
}
