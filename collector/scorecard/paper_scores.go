package scorecard

import (
	"math/big"
	"slices"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// scores are the points of the services, and what they make of the unit.
func (p *paper) scores() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Điểm", "Score", 1), p.column("Dịch vụ", "Service", 3), p.column("Điểm dịch vụ", "Of the service", 1.6),
		p.column("Trọng số", "Weight", 1.6), p.column("Trọng số có số liệu", "Weight with data", 1.8),
	}}
	s := p.doc.Scores
	for _, part := range s.parts() {
		for _, service := range part.score.Services {
			t.Rows = append(t.Rows, []report.Cell{text(part.name), text(p.term(service.Service)), decimal(service.Score, 2), share(service.Weight), share(service.Known)})
		}
	}
	r := report.Report{Lang: p.lang}
	point := func(v string) string { return r.Print(report.Cell{Kind: report.Decimal, Value: v}) }
	return report.Section{Name: p.say("Điểm QoS và QoE", "QoS and QoE scores"), Tables: []report.Table{t}, Notes: []string{
		"QoS " + point(string(s.QoS.Value)) + ", QoE " + point(string(s.QoE.Value)) + ", " + p.say("chung ", "combined ") + point(string(s.Combined)) + ". " + p.say(
			"Điểm công bố làm tròn hai số lẻ; biết quá ít trọng số thì không có điểm.",
			"Published scores are rounded to two places; with too little weight known there is none.")}}
}

// part is one of the two scores by its name.
type part struct {
	name  string
	score *Score
}

func (s *Scores) parts() []part { return []part{{"QoS", &s.QoS}, {"QoE", &s.QoE}} }

// services has a section for each service of which anything is known: what each KPI earned.
func (p *paper) services() []report.Section {
	var names []string
	for _, part := range p.doc.Scores.parts() {
		for _, service := range part.score.Services {
			if service.known() && !slices.Contains(names, service.Service) {
				names = append(names, service.Service)
			}
		}
	}
	var out []report.Section
	for _, name := range names {
		out = append(out, report.Section{Name: p.term(name), Tables: []report.Table{p.service(name)}})
	}
	return out
}

func (s *ServiceScore) known() bool {
	return slices.ContainsFunc(s.KPIs, func(k KPIScore) bool { return k.Value != nil })
}

func (p *paper) service(name string) report.Table {
	t := report.Table{Columns: []report.Column{
		p.column("Điểm", "Score", 1), p.column("Chỉ tiêu", "KPI", 4), p.column("Giá trị", "Value", 1.8), p.column("Đơn vị", "Unit", 2.6),
		p.column("Điểm chỉ tiêu", "Points", 1.4), p.column("Trọng số", "Weight", 1.6), p.column("Số liệu", "Data", 2), p.column("Số mẫu", "Samples", 0),
	}}
	for _, part := range p.doc.Scores.parts() {
		for _, service := range part.score.Services {
			if service.Service != name {
				continue
			}
			for _, k := range service.KPIs {
				t.Rows = append(t.Rows, []report.Cell{text(part.name), text(p.term(k.KPI)), decimal(k.Value, 3), text(k.Unit), decimal(k.Points, 2), share(k.Weight),
					p.word(k.Status), samples(k.Samples)})
			}
		}
	}
	return t
}

func samples(n int64) report.Cell {
	if n == 0 {
		return report.Cell{Kind: report.Count}
	}
	return count(n)
}

// radio is what the cells of 4G and 5G counted, and which were congested.
func (p *paper) radio() report.Section {
	kpis := report.Table{Columns: []report.Column{
		p.column("Công nghệ", "Technology", 1.2), p.column("Chỉ tiêu", "KPI", 3.4), p.column("Giá trị", "Value", 1.8), p.column("Đơn vị", "Unit", 1.4),
		p.column("Cận dưới", "Lower bound", 1.8), p.column("Cận trên", "Upper bound", 1.8), p.column("Độ phủ", "Coverage", 1.7), p.column("Số liệu", "Data", 2),
	}}
	for _, k := range p.doc.Radio {
		kpis.Rows = append(kpis.Rows, []report.Cell{text(p.term(k.Technology)), text(p.term(k.KPI)), valued(k.Unit, k.Value), text(p.term(k.Unit)),
			valued(k.Unit, k.Lo), valued(k.Unit, k.Hi), share(k.Coverage), p.word(k.Status)})
	}
	cells := report.Table{Name: p.say("Cell nghẽn", "Congested cells"), Columns: []report.Column{
		p.column("Công nghệ", "Technology", 1.4), p.column("Tỷ lệ nghẽn", "Congested", 1.8), p.column("Cận dưới", "Lower bound", 1.6), p.column("Cận trên", "Upper bound", 1.6), p.column("Theo N_RB", "By N_RB", 1.8), p.column("Số cell", "Cells", 1.2),
		p.column("Đánh giá được", "Evaluated", 1.4), p.column("Nghẽn", "Congested cells", 1.2), p.column("Chưa đánh giá", "Not evaluated", 1.4), p.column("Độ phủ", "Coverage", 0),
	}}
	names := report.Table{Name: p.say("Danh sách cell nghẽn", "List of congested cells"), Paper: printed, Columns: []report.Column{
		p.column("Công nghệ", "Technology", 1), p.column("Cell", "Cell", 4)}}
	for _, c := range p.doc.CellCongestion {
		cells.Rows = append(cells.Rows, []report.Cell{text(p.term(c.Technology)), share(c.Ratio), share(c.Lo), share(c.Hi), share(c.Weighted), count(c.Cells), count(c.Evaluated),
			count(c.Congested), count(c.NotEvaluated), share(c.Coverage)})
		for _, name := range c.Names {
			names.Rows = append(names.Rows, []report.Cell{text(p.term(c.Technology)), text(name)})
		}
	}
	tables := []report.Table{kpis, cells, names}
	if len(p.doc.RadioSpread) > 0 {
		tables = slices.Insert(tables, 1, p.spread())
	}
	return report.Section{Name: p.say("Vô tuyến 4G, 5G", "4G and 5G radio"), Tables: tables}
}

// spread is how the cells are spread over what cannot be pooled.
func (p *paper) spread() report.Table {
	t := report.Table{Name: p.say("Phân bố theo cell", "Distribution of cells"), Columns: []report.Column{
		p.column("Công nghệ", "Technology", 1.2), p.column("Chỉ tiêu", "KPI", 3.4), p.column("Trung vị", "Median", 1.6), p.column("P95", "P95", 1.6), p.column("Đơn vị", "Unit", 1.4),
		p.column("Số cell", "Cells", 1.2), p.column("Thiếu số liệu", "Left out", 1.4), p.column("Độ phủ", "Coverage", 1.7), p.column("Số liệu", "Data", 2),
	}}
	for _, k := range p.doc.RadioSpread {
		t.Rows = append(t.Rows, []report.Cell{text(p.term(k.Technology)), text(p.term(k.KPI)), valued(k.Unit, k.Median), valued(k.Unit, k.P95), text(p.term(k.Unit)),
			count(k.Cells), count(k.LeftOut), share(k.Coverage), p.word(k.Status)})
	}
	return t
}

// valued is a ratio as a percentage, and anything else as it is.
func valued(unit string, q *Quotient) report.Cell {
	if unit == "ratio" {
		return share(q)
	}
	return decimal(q, 3)
}

// decimal prints a value with so many places.
func decimal(q *Quotient, places int) report.Cell {
	c := report.Cell{Kind: report.Decimal}
	if q == nil {
		return c
	}
	if v, ok := new(big.Rat).SetString(q.Num + "/" + q.Den); ok {
		c.Value = v.FloatString(places)
	}
	return c
}
