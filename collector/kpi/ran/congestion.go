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

// Growth is the change of the speed of 4G data against the baseline.
type Growth struct {
	Province    string
	LikeForLike bool // only cells that are in both periods; otherwise all cells, which the target tests
	Cells       int  // of a like-for-like comparison

	Volume, Time, BaseVolume, BaseTime *big.Int // kbit and ms of busy hours, without QCI 1
	Value                              *big.Rat // growth; nil without one
	Status                             string   // ok, no_data or no_baseline
	Meets                              bool
}

// NoBaseline is the status of a growth that has nothing to be compared with.
const NoBaseline = "no_baseline"

// Compare holds the busy hours' throughput against a baseline: the rows of the same month of the baseline
// year, or of all its months for a year.
func (r *Result) Compare(baseline []model.SpeedBase, by model.Ratio) {
	if r.Total == nil {
		return
	}
	cells := map[string]*CellTotal{}
	for i := range r.Total.Cells {
		cells[r.Total.Cells[i].Name] = &r.Total.Cells[i]
	}
	for i := range r.Total.Groups {
		g := &r.Total.Groups[i]
		if g.Kind != LTE {
			continue
		}
		q := g.Sums.Metrics[BusyThroughput]
		all := Growth{Province: g.Province, Volume: q.Num.Big(), Time: q.Den.Big(), BaseVolume: new(big.Int), BaseTime: new(big.Int)}
		same := Growth{Province: g.Province, LikeForLike: true, Volume: new(big.Int), Time: new(big.Int), BaseVolume: new(big.Int), BaseTime: new(big.Int)}
		seen := map[string]bool{}
		for _, b := range baseline {
			switch {
			case b.Cell == "" && b.Province == g.Province:
				all.base(b)
			case b.Cell != "" && cells[b.Cell] != nil && (g.Province == "" || cells[b.Cell].Province == g.Province):
				same.base(b)
				if !seen[b.Cell] {
					seen[b.Cell] = true
					v := cells[b.Cell].Volume
					same.Volume.Add(same.Volume, v.Num.Big())
					same.Time.Add(same.Time, v.Den.Big())
					same.Cells++
				}
			}
		}
		all.judge(by)
		same.judge(by)
		r.Growth = append(r.Growth, all, same)
	}
}

func (g *Growth) base(b model.SpeedBase) {
	g.BaseVolume.Add(g.BaseVolume, big.NewInt(b.VolumeKbit))
	g.BaseTime.Add(g.BaseTime, big.NewInt(b.TimeMs))
}

func (g *Growth) judge(by model.Ratio) {
	switch {
	case g.BaseVolume.Sign() <= 0 || g.BaseTime.Sign() <= 0:
		g.Status = NoBaseline
		return
	case g.Time.Sign() <= 0:
		g.Status = string(score.NoData)
		return
	}
	g.Status = string(score.OK)
	now, base := new(big.Rat).SetFrac(g.Volume, g.Time), new(big.Rat).SetFrac(g.BaseVolume, g.BaseTime)
	g.Value = now.Sub(now.Quo(now, base), big.NewRat(1, 1))
	g.Meets = score.Grown(g.Volume, g.Time, g.BaseVolume, g.BaseTime, by)
}
