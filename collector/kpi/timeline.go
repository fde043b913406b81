package kpi

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// span is a half-open stretch of time.
type span struct{ from, to int64 }

func (s span) clip(o span) span { return span{max(s.from, o.from), min(s.to, o.to)} }

func (s span) seconds() int64 { return max(s.to-s.from, 0) }

func (s span) covers(o span) bool { return s.from <= o.from && s.to >= o.to }

func (s span) holds(t int64) bool { return t >= s.from && t < s.to }

// union sorts spans and joins those that touch; empty ones vanish. It reuses the slice.
func union(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := spans[:0]
	for _, s := range spans {
		switch n := len(out); {
		case s.from >= s.to:
		case n > 0 && s.from <= out[n-1].to:
			out[n-1].to = max(out[n-1].to, s.to)
		default:
			out = append(out, s)
		}
	}
	return out
}

// secondsIn is the time of sorted, disjoint spans inside window.
func secondsIn(spans []span, window span) int64 {
	n := int64(0)
	for _, s := range spans {
		n += s.clip(window).seconds()
	}
	return n
}

// extend appends an interval, joining it with the last one where they touch in the same state; a
// joined DOWN keeps the poll interval of its first failure.
func extend(ivs []Interval, iv Interval) []Interval {
	if n := len(ivs); n > 0 && ivs[n-1].To == iv.From && ivs[n-1].State == iv.State {
		ivs[n-1].To = iv.To
		return ivs
	}
	return append(ivs, iv)
}

// line is one entity's time line with all that stage 2 lays over it. Each list is sorted and
// disjoint; time that base does not name is UP.
type line struct {
	base    []Interval
	service []span // in service per inventory
	windows []span // planned, joined
	weak    []weakness
	device  *planDevice // whose it is; nil: of a link, a composite, or a device that no row names
}

// segment is a stretch in which nothing of a line changes.
type segment struct {
	span
	base    State
	out     bool // not in service per inventory
	planned bool
}

// excluded says that the stretch is in no formula.
func (s segment) excluded() bool { return s.out || s.base == Excluded }

// final is the state by precedence: EXCLUDED, then MAINT over DOWN and UNKNOWN, then the base.
func (s segment) final() State {
	switch {
	case s.excluded():
		return Excluded
	case s.planned && s.base != Up:
		return Maint
	}
	return s.base
}

// segments walks over the line within w, in order, without gaps.
func (l *line) segments(w span) iter.Seq[segment] {
	return func(yield func(segment) bool) {
		base := baseCursor{ivs: l.base}
		service, windows := spanCursor{spans: l.service}, spanCursor{spans: l.windows}
		for t := w.from; t < w.to; {
			state, a := base.at(t)
			in, b := service.at(t)
			planned, c := windows.at(t)
			to := min(a, b, c, w.to)
			if !yield(segment{span{t, to}, state, !in, planned}) {
				return
			}
			t = to
		}
	}
}

// plain says that w is in service as a whole, in no planned window, and without a failure.
func (l *line) plain(w span) bool {
	for _, iv := range l.base {
		if iv.State != Unknown && iv.From < w.to && iv.To > w.from {
			return false
		}
	}
	for _, s := range l.windows {
		if s.from < w.to && s.to > w.from {
			return false
		}
	}
	return secondsIn(l.service, w) == w.seconds()
}

// baseCursor and spanCursor tell what holds at t, and until when. t only grows.
type baseCursor struct{ ivs []Interval }

func (c *baseCursor) at(t int64) (State, int64) {
	for len(c.ivs) > 0 && c.ivs[0].To <= t {
		c.ivs = c.ivs[1:]
	}
	switch {
	case len(c.ivs) == 0:
		return Up, math.MaxInt64
	case c.ivs[0].From > t:
		return Up, c.ivs[0].From
	}
	return c.ivs[0].State, c.ivs[0].To
}

type spanCursor struct{ spans []span }

func (c *spanCursor) at(t int64) (bool, int64) {
	for len(c.spans) > 0 && c.spans[0].to <= t {
		c.spans = c.spans[1:]
	}
	switch {
	case len(c.spans) == 0:
		return false, math.MaxInt64
	case c.spans[0].from > t:
		return false, c.spans[0].from
	}
	return true, c.spans[0].to
}

// sums adds up the line over w.
func (l *line) sums(w span) Sums {
	if len(l.base) == 0 {
		up := secondsIn(l.service, w)
		return Sums{Up: up, Excluded: w.seconds() - up}
	}
	var s Sums
	for seg := range l.segments(w) {
		s.add(seg)
	}
	return s
}

func (s *Sums) add(seg segment) {
	n := seg.seconds()
	switch final := seg.final(); {
	case final == Excluded:
		s.Excluded += n
	case final == Up:
		s.Up += n
	case final == Maint && seg.base == Down:
		s.MaintDown += n
	case final == Maint:
		s.MaintUnknown += n
	case final == Down:
		s.Down += n
	default:
		s.Unknown += n
	}
}

// either joins the two ends of a link by precedence: EXCLUDED if one end is, else DOWN if one is, else
// UP if one is, since an end that says nothing takes nothing from what the other one says.
func either(a, b []Interval) []Interval {
	if len(a) == 0 && len(b) == 0 {
		return nil
	}
	var out []Interval
	ca, cb := baseCursor{ivs: a}, baseCursor{ivs: b}
	for t := firstOf(a, b); t < math.MaxInt64; {
		sa, na := ca.at(t)
		sb, nb := cb.at(t)
		to := min(na, nb)
		if s := stronger(sa, sb); s != Up {
			out = extend(out, Interval{From: t, To: to, State: s})
		}
		t = to
	}
	return out
}

func firstOf(a, b []Interval) int64 {
	t := int64(math.MaxInt64)
	for _, ivs := range [...][]Interval{a, b} {
		if len(ivs) > 0 {
			t = min(t, ivs[0].From)
		}
	}
	return t
}

// stronger is the state that counts of two about one thing.
func stronger(a, b State) State {
	switch Unknown {
	case a:
		return b
	case b:
		return a
	}
	return max(a, b)
}

// clipIntervals is ivs within w.
func clipIntervals(ivs []Interval, w span) []Interval {
	var out []Interval
	for _, iv := range ivs {
		iv.From, iv.To = max(iv.From, w.from), min(iv.To, w.to)
		if iv.From < iv.To {
			out = append(out, iv)
		}
	}
	return out
}
