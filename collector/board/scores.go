package board

import (
	"fmt"
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/view"
)

// kpiScore shows each province's score on the map.
const kpiScore = "score"

// points is what a card of scores says in the place of a ratio and its target.
type points struct {
	Value string // a decimal, as it is published; empty: none
	Sign  string // after it
	Of    int    // units that Value counts out of; 0: Value is a score
	Key   string // of the words: what is wanted
	Arg   string // its decimal
}

// scoreCards are the scores of a strip: of one unit, of the worst of a caller's, or of the nation the number
// of units that reach the two gates.
func scoreCards(r *view.Result, who *principal.Principal, scope string) []card {
	if len(r.Scores) == 0 {
		return nil
	}
	rules := &r.Inventory.Targets.Scores
	if scope == "" && who.SeesAll() {
		u := r.Units
		return []card{
			unitsCard(names{"Tỉnh đạt điểm tối thiểu", "Provinces at the floor"}, u.T2, len(u.Below) > 0, points{Value: fmt.Sprint(len(u.Reached)), Of: u.N, Key: "score.all", Arg: decimal(rules.Floor)}),
			unitsCard(names{"Tỉnh đạt điểm tốt", "Provinces with good scores"}, u.T3, len(u.Good)+len(u.Unknown) < u.Need, points{Value: fmt.Sprint(len(u.Good)), Of: u.N, Key: "score.share", Arg: fmt.Sprint(u.Need)})}
	}
	var cards []card
	for i := range r.Scores {
		if s := &r.Scores[i]; inScope(who, scope, s.Unit) && s.Unit != "" {
			cards = worst(cards, unitCard(r, s))
		}
	}
	return cards
}

// unitsCard counts units. Missed is whether it is known that the gate is missed, and not only that too
// little is known.
func unitsCard(n names, met, missed bool, p points) card {
	c := card{Names: n, Grade: unknown, LeftPart: -1, KPI: kpiScore, Points: &p}
	switch {
	case met:
		c.Grade = good
	case missed:
		c.Grade = bad
	}
	return c
}

func unitCard(r *view.Result, s *score.Card) card {
	rules := &r.Inventory.Targets.Scores
	c := card{Names: names{"Điểm QoS – QoE", "QoS – QoE score"}, Place: provinceNames(r, s.Unit), Grade: gradeOfScore(rules, s.Combined), LeftPart: -1, KPI: kpiScore,
		Points: &points{Key: "score.floor.reach", Arg: decimal(rules.Floor)}}
	if s.Combined != nil {
		c.Points.Value = s.Combined.FloatString(2)
		c.rank, _ = s.Combined.Float64()
	}
	return c
}

// gradeOfScore judges a unit's score: good at the second gate, near between the gates, bad below the first.
func gradeOfScore(rules *model.ScoreRules, s *big.Rat) string {
	switch {
	case s == nil:
		return unknown
	case s.Cmp(rat(rules.Floor)) < 0:
		return bad
	case s.Cmp(rat(rules.Good)) < 0:
		return near
	}
	return good
}

func rat(r model.Ratio) *big.Rat {
	if r.Den == 0 {
		return new(big.Rat)
	}
	return big.NewRat(r.Num, r.Den)
}

func decimal(r model.Ratio) string { return rat(r).FloatString(2) }

// score is a province's score for its tile.
func (m *mapMaker) score(code string) (grade, value string) {
	for i := range m.result.Scores {
		if s := &m.result.Scores[i]; s.Unit == code && s.Combined != nil {
			return gradeOfScore(&m.result.Inventory.Targets.Scores, s.Combined), m.words.Decimal(s.Combined.FloatString(2))
		}
	}
	return unknown, ""
}
