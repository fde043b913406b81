package board

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// The grades of a number. A page draws each with a colour, a pattern and a sign of its own.
const (
	good    = "good"
	near    = "near" // met, but little of what is allowed is left
	bad     = "bad"
	lost    = "lost"    // cannot be met any more
	unknown = "unknown" // no data, or too little to be judged
	free    = "free"    // nothing to hold it against
)

// nearPart says what little is: a target is near when less than a quarter of what it allows is left.
const nearPart = 4

// gradeOf judges availability as the engine does, and says when the error budget comes to its end.
func gradeOf(a *kpi.Availability) string {
	switch {
	case a.Lost:
		return lost
	case a.Status == kpi.NoTarget || a.Target.Den == 0:
		return free
	case a.Status != kpi.OK:
		return unknown
	case !a.Meets:
		return bad
	case a.Left.Valid() && a.Budget.Valid() && a.Left.Float()*nearPart < a.Budget.Float():
		return near
	}
	return good
}

// gradeOfRatio judges congestion.
func gradeOfRatio(c *kpi.Congestion) string {
	switch {
	case c.Status == kpi.NoTarget:
		return free
	case c.Status != kpi.OK:
		return unknown
	case !c.Meets:
		return bad
	case c.CapWarn || c.Congested > 0 && c.Ratio.Float()*nearPart > c.MaxRatio.Float()*(nearPart-1):
		return near
	}
	return good
}

// gradeOfUnknown judges how much was not seen.
func gradeOfUnknown(share kpi.Number, most model.Ratio) string {
	switch {
	case !share.Valid():
		return unknown
	case most.Den == 0:
		return free
	case share.Cmp(most) > 0:
		return bad
	case share.Float()*2 > most.Float():
		return near
	}
	return good
}

// badness orders grades: the worst is the greatest.
func badness(grade string) int {
	switch grade {
	case lost:
		return 5
	case bad:
		return 4
	case near:
		return 3
	case unknown:
		return 2
	case free:
		return 1
	}
	return 0
}
