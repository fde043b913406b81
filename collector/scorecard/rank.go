package scorecard

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
)

// Rank is where a unit stands among the units of the month: first those that missed fewer targets, then
// those that used less of what their tightest target allows.
type Rank struct {
	Place    int       `json:"place"` // 1 is best; units that did equally well share a place
	Of       int       `json:"of"`
	Before   int       `json:"place_before"` // in the month before, as published; 0: not ranked there
	Missed   int       `json:"missed"`       // targets
	Tightest *Tightest `json:"tightest"`     // null if no target has a number to be held against it
}

// Tightest is the target of which most is used up.
type Tightest struct {
	Measure string    `json:"measure"`
	Key     string    `json:"key"`
	Value   *Quotient `json:"value"`
	Target  *Quotient `json:"target"`
	Used    *Quotient `json:"used"` // of the down time or of the congested share that the target allows; null: it allows none
}

// standing is a rank in the making.
type standing struct {
	Rank
	doc  *Document
	used *big.Rat // nil: more than all
}

// ranks places the units among each other. A unit without any target is in no order.
func (b *builder) ranks() {
	var all []*standing
	for _, d := range b.docs[1:] {
		if s := stand(d); s != nil {
			all = append(all, s)
		}
	}
	slices.SortStableFunc(all, (*standing).compare)
	for i, s := range all {
		s.Place, s.Of = i+1, len(all)
		if i > 0 && s.compare(all[i-1]) == 0 {
			s.Place = all[i-1].Place
		}
		s.doc.Rank = &s.Rank
	}
	for i := range b.docs[0].Provinces {
		row := &b.docs[0].Provinces[i]
		if r := b.byCode[row.Code].Rank; r != nil {
			own := *r
			row.Rank = &own
		}
	}
}

func (s *standing) compare(o *standing) int {
	if c := cmp.Compare(s.Missed, o.Missed); c != 0 {
		return c
	}
	return compareUsed(s.used, o.used)
}

func compareUsed(a, b *big.Rat) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return 1
	case b == nil:
		return -1
	}
	return a.Cmp(b)
}

// stand looks at every number of a unit that has a target.
func stand(d *Document) *standing {
	s := &standing{doc: d, used: new(big.Rat)}
	some := false
	for i := range d.Availability {
		if a := &d.Availability[i]; a.Target != nil {
			some = true
			s.meet(Tightest{Measure: MeasureAvailability, Key: a.Level + ":" + a.Key, Value: a.tested(), Target: &a.Target.Quotient}, a.Outcome)
		}
	}
	for i := range d.Congestion {
		if c := &d.Congestion[i]; c.Below != nil {
			some = true
			s.meet(Tightest{Measure: MeasureCongestion, Key: c.Class, Value: c.Ratio, Target: c.Below}, c.Outcome)
		}
	}
	if !some {
		return nil
	}
	return s
}

// meet counts one target. One without a number is missed, but not the tightest.
func (s *standing) meet(t Tightest, outcome string) {
	if outcome == NotMet {
		s.Missed++
	}
	if t.Value == nil {
		return
	}
	used := t.use()
	if s.Tightest == nil || compareUsed(used, s.used) > 0 {
		s.used, s.Tightest = used, &t
	}
}

// use is the share of the allowance that is used up: of 1 - target for an availability, of the limit for
// a ratio of congested links. It is nil if something was used of nothing.
func (t *Tightest) use() *big.Rat {
	value, limit := t.Value.rat(), t.Target.rat()
	if t.Measure == MeasureAvailability {
		one := big.NewRat(1, 1)
		value, limit = value.Sub(one, value), limit.Sub(one, limit)
	}
	switch {
	case limit.Sign() > 0:
		value.Quo(value, limit)
	case value.Sign() > 0:
		return nil
	}
	t.Used = &Quotient{Value: json.Number(value.FloatString(ratioPlaces)), Num: value.Num().String(), Den: value.Denom().String()}
	return value
}

// rat is the exact fraction.
func (q *Quotient) rat() *big.Rat {
	num, _ := new(big.Int).SetString(q.Num, 10)
	den, _ := new(big.Int).SetString(q.Den, 10)
	return new(big.Rat).SetFrac(num, den)
}
