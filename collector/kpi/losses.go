package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Loss is a stretch of time in which a composite was not UP, or was UP and could lose no more, with the members that
// made it so.
type Loss struct {
	From, To int64
	State    State // Down, Unknown or Maint; Up: without protection
	Members  []LostMember
}

// LostMember is a member that was in service and not UP. What was wrong inside a planned window is Maint.
type LostMember struct {
	model.Scope
	State State
}

// losses explain a composite's seconds: all that are neither UP with protection nor EXCLUDED, in order of time.
func (e *evaluation) losses(c *planComposite) []Loss {
	var out []Loss
	for _, r := range c.rows {
		for s, m := range e.sweep(c, r, r.valid().clip(e.period)) {
			now, spared, bare := r.judge(m.tally)
			if spared {
				now = Maint
			}
			if now == Excluded || now == Up && !bare {
				continue
			}
			one := Loss{From: s.from, To: s.to, State: now, Members: r.lost(m.now)}
			if n := len(out); n > 0 && out[n-1].continues(&one) {
				out[n-1].To = one.To
				continue
			}
			out = append(out, one)
		}
	}
	return out
}

// lost names the members that are not UP.
func (r compositeRow) lost(now []segment) (out []LostMember) {
	for i, s := range now {
		if state := s.final(); state != Up && state != Excluded {
			out = append(out, LostMember{r.Members[i].Scope, state})
		}
	}
	return out
}

// continues says that the next loss is the same one.
func (l *Loss) continues(next *Loss) bool {
	return l.To == next.From && l.State == next.State && slices.Equal(l.Members, next.Members)
}
