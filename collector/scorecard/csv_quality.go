package scorecard

import "fmt"

// quality writes the scores, and what cells and probes reported.
func (s *sheet) quality() {
	d := s.doc
	if d.Scores != nil {
		s.of("score", "combined", "")
		s.decimal("score", string(d.Scores.Combined), "", "", "")
		s.score("qos", &d.Scores.QoS)
		s.score("qoe", &d.Scores.QoE)
	}
	for _, k := range d.Radio {
		s.of("radio", k.Technology+":"+k.KPI, "")
		s.number("value", k.Value, k.Unit)
		s.number("lo", k.Lo, k.Unit)
		s.number("hi", k.Hi, k.Unit)
		s.percent("coverage", k.Coverage)
		s.word("status", k.Status)
	}
	for _, k := range d.RadioSpread {
		s.of("radio_spread", k.Technology+":"+k.KPI, "")
		s.number("median", k.Median, k.Unit)
		s.number("p95", k.P95, k.Unit)
		s.count("cells", int64(k.Cells))
		s.count("left_out", int64(k.LeftOut))
		s.percent("coverage", k.Coverage)
		s.word("status", k.Status)
	}
	for _, c := range d.CellCongestion {
		s.of("cell_congestion", c.Technology, "")
		s.count("cells", int64(c.Cells))
		s.count("evaluated", int64(c.Evaluated))
		s.count("congested", int64(c.Congested))
		s.count("not_evaluated", int64(c.NotEvaluated))
		s.percent("ratio", c.Ratio)
		s.percent("lo", c.Lo)
		s.percent("hi", c.Hi)
		s.percent("coverage", c.Coverage)
		s.percent("ratio_by_n_rb", c.Weighted)
	}
	for _, k := range d.Samples {
		s.of("sample", k.Service+":"+k.KPI, "")
		s.number("value", k.Value, k.Unit)
		s.count("samples", k.Samples)
		s.word("status", k.Status)
	}
	for _, g := range d.SpeedGrowth {
		s.of("speed_growth", fmt.Sprintf("like_for_like=%t", g.LikeForLike), "")
		s.percent("growth", g.Growth)
		if g.CounterMap != "" {
			s.text("counter_map", g.CounterMap)
		}
		s.word("status", g.Status)
		s.flag("meets", g.Meets)
	}
}

func (s *sheet) score(kind string, p *Score) {
	s.of("score", kind, "")
	s.decimal("score", string(p.Value), "", "", "")
	s.percent("known_weight", p.Known)
	for _, service := range p.Services {
		s.of("service_score", kind+":"+service.Service, "")
		s.number("score", service.Score, "")
		s.percent("weight", service.Weight)
		s.percent("known_weight", service.Known)
		for _, k := range service.KPIs {
			s.of("kpi_score", kind+":"+service.Service+":"+k.KPI, "")
			s.number("value", k.Value, k.Unit)
			s.number("points", k.Points, "")
			s.percent("weight", k.Weight)
			s.word("status", k.Status)
		}
	}
}

// number prints a value in its own unit.
func (s *sheet) number(measure string, q *Quotient, unit string) {
	if q == nil {
		s.line(measure, "", unit, "", "")
		return
	}
	s.decimal(measure, string(q.Value), unit, q.Num, q.Den)
}
