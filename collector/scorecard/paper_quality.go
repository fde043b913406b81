package scorecard

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

func (p *paper) class(class string) report.Cell {
	return text(p.say(className(model.LinkClass(class))))
}

// quality is what was not seen, or came too late to count.
func (p *paper) quality() report.Section {
	c := p.doc.Coverage
	coverage := report.Table{Name: p.say("Độ phủ số liệu", "Coverage"), Columns: []report.Column{
		p.column("Số liệu", "Data", 5), p.column("Đã thấy", "Seen", 2),
	}, Rows: [][]report.Cell{
		{text(p.say("Trạng thái thiết bị", "State of devices")), share(c.Devices)},
		{text(p.say("Trạng thái đường truyền", "State of links")), share(c.Links)},
		{text(p.say("Lưu lượng đường truyền", "Traffic of links")), share(c.Traffic)},
	}}
	blind := p.linkTable(p.doc.NotEvaluated, true)
	blind.Name, blind.Paper = p.say("Đường truyền chưa đánh giá được", "Links not evaluated"), printed
	s := report.Section{Name: p.say("Chất lượng số liệu", "Data quality"), Tables: []report.Table{coverage, blind, p.lateWindows()}}
	s.Tables = append(append(s.Tables, p.data()...), p.calendar()...)
	if len(p.doc.Unassigned) > 0 {
		s.Tables = append(s.Tables, p.unassigned())
	}
	return s
}

func (p *paper) lateWindows() report.Table {
	t := report.Table{Name: p.say("Đợt bảo trì đăng ký muộn (không được trừ)", "Maintenance registered too late (not subtracted)"), Paper: printed, Columns: []report.Column{
		p.column("Đợt", "Window", 1.3), p.column("Phạm vi", "Scope", 2.2), p.column("Bắt đầu", "Start", 2.5), p.column("Kết thúc", "End", 2.5),
		p.column("Duyệt lúc", "Approved at", 2.5), p.column("Người duyệt", "Approved by", 2), p.column("Lý do", "Reason", 3), p.column("Tạo lúc", "Created at", 0),
	}}
	for _, w := range p.doc.LateWindows {
		t.Rows = append(t.Rows, []report.Cell{text(w.ID), text(w.Scope), at(w.Start), at(w.End), at(w.ApprovedAt), text(w.ApprovedBy), text(w.Reason), at(w.CreatedAt)})
	}
	return t
}

func (p *paper) unassigned() report.Table {
	t := report.Table{Name: p.say("Thiết bị có số liệu nhưng không có trong danh mục", "Devices that report but stand in no inventory"), Columns: []report.Column{
		p.column("Số thiết bị", "Devices", 2), p.column("Khả dụng ròng", "Net", 2), p.column("Thời gian mất (s)", "Down (s)", 2),
	}}
	for _, a := range p.doc.Unassigned {
		t.Rows = append(t.Rows, []report.Cell{count(a.Entities), share(a.Net), lasting(a.Seconds.Down)})
	}
	return t
}

// provinces has a row for each unit: one number for each system and link class, with its outcome.
func (p *paper) provinces() report.Section {
	t := report.Table{Columns: []report.Column{p.column("Mã", "Code", 0.8), p.column("Đơn vị", "Unit", 2.6)}}
	var keys []string
	for _, a := range p.doc.Availability {
		if p.heldByProvinces(a.Level, a.Key) {
			keys = append(keys, a.Level+":"+a.Key)
			t.Columns = append(t.Columns, p.column(a.NameVI, a.NameEN, paperIf(a.Level == "device", 1.8)))
		}
	}
	for _, c := range p.doc.Congestion {
		keys = append(keys, c.Class)
		t.Columns = append(t.Columns, p.column("Nghẽn: "+c.NameVI, "Congested: "+c.NameEN, 1.6))
	}
	for i := range p.doc.Provinces {
		t.Rows = append(t.Rows, p.province(&p.doc.Provinces[i], keys))
	}
	return report.Section{Name: p.say("Các đơn vị", "Units"), Tables: []report.Table{t}}
}

func paperIf(on bool, width float64) float64 {
	if on {
		return width
	}
	return 0
}

// heldByProvinces leaves out national systems, which no unit has.
func (p *paper) heldByProvinces(level, key string) bool {
	return slices.ContainsFunc(p.doc.Provinces, func(r ProvinceRow) bool {
		return slices.ContainsFunc(r.Availability, func(a ProvinceSystem) bool { return a.Level == level && a.Key == key })
	})
}

func (p *paper) province(r *ProvinceRow, keys []string) []report.Cell {
	row := make([]report.Cell, 2, 2+len(keys))
	row[0], row[1] = text(r.Code), text(p.say(r.NameVI, r.NameEN))
	for _, key := range keys {
		cell := report.Cell{Kind: report.Percent}
		for _, a := range r.Availability {
			if a.Level+":"+a.Key == key {
				cell = share(a.Net)
				cell.Mark = a.Outcome
			}
		}
		for _, c := range r.Congestion {
			if c.Class == key {
				cell = share(c.Ratio)
				cell.Mark = c.Outcome
			}
		}
		row = append(row, cell)
	}
	return row
}

// changes lists what is different from the revision before.
func (p *paper) changes() report.Section {
	t := report.Table{Paper: printed, Columns: []report.Column{
		p.column("Ô số liệu", "Cell", 6), p.column("Trước", "Before", 3), p.column("Sau", "After", 3),
	}}
	for _, c := range p.doc.Changes {
		t.Rows = append(t.Rows, []report.Cell{text(c.Cell), text(c.Before), text(c.After)})
	}
	return report.Section{Name: p.say("Thay đổi", "Changes"), Tables: []report.Table{t}}
}
