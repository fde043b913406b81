package kpi

import (
	"slices"
	"sort"
)

// Series is the set of state observations of one entity in one local day. The zero value is empty.
//
// A second holds at most one observation: the greater Obs, then the greater interval, wins. The set
// is kept as arithmetic progressions (a device polled every minute is one run a day), cut greedily
// from the left, so the runs are a function of the set: any order and any duplicates of Add end in
// the same runs and the same encoding. Adding in order is O(1).
type Series struct {
	runs  []run
	boots []boot
}

// run is count observations of one kind at start, start+step, …; step is 0 while count is 1.
type run struct {
	start       uint32 // second of the day
	step, count uint16
	interval    uint16
	obs         Obs
}

const daySeconds = 86400

func (r run) last() uint32 { return r.start + uint32(r.step)*uint32(r.count-1) }

// at is the i-th observation as a run of one.
func (r run) at(i uint16) run {
	return run{start: r.start + uint32(r.step)*uint32(i), count: 1, interval: r.interval, obs: r.obs}
}

// head is the first n observations, tail all but the first n; n may be 0 or count.
func (r run) head(n uint16) run { return r.cut(r.start, n) }

func (r run) tail(n uint16) run { return r.cut(r.start+uint32(r.step)*uint32(n), r.count-n) }

func (r run) cut(start uint32, count uint16) run {
	r.start, r.count = start, count
	if count < 2 {
		r.step = 0
	}
	return r
}

// index is the number of observations before second t, and whether one is at t.
func (r run) index(t uint32) (n uint16, hit bool) {
	switch {
	case t <= r.start:
		return 0, t == r.start
	case t > r.last():
		return r.count, false
	}
	d := t - r.start
	step := uint32(r.step)
	return uint16((d + step - 1) / step), d%step == 0
}

func (r run) beats(o run) bool {
	if r.obs != o.obs {
		return r.obs > o.obs
	}
	return r.interval > o.interval
}

// Add takes one observation at a second of the local day (0 to 86399), meant to last interval
// seconds (0: not said; clamped to MaxInterval). It reports whether the set changed: false for a
// duplicate, a weaker observation of the same second, or a second outside the day.
func (s *Series) Add(second int64, o Obs, interval int64) bool {
	if second < 0 || second >= daySeconds || o > ObsExcluded {
		return false
	}
	iv := min(max(interval, 0), MaxInterval)
	return s.add(run{start: uint32(second), count: 1, interval: uint16(iv), obs: o})
}

func (s *Series) add(one run) bool {
	n := len(s.runs)
	if n == 0 || one.start > s.runs[n-1].last() {
		s.runs = push(s.runs, one)
		return true
	}
	return s.insert(one)
}

// insert puts one observation among or before older ones and cuts the runs anew from there on.
func (s *Series) insert(one run) bool {
	k := max(sort.Search(len(s.runs), func(i int) bool { return s.runs[i].start > one.start })-1, 0)
	n, hit := s.runs[k].index(one.start)
	if hit && !one.beats(s.runs[k].at(n)) {
		return false
	}
	old := slices.Clone(s.runs[k:])
	s.runs = join(s.runs[:k], old, []run{one})
	return true
}

// join appends the union of a and b, each cut greedily, to runs, which end before both.
func join(runs, a, b []run) []run {
	var x, y run
	for {
		if x.count == 0 && len(a) > 0 {
			x, a = a[0], a[1:]
		}
		if y.count == 0 && len(b) > 0 {
			y, b = b[0], b[1:]
		}
		switch {
		case x.count == 0 && y.count == 0:
			return runs
		case y.count == 0 || x.count > 0 && x.start < y.start:
			runs, x = moveBefore(runs, x, y)
		case x.count == 0 || y.start < x.start:
			runs, y = moveBefore(runs, y, x)
		case x == y:
			runs, x, y = push(runs, x), run{}, run{}
		default:
			best := x
			if y.beats(x) {
				best = y
			}
			runs, x, y = push(runs, best.head(1)), x.tail(1), y.tail(1)
		}
	}
}

// moveBefore pushes what x has before y begins, and returns the rest of x.
func moveBefore(runs []run, x, y run) ([]run, run) {
	n := x.count
	if y.count > 0 {
		n, _ = x.index(y.start)
	}
	return push(runs, x.head(n)), x.tail(n)
}

// push appends a run that is later than all of runs, keeping the greedy cut.
func push(runs []run, r run) []run {
	for r.count > 0 {
		n := len(runs)
		if n == 0 || !runs[n-1].accepts(r) {
			return append(runs, r)
		}
		taken := runs[n-1].take(r)
		r = r.tail(taken)
	}
	return runs
}

// accepts says whether the first observation of r continues a.
func (a run) accepts(r run) bool {
	gap := r.start - a.last()
	if a.obs != r.obs || a.interval != r.interval || a.count == maxUint16 || gap > maxUint16 {
		return false
	}
	return a.count == 1 || gap == uint32(a.step)
}

const maxUint16 = 1<<16 - 1

// take continues a with as much of r as has the same step, and returns how much.
func (a *run) take(r run) uint16 {
	a.step = uint16(r.start - a.last())
	n := uint16(1)
	if r.step == a.step {
		n = min(r.count, maxUint16-a.count)
	}
	a.count += n
	return n
}

// Empty says whether nothing was observed.
func (s *Series) Empty() bool { return s == nil || len(s.runs) == 0 }

// Len is the number of observations.
func (s *Series) Len() int {
	n := 0
	for _, r := range s.runs {
		n += int(r.count)
	}
	return n
}

// First is the second of the earliest observation of the day, and false if there is none.
func (s *Series) First() (second int64, ok bool) {
	if s.Empty() {
		return 0, false
	}
	return int64(s.runs[0].start), true
}

// Last is the latest observation of the day, and false if there is none.
func (s *Series) Last() (second int64, o Obs, ok bool) {
	if s.Empty() {
		return 0, 0, false
	}
	r := s.runs[len(s.runs)-1]
	return int64(r.last()), r.obs, true
}

// Merge adds all that other holds and reports whether anything was new.
func (s *Series) Merge(other *Series) bool {
	changed := s.mergeRuns(other.runs)
	for _, b := range other.boots {
		changed = s.addBoot(b) || changed
	}
	return changed
}

func (s *Series) mergeRuns(runs []run) bool {
	if len(runs) == 0 {
		return false
	}
	if n := len(s.runs); n == 0 || runs[0].start > s.runs[n-1].last() {
		for _, r := range runs {
			s.runs = push(s.runs, r)
		}
		return true
	}
	old := s.runs
	s.runs = join(nil, old, runs)
	return !slices.Equal(old, s.runs)
}
