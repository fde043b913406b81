package kpi

import (
	"iter"
	"math"

	"github.com/haidang-noc/haidang/collector/model"
)

// MethodOTN is the method of a port's row that was made of its unavailable seconds.
const MethodOTN = "otn"

// Readings is the set of what one channel's counter of unavailable seconds said in one local day. A second holds
// one reading: the greater count wins, then the greater interval. The zero value is empty.
type Readings struct{ runs runs[uint64] }

// Add takes one reading at a second of the local day, meant to last interval seconds (0: not said; clamped to
// MaxInterval). It reports whether the set changed.
func (r *Readings) Add(second int64, count uint64, interval int64) bool {
	if second < 0 || second >= daySeconds {
		return false
	}
	iv := min(max(interval, 0), MaxInterval)
	return r.runs.add(run[uint64]{start: uint32(second), count: 1, interval: uint16(iv), says: count})
}

// Empty says whether nothing was read.
func (r *Readings) Empty() bool { return r == nil || len(r.runs) == 0 }

// Within says whether anything was read in seconds [from, to) of the day.
func (r *Readings) Within(from, to int64) bool {
	return !r.Empty() && len(r.runs.between(from, to)) > 0
}

// First is the second of the earliest reading of the day, and false if there is none.
func (r *Readings) First() (second int64, ok bool) {
	if r.Empty() {
		return 0, false
	}
	return int64(r.runs[0].start), true
}

// reading is one of them: hold is how long it may be until the next.
type reading struct {
	at, hold int64
	count    uint64
}

// on yields the readings in order, as those of day d.
func (r *Readings) on(d model.Day) iter.Seq[reading] {
	return func(yield func(reading) bool) {
		if r == nil {
			return
		}
		for _, one := range r.runs {
			iv := int32(one.interval)
			if iv == 0 {
				iv = DefaultInterval
			}
			for i := range one.count {
				at := d.Start() + int64(one.start) + int64(one.step)*int64(i)
				if !yield(reading{at, hold(iv), one.says}) {
					return
				}
			}
		}
	}
}

// confirmation is by how many seconds a counter may advance faster than time: ten severely errored seconds in a
// row become unavailable all at once, when the tenth is over.
const confirmation = 10

// unavailable is how many seconds of [a, b) were, and false if the readings do not tell: they are too far apart,
// or the counter began anew.
func (a reading) unavailable(b reading) (seconds int64, ok bool) {
	length := b.at - a.at
	if a.hold == 0 || length > a.hold || b.count < a.count || b.count-a.count > uint64(length+confirmation) {
		return 0, false
	}
	return min(int64(b.count-a.count), length), true
}

// Fold places the unavailable seconds of day d: between two readings at the end, or, if there were some before the
// first of them, too, at the start, so that what lasts stays in one piece. The edges of the day need the readings of
// the days around it; either may be nil. Where readings do not tell, the result is UNKNOWN. Its key fields are left
// empty, but for the method.
func (r *Readings) Fold(d model.Day, prev, next *Readings) EntityDay {
	f := placing{day: d, at: d.Start(), out: EntityDay{Method: MethodOTN}}
	for b := range prev.on(d - 1) {
		f.reading(b)
	}
	for b := range r.on(d) {
		f.reading(b)
	}
	for b := range next.on(d + 1) {
		f.reading(b)
		break
	}
	f.emit(math.MaxInt64, Unknown)
	return f.out
}

// placing is one day's work: at is how far the time line is written.
type placing struct {
	last reading
	lost bool // some seconds before last were unavailable
	day  model.Day
	at   int64
	out  EntityDay
}

func (f *placing) reading(b reading) {
	a := f.last
	f.last = b
	lost, told := a.unavailable(b)
	switch {
	case !told:
		f.emit(b.at, Unknown)
	case f.lost:
		f.emit(a.at+lost, Down)
		f.emit(b.at, Up)
	default:
		f.emit(b.at-lost, Up)
		f.emit(b.at, Down)
	}
	f.lost = lost > 0
}

func (f *placing) emit(to int64, s State) {
	from := f.at
	if f.at = max(from, min(to, f.day.End())); f.at > from && s != Up {
		f.out.NonUp = extend(f.out.NonUp, Interval{From: from, To: f.at, State: s})
	}
}

// lay puts what the unavailable seconds say over what was polled, from an instant on: EXCLUDED stays, and so does
// everything where they say nothing.
func lay(polled, counted []Interval, from int64) []Interval {
	var out []Interval
	p, c := baseCursor{ivs: polled}, baseCursor{ivs: counted}
	for t := firstOf(polled, counted); t < math.MaxInt64; {
		s, to := p.at(t)
		told, until := c.at(t)
		switch to = min(to, until); {
		case t < from:
			to = min(to, from)
		case s != Excluded && told != Unknown:
			s = told
		}
		if s != Up {
			out = extend(out, Interval{From: t, To: to, State: s})
		}
		t = to
	}
	return out
}
