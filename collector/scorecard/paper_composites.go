package scorecard

import "github.com/haidang-noc/haidang/collector/scorecard/report"

// composites are the systems with redundancy, and what cables would carry without the largest.
func (p *paper) composites() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Hệ thống", "System", 2.3), p.column("Quy tắc", "Rule", 1.7), p.column("Khả dụng ròng", "Net", 1.75), p.column("Khả dụng gộp", "Gross", 1.75),
		p.column("Cận dưới", "Lower bound", 1.75), p.column("Cận trên", "Upper bound", 1.75), p.column("Không rõ", "Unknown share", 0), p.column("Số liệu", "Data", 0),
		p.column("Gián đoạn (s)", "Down (s)", 1.5), p.column("Mất dự phòng (s)", "Unprotected (s)", 1.6), p.column("Mục tiêu", "Target", 1.9), p.column("Đánh giá", "Verdict", 2.1),
	}}
	load := report.Table{Name: p.say("Tải đỉnh và tải khi mất cáp lớn nhất", "Peak, and peak without the largest member"), Columns: []report.Column{
		p.column("Hệ thống", "System", 3.4), p.column("Chiều", "Direction", 1.2), p.column("Lúc", "At", 2.5), p.column("Tải đỉnh", "Peak", 1.6), p.column("Khi mất một", "Without one", 1.6),
		p.column("Độ phủ", "Coverage", 1.4), p.column("Số liệu", "Data", 2), p.column("Nghẽn", "Congested", 0),
	}}
	for i := range p.doc.Composites {
		c := &p.doc.Composites[i]
		a := &c.Availability
		name := text(p.say(a.NameVI, a.NameEN))
		t.Rows = append(t.Rows, []report.Cell{name, text(c.Rule), share(a.Net), share(a.Gross), share(a.Lo), share(a.Hi), share(a.Unknown), p.word(a.Status), lasting(a.Seconds.Down), lasting(c.Degraded), share(a.targetValue()), mark(a.Outcome)})
		if c.Peak != nil {
			load.Rows = append(load.Rows,
				[]report.Cell{name, text(p.say("vào", "in")), at(c.Peak.In.At), share(c.Peak.In.Utilisation), share(c.Peak.In.WithoutOne), share(c.Peak.Coverage), p.word(c.Peak.Status), p.flag(c.Peak.Congested)},
				[]report.Cell{name, text(p.say("ra", "out")), at(c.Peak.Out.At), share(c.Peak.Out.Utilisation), share(c.Peak.Out.WithoutOne), share(c.Peak.Coverage), p.word(c.Peak.Status), p.flag(c.Peak.Congested)})
		}
	}
	s := report.Section{Name: p.say("Hệ thống có dự phòng", "Systems with redundancy"), Tables: []report.Table{t}}
	if len(load.Rows) > 0 {
		s.Tables = append(s.Tables, load)
	}
	return s
}

// calendar are the national events of the month, and the windows that a change freeze made void.
func (p *paper) calendar() []report.Table {
	var out []report.Table
	events := report.Table{Name: p.say("Sự kiện trong tháng", "Events of the month"), Columns: []report.Column{
		p.column("Sự kiện", "Event", 5), p.column("Từ", "From", 2.5), p.column("Đến", "To", 2.5), p.column("Cấm thay đổi", "Change freeze", 1.6),
	}}
	for _, n := range p.doc.Notes {
		frozen := p.no
		if n.Frozen {
			frozen = p.yes
		}
		events.Rows = append(events.Rows, []report.Cell{text(p.say(n.NoteVI, n.NoteEN)), at(n.Start), at(n.End), text(frozen)})
	}
	void := report.Table{Name: p.say("Bảo trì không được trừ vì cấm thay đổi", "Maintenance not subtracted because of a change freeze"), Paper: printed, Columns: []report.Column{
		p.column("Đợt", "Window", 1.6), p.column("Phạm vi", "Scope", 2.4), p.column("Từ", "From", 2.5), p.column("Đến", "To", 2.5), p.column("Sự kiện", "Event", 2),
	}}
	for _, w := range p.doc.FrozenWindows {
		void.Rows = append(void.Rows, []report.Cell{text(w.ID), text(w.Scope), at(w.Start), at(w.End), text(w.Freeze)})
	}
	for _, t := range []report.Table{events, void} {
		if len(t.Rows) > 0 {
			out = append(out, t)
		}
	}
	return out
}
