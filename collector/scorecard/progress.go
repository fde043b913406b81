package scorecard

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Progress is how far one line of the year's plan is built.
type Progress struct {
	ID      string    `json:"id"`
	NameVI  string    `json:"name_vi"`
	NameEN  string    `json:"name_en"`
	Unit    string    `json:"unit"`
	Start   *int64    `json:"start"` // at the year's start; null: nobody knows
	Now     int64     `json:"now"`   // at the period's end
	Planned int64     `json:"planned"`
	Share   *Quotient `json:"progress"` // of planned
	Status  string    `json:"status"`   // ok or no_baseline
}

// progress puts the year's plan into the nation's document.
func (b *builder) progress() {
	for _, p := range kpi.ProgressOf(b.inv, b.result.End-1) {
		g := p.Goal
		one := Progress{g.ID, g.NameVI, g.NameEN, g.Unit, nil, p.Now, g.Planned, ratio(p.Ratio), string(p.Status)}
		if p.Status == kpi.OK {
			one.Start = &p.Start
		}
		b.docs[0].Progress = append(b.docs[0].Progress, one)
	}
}

func (s *sheet) progress() {
	for _, p := range s.doc.Progress {
		s.of("progress", p.ID, s.say(p.NameVI, p.NameEN))
		if p.Start != nil {
			s.unit("start", *p.Start, p.Unit)
		}
		s.unit("now", p.Now, p.Unit)
		s.unit("planned", p.Planned, p.Unit)
		s.percent("progress", p.Share)
		s.word("status", p.Status)
	}
}

// building is the year's plan on paper.
func (p *paper) building() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Hạng mục", "Item", 4), p.column("Đơn vị", "Unit", 1.2), p.column("Đầu năm", "Year's start", 1.8), p.column("Hiện nay", "Now", 1.8),
		p.column("Kế hoạch tăng", "Planned", 1.8), p.column("Tiến độ", "Progress", 1.6),
	}}
	for _, g := range p.doc.Progress {
		start := text(p.say("chưa rõ", "unknown"))
		if g.Start != nil {
			start = count(*g.Start)
		}
		t.Rows = append(t.Rows, []report.Cell{text(p.say(g.NameVI, g.NameEN)), text(g.Unit), start, count(g.Now), count(g.Planned), share(g.Share)})
	}
	return report.Section{Name: p.say("Tiến độ xây dựng trong năm", "Built of the year's plan"), Tables: []report.Table{t}}
}
