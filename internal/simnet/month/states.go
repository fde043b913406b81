package month

import (
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// state is what an entity is in one second. The order is that of precedence between a link's ends.
type state uint8

const (
	up state = iota
	unknown
	down
	excluded
	maintDown
	maintUnknown
)

// finding is what one poll says of an entity.
type finding uint8

const (
	nothing finding = iota
	good
	failed
	shut
)

// paint is the time line that the polls of a device tell, second by second. Each believed finding
// paints its state from its second on, for 2.5 intervals; a later one paints over it. A failure is
// believed if the one before it was a failure, no longer ago than that, and then from the first on.
func (w *witness) paint(d int32, look func(*nation.Reading) finding) []state {
	line := make([]state, w.seconds)
	fill(line, unknown)
	hold := int(w.Interval/fault.Second) * 5 / 2
	phase := w.Net.PollPhase(d, w.Interval)
	paint := func(from, to int, s state) { fill(line[from:min(to, w.seconds)], s) }
	var r nation.Reading
	pending, downUntil := -1, -1 // of a failure not yet believed; of one that is
	for round := range w.Rounds() {
		at := w.at(phase, round)
		clock := w.Net.Clock(at)
		r.Read(w.Net, d, &clock)
		t := int((at - w.From) / fault.Second)
		switch look(&r) {
		case good:
			paint(t, t+hold, up)
			pending, downUntil = -1, -1
		case shut:
			paint(t, t+hold, excluded)
			pending, downUntil = -1, -1
		case failed:
			switch {
			case t <= downUntil:
				paint(t, t+hold, down)
				downUntil = t + hold
			case pending >= 0 && t-pending <= hold:
				paint(pending, t+hold, down)
				pending, downUntil = -1, t+hold
			default:
				pending = t
			}
		default: // nothing was heard
		}
	}
	return line
}

// run is a stretch of seconds [from, to).
type run struct{ from, to int }

// runs are the maximal stretches of a state.
func runs(line []state, s state) []run {
	var out []run
	for i := 0; i < len(line); i++ {
		if line[i] != s {
			continue
		}
		from := i
		for i < len(line) && line[i] == s {
			i++
		}
		out = append(out, run{from, i})
	}
	return out
}

func fill(line []state, s state) {
	for i := range line {
		line[i] = s
	}
}

// join makes of one end's time line that of a link with two: as bad as the worse end, but an end of which
// nothing is known leaves it to the other.
func join(a, b []state) {
	for i := range a {
		switch {
		case a[i] == unknown:
			a[i] = b[i]
		case b[i] != unknown:
			a[i] = max(a[i], b[i])
		}
	}
}

func (w *witness) start() int64 { return int64(w.From / fault.Second) }

// maintain reclassifies down and unknown time inside windows.
func maintain(line []state, windows []run) {
	for _, r := range windows {
		for i := r.from; i < r.to; i++ {
			switch line[i] {
			case down:
				line[i] = maintDown
			case unknown:
				line[i] = maintUnknown
			default: // only down and unknown time
			}
		}
	}
}

// tally counts seconds and outages.
func tally(line []state) StateTime {
	var n [maintUnknown + 1]int64
	for _, s := range line {
		n[s]++
	}
	t := StateTime{Up: n[up], Down: n[down], Unknown: n[unknown], MaintDown: n[maintDown], MaintUnknown: n[maintUnknown], Excluded: n[excluded]}
	for _, r := range runs(line, down) {
		if r.to-r.from >= MinOutage {
			t.Outages++
		} else {
			t.Flaps++
		}
	}
	return t
}

func unixTime(t fault.Tick) time.Time {
	return time.Unix(int64(t/fault.Second), 0).In(nation.Local)
}
