package explain

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Congestion explains the share of congested links of one class in one scope.
type Congestion struct {
	Group        kpi.Congestion
	Rule         model.ClassRule
	Congested    []Link          // the least congested first: the cheapest to relieve
	NotEvaluated []kpi.LinkMonth // the least seen first
	Allowed      int             // most congested links that would still meet the target; -1: none would
	Needed       int             // how many fewer congested links would have met it
}

// Link is a congested link and why it is one.
type Link struct {
	kpi.LinkMonth
	ByP95   bool  // the 95th percentile reached theta
	ByDrops bool  // too many packets dropped on too many days
	Over    int32 // by how much theta was passed, per mille; negative: it was not
}

// MonthCongestion explains every link class of a province ("" the nation), or only the one named. It
// is an error if there is none.
func MonthCongestion(result *kpi.MonthResult, inv *model.Inventory, province, class string) ([]Congestion, error) {
	var out []Congestion
	for _, g := range result.Congestion {
		if g.Province == province && (class == "" || class == string(g.Class)) {
			out = append(out, congestion(result, inv.Targets.Congestion[g.Class], g))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("explain: congestion: nothing of class %q in province %q in %s", class, province, result.Month)
	}
	return out, nil
}

func congestion(result *kpi.MonthResult, rule model.ClassRule, g kpi.Congestion) Congestion {
	c := Congestion{Group: g, Rule: rule, Allowed: -1}
	for i := range result.Links {
		l := &result.Links[i]
		if l.Class != g.Class || !within(g.Province, "", l.Provinces) {
			continue
		}
		switch {
		case l.Congested:
			c.Congested = append(c.Congested, because(*l, rule))
		case l.NotEvaluated == kpi.LowCoverage:
			c.NotEvaluated = append(c.NotEvaluated, *l)
		}
	}
	slices.SortStableFunc(c.Congested, func(a, b Link) int { return cmp.Compare(a.Over, b.Over) })
	slices.SortStableFunc(c.NotEvaluated, func(a, b kpi.LinkMonth) int {
		return cmp.Compare(min(a.In.Slots, a.Out.Slots), min(b.In.Slots, b.Out.Slots))
	})
	if g.MaxRatio.Den != 0 && g.Evaluated > 0 {
		c.Allowed = int(ceilQuo(g.MaxRatio.Num, int64(g.Evaluated), g.MaxRatio.Den)) - 1
		c.Needed = max(g.Congested-c.Allowed, 0)
	}
	return c
}

func because(l kpi.LinkMonth, rule model.ClassRule) Link {
	return Link{
		LinkMonth: l, Over: l.P95 - int32(rule.ThetaPerMille), ByP95: l.P95 >= int32(rule.ThetaPerMille),
		ByDrops: rule.DropDays > 0 && int(l.DropDays) >= rule.DropDays,
	}
}
