package scorecard

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// printed is how many rows of a long list are put on paper.
const printed = 40

// column makes a head; paper is its share of the paper's width, 0 leaves it out there.
func (p *paper) column(vi, en string, width float64) report.Column {
	return report.Column{Title: p.say(vi, en), Paper: width}
}

// summary holds the verdicts. What QoS and QoE will be scored by has its rows here once it exists.
func (p *paper) summary() report.Section {
	t := report.Table{Name: p.say("Kết luận", "Verdicts"), Columns: []report.Column{
		p.column("Chỉ tiêu", "Indicator", 5), p.column("Kết quả", "Result", 2), p.column("Mục tiêu", "Target", 2), p.column("Đánh giá", "Verdict", 2.4),
	}}
	if p.doc.Rank != nil {
		t.Rows = append(t.Rows, p.standing())
	}
	for _, v := range p.doc.Verdicts {
		t.Rows = append(t.Rows, []report.Cell{text(v.ID + " " + p.verdict(v.ID)), share(nil), share(nil), mark(v.Outcome)})
	}
	for _, a := range p.doc.Availability {
		t.Rows = append(t.Rows, []report.Cell{text(p.say("Khả dụng: ", "Availability: ") + p.groupName(&a)), share(a.tested()), share(a.targetValue()), mark(a.Outcome)})
	}
	for _, c := range p.doc.Congestion {
		t.Rows = append(t.Rows, []report.Cell{text(p.say("Tỷ lệ nghẽn: ", "Congested: ") + p.say(c.NameVI, c.NameEN)), share(c.Ratio), share(c.Below), mark(c.Outcome)})
	}
	for _, m := range p.doc.Measured {
		if m.Target != nil {
			t.Rows = append(t.Rows, []report.Cell{text(p.say("Phủ sóng: ", "Coverage: ") + p.term(m.KPI)), share(ratio(kpi.Quo(m.Numerator, m.Denominator))), share(m.Target), mark(m.Outcome)})
		}
	}
	return report.Section{Name: p.say("Tổng hợp", "Summary"), Tables: []report.Table{t}, Notes: []string{p.say(
		"Đánh giá theo phân số chính xác, không theo số đã làm tròn. Thiếu số liệu là không đạt. Tỷ lệ nghẽn phải nhỏ hơn hẳn mục tiêu.",
		"Judged by the exact fraction, never by the rounded number. Missing data is not met. Congestion must be strictly below its target.")}}
}

func (p *paper) verdict(id string) string {
	switch id {
	case "T1":
		return p.say("Mọi hệ thống đạt mục tiêu khả dụng", "Every system reaches its availability target")
	case "T2":
		return p.say("Mọi đơn vị đạt điểm QoS/QoE tối thiểu", "Every unit reaches the least QoS/QoE score")
	case "T3":
		return p.say("Đủ tỷ lệ đơn vị đạt điểm QoS/QoE tốt", "Enough units reach a good QoS/QoE score")
	case "T7":
		return p.say("Phủ sóng vô tuyến đạt mục tiêu", "Radio coverage reaches its targets")
	case "T10":
		return p.say("Giữ an toàn mạng trong các sự kiện quốc gia", "Network kept safe during national events")
	case "T5":
		return p.say("Tốc độ Data 4G tăng so với số gốc", "4G data speed has grown over the baseline")
	}
	return p.say("Tỷ lệ nghẽn truyền tải và băng rộng dưới mục tiêu", "Transport and broadband congestion below target")
}

// tested is the number that the target is held against.
func (a *Availability) tested() *Quotient {
	tests := ""
	if a.Target != nil {
		tests = a.Target.Tests
	}
	switch tests {
	case "gross":
		return a.Gross
	case "weighted":
		return a.Weighted.Net
	case "weighted_gross":
		return a.Weighted.Gross
	}
	return a.Net
}

func (a *Availability) targetValue() *Quotient {
	if a.Target == nil {
		return nil
	}
	return &a.Target.Quotient
}

func (p *paper) groupName(a *Availability) string {
	name := p.say(a.NameVI, a.NameEN)
	if a.Level == "link" {
		return p.say("đường truyền ", "links, ") + name
	}
	return name
}

func (p *paper) availability() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Hệ thống", "System", 3.6), p.column("Khả dụng ròng", "Net", 1.85), p.column("Mục tiêu", "Target", 1.7), p.column("Đánh giá", "Verdict", 2.1),
		p.column("Kể cả bảo trì", "Gross", 1.85), p.column("Cận dưới", "Lower bound", 0), p.column("Cận trên", "Upper bound", 0),
		p.column("Không rõ", "Unknown share", 1.75), p.column("Ròng theo trọng số", "Weighted net", 1.85), p.column("Số thiết bị", "Entities", 1.4),
		p.column("Sự cố", "Outages", 1.4), p.column("Thời gian mất (s)", "Down (s)", 0), p.column("Không rõ (s)", "Unknown (s)", 0),
		p.column("Mất trong bảo trì (s)", "Down, planned (s)", 0), p.column("Loại trừ (s)", "Excluded (s)", 0),
		p.column("Ngân sách còn lại (s)", "Budget left (s)", 0), p.column("MTTR (s)", "MTTR (s)", 0), p.column("Chập chờn", "Flaps", 0),
		p.column("Số liệu", "Data", 0), p.column("Nguồn mục tiêu", "Target's source", 0),
	}}
	for i := range p.doc.Availability {
		t.Rows = append(t.Rows, p.group(&p.doc.Availability[i]))
	}
	tables := []report.Table{t, p.bounds()}
	if len(p.doc.Tagged) > 0 {
		tables = append(tables, p.tagged())
	}
	return report.Section{Name: p.say("Khả dụng", "Availability"), Tables: tables, Chart: &report.Chart{
		Title: p.say("Khả dụng ròng và mục tiêu", "Net availability and target"), Series: []int{1, 2}, Line: true,
	}}
}

// tagged is the availability of tagged devices: shown, without a target.
func (p *paper) tagged() report.Table {
	t := report.Table{Name: p.say("Tập thiết bị được đánh dấu (không có mục tiêu)", "Tagged devices (no target)"), Columns: []report.Column{
		p.column("Tập", "Set", 3.6), p.column("Số thiết bị", "Devices", 1.4), p.column("Khả dụng ròng", "Net", 1.85), p.column("Kể cả bảo trì", "Gross", 1.85), p.column("Cận dưới", "Lower bound", 1.85),
		p.column("Cận trên", "Upper bound", 1.85), p.column("Không rõ", "Unknown share", 1.75), p.column("Sự cố", "Outages", 1.4), p.column("Thời gian mất (s)", "Down (s)", 1.8), p.column("Số liệu", "Data", 2),
	}}
	for i := range p.doc.Tagged {
		a := &p.doc.Tagged[i]
		t.Rows = append(t.Rows, []report.Cell{text(p.groupName(a)), count(a.Entities), share(a.Net), share(a.Gross), share(a.Lo), share(a.Hi), share(a.Unknown), count(a.Outages), lasting(a.Seconds.Down), p.word(a.Status)})
	}
	return t
}

// bounds are how far unknown time could still move each availability.
func (p *paper) bounds() report.Table {
	t := report.Table{Name: p.say("Cận của khả dụng: thời gian không rõ tính là mất, tính là hoạt động", "Bounds of availability: unknown time as down, as up"), Columns: []report.Column{
		p.column("Hệ thống", "System", 3.6), p.column("Cận dưới", "Lower bound", 2), p.column("Cận trên", "Upper bound", 2),
		p.column("Cận dưới theo trọng số", "Weighted lower bound", 2.2), p.column("Cận trên theo trọng số", "Weighted upper bound", 2.2), p.column("Số liệu", "Data", 2.4),
	}}
	for i := range p.doc.Availability {
		a := &p.doc.Availability[i]
		t.Rows = append(t.Rows, []report.Cell{text(p.groupName(a)), share(a.Lo), share(a.Hi), share(a.Weighted.Lo), share(a.Weighted.Hi), p.word(a.Status)})
	}
	return t
}

func (p *paper) group(a *Availability) []report.Cell {
	row := []report.Cell{
		text(p.groupName(a)), share(a.Net), share(a.targetValue()), mark(a.Outcome), share(a.Gross), share(a.Lo), share(a.Hi),
		share(a.Unknown), share(a.Weighted.Net), count(a.Entities), count(a.Outages), lasting(a.Seconds.Down), lasting(a.Seconds.Unknown),
		lasting(a.Seconds.MaintDown), lasting(a.Seconds.Excluded), {Kind: report.Duration}, duration(a.MTTR), count(a.Flaps), p.word(a.Status), {},
	}
	if a.Budget != nil {
		row[15] = duration(a.Budget.Left)
	}
	if a.Target != nil {
		row[19] = text(p.source(a.Target))
	}
	return row
}

// source says where a target is written, and what it tests if that is not the net availability of all alike.
func (p *paper) source(t *Target) string {
	out := t.Source
	switch t.Tests {
	case "gross":
		out += p.say("; kể cả bảo trì", "; gross")
	case "weighted":
		out += p.say("; theo thuê bao", "; by subscribers")
	case "weighted_gross":
		out += p.say("; kể cả bảo trì, theo thuê bao", "; gross, by subscribers")
	}
	return strings.TrimPrefix(out, "; ")
}

// outages are in order of their weight: the longest first.
func (p *paper) outages() report.Section {
	t := report.Table{Paper: printed, Columns: []report.Column{
		p.column("Thiết bị, đường truyền", "Device or link", 3.4), p.column("Hệ thống", "System", 2), p.column("Từ", "From", 2.7), p.column("Đến", "To", 2.7),
		p.column("Trong kỳ", "In period", 1.7), p.column("Bảo trì", "Planned", 1.5), p.column("Đợt bảo trì", "Windows", 1.6), p.column("Tính là sự cố", "Counted", 1.5),
		p.column("Còn kéo dài", "Open", 0), p.column("Đơn vị", "Units", 0),
	}}
	for _, o := range slices.SortedStableFunc(slices.Values(p.doc.Outages), func(a, b Outage) int { return cmp.Compare(b.Seconds, a.Seconds) }) {
		t.Rows = append(t.Rows, []report.Cell{
			text(o.Name), text(o.Key), at(o.From), at(o.To), lasting(o.Seconds), lasting(o.Planned), joined(o.Windows), p.flag(o.Counted),
			p.flag(o.Open), joined(o.Provinces),
		})
	}
	return report.Section{Name: p.say("Sự cố", "Outages"), Tables: []report.Table{t}}
}

func (p *paper) congestion() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Lớp", "Class", 1.6), p.column("Tỷ lệ nghẽn", "Congested", 1.7), p.column("Phải dưới", "Below", 1.6), p.column("Đánh giá", "Verdict", 2),
		p.column("Đánh giá được", "Evaluated", 1.6), p.column("Nghẽn", "Congested links", 1.6), p.column("Chưa đánh giá", "Not evaluated", 1.6),
		p.column("Cận dưới", "Lower bound", 1.7), p.column("Cận trên", "Upper bound", 1.7),
		p.column("Theo dung lượng", "By capacity", 1.7), p.column("Độ phủ", "Coverage", 0), p.column("Số đường", "Links", 0), p.column("Cảnh báo dung lượng", "Capacity warns", 0), p.column("Số liệu", "Data", 0),
	}}
	for _, c := range p.doc.Congestion {
		t.Rows = append(t.Rows, []report.Cell{
			text(p.say(c.NameVI, c.NameEN)), share(c.Ratio), share(c.Below), mark(c.Outcome), count(c.Evaluated), count(c.Congested),
			count(c.NotEvaluated), share(c.Lo), share(c.Hi), share(c.Capacity.Ratio), share(c.Coverage), count(c.Links), p.flag(c.Capacity.Warns), p.word(c.Status),
		})
	}
	return report.Section{Name: p.say("Nghẽn", "Congestion"), Tables: []report.Table{t}, Chart: &report.Chart{
		Title: p.say("Tỷ lệ nghẽn và mục tiêu", "Congested links and target"), Series: []int{1, 2}, Line: true,
	}}
}

func (p *paper) congestedLinks() report.Section {
	t := p.linkTable(p.doc.Congested, false)
	t.Paper = printed
	return report.Section{Name: p.say("Đường nghẽn", "Congested links"), Tables: []report.Table{t}}
}

// linkTable lists links, the busiest first, with the reason where they were not evaluated.
func (p *paper) linkTable(links []Link, reason bool) report.Table {
	t := report.Table{Columns: []report.Column{
		p.column("Đường truyền", "Link", 3), p.column("Lớp", "Class", 1.6), p.column("Thiết bị", "Device", 2.4), p.column("Cổng", "Port", 2),
		p.column("Mbit/s", "Mbit/s", 1.3), p.column("P95", "P95", 1.2), p.column("Độ phủ", "Coverage", 1.75), p.column("Giờ nghẽn", "Congested hours", 1.2),
		p.column("Ngày rớt gói", "Drop days", 1.2), p.column("P95 vào", "P95 in", 0), p.column("P95 ra", "P95 out", 0),
		p.column("Lớn nhất vào", "Max in", 0), p.column("Lớn nhất ra", "Max out", 0), p.column("Giờ bận vào", "Busy hour in", 0),
		p.column("Giờ bận ra", "Busy hour out", 0), p.column("Đơn vị", "Units", 0),
	}}
	if reason {
		t.Columns = append(t.Columns, p.column("Lý do", "Reason", 1.8))
	}
	busiest := func(a, b Link) int { return cmp.Compare(p95(&b), p95(&a)) }
	for _, l := range slices.SortedStableFunc(slices.Values(links), busiest) {
		row := []report.Cell{
			text(l.Link), p.class(l.Class), text(l.Device), text(l.IfName), count(l.CapacityMbps), tenths(l.P95), share(l.Coverage),
			count(l.CongestedHours), count(l.DropDays), tenths(l.In.P95), tenths(l.Out.P95), tenths(l.In.Max), tenths(l.Out.Max),
			hour(l.In.BusyHour), hour(l.Out.BusyHour), joined(l.Provinces),
		}
		if reason {
			row = append(row, p.word(l.Reason))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func p95(l *Link) int32 {
	if l.P95 == nil {
		return -1
	}
	return *l.P95
}

func hour(h *int8) report.Cell {
	if h == nil {
		return report.Cell{Kind: report.Count}
	}
	return count(*h)
}
