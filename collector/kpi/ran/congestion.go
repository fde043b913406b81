package ran

import (
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// cells judges every cell, and counts them for the nation and for the province where each was last.
func (r *Result) cells(rules *model.RANRules, period, whole int64) {
	groups := map[groupKey]*Congestion{}
	for i := range r.Total.Cells {
		c := &r.Total.Cells[i]
		m := c.month(rules)
		m.Short = c.Serving*whole < int64(rules.MinServiceDays)*model.DaySeconds*period
		r.Cells = append(r.Cells, m)
		for _, key := range c.groups() {
			if groups[key] == nil {
				groups[key] = &Congestion{Province: key.province, Kind: key.kind}
			}
			groups[key].add(&m)
		}
	}
	for _, g := range groups {
		g.judge(rules)
		r.Congestion = append(r.Congestion, *g)
	}
	slices.SortFunc(r.Congestion, func(a, b Congestion) int { return compareScopes(a.Province, a.Kind, b.Province, b.Kind) })
}

// month holds the mean of the busy hours' load against theta, on integers; and, if that is asked for and known,
// the speed of its users in those hours against the least they should have.
func (c *CellTotal) month(rules *model.RANRules) CellMonth {
	m := CellMonth{Name: c.Name, Province: c.Province, Kind: c.Kind, RBs: c.RBs}
	m.Coverage = coverage(c.Busy.PRBSeconds, c.Expected)
	m.Load = frac(c.Busy.PRB, c.Busy.Days*percent)
	m.Evaluated = c.Busy.Days > 0 && m.Coverage != nil && m.Coverage.Cmp(rat(rules.MinPRBCoverage)) >= 0
	m.Congested = m.Evaluated && c.Busy.PRB >= int64(rules.ThetaPerMille)*100*c.Busy.Days
	if rules.MinUserSpeed > 0 {
		m.Speed = times(quotient(&c.Volume), 1000)
		m.Congested = m.Congested && (m.Speed == nil || m.Speed.Cmp(big.NewRat(rules.MinUserSpeed, 1)) < 0)
	}
	return m
}

func (g *Congestion) add(m *CellMonth) {
	switch {
	case m.Short:
		return
	case !m.Evaluated:
		g.NotEvaluated++
	default:
		g.Evaluated++
		g.RBsEvaluated += m.RBs
		if m.Congested {
			g.Congested++
			g.RBsCongested += m.RBs
		}
	}
	g.Cells++
}

// judge tests the ratio by count strictly.
func (g *Congestion) judge(rules *model.RANRules) {
	g.Ratio, g.WeightedRatio = frac(int64(g.Congested), int64(g.Evaluated)), frac(g.RBsCongested, g.RBsEvaluated)
	g.MaxRatio = rat(rules.MaxRatio)
	g.Status = score.NoData
	if g.Evaluated > 0 {
		g.Status = score.OK
		g.Meets = g.Ratio.Cmp(g.MaxRatio) < 0
	}
}
