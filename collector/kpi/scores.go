package kpi

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// The services of the scores.
const (
	mobileVoice    = "mobile_voice"
	mobileData     = "mobile_data"
	fixedBroadband = "fixed_broadband"
	transport      = "transport"
)

// score makes the cards of the nation and of every unit at the start of the period, when all else is known.
func (r *MonthResult) score(inv *model.Inventory) {
	rules := &inv.Targets.Scores
	if len(rules.Thresholds) == 0 {
		return
	}
	r.Scores = append(r.Scores, score.Evaluate(rules, "", r.values("", inv)))
	for i := range inv.Provinces {
		if p := &inv.Provinces[i]; p.Covers(r.From) {
			r.Scores = append(r.Scores, score.Evaluate(rules, p.Code, r.values(p.Code, inv)))
		}
	}
	r.Units = score.Judge(rules, r.Scores[1:])
}

// values are the KPIs of one unit that the thresholds may name, each computed over the whole unit or, what nothing
// here measures (drive tests, ONT optics, repair times), as it was imported.
func (r *MonthResult) values(unit string, inv *model.Inventory) score.Values {
	v := score.Values{}
	r.radioValues(v, unit)
	r.fixedValues(v, unit, inv)
	for _, class := range []struct {
		class         model.LinkClass
		service, name string
	}{{model.Broadband, fixedBroadband, "congested_pon_and_uplinks"}, {model.Transport, transport, "congested_links"}} {
		for i := range r.Congestion {
			if c := &r.Congestion[i]; c.Province == unit && c.Class == class.class {
				v[score.Name{Service: class.service, KPI: class.name}] = counted(percentOf(c.Ratio), c.Status)
			}
		}
	}
	for i := range r.Samples {
		if k := &r.Samples[i]; k.Province == unit {
			v[score.Name{Service: k.Service, KPI: k.Name}] = score.Value{V: k.Value, Status: k.Status, Samples: k.Samples}
		}
	}
	for i := range r.Measured {
		if m := &r.Measured[i]; m.Province == unit {
			v[score.Name{Service: m.Service, KPI: m.KPI}] = score.Value{V: m.Value, Status: score.Status(m.Status), Samples: m.Den}
		}
	}
	return v
}

// fixedValues are the availability of what fixed broadband depends on, by subscribers, and of the transport
// links, by capacity. Without weights all count alike.
func (r *MonthResult) fixedValues(v score.Values, unit string, inv *model.Inventory) {
	var fixed, links served
	for i := range r.Availability {
		switch a := &r.Availability[i]; {
		case a.Province != unit:
		case a.Level == LevelDevice && inv.Targets.Availability[a.System].FixedBroadband:
			fixed.add(a)
		case a.Level == LevelLink && a.Class == model.Transport:
			links.add(a)
		}
	}
	limit := inv.Targets.MaxUnknownMonth
	fixed.put(v, score.Name{Service: fixedBroadband, KPI: "service_availability"}, limit)
	links.put(v, score.Name{Service: transport, KPI: "system_availability"}, limit)
}

// served adds up groups of entities, whatever their order.
type served struct {
	plain  Sums
	weight WSums
	known  bool
}

func (s *served) add(a *Availability) {
	s.plain.merge(a.Sums)
	s.weight.merge(&a.Weighted)
	s.known = true
}

// put judges all groups together, on the unknown share that weighs as the value does.
func (s *served) put(v score.Values, name score.Name, maxUnknown model.Ratio) {
	if !s.known {
		return
	}
	n, unknown := s.weight.Net(), s.weight.UnknownShare()
	if !unknown.Valid() { // nothing has a weight
		n, unknown = s.plain.Net(), s.plain.UnknownShare()
	}
	status, _ := judge(n, unknown, model.Ratio{}, maxUnknown)
	v[name] = counted(percentOf(n), status)
}

// radioValues pool LTE and NR where a KPI is of both.
func (r *MonthResult) radioValues(v score.Values, unit string) {
	put := func(service, name string, value *big.Rat, status score.Status) {
		if value != nil {
			v[score.Name{Service: service, KPI: name}] = score.Value{V: value, Status: status}
		}
	}
	setup, status := r.Radio.Pool(unit, "voice_setup")
	if setup != nil {
		put(mobileVoice, "call_setup_failure", times(setup.Sub(big.NewRat(1, 1), setup), 100), status)
	}
	drop, status := r.Radio.Pool(unit, "voice_drop")
	put(mobileVoice, "call_drop", times(drop, 100), status)
	access, status := r.Radio.PoolProduct(unit, "rrc_setup", "signalling_setup", "bearer_setup")
	put(mobileData, "erab_drb_accessibility", times(access, 100), status)
	drop, status = r.Radio.Pool(unit, "drop")
	put(mobileData, "abnormal_release", times(drop, 100), status)
	congested, status := r.Radio.CongestedCells(unit)
	put(mobileData, "congested_cells", times(congested, 100), status)
	up, status := r.Radio.Pool(unit, ran.Availability)
	moves, moved := r.Radio.Handover(unit)
	for _, service := range []string{mobileVoice, mobileData} {
		put(service, "cell_availability", times(up, 100), status)
		put(service, "handover_success", times(moves, 100), moved)
	}
	if k := r.Radio.Find(unit, ran.LTE, "busy_throughput_dl"); k != nil {
		put(mobileData, "bh_user_throughput_dl_4g", over(k.Value, 1000), k.Status)
		put(mobileData, "bh_user_throughput_dl", over(k.Value, 1000), k.Status)
	}
	if k := r.Radio.Find(unit, ran.NR, "ue_throughput_dl"); k != nil {
		put(mobileData, "user_throughput_dl_5g", over(k.Value, 1000), k.Status)
	}
}

// counted is a value of this package as the scores take it: one without a target counts all the same.
func counted(v *big.Rat, s Status) score.Value {
	if s == NoTarget {
		s = OK
	}
	return score.Value{V: v, Status: score.Status(s)}
}

func percentOf(n Number) *big.Rat {
	if !n.Valid() {
		return nil
	}
	return n.rat(100)
}

func times(r *big.Rat, n int64) *big.Rat {
	if r == nil {
		return nil
	}
	return new(big.Rat).Mul(r, big.NewRat(n, 1))
}

func over(r *big.Rat, n int64) *big.Rat {
	if r == nil {
		return nil
	}
	return new(big.Rat).Mul(r, big.NewRat(1, n))
}
