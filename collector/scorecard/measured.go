package scorecard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Measured is a KPI that others measured: of the scores, or of radio coverage.
type Measured struct {
	Service     string    `json:"service"`
	KPI         string    `json:"kpi"`
	Unit        string    `json:"unit"`
	Numerator   int64     `json:"numerator"`
	Denominator int64     `json:"denominator"`
	Status      string    `json:"status"`
	Value       *Quotient `json:"value"`
	Target      *Quotient `json:"target"` // of coverage; null: there is none
	Outcome     string    `json:"outcome"`
	Sources     []string  `json:"sources"` // who measured it, in the order of the file
}

// measured puts what was imported into the document of its unit.
func (b *builder) measured() {
	for i := range b.result.Measured {
		m := &b.result.Measured[i]
		if d := b.scope(m.Province); d != nil {
			d.Measured = append(d.Measured, measuredOf(m))
		}
	}
}

func measuredOf(m *kpi.Measured) Measured {
	one := Measured{Service: m.Service, KPI: m.KPI, Unit: m.Unit, Numerator: m.Num, Denominator: m.Den, Status: string(m.Status), Value: rational(m.Value),
		Outcome: outcome(m.Target, m.Meets), Sources: []string{}}
	if m.Target.Den != 0 {
		one.Target = fraction(m.Target)
	}
	for _, row := range m.Rows {
		if !slices.Contains(one.Sources, row.Source) {
			one.Sources = append(one.Sources, row.Source)
		}
	}
	return one
}

// coverageVerdict is T7: every target of radio coverage is met. There is none without such a target. has says of which
// units there are documents.
func coverageVerdict(all []kpi.Measured, has func(province string) bool) []Verdict {
	v := newVerdict("T7")
	for i := range all {
		if m := &all[i]; m.Target.Den != 0 && has(m.Province) {
			v.count(cmp.Or(m.Province, Nation)+":"+m.KPI, outcome(m.Target, m.Meets))
		}
	}
	if len(v.Passed)+len(v.Failed) == 0 {
		return nil
	}
	return []Verdict{v.close()}
}

func (s *sheet) measured() {
	for _, m := range s.doc.Measured {
		s.of("measured", m.Service+":"+m.KPI, "")
		s.number("value", m.Value, m.Unit)
		s.count("numerator", m.Numerator)
		s.count("denominator", m.Denominator)
		s.word("status", m.Status)
		if m.Service == model.Coverage {
			s.percent("target", m.Target)
			s.word("outcome", m.Outcome)
		}
		s.text("sources", strings.Join(m.Sources, "; "))
	}
}

// measured is what others measured, radio coverage with its targets apart.
func (p *paper) measured() report.Section {
	columns := []report.Column{p.column("Chỉ tiêu", "KPI", 2.4), p.column("Giá trị", "Value", 1.4), p.column("Đơn vị", "Unit", 1.6), p.column("Tử số", "Numerator", 2),
		p.column("Mẫu số", "Denominator", 2), p.column("Số liệu", "Data", 1.8), p.column("Nguồn", "Source", 3.4)}
	scored := report.Table{Name: p.say("Chỉ tiêu chấm điểm", "KPIs of the scores"), Columns: slices.Insert(slices.Clone(columns), 0, p.column("Dịch vụ", "Service", 2))}
	coverage := report.Table{Name: p.say("Phủ sóng vô tuyến", "Radio coverage"), Columns: append(columns, p.column("Mục tiêu", "Target", 1.8), p.column("Đánh giá", "Verdict", 1.8))}
	for _, m := range p.doc.Measured {
		row := []report.Cell{text(p.term(m.KPI)), decimal(m.Value, 3), text(m.Unit), count(m.Numerator), count(m.Denominator), p.word(m.Status), text(strings.Join(m.Sources, "; "))}
		if m.Service == model.Coverage {
			coverage.Rows = append(coverage.Rows, append(row, share(m.Target), mark(m.Outcome)))
		} else {
			scored.Rows = append(scored.Rows, slices.Insert(row, 0, text(p.term(m.Service))))
		}
	}
	s := report.Section{Name: p.say("Số liệu đo ngoài hệ thống", "Measured elsewhere")}
	for _, t := range []report.Table{scored, coverage} {
		if len(t.Rows) > 0 {
			s.Tables = append(s.Tables, t)
		}
	}
	return s
}
