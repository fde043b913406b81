package score

import (
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Status says whether a KPI's value counts.
type Status string

// The statuses of a value.
const (
	OK           Status = "ok"
	Insufficient Status = "insufficient_data" // too few samples or too little coverage: shown, not counted
	NoData       Status = "no_data"
)

// Value is one KPI of one unit, computed over the whole unit.
type Value struct {
	V       *big.Rat // in the threshold's unit; nil without data
	Status  Status
	Samples int64 // of a sample KPI
}

// Name names a KPI of a service. QoS and QoE share the names: what is measured does not depend on the score.
type Name struct{ Service, KPI string }

// Values are the KPIs of one unit.
type Values map[Name]Value

// KPI is one line of a score's explanation.
type KPI struct {
	Threshold *model.Threshold
	Value
	Points *big.Rat // nil unless the status is OK
	Low    int      // Threshold.X[Low] and, if Inside, X[Low+1] gave the points
	Inside bool
}

// Service is the score of one service.
type Service struct {
	Name   string
	Weight *big.Rat // in the unit's score
	Score  *big.Rat // unrounded; nil without enough known weight
	Known  *big.Rat // share of the weight whose KPIs have a value
	KPIs   []KPI
}

// Part is a unit's QoS or QoE.
type Part struct {
	Kind     model.ScoreKind
	Score    *big.Rat // as published, two decimals; nil without enough known weight
	Exact    *big.Rat // before rounding
	Known    *big.Rat
	Services []Service
}

// Card is all scores of one unit.
type Card struct {
	Unit     string
	QoS, QoE Part
	Combined *big.Rat // as published; nil if one of the two is
}

// Evaluate scores one unit.
func Evaluate(rules *model.ScoreRules, unit string, values Values) Card {
	c := Card{Unit: unit, QoS: part(rules, model.QoS, unit, values), QoE: part(rules, model.QoE, unit, values)}
	c.Combined = Combine(rules, c.QoS.Score, c.QoE.Score)
	return c
}

// Combine joins two published scores into one that is published.
func Combine(rules *model.ScoreRules, qos, qoe *big.Rat) *big.Rat {
	switch {
	case qos == nil || qoe == nil:
		return nil
	case !rules.CombineMin:
		sum := new(big.Rat).Add(qos, qoe)
		return Publish(sum.Quo(sum, big.NewRat(2, 1)))
	case qos.Cmp(qoe) < 0:
		return qos
	}
	return qoe
}

func part(rules *model.ScoreRules, kind model.ScoreKind, unit string, values Values) Part {
	p := Part{Kind: kind}
	var m mean
	for i := range rules.Thresholds {
		t := &rules.Thresholds[i]
		if t.Kind != kind || slices.Contains(rules.NotSold[unit], t.Service) {
			continue
		}
		s := p.service(t.Service, rat(rules.Weights[kind][t.Service]))
		s.KPIs = append(s.KPIs, score(t, values[Name{t.Service, t.KPI}]))
	}
	for i := range p.Services {
		s := &p.Services[i]
		s.Score, s.Known = s.mean(rules.MinWeight)
		m.add(s.Weight, s.Score)
	}
	p.Exact, p.Known = m.value(rules.MinWeight)
	p.Score = Publish(p.Exact)
	return p
}

// service is the part's service of this name, in the order in which the thresholds name them.
func (p *Part) service(name string, weight *big.Rat) *Service {
	for i := range p.Services {
		if p.Services[i].Name == name {
			return &p.Services[i]
		}
	}
	p.Services = append(p.Services, Service{Name: name, Weight: weight})
	return &p.Services[len(p.Services)-1]
}

func score(t *model.Threshold, v Value) KPI {
	k := KPI{Threshold: t, Value: v}
	if v.V == nil {
		k.Status = NoData
	}
	if k.Status == OK {
		k.Points = Points(t, v.V)
		k.Low, k.Inside = Around(t, v.V)
	}
	return k
}

func (s *Service) mean(minimum model.Ratio) (value, known *big.Rat) {
	var m mean
	for i := range s.KPIs {
		m.add(rat(s.KPIs[i].Threshold.Weight), s.KPIs[i].Points)
	}
	return m.value(minimum)
}

// mean is a weighted mean of what is known.
type mean struct{ sum, known, all big.Rat }

func (m *mean) add(weight, v *big.Rat) {
	m.all.Add(&m.all, weight)
	if v != nil {
		m.known.Add(&m.known, weight)
		m.sum.Add(&m.sum, new(big.Rat).Mul(weight, v))
	}
}

// value is the mean, nil if less than the minimum share of the weight is known; and that share.
func (m *mean) value(minimum model.Ratio) (value, known *big.Rat) {
	known = new(big.Rat)
	if m.all.Sign() == 0 {
		return nil, known
	}
	known.Quo(&m.known, &m.all)
	if m.known.Sign() == 0 || known.Cmp(rat(minimum)) < 0 {
		return nil, known
	}
	return new(big.Rat).Quo(&m.sum, &m.known), known
}
