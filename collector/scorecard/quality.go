package scorecard

import (
	"cmp"
	"encoding/json"
	"math/big"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// Scores are the QoS and QoE of the unit, from 1 to 5.
type Scores struct {
	QoS      Score       `json:"qos"`
	QoE      Score       `json:"qoe"`
	Combined json.Number `json:"combined,omitempty"` // of the two as published; absent if one is missing
}

// Score is one of the two. Its value is what is published and what the gates test.
type Score struct {
	Value    json.Number    `json:"value,omitempty"` // two decimals; absent without enough known weight
	Known    *Quotient      `json:"known_weight"`
	Services []ServiceScore `json:"services"`
}

// ServiceScore is the score of one service.
type ServiceScore struct {
	Service string     `json:"service"`
	Weight  *Quotient  `json:"weight"`
	Score   *Quotient  `json:"score"` // exact; null without enough known weight
	Known   *Quotient  `json:"known_weight"`
	KPIs    []KPIScore `json:"kpis"`
}

// KPIScore is what one KPI earned, and by which thresholds.
type KPIScore struct {
	KPI        string      `json:"kpi"`
	Unit       string      `json:"unit"`
	Status     string      `json:"status"`
	Samples    int64       `json:"samples,omitempty"` // of a sample KPI
	Value      *Quotient   `json:"value"`
	Points     *Quotient   `json:"points"`
	Weight     *Quotient   `json:"weight"`
	Thresholds []*Quotient `json:"thresholds"`      // what earns 1, 2, 3, 4 and 5 points
	Between    []int       `json:"between_points"`  // the points of the thresholds that the value lies between; one if it earns them exactly
	Log        bool        `json:"log10,omitempty"` // between them by the logarithm
}

// Sample is one KPI of active probes.
type Sample struct {
	Service string    `json:"service"`
	KPI     string    `json:"kpi"`
	Unit    string    `json:"unit"`
	Samples int64     `json:"samples"`
	Status  string    `json:"status"`
	Value   *Quotient `json:"value"`
}

// rational is nil without a value.
func rational(r *big.Rat) *Quotient {
	if r == nil {
		return nil
	}
	return &Quotient{Value: json.Number(r.FloatString(ratioPlaces)), Num: r.Num().String(), Den: r.Denom().String()}
}

// points prints a published score; nothing without one.
func points(r *big.Rat) json.Number {
	if r == nil {
		return ""
	}
	return json.Number(r.FloatString(2))
}

// quality adds the scores, and what cells and probes reported.
func (b *builder) quality() {
	r := b.result
	for i := range r.Scores {
		c := &r.Scores[i]
		if d := b.scope(c.Unit); d != nil {
			d.Scores = scoresOf(c)
		}
	}
	for i := range r.Samples {
		k := &r.Samples[i]
		if d := b.scope(k.Province); d != nil {
			d.Samples = append(d.Samples, Sample{k.Service, k.Name, k.Unit, k.Samples, string(k.Status), rational(k.Value)})
		}
	}
	b.radio()
}

func scoresOf(c *score.Card) *Scores {
	return &Scores{QoS: scoreOf(&c.QoS), QoE: scoreOf(&c.QoE), Combined: points(c.Combined)}
}

func scoreOf(p *score.Part) Score {
	out := Score{Value: points(p.Score), Known: rational(p.Known), Services: []ServiceScore{}}
	for i := range p.Services {
		s := &p.Services[i]
		one := ServiceScore{Service: s.Name, Weight: rational(s.Weight), Score: rational(s.Score), Known: rational(s.Known), KPIs: []KPIScore{}}
		for j := range s.KPIs {
			one.KPIs = append(one.KPIs, kpiOf(&s.KPIs[j]))
		}
		out.Services = append(out.Services, one)
	}
	return out
}

func kpiOf(k *score.KPI) KPIScore {
	t := k.Threshold
	out := KPIScore{
		KPI: t.KPI, Unit: t.Unit, Status: string(k.Status), Samples: k.Samples, Value: rational(k.V), Points: rational(k.Points),
		Weight: fraction(t.Weight), Log: t.Log, Between: []int{},
	}
	for _, x := range t.X {
		out.Thresholds = append(out.Thresholds, exactly(x))
	}
	if k.Points != nil {
		out.Between = append(out.Between, k.Low+1)
		if k.Inside {
			out.Between = append(out.Between, k.Low+2)
		}
	}
	return out
}

// exactly is a threshold, which may have nine places.
func exactly(r model.Ratio) *Quotient { return quotient(kpi.Quo(r.Num, r.Den), 9) }

// qualityVerdicts are T2 (every unit reaches the floor), T3 (most units are good) and T5 (the speed of 4G
// data has grown). A unit without a score does not meet.
func qualityVerdicts(u *score.Units, cards []score.Card, growth []ran.Growth) []Verdict {
	var out []Verdict
	if u.N > 0 {
		t2, t3 := newVerdict("T2"), newVerdict("T3")
		t2.Passed, t2.Failed = append(t2.Passed, u.Reached...), append(append(t2.Failed, u.Below...), u.Unknown...)
		slices.Sort(t2.Failed)
		t2.Outcome, t3.Outcome = metOrNot(u.T2), metOrNot(u.T3)
		t3.Passed = append(t3.Passed, u.Good...)
		for i := range cards[1:] {
			if code := cards[i+1].Unit; !slices.Contains(u.Good, code) {
				t3.Failed = append(t3.Failed, code)
			}
		}
		out = append(out, t2, t3)
	}
	for i := range growth {
		if g := &growth[i]; g.Province == "" && !g.LikeForLike {
			out = append(out, speedVerdict(g))
		}
	}
	return out
}

func speedVerdict(g *ran.Growth) Verdict {
	v := newVerdict("T5")
	const all = "speed_4g"
	switch {
	case g.Status == ran.NoBaseline:
		v.count(all, NoTarget)
	case g.Meets:
		v.count(all, Met)
	default:
		v.count(all, NotMet)
	}
	return v.close()
}

func metOrNot(meets bool) string {
	if meets {
		return Met
	}
	return NotMet
}

// verdicts puts them in the order of the targets.
func verdicts(all []Verdict) []Verdict {
	slices.SortStableFunc(all, func(a, b Verdict) int { return a.compare(&b) })
	return all
}

// compare orders verdicts by number: T10 after T5.
func (v *Verdict) compare(o *Verdict) int {
	return cmp.Or(cmp.Compare(len(v.ID), len(o.ID)), strings.Compare(v.ID, o.ID))
}
