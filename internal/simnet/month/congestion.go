package month

import (
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// slotSeconds is the length of a utilisation sample.
const slotSeconds = 300

// link is a link's month: the state of both ends and the traffic at the a end.
func (w *witness) link(index int32) LinkTruth {
	l := w.Net.Links[index]
	out := LinkTruth{Link: l.Name}
	line, windows := w.linkLine(index)
	if line == nil {
		out.StateTime = w.calm(l.A.Device)
		if l.HasB() {
			if b := w.calm(l.B.Device); b.Unknown < out.Unknown {
				out.StateTime = b
			}
		}
	} else {
		raw := slices.Clone(line)
		maintain(line, windows)
		out.StateTime = tally(line)
		line = raw
	}
	var members [][]state
	if line != nil {
		members = w.members(index)
	}
	samples := w.samples(l.A)
	w.traffic(&out, l, traffic{samples, line, windows, w.room(index, members)})
	out.Capacity = w.weight(index, samples)
	return out
}

// linkLine is the link's time line before windows, nil if nothing ever happened to it, and the planned
// windows of the devices at its ends.
func (w *witness) linkLine(index int32) (line []state, windows []run) {
	l := w.Net.Links[index]
	calm := func(d int32) bool { return !w.Net.Troubled(d) && len(w.windows(d)) == 0 }
	if !w.Net.Disturbed(index) && calm(l.A.Device) && (!l.HasB() || calm(l.B.Device)) {
		return nil, nil
	}
	return w.linkWhole(index)
}

// linkWhole is the same also of a link to which nothing ever happened.
func (w *witness) linkWhole(index int32) (line []state, windows []run) {
	l := w.Net.Links[index]
	line, windows = w.aEnd(index), w.windows(l.A.Device)
	if l.HasB() {
		join(line, w.port(l.B))
		windows = append(windows, w.windows(l.B.Device)...)
	}
	return line, windows
}

// sample is what the a end's counters say at one poll that was answered.
type sample struct {
	second        int // of the month
	at            fault.Tick
	in, out       uint64
	boot, counted uint32 // sysUpTime and the discontinuity in it
	mbps          uint32 // speed
}

// traffic is a link's samples and what they are laid upon: its time line before windows, nil if nothing ever happened to it, the
// planned windows, and its capacity in the slot that ends at
// a second with a speed.
type traffic struct {
	samples []sample
	line    []state
	windows []run
	room    func(end int, speed uint32) uint32
}

// overflow is the utilisation in per mille above which a sample is not believed.
const overflow = 1050

// traffic counts the slots and finds the percentiles. A link that is down carries nothing, which is a
// sample even where no counter could be read.
func (w *witness) traffic(out *LinkTruth, l nation.Link, t traffic) {
	b := bounds{samples: t.samples}
	var in, sent []int
	for slot := range w.seconds / slotSeconds {
		begin, end := slot*slotSeconds, (slot+1)*slotSeconds
		if mostly(t.line, begin, end, func(i int) bool { return t.line[i] == excluded || inside(t.windows, i) }) {
			continue
		}
		out.Expected++
		i, o, ok := b.between(begin, end, t.room)
		if !ok && mostly(t.line, begin, end, func(i int) bool { return t.line[i] == down }) {
			i, o, ok = 0, 0, true
		}
		if ok && i <= overflow {
			in = append(in, i)
		}
		if ok && o <= overflow {
			sent = append(sent, o)
		}
	}
	out.Reported = min(len(in), len(sent))
	out.P95In, out.P95Out = percentile95(in), percentile95(sent)
	out.Evaluated = out.Expected > 0 && out.Reported*10 >= out.Expected*9
	theta := map[string]int{"international": 900}[l.Class]
	out.Congested = out.Evaluated && max(out.P95In, out.P95Out) >= max(theta, 800)
}

// bounds finds the samples that bound a slot; slots are asked for in order.
type bounds struct {
	samples []sample
	last    int // the last one at or before the end of the slot asked for
}

// between is the utilisation between the last sample at or before begin and that at or before end.
func (b *bounds) between(begin, end int, room func(end int, speed uint32) uint32) (in, out int, ok bool) {
	for b.last+1 < len(b.samples) && b.samples[b.last+1].second <= end {
		b.last++
	}
	first := b.last
	for first >= 0 && first < len(b.samples) && b.samples[first].second > begin {
		first--
	}
	if first < 0 || first >= len(b.samples) {
		return 0, 0, false
	}
	return utilisation(b.samples[first], b.samples[b.last], room(end, b.samples[b.last].mbps))
}

// samples are the counters at the last answered poll of each slot: no other can bound anything.
func (w *witness) samples(p nation.Port) []sample {
	var out []sample
	var r nation.Reading
	phase, perSlot := w.Net.PollPhase(p.Device, w.Interval), int(slotSeconds*fault.Second/w.Interval)
	for last := perSlot - 1; last < w.Rounds(); last += perSlot {
		for round := last; round > last-perSlot; round-- {
			clock := w.Net.Clock(w.at(phase, round))
			r.Read(w.Net, p.Device, &clock)
			if w.outcome(&r) != Answered {
				continue
			}
			c, second := r.Counters(p.Index), int((r.At()-w.From)/fault.Second)
			out = append(out, sample{second, r.At(), c.InOctets, c.OutOctets, uint32(r.At()) - r.Uptime(), r.Discontinuity(), r.SpeedMbps(p.Index)})
			break
		}
	}
	return out
}

// utilisation between two samples in whole per mille, false if there is none.
func utilisation(a, b sample, mbps uint32) (in, out int, ok bool) {
	ticks := uint64(b.at - a.at)
	if mbps == 0 || ticks < 150*100 || ticks > 750*100 || a.boot != b.boot || a.counted != b.counted {
		return 0, 0, false
	}
	full := uint64(mbps) * 1250 * ticks // octets
	in, out = int((b.in-a.in)*1000/full), int((b.out-a.out)*1000/full)
	return in, out, true
}

// mostly says whether more than half of a slot's seconds are so. A link without a time line is up.
func mostly(line []state, begin, end int, so func(second int) bool) bool {
	n := 0
	for i := begin; line != nil && i < end; i++ {
		if so(i) {
			n++
		}
	}
	return 2*n > end-begin
}

func inside(windows []run, second int) bool {
	return slices.ContainsFunc(windows, func(r run) bool { return second >= r.from && second < r.to })
}

// percentile95 is the nearest-rank percentile.
func percentile95(u []int) int {
	if len(u) == 0 {
		return 0
	}
	slices.Sort(u)
	return u[(len(u)*95+99)/100-1]
}
