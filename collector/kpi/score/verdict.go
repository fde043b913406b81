package score

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/model"
)

// Units is the verdict over all units: each is in one of the three lists of T2, by code.
type Units struct {
	N       int      // units
	Reached []string // T2: combined at the floor or above
	Below   []string // T2: below it
	Unknown []string // no combined score: does not meet
	Good    []string // T3: at or above the second gate, or above it if strict

	T2, T3 bool
	Need   int // units that T3 needs
}

// Judge holds the units' published scores against the two gates, on integers.
func Judge(rules *model.ScoreRules, cards []Card) Units {
	u := Units{N: len(cards)}
	for i := range cards {
		c := &cards[i]
		switch {
		case c.Combined == nil:
			u.Unknown = append(u.Unknown, c.Unit)
		case c.Combined.Cmp(rat(rules.Floor)) >= 0:
			u.Reached = append(u.Reached, c.Unit)
		default:
			u.Below = append(u.Below, c.Unit)
		}
		if c.Combined != nil && c.good(rules) {
			u.Good = append(u.Good, c.Unit)
		}
	}
	u.Need = need(rules.GoodShare, u.N)
	u.T2 = u.N > 0 && len(u.Reached) == u.N
	u.T3 = u.N > 0 && len(u.Good) >= u.Need
	return u
}

func (c *Card) good(rules *model.ScoreRules) bool {
	over := c.Combined.Cmp(rat(rules.Good))
	return over > 0 || over == 0 && !rules.Strict
}

// need is the least number of n units that is the share or more.
func need(share model.Ratio, n int) int {
	if share.Den == 0 {
		return 0
	}
	return int((share.Num*int64(n) + share.Den - 1) / share.Den)
}

// Grown says whether current/base has grown by the share or more, all four of them sums, by cross-multiplication.
// base and both times must be greater than 0.
func Grown(volume, time, baseVolume, baseTime *big.Int, by model.Ratio) bool {
	left := new(big.Int).Mul(volume, baseTime)
	right := new(big.Int).Mul(baseVolume, time)
	return left.Mul(left, big.NewInt(by.Den)).Cmp(right.Mul(right, big.NewInt(by.Den+by.Num))) >= 0
}
