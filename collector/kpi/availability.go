package kpi

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/model"
)

// Net is U / (U + D): maintenance left out.
func (s Sums) Net() Number { return Quo(s.Up, s.Up+s.Down) }

// Gross is U / (U + D + Md): the customer's view, maintenance counted as down.
func (s Sums) Gross() Number { return Quo(s.Up, s.Up+s.Down+s.MaintDown) }

// Lo is the availability if all unknown time was down, Hi if it was up.
func (s Sums) Lo() Number { return Quo(s.Up, s.Up+s.Down+s.Unknown) }

// Hi is the availability if all unknown time was up.
func (s Sums) Hi() Number { return Quo(s.Up+s.Unknown, s.Up+s.Down+s.Unknown) }

// UnknownShare is X / (U + D + X).
func (s Sums) UnknownShare() Number { return Quo(s.Unknown, s.Up+s.Down+s.Unknown) }

// Net, Gross, Lo, Hi and UnknownShare are the weighted ones.
func (w WSums) Net() Number { return Number{w.Up, w.Up.Add(w.Down)} }

// Gross is like Sums.Gross.
func (w WSums) Gross() Number { return Number{w.Up, w.Up.Add(w.Down).Add(w.MaintDown)} }

// Lo is like Sums.Lo.
func (w WSums) Lo() Number { return Number{w.Up, w.Up.Add(w.Down).Add(w.Unknown)} }

// Hi is like Sums.Hi.
func (w WSums) Hi() Number { return Number{w.Up.Add(w.Unknown), w.Up.Add(w.Down).Add(w.Unknown)} }

// UnknownShare is like Sums.UnknownShare.
func (w WSums) UnknownShare() Number { return Number{w.Unknown, w.Up.Add(w.Down).Add(w.Unknown)} }

// Judge says whether the sums may be published under maxUnknown (zero Den: no limit) and whether
// they reach the target, net or gross. Both are decided on the exact quotient, never on the
// printed one.
func (s Sums) Judge(target, maxUnknown model.Ratio, gross bool) (st Status, meets bool) {
	tested := s.Net()
	if gross {
		tested = s.Gross()
	}
	return judge(tested, s.UnknownShare(), target, maxUnknown)
}

func judge(tested, unknown Number, target, maxUnknown model.Ratio) (st Status, meets bool) {
	switch {
	case !tested.Valid():
		return NoData, false
	case maxUnknown.Den != 0 && unknown.Cmp(maxUnknown) > 0:
		return Insufficient, false
	case target.Den == 0:
		return NoTarget, false
	}
	return OK, tested.Cmp(target) >= 0
}

// judge fills in all that follows from a group's sums.
func (a *Availability) judge(t *model.Targets) {
	a.divide()
	a.hold(t.Availability[a.System].Target, t.MaxUnknownMonth, t.Gross(a.System))
}

func (a *Availability) divide() {
	s, w := a.Sums, a.Weighted
	a.Net, a.Gross, a.Lo, a.Hi, a.UnknownShare = s.Net(), s.Gross(), s.Lo(), s.Hi(), s.UnknownShare()
	a.WNet, a.WGross, a.WLo, a.WHi, a.WUnknownShare = w.Net(), w.Gross(), w.Lo(), w.Hi(), w.UnknownShare()
	a.MTTR, a.MTBO = Quo(s.Down, s.Outages), Quo(s.Up, s.Outages)
}

// hold holds the sums against a target.
func (a *Availability) hold(target, maxUnknown model.Ratio, gross bool) {
	a.Target = target
	a.Status, a.Meets = a.Sums.Judge(target, maxUnknown, gross)
	if target.Den == 0 {
		return
	}
	down := a.Sums.Down
	if gross {
		down += a.Sums.MaintDown
	}
	a.Budget, a.Left = Budget(target, a.Sums.Up, down)
	a.Lost = Lost(target, down, a.Expected)
}

// Budget is the down time the target allows in up+down seconds, and what is left of it.
func Budget(target model.Ratio, up, down int64) (allowed, left Number) {
	miss := new(big.Int).Sub(big.NewInt(target.Den), big.NewInt(target.Num))
	num := miss.Mul(miss, new(big.Int).Add(big.NewInt(up), big.NewInt(down)))
	spent := new(big.Int).Mul(big.NewInt(down), big.NewInt(target.Den))
	return fromBig(num, target.Den), fromBig(new(big.Int).Sub(num, spent), target.Den)
}

// Lost says that the target cannot be met any more: more down time than it allows in all the
// seconds expected of the month.
func Lost(target model.Ratio, down, expected int64) bool {
	spent := new(big.Int).Mul(big.NewInt(down), big.NewInt(target.Den))
	allowed := new(big.Int).Sub(big.NewInt(target.Den), big.NewInt(target.Num))
	return spent.Cmp(allowed.Mul(allowed, big.NewInt(expected))) > 0
}

// Burn is how many times faster than the target allows the error budget was spent: the down share
// divided by 1 - target. No value without observed time or with a target of 1.
func Burn(target model.Ratio, up, down int64) Number {
	if target.Den == 0 || target.Num >= target.Den {
		return Number{}
	}
	return Number{mul(down, target.Den), mul(up+down, target.Den-target.Num)}
}
