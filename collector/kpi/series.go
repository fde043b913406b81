package kpi

// Series is the set of state observations of one entity in one local day. The zero value is empty.
//
// A second holds at most one observation: the greater Obs, then the greater interval, wins. A device polled
// every minute is one run a day; any order and any duplicates of Add end in the same runs and the same
// encoding. Adding in order is O(1).
type Series struct {
	runs  runs[Obs]
	boots []boot
}

// Add takes one observation at a second of the local day (0 to 86399), meant to last interval
// seconds (0: not said; clamped to MaxInterval). It reports whether the set changed: false for a
// duplicate, a weaker observation of the same second, or a second outside the day.
func (s *Series) Add(second int64, o Obs, interval int64) bool {
	if second < 0 || second >= daySeconds || o > ObsExcluded {
		return false
	}
	iv := min(max(interval, 0), MaxInterval)
	return s.runs.add(run[Obs]{start: uint32(second), count: 1, interval: uint16(iv), says: o})
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
	return int64(r.last()), r.says, true
}

// Merge adds all that other holds and reports whether anything was new.
func (s *Series) Merge(other *Series) bool {
	changed := s.runs.merge(other.runs)
	for _, b := range other.boots {
		changed = s.addBoot(b) || changed
	}
	return changed
}
