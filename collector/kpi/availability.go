package kpi

import (
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
	var test model.Test
	var target model.Ratio
	if a.Level == LevelDevice {
		test, target = t.Tests(a.System), t.Availability[a.System].Target
	}
	a.hold(target, t.MaxUnknownMonth, test)
}

func (a *Availability) divide() {
	s, w := a.Sums, a.Weighted
	a.Net, a.Gross, a.Lo, a.Hi, a.UnknownShare = s.Net(), s.Gross(), s.Lo(), s.Hi(), s.UnknownShare()
	a.WNet, a.WGross, a.WLo, a.WHi, a.WUnknownShare = w.Net(), w.Gross(), w.Lo(), w.Hi(), w.UnknownShare()
	a.MTTR, a.MTBO = Quo(s.Down, s.Outages), Quo(s.Up, s.Outages)
}

// hold holds the sums that the test names against a target. Where nothing has a weight, all count alike.
func (a *Availability) hold(target, maxUnknown model.Ratio, test model.Test) {
	test.Weighted = test.Weighted && !a.WExpected.IsZero()
	a.Target, a.Test = target, test
	a.Status, a.Meets = judge(a.Tested(), a.TestedUnknown(), target, maxUnknown)
	if target.Den != 0 {
		a.spend()
	}
}

// Tested is the availability that the target is held against.
func (a *Availability) Tested() Number {
	switch a.Test {
	case model.Test{Gross: true}:
		return a.Gross
	case model.Test{Weighted: true}:
		return a.WNet
	case model.Test{Weighted: true, Gross: true}:
		return a.WGross
	}
	return a.Net
}

// TestedUnknown is the unknown share that decides whether it may be, TestedLo and TestedHi are its bounds.
func (a *Availability) TestedUnknown() Number {
	if a.Test.Weighted {
		return a.WUnknownShare
	}
	return a.UnknownShare
}

// TestedLo is Lo by the weights that the target tests.
func (a *Availability) TestedLo() Number {
	if a.Test.Weighted {
		return a.WLo
	}
	return a.Lo
}

// TestedHi is Hi by the weights that the target tests.
func (a *Availability) TestedHi() Number {
	if a.Test.Weighted {
		return a.WHi
	}
	return a.Hi
}
