package kpi

import (
	"cmp"
	"math/bits"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

const (
	minHourSlots    = 9    // an hour has a mean when at least 9 of its 12 slots are valid
	defaultOverflow = 1050 // per mille; utilisation above is suspect
)

// linkDay works out one link's traffic on one local day.
type linkDay struct {
	plan  *Plan
	link  *planLink
	day   model.Day
	end   int64 // slots that end later are not over yet
	rule  model.ClassRule
	ports [][]*PortDay

	expected [SlotsPerDay]bool
	down     [SlotsPerDay]bool // more than half DOWN
	out      LinkTraffic
}

// samples are a direction's utilisations in per mille; -1: none.
type samples [SlotsPerDay]int32

// day adds up the link's slots of day d that end by end.
func (l *planLink) day(p *Plan, ln *line, d model.Day, end int64, ports [][]*PortDay) LinkTraffic {
	w := linkDay{plan: p, link: l, day: d, end: end, ports: ports}
	w.rule = p.inv.Targets.Congestion[l.rowAt(d.Start()).Class]
	w.out.Link = l.name
	w.judgeSlots(ln)
	in, out := w.sample()
	w.addDirection(&w.out.In, in)
	w.addDirection(&w.out.Out, out)
	w.congestedHours(in, out)
	w.drops(out)
	return w.out
}

// judgeSlots says which slots should have a sample, and in which the link was DOWN.
func (w *linkDay) judgeSlots(ln *line) {
	var out, down [SlotsPerDay]int32 // seconds
	start := w.day.Start()
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
			w.out.Expected++
		}
	}
}

// sample divides the rates by the capacity. A link that is DOWN carries nothing, which is a valid
// 0 even where its counters could not be read.
func (w *linkDay) sample() (in, out *samples) {
	in, out = new(samples), new(samples)
	for i := range SlotsPerDay {
		in[i], out[i] = -1, -1
		if w.expected[i] && w.down[i] {
			in[i], out[i] = 0, 0
		}
	}
	for _, row := range w.link.rows {
		if port := w.portDay(row); port != nil {
			w.out.Resets += int32(port.Resets)
			if n := len(port.Speed); n > 0 {
				w.out.SpeedMbps = port.Speed[n-1].Mbps
			}
			w.divide(row, port, in, out)
		}
	}
	return in, out
}

// divide fills in the slots that start while row is valid.
func (w *linkDay) divide(row linkRow, port *PortDay, in, out *samples) {
	valid, capacity := row.valid(), row.CapacityMbps
	speed := port.Speed
	for i := range SlotsPerDay {
		if row.CapacityMbps <= 0 && len(speed) > 0 && int(speed[0].Slot) == i {
			capacity, speed = int64(speed[0].Mbps), speed[1:]
		}
		if w.expected[i] && capacity > 0 && valid.holds(w.day.Start()+int64(i)*SlotSeconds) {
			w.put(&in[i], &w.out.In, port.In, i, capacity)
			w.put(&out[i], &w.out.Out, port.Out, i, capacity)
		}
	}
}

// put stores one direction's utilisation: kbit/s by Mbit/s are per mille.
func (w *linkDay) put(u *int32, d *DirTraffic, rates []uint32, slot int, capacity int64) {
	if slot >= len(rates) || rates[slot] == NoRate {
		return
	}
	v := int64(rates[slot]) / capacity
	if limit := cmp.Or(w.rule.OverflowPerMill, defaultOverflow); v > int64(min(limit, maxUint16)) {
		d.Suspect++
		v = -1
	}
	*u = int32(v)
}

// portDay is the measured port's traffic on the day, if row is valid in it.
func (w *linkDay) portDay(row linkRow) *PortDay {
	if row.a < 0 || row.From >= w.day.End() || row.To <= w.day.Start() {
		return nil
	}
	for _, d := range w.ports[row.a] {
		if d.Day == w.day {
			return d
		}
	}
	return nil
}

func (w *linkDay) addDirection(d *DirTraffic, u *samples) {
	var sorted [SlotsPerDay]uint16
	n := 0
	for _, v := range u {
		if v >= 0 {
			sorted[n] = uint16(v)
			n++
			d.Sum += int64(v)
		}
	}
	d.Slots = int32(n)
	slices.Sort(sorted[:n])
	d.Top = countDown(sorted[:n])
	work := w.plan.workingDay(w.day)
	best := -1
	var peak HourSum
	for h := range 24 {
		s := u.hour(h)
		if s.Slots < minHourSlots {
			continue
		}
		if work {
			d.Hours[h] = s
		}
		if best < 0 || s.above(peak) {
			best, peak = h, s
		}
	}
	if best >= 0 {
		d.Peaks = []DayPeak{{Day: uint8(w.day.Time().Day()), Hour: uint8(best), Slots: uint8(peak.Slots), Sum: peak.Sum}}
	}
}

func (u *samples) hour(h int) HourSum {
	var s HourSum
	for _, v := range u[h*slotsPerHour : (h+1)*slotsPerHour] {
		if v >= 0 {
			s.Sum += uint32(v)
			s.Slots++
		}
	}
	return s
}

// above says whether a's mean is greater than b's. Both have slots.
func (a HourSum) above(b HourSum) bool {
	return uint64(a.Sum)*uint64(b.Slots) > uint64(b.Sum)*uint64(a.Slots)
}

// congestedHours counts the hours whose mean, in either direction, reaches theta.
func (w *linkDay) congestedHours(in, out *samples) {
	theta := uint32(w.rule.ThetaPerMille)
	reached := func(s HourSum) bool { return s.Slots >= minHourSlots && s.Sum >= theta*s.Slots }
	for h := range 24 {
		if theta > 0 && (reached(in.hour(h)) || reached(out.hour(h))) {
			w.out.CongestedHours++
		}
	}
}

// drops says whether more than the allowed share of the packets was dropped in the day's busy
// hour, the one of the out direction.
func (w *linkDay) drops(out *samples) {
	if len(w.out.Out.Peaks) == 0 || w.rule.DropDays == 0 {
		return
	}
	hour := w.out.Out.Peaks[0].Hour
	var pkts, drops uint64
	for _, row := range w.link.rows {
		port := w.portDay(row)
		if port == nil {
			continue
		}
		for _, l := range port.Loss {
			counts := uint8(l.Slot/slotsPerHour) == hour && out[l.Slot] >= 0
			if counts && row.valid().holds(w.day.Start()+int64(l.Slot)*SlotSeconds) {
				pkts += l.Pkts
				drops += l.Drops
			}
		}
	}
	hi1, lo1 := bits.Mul64(drops, 1_000_000)
	hi2, lo2 := bits.Mul64(pkts+drops, uint64(w.rule.DropPerMillion))
	if hi1 > hi2 || hi1 == hi2 && lo1 > lo2 {
		w.out.DropDays = 1
	}
}

// workingDay is Monday to Friday without the national holidays.
func (p *Plan) workingDay(d model.Day) bool {
	weekday := (int(d) + 4) % 7 // 1970-01-01 was a Thursday; 0 is Sunday
	_, holiday := slices.BinarySearch(p.inv.Holidays, d)
	return weekday != 0 && weekday != 6 && !holiday
}
