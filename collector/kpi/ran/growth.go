package ran

import (
	"math/big"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// Growth is the change of the speed of 4G data against the baseline.
type Growth struct {
	Province    string
	LikeForLike bool   // only cells that are in both periods; otherwise all cells, which the target tests
	Cells       int    // of a like-for-like comparison; of a year the most of any month
	CounterMap  string // of the baseline; with another one than the rules name it is none
	Silent      int    // cells of the baseline that have no speed now, likewise: left out

	Volume, Time, BaseVolume, BaseTime *big.Int // kbit and ms of busy hours, without QCI 1
	Value                              *big.Rat // growth; nil without one
	Status                             string   // ok, no_data or no_baseline
	Meets                              bool
}

// NoBaseline is the status of a growth that has nothing to be compared with.
const NoBaseline = "no_baseline"

// Compare holds the busy hours' throughput of a month against a baseline: the rows of the same month of the baseline
// year.
func (r *Result) Compare(baseline []model.SpeedBase, rules *model.RANRules) {
	r.compare(baseline, r.alike(comparable(baseline, rules)), rules)
}

// CompareYear is Compare with the rows of all the year's months. months are the growths of its months, of which the
// like-for-like ones are added up: a cell counts in the months in which it has a speed on both sides.
func (r *Result) CompareYear(baseline []model.SpeedBase, months []Growth, rules *model.RANRules) {
	alike := map[string]*Growth{}
	for i := range months {
		if m := &months[i]; m.LikeForLike {
			g := likeForLike(alike, m.Province)
			g.add(m.Volume, m.Time, m.BaseVolume, m.BaseTime)
			g.Cells, g.Silent = max(g.Cells, m.Cells), max(g.Silent, m.Silent)
		}
	}
	r.compare(baseline, alike, rules)
}

// comparable are the rows that were measured with the counter map in use, if the rules name one: other counters are
// another speed.
func comparable(baseline []model.SpeedBase, rules *model.RANRules) (out []model.SpeedBase) {
	for _, b := range baseline {
		if rules.CounterMap == "" || rules.CounterMap == b.CounterMap {
			out = append(out, b)
		}
	}
	return out
}

// mapsOf names the counter maps of the baseline.
func mapsOf(baseline []model.SpeedBase) string {
	var out []string
	for _, b := range baseline {
		if b.CounterMap != "" && !slices.Contains(out, b.CounterMap) {
			out = append(out, b.CounterMap)
		}
	}
	slices.Sort(out)
	return strings.Join(out, "|")
}

func (r *Result) compare(baseline []model.SpeedBase, alike map[string]*Growth, rules *model.RANRules) {
	if r.Total == nil {
		return
	}
	by, measured := rules.SpeedGrowth, mapsOf(baseline)
	baseline = comparable(baseline, rules)
	for i := range r.Total.Groups {
		g := &r.Total.Groups[i]
		if g.Kind != LTE {
			continue
		}
		q := g.Sums.Metrics[BusyThroughput]
		all := newGrowth(g.Province)
		all.add(q.Num.Big(), q.Den.Big(), new(big.Int), new(big.Int))
		for _, b := range baseline {
			if b.Cell == "" && b.Province == g.Province {
				all.add(new(big.Int), new(big.Int), big.NewInt(b.VolumeKbit), big.NewInt(b.TimeMs))
			}
		}
		same := likeForLike(alike, g.Province)
		all.CounterMap, same.CounterMap = measured, measured
		all.judge(by)
		same.judge(by)
		r.Growth = append(r.Growth, all, *same)
	}
}

// alike compares the cells that have a speed on both sides, for the nation and for each province.
func (r *Result) alike(baseline []model.SpeedBase) map[string]*Growth {
	out := map[string]*Growth{}
	if r.Total == nil {
		return out
	}
	for _, b := range baseline {
		i, found := slices.BinarySearchFunc(r.Total.Cells, b.Cell, func(c CellTotal, name string) int { return strings.Compare(c.Name, name) })
		if !found || r.Total.Cells[i].Kind != LTE || b.TimeMs == 0 {
			continue
		}
		c := &r.Total.Cells[i]
		for _, key := range c.groups() {
			g := likeForLike(out, key.province)
			if c.Volume.Den.IsZero() {
				g.Silent++
				continue
			}
			g.Cells++
			g.add(c.Volume.Num.Big(), c.Volume.Den.Big(), big.NewInt(b.VolumeKbit), big.NewInt(b.TimeMs))
		}
	}
	return out
}

func newGrowth(province string) Growth {
	return Growth{Province: province, Volume: new(big.Int), Time: new(big.Int), BaseVolume: new(big.Int), BaseTime: new(big.Int)}
}

// likeForLike is the province's, which is made if there is none.
func likeForLike(all map[string]*Growth, province string) *Growth {
	if all[province] == nil {
		g := newGrowth(province)
		g.LikeForLike = true
		all[province] = &g
	}
	return all[province]
}

func (g *Growth) add(volume, time, baseVolume, baseTime *big.Int) {
	g.Volume.Add(g.Volume, volume)
	g.Time.Add(g.Time, time)
	g.BaseVolume.Add(g.BaseVolume, baseVolume)
	g.BaseTime.Add(g.BaseTime, baseTime)
}

func (g *Growth) judge(by model.Ratio) {
	switch {
	case g.Cells == 0 && g.Silent > 0: // there is a baseline, and nothing to hold against it
		g.Status = string(score.NoData)
		return
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
