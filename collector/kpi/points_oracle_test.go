package kpi

import (
	"math"
	"math/big"
	"slices"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// earned are the points of a value: on the line through the five thresholds.
func earned(t *model.Threshold, v *big.Rat) *big.Rat {
	x := func(i int) *big.Rat { return big.NewRat(t.X[i].Num, t.X[i].Den) }
	better := func(a, b *big.Rat) bool { return a.Cmp(b) != 0 && (a.Cmp(b) < 0) == t.LowerBetter }
	switch {
	case t.Log && v.Sign() <= 0 && !t.LowerBetter, better(x(0), v):
		return big.NewRat(1, 1)
	case better(v, x(4)):
		return big.NewRat(5, 1)
	}
	i := 0
	for i < 3 && !better(x(i+1), v) {
		i++
	}
	a, b := x(i), x(i+1)
	share := new(big.Rat).Quo(new(big.Rat).Sub(v, a), new(big.Rat).Sub(b, a))
	if t.Log && share.Sign() != 0 && share.Cmp(big.NewRat(1, 1)) != 0 { // cut to nine decimals
		log := func(r *big.Rat) float64 { f, _ := r.Float64(); return math.Log10(f) }
		share = big.NewRat(int64(math.Round((log(v)-log(a))/(log(b)-log(a))*1e9)), 1e9)
	}
	return share.Add(share, big.NewRat(int64(i+1), 1))
}

// weighing is a weighted mean of what is known; nil if that is too little of the weight.
type weighing struct{ sum, known, all *big.Rat }

func newWeighing() *weighing { return &weighing{new(big.Rat), new(big.Rat), new(big.Rat)} }

func (m *weighing) put(weight model.Ratio, v *big.Rat) {
	w := new(big.Rat)
	if weight.Den != 0 {
		w.SetFrac64(weight.Num, weight.Den)
	}
	m.all.Add(m.all, w)
	if v != nil {
		m.known.Add(m.known, w)
		m.sum.Add(m.sum, new(big.Rat).Mul(w, v))
	}
}

func (m *weighing) mean(least model.Ratio) *big.Rat {
	if m.known.Sign() == 0 || m.known.Cmp(new(big.Rat).Mul(m.all, big.NewRat(least.Num, least.Den))) < 0 {
		return nil
	}
	return new(big.Rat).Quo(m.sum, m.known)
}

// hundredths is a score as it is published, rounded half up.
func hundredths(v *big.Rat) *big.Rat {
	if v == nil {
		return nil
	}
	n := new(big.Int).Mul(v.Num(), big.NewInt(200))
	n.Add(n, v.Denom())
	n.Quo(n, new(big.Int).Mul(v.Denom(), big.NewInt(2)))
	return new(big.Rat).SetFrac(n, big.NewInt(100))
}

// scored are a unit's QoS, QoE and both together.
func (w *scoreWorld) scored(code string, values map[score.Name]known) (out [3]*big.Rat) {
	rules := &w.inv.Targets.Scores
	for i, kind := range []model.ScoreKind{model.QoS, model.QoE} {
		services := map[string]*weighing{}
		for j := range rules.Thresholds {
			t := &rules.Thresholds[j]
			if t.Kind != kind || slices.Contains(rules.NotSold[code], t.Service) {
				continue
			}
			if services[t.Service] == nil {
				services[t.Service] = newWeighing()
			}
			var points *big.Rat
			if k := values[score.Name{Service: t.Service, KPI: t.KPI}]; k.v != nil && k.ok {
				points = earned(t, k.v)
			}
			services[t.Service].put(t.Weight, points)
		}
		all := newWeighing()
		for name, s := range services {
			all.put(rules.Weights[kind][name], s.mean(rules.MinWeight))
		}
		out[i] = hundredths(all.mean(rules.MinWeight))
	}
	if out[0] == nil || out[1] == nil {
		return out
	}
	switch sum := new(big.Rat).Add(out[0], out[1]); {
	case !rules.CombineMin:
		out[2] = hundredths(sum.Quo(sum, big.NewRat(2, 1)))
	case out[0].Cmp(out[1]) < 0:
		out[2] = out[0]
	default:
		out[2] = out[1]
	}
	return out
}

// check holds values, scores and verdicts of the nation and every unit against the slow way.
func (w *scoreWorld) check(t *rapid.T, got *MonthResult) {
	units := w.unitCodes()
	if len(got.Scores) != len(units)+1 {
		t.Fatalf("%d cards, want %d", len(got.Scores), len(units)+1)
	}
	var want score.Units
	want.N = len(units)
	for i, code := range append([]string{""}, units...) {
		card := &got.Scores[i]
		values := w.unit(code).values()
		checkValues(t, card, values)
		scores := w.scored(code, values)
		for j, v := range []*big.Rat{card.QoS.Score, card.QoE.Score, card.Combined} {
			if (v == nil) != (scores[j] == nil) || v != nil && v.Cmp(scores[j]) != 0 {
				t.Fatalf("%q, %s units, score %d: %v, want %v", code, w.units, j, v, scores[j])
			}
		}
		if code != "" {
			w.judge(&want, code, scores[2])
		}
	}
	share := w.inv.Targets.Scores.GoodShare
	want.T2 = len(want.Reached) == want.N
	want.T3 = int64(len(want.Good))*share.Den >= share.Num*int64(want.N)
	for want.Need = 0; int64(want.Need)*share.Den < share.Num*int64(want.N); want.Need++ {
	}
	if d := diff.Diff(want, got.Units); d != "" {
		t.Fatalf("units (-want +got):\n%s", d)
	}
	w.checkGrowth(t, got)
}

func (w *scoreWorld) judge(u *score.Units, code string, combined *big.Rat) {
	rules := &w.inv.Targets.Scores
	if combined == nil {
		u.Unknown = append(u.Unknown, code)
		return
	}
	if combined.Cmp(big.NewRat(rules.Floor.Num, rules.Floor.Den)) >= 0 {
		u.Reached = append(u.Reached, code)
	} else {
		u.Below = append(u.Below, code)
	}
	if over := combined.Cmp(big.NewRat(rules.Good.Num, rules.Good.Den)); over > 0 || over == 0 && !rules.Strict {
		u.Good = append(u.Good, code)
	}
}

func checkValues(t *rapid.T, card *score.Card, values map[score.Name]known) {
	for _, part := range []score.Part{card.QoS, card.QoE} {
		for _, s := range part.Services {
			for _, k := range s.KPIs {
				want := values[score.Name{Service: s.Name, KPI: k.Threshold.KPI}]
				if (k.V == nil) != (want.v == nil) || k.V != nil && (k.V.Cmp(want.v) != 0 || (k.Status == score.OK) != want.ok) {
					t.Fatalf("%q, %s %s: %v %s, want %v, good %v", card.Unit, s.Name, k.Threshold.KPI, k.V, k.Status, want.v, want.ok)
				}
			}
		}
	}
}

// checkGrowth holds the speed of 4G data against the baseline's members: 100 × volume × base time ≥ 120 × base volume × time.
func (w *scoreWorld) checkGrowth(t *rapid.T, got *MonthResult) {
	for _, code := range append(w.unitCodes(), "") {
		u := w.unit(code)
		volume, time := u.busyHours()
		baseVolume, baseTime := int64(0), int64(0)
		for _, s := range u.sites {
			baseVolume, baseTime = baseVolume+s.baseVolume, baseTime+s.baseTime
		}
		if code == "" {
			baseVolume, baseTime = w.baseVolume, w.baseTime
		}
		for _, g := range got.Radio.Growth {
			if g.Province != code || g.LikeForLike {
				continue
			}
			status, meets := "ok", 100*volume*baseTime >= 120*baseVolume*time
			switch {
			case baseVolume == 0 || baseTime == 0:
				status, meets = ran.NoBaseline, false
			case time == 0:
				status, meets = string(score.NoData), false
			}
			if g.Status != status || g.Meets != meets {
				t.Fatalf("growth of %q, %s units: %s, meets %v; want %s, %v: %d/%d, before %d/%d", code, w.units, g.Status, g.Meets, status, meets, volume, time, baseVolume, baseTime)
			}
		}
	}
}
