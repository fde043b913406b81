package ran

import (
	"cmp"
	"math/big"
	"math/bits"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/score"
)

// Spread is how the cells of a group are spread over a mean, such as a delay, that cannot be pooled. Each cell's
// value is the mean over the time it reported; percentiles are nearest rank over cells, where they were last.
type Spread struct {
	Province, Kind string
	Name, Unit     string
	Median, P95    *big.Rat // nil: no cell has enough
	Cells          int      // that have enough
	LeftOut        int      // cells in service that have not
	Coverage       *big.Rat // of all cells together
	Status         score.Status

	Mean int // its number
}

// Ranked is one cell's value.
type Ranked struct {
	Cell  string
	Value *big.Rat
}

// spread makes the distributions of all groups in which a cell reported the mean.
func (r *Result) spread() {
	at := r.Total.places()
	for i, m := range means() {
		ranks := r.ranks(i, at)
		for j := range r.Total.Groups {
			g := &r.Total.Groups[j]
			q := &g.Sums.Metrics[meanMetric(i)]
			if q.Seconds == 0 {
				continue
			}
			s := Spread{Province: g.Province, Kind: g.Kind, Name: m.name, Unit: m.unit, Cells: len(ranks[j]), Coverage: coverage(q.Seconds, g.Expected), Mean: i}
			s.LeftOut = at.serving[j] - s.Cells
			s.Median, s.P95 = nearest(ranks[j], 50, m.shown), nearest(ranks[j], 95, m.shown)
			s.Status = judged(s.P95, s.Coverage, r.MinCoverage)
			r.Spreads = append(r.Spreads, s)
		}
	}
	slices.SortStableFunc(r.Spreads, func(a, b Spread) int { return compareScopes(a.Province, a.Kind, b.Province, b.Kind) })
}

// places are the groups that cells count to, by their numbers.
type places struct {
	of      [][2]int32 // of each cell: the nation's and its last province's; -1: none
	serving []int      // of each group: cells in service outside planned windows
}

func (t *Total) places() *places {
	numbers := make(map[groupKey]int32, len(t.Groups))
	for i := range t.Groups {
		numbers[groupKey{t.Groups[i].Province, t.Groups[i].Kind}] = int32(i)
	}
	p := &places{make([][2]int32, len(t.Cells)), make([]int, len(t.Groups))}
	for i := range t.Cells {
		c := &t.Cells[i]
		p.of[i] = [2]int32{-1, -1}
		if c.Expected == 0 {
			continue
		}
		for j, key := range c.groups() {
			if n, known := numbers[key]; known {
				p.of[i][j] = n
				p.serving[n]++
			}
		}
	}
	return p
}

// groups are those that a cell counts to: the nation, and the province where it was last.
func (c *CellTotal) groups() []groupKey {
	return slices.Compact([]groupKey{{"", c.Kind}, {c.Province, c.Kind}})
}

// ranked is a cell's value as a fraction, for there are many.
type ranked struct {
	num, den uint64
	cell     int32
}

func (a ranked) compare(b ranked) int {
	hi, lo := bits.Mul64(a.num, b.den)
	otherHi, otherLo := bits.Mul64(b.num, a.den)
	switch {
	case hi != otherHi:
		return cmp.Compare(hi, otherHi)
	case lo != otherLo:
		return cmp.Compare(lo, otherLo)
	}
	return int(a.cell - b.cell)
}

// ranks are the cells of each group with enough of a mean, from the least value to the greatest.
func (r *Result) ranks(mean int, at *places) [][]ranked {
	var all []ranked
	for i := range r.Total.Cells {
		c := &r.Total.Cells[i]
		if m := c.mean(mean); m != nil && c.Expected > 0 && m.Seconds*r.MinCoverage.Den >= c.Expected*r.MinCoverage.Num {
			all = append(all, ranked{uint64(m.Num), uint64(m.Den), int32(i)})
		}
	}
	slices.SortFunc(all, ranked.compare)
	out := make([][]ranked, len(r.Total.Groups))
	for _, one := range all {
		for _, n := range at.of[one.cell] {
			if n >= 0 {
				out[n] = append(out[n], one)
			}
		}
	}
	return out
}

// mean is one of the cell's means, or nil.
func (c *CellTotal) mean(number int) *CellMean {
	for i := range c.Means {
		if int(c.Means[i].Mean) == number {
			return &c.Means[i]
		}
	}
	return nil
}

// nearest is the nearest-rank percentile; nil of none.
func nearest(sorted []ranked, percent int, shown int64) *big.Rat {
	if len(sorted) == 0 {
		return nil
	}
	return sorted[rank(len(sorted), percent)].value(shown)
}

// rank is the place of a percentile in a sorted list.
func rank(n, percent int) int { return (n*percent+99)/100 - 1 }

func (a ranked) value(shown int64) *big.Rat {
	v := new(big.Rat).SetFrac(new(big.Int).SetUint64(a.num), new(big.Int).SetUint64(a.den))
	return v.Quo(v, big.NewRat(shown, 1))
}

// Behind are the cells at or above the 95th percentile, the greatest first, at most so many.
func (r *Result) Behind(s *Spread, most int) (out []Ranked) {
	if s.Cells == 0 || r.Total == nil {
		return nil
	}
	group := slices.IndexFunc(r.Total.Groups, func(g GroupTotal) bool { return g.Province == s.Province && g.Kind == s.Kind })
	if group < 0 {
		return nil
	}
	of, shown := r.ranks(s.Mean, r.Total.places())[group], means()[s.Mean].shown
	slices.Reverse(of)
	for _, one := range of[:min(len(of)-rank(len(of), 95), most)] {
		out = append(out, Ranked{r.Total.Cells[one.cell].Name, one.value(shown)})
	}
	return out
}
