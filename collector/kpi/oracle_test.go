package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// The oracle reads the rules on its own: second by second, with no code of the package but its
// types. It is slow and obvious.

// seen is one observation for the oracle.
type seen struct {
	at       int64
	obs      Obs
	interval int64
}

// oneASecond keeps the strongest observation of each second, in order.
func oneASecond(all []seen) []seen {
	best := map[int64]seen{}
	for _, o := range all {
		b, ok := best[o.at]
		if !ok || o.obs > b.obs || o.obs == b.obs && o.interval > b.interval {
			best[o.at] = o
		}
	}
	var out []seen
	for _, o := range best {
		out = append(out, o)
	}
	slices.SortFunc(out, func(a, b seen) int { return int(a.at - b.at) })
	last := int64(300)
	for i := range out {
		if out[i].interval == 0 {
			out[i].interval = last
		}
		last = out[i].interval
	}
	return out
}

func (s seen) hold() int64   { return s.interval * 5 / 2 }
func (s seen) failure() bool { return s.obs == ObsDown || s.obs == ObsDownNow }

// believed says whether observation i is taken at its word: all but a lone failed poll.
func believed(o []seen, i int) bool {
	if o[i].obs != ObsDown {
		return true
	}
	before := i > 0 && o[i-1].failure() && o[i].at-o[i-1].at <= o[i-1].hold()
	after := i+1 < len(o) && o[i+1].failure() && o[i+1].at-o[i].at <= o[i].hold()
	return before || after
}

// oracleLine is the state of each second of [from, to), and where each DOWN began and with which
// poll interval.
type oracleLine struct {
	from  int64
	state []State
	start []int64
	poll  []int16

	polled []State       // state, before the unavailable seconds were laid over it
	parts  []*oracleLine // what it was made of; none: of what was polled
}

// portLine is the line of a port that is polled, and serves somebody: EXCLUDED if one says so, else DOWN, else UP.
func portLine(polled, service *oracleLine) *oracleLine {
	l := &oracleLine{from: polled.from, state: slices.Clone(polled.state), parts: []*oracleLine{polled, service}}
	for i, s := range service.state {
		was := l.state[i]
		switch {
		case was == Excluded || s == Excluded:
			l.state[i] = Excluded
		case was == Down || s == Down:
			l.state[i] = Down
		case was == Up || s == Up:
			l.state[i] = Up
		}
	}
	return l
}

// lasting says that the line is DOWN at known as polled, since t or before.
func (l *oracleLine) lasting(known, t int64) bool {
	if l.parts == nil {
		return l.polled[known-l.from] == Down && l.start[known-l.from] <= t
	}
	return slices.ContainsFunc(l.parts, func(p *oracleLine) bool { return p.at(known) == Down && p.start[known-p.from] <= t })
}

// count lays unavailable seconds over the line.
func (l *oracleLine) count(told []State) {
	l.state = slices.Clone(l.state)
	for i, s := range told {
		if s != Unknown && l.state[i] != Excluded {
			l.state[i] = s
		}
	}
}

func (l *oracleLine) at(t int64) State { return l.state[t-l.from] }

func oracleTimeline(o []seen, from, to int64) *oracleLine {
	l := &oracleLine{from: from, state: make([]State, to-from), start: make([]int64, to-from), poll: make([]int16, to-from)}
	l.polled = l.state
	var last seen
	state, next := Unknown, 0
	var start int64
	var poll int16
	for t := min(from, firstAt(o)); t < to; {
		now, until := Unknown, to
		if next < len(o) && o[next].at == t {
			if believed(o, next) {
				last = o[next]
			}
			next++
		}
		if next < len(o) {
			until = min(until, o[next].at)
		}
		if ends := last.at + last.hold(); last.interval > 0 && t < ends {
			now, until = stands(last.obs), min(until, ends)
		}
		if now == Down && state != Down {
			start, poll = t, int16(last.interval)
		}
		for state = now; t < until; t++ {
			if t >= from {
				l.state[t-from], l.start[t-from], l.poll[t-from] = now, start, poll
			}
		}
	}
	return l
}

func stands(o Obs) State {
	switch o {
	case ObsUp:
		return Up
	case ObsExcluded:
		return Excluded
	case ObsUnknown:
		return Unknown
	}
	return Down
}

func firstAt(o []seen) int64 {
	if len(o) == 0 {
		return 1 << 40
	}
	return o[0].at
}

// intervals reads the line back as the package's intervals, clipped to day d.
func (l *oracleLine) intervals(d model.Day) []Interval {
	var out []Interval
	for t := d.Start(); t < d.End(); t++ {
		s := l.at(t)
		if s == Up {
			continue
		}
		poll := int32(0)
		if s == Down {
			poll = int32(l.poll[t-l.from])
		}
		if n := len(out); n > 0 && out[n-1].To == t && out[n-1].State == s {
			out[n-1].To++
			continue
		}
		out = append(out, Interval{t, t + 1, s, poll})
	}
	return out
}

// lonely counts the failed polls of day d that nothing confirmed.
func lonely(o []seen, d model.Day) uint32 {
	n := uint32(0)
	for i := range o {
		if model.DayOf(o[i].at) == d && !believed(o, i) {
			n++
		}
	}
	return n
}
