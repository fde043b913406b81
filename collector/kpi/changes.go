package kpi

import (
	"cmp"
	"math"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// VoidWindow is the part of a planned window that a change freeze made void: it has no effect.
type VoidWindow struct {
	ID       string
	Scope    model.Scope
	Freeze   string
	From, To int64
}

// Change is the part of a planned window that lies in a change freeze: void, unless the window is overridden.
type Change struct {
	VoidWindow
	Overridden bool
}

// planChange is a change in one province, or in the nation ("").
type planChange struct {
	changeKey
	parts []span // sorted, disjoint: something that the window covers may be gone for a time
}

// changeKey has no times in its change.
type changeKey struct {
	Change
	province string
}

// within is what of the change lies in s, as a whole.
func (c *planChange) within(s span) (Change, bool) {
	out := c.Change
	for _, part := range c.parts {
		if part = part.clip(s); part.from < part.to {
			out.From, out.To = cmp.Or(out.From, part.from), part.to
		}
	}
	return out, out.From < out.To
}

// meet notes that a freeze meets a window in some places.
func (c *calendar) meet(one Change, both span, places []place) {
	for _, p := range places {
		if s := both.clip(p.span); s.from < s.to {
			key := changeKey{one, p.province}
			c.met[key] = append(c.met[key], s)
		}
	}
}

// changes lists what the freezes met, sorted.
func (c *calendar) changes() []planChange {
	var out []planChange
	for key, parts := range c.met {
		out = append(out, planChange{key, union(parts)})
	}
	slices.SortFunc(out, func(a, b planChange) int {
		return cmp.Or(cmp.Compare(a.parts[0].from, b.parts[0].from), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Freeze, b.Freeze),
			cmp.Compare(a.Scope.String(), b.Scope.String()), cmp.Compare(a.province, b.province))
	})
	return out
}

// voidWindows are those of which a change freeze took a part that lies within the period.
func (p *Plan) voidWindows(period span) []VoidWindow {
	var out []VoidWindow
	for i := range p.changes {
		all, _ := p.changes[i].within(span{math.MinInt64, math.MaxInt64})
		if c := &p.changes[i]; c.province == "" && !c.Overridden && all.From < period.to && all.To > period.from {
			out = append(out, all.VoidWindow)
		}
	}
	return out
}
