package kpi

import (
	"cmp"
	"iter"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// turn says that from an instant on a member is what seg says.
type turn struct {
	at     int64
	member int
	seg    segment
}

// compose makes a composite's time line of its members'.
func (e *evaluation) compose(c *planComposite, r compositeRow, w span) composed {
	var out composed
	for s, m := range e.sweep(c, r, w) {
		out.put(s, m.tally, r)
	}
	return out
}

// together is what the members are in a stretch in which none of them changes.
type together struct {
	tally
	now []segment // beside the row's parts; the sweep's own, good until its next step
}

// sweep walks over the members' time lines, from change to change.
func (e *evaluation) sweep(c *planComposite, r compositeRow, w span) iter.Seq2[span, together] {
	return func(yield func(span, together) bool) {
		turns := e.turns(c, r, w)
		m := together{now: make([]segment, len(r.parts))}
		for i := 0; i < len(turns); {
			at := turns[i].at
			for ; i < len(turns) && turns[i].at == at; i++ {
				t := turns[i]
				m.add(m.now[t.member], -1)
				m.add(t.seg, 1)
				m.now[t.member] = t.seg
			}
			to := w.to
			if i < len(turns) {
				to = turns[i].at
			}
			if !yield(span{at, to}, m) {
				return
			}
		}
	}
}

// turns are the changes of all members, in order of time.
func (e *evaluation) turns(c *planComposite, r compositeRow, w span) []turn {
	var turns []turn
	for i, part := range r.parts {
		l := e.memberLine(c, part)
		for seg := range l.segments(w) {
			turns = append(turns, turn{seg.from, i, seg})
		}
	}
	slices.SortStableFunc(turns, func(a, b turn) int { return cmp.Compare(a.at, b.at) })
	return turns
}

// tally counts the members in service by what they are at an instant.
type tally struct {
	in     int // in service
	up     int
	down   int
	spared int // not UP, in a planned window
	downIn int // of those, the DOWN ones
	lost   int // DOWN, or in a planned window and not UP
}

// add counts a member's stretch n times; the empty stretch before the first one counts nothing.
func (t *tally) add(s segment, n int) {
	if s.from >= s.to || s.excluded() {
		return
	}
	t.in += n
	switch {
	case s.base == Up:
		t.up += n
		return
	case s.base == Down:
		t.down += n
	}
	if s.planned {
		t.spared += n
	}
	if s.planned && s.base == Down {
		t.downIn += n
	}
	if s.planned || s.base == Down {
		t.lost += n
	}
}

// state is the rule: UP with as many as needed, DOWN when not even the unknown ones could make that
// up.
func state(need, in, up, down int) State {
	switch {
	case in == 0:
		return Excluded
	case up >= need:
		return Up
	case in-down < need:
		return Down
	}
	return Unknown
}

// judge says what the members make of the composite: its state, whether it would be UP if those in planned windows
// were, and whether it is UP and can lose no more.
func (r compositeRow) judge(t tally) (now State, spared, bare bool) {
	need := r.Needed(t.in)
	now = state(need, t.in, t.up, t.down)
	spared = now != Up && now != Excluded && state(need, t.in, t.up+t.spared, t.down-t.downIn) == Up
	return now, spared, now == Up && r.unprotected(need, t)
}

// put adds a stretch in which nothing changes.
func (c *composed) put(s span, t tally, r compositeRow) {
	now, spared, bare := r.judge(t)
	if now != Up {
		c.base = extend(c.base, Interval{From: s.from, To: s.to, State: now})
	}
	if spared {
		c.spared = extendSpan(c.spared, s)
	}
	if bare {
		c.degraded = extendSpan(c.degraded, s)
	}
}

// unprotected says that an UP composite can lose no more: just as many members as needed are UP and
// all others are DOWN or under maintenance. Of capacity: some of it is lost.
func (r compositeRow) unprotected(need int, t tally) bool {
	if r.Rule == model.Capacity {
		return t.lost > 0
	}
	return t.lost > 0 && t.up == need && t.up+t.lost == t.in
}

func extendSpan(spans []span, s span) []span {
	if n := len(spans); n > 0 && spans[n-1].to == s.from {
		spans[n-1].to = s.to
		return spans
	}
	return append(spans, s)
}
