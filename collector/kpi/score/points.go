// Package score turns KPI values into points from 1 to 5, points into the scores of services, and those
// into the scores of a unit and the verdicts over all units. It is pure and exact: fractions are kept
// as fractions until a score is published, and what is published is what the gates test.
package score

import (
	"math"
	"math/big"

	"github.com/haidang-noc/haidang/collector/model"
)

// Points is what a value earns: linear between the two thresholds around it, on the value or on its
// log10, and from 1 to 5. Explain it with Around.
func Points(t *model.Threshold, v *big.Rat) *big.Rat {
	i, inside := Around(t, v)
	low := big.NewRat(int64(i)+1, 1)
	if !inside {
		return low
	}
	return low.Add(low, share(t, rat(t.X[i]), rat(t.X[i+1]), v))
}

// Around says between which thresholds, X[i] and X[i+1], the value lies. Not inside: it earns the i+1
// points of X[i] exactly, because it equals it or lies beyond the last one.
func Around(t *model.Threshold, v *big.Rat) (i int, inside bool) {
	if t.Log && v.Sign() <= 0 { // log10 of 0 is beyond every threshold
		if t.LowerBetter {
			return 4, false
		}
		return 0, false
	}
	for i = len(t.X) - 1; i >= 0; i-- {
		switch beats := v.Cmp(rat(t.X[i])); {
		case beats == 0, i == 4 && (beats < 0) == t.LowerBetter:
			return i, false
		case (beats < 0) == t.LowerBetter:
			return i, true
		}
	}
	return 0, false
}

// share is how far v is from a to b, 0 to 1.
func share(t *model.Threshold, a, b, v *big.Rat) *big.Rat {
	if t.Log {
		return logShare(a, b, v)
	}
	way := new(big.Rat).Sub(v, a)
	return way.Quo(way, new(big.Rat).Sub(b, a))
}

// logShare is cut to nine decimals, so that the last bit of a machine's logarithm cannot show.
func logShare(a, b, v *big.Rat) *big.Rat {
	const billion = 1_000_000_000
	part := (log10(v) - log10(a)) / (log10(b) - log10(a))
	return big.NewRat(int64(math.Round(part*billion)), billion)
}

func log10(r *big.Rat) float64 {
	f, _ := r.Float64()
	return math.Log10(f)
}

func rat(r model.Ratio) *big.Rat {
	if r.Den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(r.Num, r.Den)
}

// Publish rounds half up to two decimals: the number that is printed and that the gates test. nil stays nil.
func Publish(r *big.Rat) *big.Rat {
	if r == nil {
		return nil
	}
	out, _ := new(big.Rat).SetString(r.FloatString(2)) // rounds halves away from zero; scores are positive
	return out
}
