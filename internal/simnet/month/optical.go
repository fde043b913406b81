package month

import (
	"iter"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// answers are the device's good answers, each with its second of the month. The reading is valid until the next one.
func (w *witness) answers(d int32) iter.Seq2[int, *nation.Reading] {
	return func(yield func(int, *nation.Reading) bool) {
		var r nation.Reading
		phase := w.Net.PollPhase(d, w.Interval)
		for round := range w.Rounds() {
			at := w.at(phase, round)
			clock := w.Net.Clock(at)
			if r.Read(w.Net, d, &clock); w.outcome(&r) == Answered && !yield(int((at-w.From)/fault.Second), &r) {
				return
			}
		}
	}
}

// served is the time line of a PON by whom it serves: nothing is said where it has no ONT at all.
func (w *witness) served(p nation.Port) []state {
	return w.paint(p.Device, func(r *nation.Reading) finding {
		if w.outcome(r) != Answered {
			return nothing
		}
		switch online, total := r.ONTs(p.Index); {
		case online > 0:
			return good
		case total > 0:
			return failed
		}
		return nothing
	})
}

// reading is what a channel's counter said in one second.
type reading struct {
	second int
	lost   uint64
}

// counted lays what a channel's counter says over what was polled of its port. Between two readings, so many seconds as
// it advanced by were down: the last ones, or the first ones if the interval before had some, too. Two that are too far
// apart say nothing, nor does a counter that fell, or that advanced by over ten seconds more than there were.
func (w *witness) counted(p nation.Port, line []state) {
	hold, last, before := int(w.Interval/fault.Second)*5/2, reading{second: -1}, false
	for second, r := range w.answers(p.Device) {
		now := reading{second, r.Unavailable(p.Index)}
		length := now.second - last.second
		told := last.second >= 0 && length <= hold && now.lost >= last.lost && now.lost <= last.lost+uint64(length)+10
		lost := 0
		if told {
			lost = min(int(now.lost-last.lost), length)
			from := now.second - lost
			if before {
				from = last.second
			}
			say(line[last.second:now.second], from-last.second, lost)
		}
		last, before = now, lost > 0
	}
}

// say makes seconds of a stretch down and the others up, but for those out of service.
func say(stretch []state, from, lost int) {
	for i := range stretch {
		switch {
		case stretch[i] == excluded:
		case i >= from && i < from+lost:
			stretch[i] = down
		default:
			stretch[i] = up
		}
	}
}
