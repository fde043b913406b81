package poll

import (
	"hash/fnv"
	"slices"
	"time"
)

// Schedule says whose round is due: a heap over all targets of one transport. The zero value is
// empty. It is not safe for use by several goroutines.
type Schedule struct {
	heap []entry
}

type entry struct {
	due    time.Time
	every  time.Duration
	target int32
}

// Due is a round that has come due.
type Due struct {
	Target  int
	At      time.Time
	Skipped int // rounds of the same target that fell away because the caller came too late
}

// FirstDue spreads targets evenly over their interval by a hash of the name. The phase is tied to
// the wall clock, so a restart does not shift a device's rounds.
func FirstDue(device string, every time.Duration, now time.Time) time.Time {
	if every <= 0 {
		return now
	}
	h := fnv.New64a()
	h.Write([]byte(device))
	x := h.Sum64()
	x ^= x >> 33 // FNV alone spreads similar names badly over its high bits
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	phase := time.Duration(x % uint64(every))
	wait := (phase - time.Duration(now.UnixNano())%every + every) % every
	return now.Add(wait)
}

// Grow makes room for so many targets more.
func (s *Schedule) Grow(n int) { s.heap = slices.Grow(s.heap, n) }

// Add enters a target. With every 0 it comes due once.
func (s *Schedule) Add(target int, first time.Time, every time.Duration) {
	s.heap = append(s.heap, entry{first, every, int32(target)})
	s.up(len(s.heap) - 1)
}

// Next is when the next round is due; false if none ever will be.
func (s *Schedule) Next() (time.Time, bool) {
	if len(s.heap) == 0 {
		return time.Time{}, false
	}
	return s.heap[0].due, true
}

// Pop returns a round that is due at now, if there is one, and enters the target's next round. When
// the caller is late by more than a whole interval, the rounds between are skipped, not made up for.
func (s *Schedule) Pop(now time.Time) (Due, bool) {
	if len(s.heap) == 0 || s.heap[0].due.After(now) {
		return Due{}, false
	}
	e := s.heap[0]
	d := Due{Target: int(e.target), At: e.due}
	if e.every <= 0 {
		last := len(s.heap) - 1
		s.heap[0] = s.heap[last]
		s.heap = s.heap[:last]
	} else {
		d.Skipped = int(now.Sub(e.due) / e.every)
		d.At = e.due.Add(time.Duration(d.Skipped) * e.every)
		s.heap[0].due = d.At.Add(e.every)
	}
	s.down()
	return d, true
}

func (s *Schedule) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !s.heap[i].due.Before(s.heap[parent].due) {
			return
		}
		s.heap[i], s.heap[parent] = s.heap[parent], s.heap[i]
		i = parent
	}
}

func (s *Schedule) down() {
	i := 0
	for {
		least := i
		for child := 2*i + 1; child <= 2*i+2 && child < len(s.heap); child++ {
			if s.heap[child].due.Before(s.heap[least].due) {
				least = child
			}
		}
		if least == i {
			return
		}
		s.heap[i], s.heap[least] = s.heap[least], s.heap[i]
		i = least
	}
}
