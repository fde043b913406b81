package month

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// CompositeTime is the month of one system with redundancy.
type CompositeTime struct {
	Composite string `json:"composite"`
	StateTime
	Degraded int64 `json:"degraded_s"` // seconds up in which nothing more might fail
}

// part is a member's time line before windows, and when it was in a planned one.
type part struct {
	line    []state
	planned []bool
}

// composites are the months of those systems all of whose members are polled.
func (w *witness) composites(polled map[int32]bool) []CompositeTime {
	var out []CompositeTime
	made := map[string]part{}
	for _, c := range w.Net.Composites() {
		parts, ok := w.parts(c.Members, made, polled)
		if !ok {
			continue
		}
		for i := range parts {
			parts[i] = parts[i].within(w.planned(scopesOf(c)))
		}
		whole, degraded := w.compose(c, parts)
		made[c.Name] = whole
		line := slices.Clone(whole.line)
		for i, s := range line {
			if whole.planned[i] {
				line[i] = map[state]state{down: maintDown, unknown: maintUnknown}[s]
			}
		}
		out = append(out, CompositeTime{c.Name, tally(line), degraded})
	}
	slices.SortFunc(out, func(a, b CompositeTime) int { return strings.Compare(a.Composite, b.Composite) })
	return out
}

// parts are the time lines of members; false if one of them is nobody's to poll.
func (w *witness) parts(members []string, made map[string]part, polled map[int32]bool) (out []part, ok bool) {
	for _, m := range members {
		kind, name, _ := strings.Cut(m, ":")
		var p part
		switch kind {
		case "composite":
			p = made[name]
		case "device":
			if d, err := w.Net.Find(name); err == nil && polled[d] {
				p = w.part(w.suppressed(d), w.windows(d))
			}
		default:
			if i, err := w.Net.FindLink(name); err == nil && w.polledLink(w.Net.Links[i], polled) {
				p = w.part(w.linkWhole(i))
			}
		}
		if p.line == nil {
			return nil, false
		}
		out = append(out, p)
	}
	return out, true
}

func (w *witness) polledLink(l nation.Link, polled map[int32]bool) bool {
	return polled[l.A.Device] && (!l.HasB() || polled[l.B.Device])
}

func (w *witness) suppressed(d int32) []state {
	line := w.base(d)
	w.suppress(d, line)
	return line
}

// within is the part in more windows: those of the system count like one on each of its members.
func (p part) within(windows []run) part {
	p.planned = slices.Clone(p.planned)
	for _, r := range windows {
		for i := r.from; i < r.to; i++ {
			p.planned[i] = true
		}
	}
	return p
}

func (w *witness) part(line []state, windows []run) part {
	return part{line, make([]bool, len(line))}.within(windows)
}

// compose applies the rule wherever a member changes. What is planned of the result are the seconds in which
// it is not up and would be if the members in planned windows were.
func (w *witness) compose(c nation.Composite, parts []part) (whole part, degraded int64) {
	whole = w.part(make([]state, w.seconds), nil)
	turns := w.turns(parts)
	for t, from := range turns {
		to := w.seconds
		if t+1 < len(turns) {
			to = turns[t+1]
		}
		n := countAt(parts, from)
		need := n.need(c)
		now, spared := n.state(need), n
		spared.up, spared.down = n.up+n.plannedDown+n.plannedUnknown, n.down-n.plannedDown
		planned := now != up && now != excluded && spared.state(need) == up
		fill(whole.line[from:to], now)
		for i := from; planned && i < to; i++ {
			whole.planned[i] = true
		}
		lost := n.down + n.plannedUnknown
		if now == up && lost > 0 && (c.Rule == "capacity" || n.up == need && n.up+lost == n.in) {
			degraded += int64(to - from)
		}
	}
	return whole, degraded
}

// turns are the seconds at which any member changes, the first one included.
func (w *witness) turns(parts []part) []int {
	out := []int{0}
	for _, p := range parts {
		for i := 1; i < len(p.line); i++ {
			if p.line[i] != p.line[i-1] || p.planned[i] != p.planned[i-1] {
				out = append(out, i)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// census is how many members are in service in one second, and what they are.
type census struct{ in, up, down, plannedDown, plannedUnknown int }

func countAt(parts []part, second int) (n census) {
	for _, p := range parts {
		planned := p.planned[second]
		switch p.line[second] {
		case excluded:
			continue
		case up:
			n.up++
		case down:
			n.down++
			if planned {
				n.plannedDown++
			}
		default:
			if planned {
				n.plannedUnknown++
			}
		}
		n.in++
	}
	return n
}

func (n census) need(c nation.Composite) int {
	switch c.Rule {
	case "series":
		return n.in
	case "ring":
		return max(n.in-1, 1)
	case "k_of_n":
		return min(c.Need, n.in)
	}
	return 1
}

func (n census) state(need int) state {
	switch {
	case n.in == 0:
		return excluded
	case n.up >= need:
		return up
	case n.in-n.down < need:
		return down
	}
	return unknown
}
