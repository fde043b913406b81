package kpi

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/model"
)

// spent is what a group did of what its target allows: seconds, or seconds by weight. Down holds what windows took
// out, if the target tests gross.
type spent struct {
	up, down, expected Int128
	seconds            spentSeconds
}

// spentSeconds are the plain seconds behind it. Weighted sums are shown as seconds of a device of mean weight.
type spentSeconds struct{ up, down, expected int64 }

func (a *Availability) spent() spent {
	s, w := a.Sums, a.Weighted
	if a.Test.Gross {
		s.Down += s.MaintDown
		w.Down = w.Down.Add(w.MaintDown)
	}
	plain := spentSeconds{s.Up, s.Down, a.Expected}
	if a.Test.Weighted {
		return spent{w.Up, w.Down, a.WExpected, plain}
	}
	return spent{Int(s.Up), Int(s.Down), Int(a.Expected), plain}
}

// spend fills in the error budget.
func (a *Availability) spend() {
	b := a.spent()
	a.Budget, _ = Budget(a.Target, b.seconds.up, b.seconds.down)
	a.Left = left(a.Target, b.down, b.up.Add(b.down), b.seconds.up+b.seconds.down)
	a.Lost = lost(a.Target, b.down, b.expected)
}

// Consumed is what was spent of the budget.
func (a *Availability) Consumed() Number {
	b := a.spent()
	return quotient(new(big.Int).Mul(b.down.Big(), big.NewInt(b.seconds.up+b.seconds.down)), b.up.Add(b.down).Big())
}

// MonthLeft is what the target allows in all the seconds expected of the month, less what was down.
func (a *Availability) MonthLeft() Number {
	b := a.spent()
	return left(a.Target, b.down, b.expected, b.seconds.expected)
}

// left is what is left of the budget in so many seconds, over all of which something is spread of which some was down.
func left(target model.Ratio, down, all Int128, seconds int64) Number {
	miss := new(big.Int).Mul(big.NewInt(target.Den-target.Num), all.Big())
	miss.Sub(miss, new(big.Int).Mul(big.NewInt(target.Den), down.Big()))
	return quotient(miss.Mul(miss, big.NewInt(seconds)), new(big.Int).Mul(big.NewInt(target.Den), all.Big()))
}

// Budget is the down time the target allows in up+down seconds, and what is left of it.
func Budget(target model.Ratio, up, down int64) (allowed, left Number) {
	miss := new(big.Int).Sub(big.NewInt(target.Den), big.NewInt(target.Num))
	num := miss.Mul(miss, new(big.Int).Add(big.NewInt(up), big.NewInt(down)))
	spent := new(big.Int).Mul(big.NewInt(down), big.NewInt(target.Den))
	den := big.NewInt(target.Den)
	return quotient(num, den), quotient(new(big.Int).Sub(num, spent), den)
}

// Lost says that the target cannot be met any more: more down time than it allows in all the
// seconds expected of the month.
func Lost(target model.Ratio, down, expected int64) bool {
	return lost(target, Int(down), Int(expected))
}

func lost(target model.Ratio, down, expected Int128) bool {
	spent := new(big.Int).Mul(down.Big(), big.NewInt(target.Den))
	allowed := big.NewInt(target.Den - target.Num)
	return spent.Cmp(allowed.Mul(allowed, expected.Big())) > 0
}

// Burn is how many times faster than the target allows the error budget was spent: the down share
// divided by 1 - target. No value without observed time or with a target of 1.
func Burn(target model.Ratio, up, down int64) Number { return burn(target, Int(up), Int(down)) }

func burn(target model.Ratio, up, down Int128) Number {
	if target.Den == 0 || target.Num >= target.Den {
		return Number{}
	}
	return quotient(new(big.Int).Mul(down.Big(), big.NewInt(target.Den)),
		new(big.Int).Mul(up.Add(down).Big(), big.NewInt(target.Den-target.Num)))
}
