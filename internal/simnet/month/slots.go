package month

import (
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// slotSeconds is the length of a utilisation sample.
const slotSeconds = 300

// overflow is the utilisation in per mille above which a sample is not believed.
const overflow = 1050

// slot is what is known of a link in 5 minutes.
type slot struct {
	away            bool   // out of service for more than half
	expected        bool   // neither that nor in a planned window for more than half
	in, out         int    // utilisation in per mille; -1: there is none, or none is expected
	kbpsIn, kbpsOut uint64 // 0 where nothing could be read
	mbps            uint32 // what it could carry; 0: not known
	sent, dropped   uint64 // packets, out of the a end
}

// slots are those of a link with its time line before windows, nil if nothing ever happened to it, and its planned
// windows. Its weight is its capacity, or else its last speed. A link that is down carries nothing, which is a sample even
// where no counter could be read.
func (w *witness) slots(index int32, line []state, windows []run) (out []slot, weight uint32) {
	var members [][]state
	if line != nil {
		members = w.members(index)
	}
	b, room := bounds{samples: w.samples(w.Net.Links[index].A)}, w.room(index, members)
	out = make([]slot, w.seconds/slotSeconds)
	for i := range out {
		begin, end, s := i*slotSeconds, (i+1)*slotSeconds, &out[i]
		s.lay(line, begin, windows)
		if from, to, ok := b.between(begin, end); ok {
			s.mbps = room(end, to.mbps)
			s.read(from, to)
		}
	}
	return out, w.weight(index, b.samples)
}

// lay says what most of the slot's seconds are. A link without a time line is up.
func (s *slot) lay(line []state, begin int, windows []run) {
	var away, void, broken int
	for i := begin; line != nil && i < begin+slotSeconds; i++ {
		if line[i] == excluded {
			away++
		}
		if line[i] == excluded || inside(windows, i) {
			void++
		}
		if line[i] == down {
			broken++
		}
	}
	s.away, s.expected, s.in, s.out = 2*away > slotSeconds, 2*void <= slotSeconds, -1, -1
	if s.expected && 2*broken > slotSeconds {
		s.in, s.out = 0, 0
	}
}

// read fills in what the counters say.
func (s *slot) read(from, to *sample) {
	ms := uint64(to.at-from.at) * 10
	s.kbpsIn, s.kbpsOut = (to.in-from.in)*8/ms, (to.out-from.out)*8/ms
	s.sent, s.dropped = to.sent-from.sent, to.dropped-from.dropped
	if s.expected && s.mbps > 0 {
		s.in, s.out = believed(s.kbpsIn/uint64(s.mbps)), believed(s.kbpsOut/uint64(s.mbps))
	}
}

func believed(perMille uint64) int {
	if perMille > overflow {
		return -1
	}
	return int(perMille)
}

// sample is what the a end's counters say at one poll that was answered.
type sample struct {
	second        int // of the month
	at            fault.Tick
	in, out       uint64
	sent, dropped uint64
	boot, counted uint32 // sysUpTime and the discontinuity in it
	mbps          uint32 // speed
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
			out = append(out, sample{second, r.At(), c.InOctets, c.OutOctets, c.OutPackets + c.OutMulticast + c.OutBroadcast, c.OutDiscards,
				uint32(r.At()) - r.Uptime(), r.Discontinuity(), r.SpeedMbps(p.Index)})
			break
		}
	}
	return out
}

// bounds finds the samples that bound a slot; slots are asked for in order.
type bounds struct {
	samples []sample
	last    int // the last one at or before the end of the slot asked for
}

// between are the last sample at or before begin and that at or before end, if they are half a slot to two and a half
// apart and the counters ran on between them.
func (b *bounds) between(begin, end int) (from, to *sample, ok bool) {
	for b.last+1 < len(b.samples) && b.samples[b.last+1].second <= end {
		b.last++
	}
	first := b.last
	for first >= 0 && first < len(b.samples) && b.samples[first].second > begin {
		first--
	}
	if first < 0 || first >= len(b.samples) {
		return nil, nil, false
	}
	from, to = &b.samples[first], &b.samples[b.last]
	apart := to.at - from.at
	return from, to, apart >= 150*fault.Second && apart <= 750*fault.Second && from.boot == to.boot && from.counted == to.counted
}

func inside(windows []run, second int) bool {
	return slices.ContainsFunc(windows, func(r run) bool { return second >= r.from && second < r.to })
}
