package scorecard

import (
	"math/big"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// scores are the points of each KPI and what they make of the services and the unit.
func (p *paper) scores() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Điểm", "Score", 1), p.column("Dịch vụ", "Service", 2.4), p.column("Điểm dịch vụ", "Of the service", 1.6), p.column("Chỉ tiêu", "KPI", 3.4),
		p.column("Giá trị", "Value", 1.8), p.column("Đơn vị", "Unit", 1.6), p.column("Điểm", "Points", 1.2), p.column("Số liệu", "Data", 2),
	}}
	s := p.doc.Scores
	for _, part := range []struct {
		name  string
		score *Score
	}{{"QoS", &s.QoS}, {"QoE", &s.QoE}} {
		for _, service := range part.score.Services {
			for _, k := range service.KPIs {
				t.Rows = append(t.Rows, []report.Cell{text(part.name), text(service.Service), text(places(service.Score, 2)), text(k.KPI),
					text(places(k.Value, 3)), text(k.Unit), text(places(k.Points, 2)), text(p.outcomes[k.Status])})
			}
		}
	}
	return report.Section{Name: p.say("Điểm QoS và QoE", "QoS and QoE scores"), Tables: []report.Table{t}, Notes: []string{
		"QoS " + orDash(string(s.QoS.Value)) + ", QoE " + orDash(string(s.QoE.Value)) + ", " + p.say("chung ", "combined ") + orDash(string(s.Combined)) + ". " + p.say(
			"Điểm công bố làm tròn hai số lẻ; biết quá ít trọng số thì không có điểm.",
			"Published scores are rounded to two places; with too little weight known there is none.")}}
}

// places prints a value with so many decimals.
func places(q *Quotient, n int) string {
	if q == nil {
		return "–"
	}
	v, ok := new(big.Rat).SetString(q.Num + "/" + q.Den)
	if !ok {
		return string(q.Value)
	}
	return v.FloatString(n)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}
