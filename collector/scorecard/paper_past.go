package scorecard

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// course is one measure over the year that ends with the document's month.
type course struct {
	Measure
	title  string
	target *Quotient
	paper  bool // has a column on paper
	before []*Measure
}

// trend is the year: drawn, and as a table with a row for each month.
func (p *paper) trend() report.Section {
	months := p.year()
	s := report.Section{Name: p.say("Diễn biến 12 tháng", "Twelve months"), Chart: &report.Chart{
		Title: p.say("Khả dụng ròng theo tháng", "Net availability by month"), Course: true,
	}}
	t := report.Table{Columns: []report.Column{p.column("Tháng", "Month", 1.3)}}
	courses := p.courses(months)
	for i, c := range courses {
		t.Columns = append(t.Columns, p.column(c.title, c.title, paperIf(c.paper, 1.8)))
		if c.paper {
			s.Trends = append(s.Trends, c.drawn(months))
		}
		if c.paper && c.Name == MeasureAvailability {
			s.Chart.Series = append(s.Chart.Series, i+1)
		}
	}
	for i, month := range months {
		if !p.known(month) {
			continue
		}
		row := []report.Cell{text(monthLabel(month))}
		for _, c := range courses {
			row = append(row, c.cell(i))
		}
		t.Rows = append(t.Rows, row)
	}
	s.Tables = []report.Table{t}
	s.Notes = []string{p.say("Các tháng trước lấy từ phiếu điểm đã công bố; tháng chưa công bố không có trong bảng.",
		"Earlier months are quoted from their published scorecards; a month that was not published is left out.")}
	return s
}

// known says whether anything is there to be told of a month.
func (p *paper) known(month string) bool {
	return month == p.doc.Month || slices.ContainsFunc(p.doc.Past, func(past Past) bool { return past.Month == month })
}

// year are the twelve months that end with the document's, oldest first.
func (p *paper) year() []string {
	months := make([]string, PastMonths+1)
	m, err := model.ParseMonth(p.doc.Month)
	for i := len(months) - 1; i >= 0 && err == nil; i-- {
		months[i] = m.String()
		m = model.MonthOf(m.Start() - 1)
	}
	return months
}

func monthLabel(month string) string {
	t, err := time.Parse("2006-01", month)
	if err != nil {
		return month
	}
	return t.Format("01/2006")
}

// courses follows each of the document's own measures back.
func (p *paper) courses(months []string) []course {
	var out []course
	for _, m := range p.doc.Measures() {
		c := course{Measure: m, before: make([]*Measure, len(months))}
		c.title, c.target, c.paper = p.describe(&m)
		for i := range p.doc.Past {
			if at := slices.Index(months, p.doc.Past[i].Month); at >= 0 {
				c.before[at] = p.doc.Past[i].find(&m)
			}
		}
		c.before[len(months)-1] = &c.Measure
		out = append(out, c)
	}
	return out
}

func (past *Past) find(m *Measure) *Measure {
	for i := range past.Measures {
		if o := &past.Measures[i]; o.Name == m.Name && o.Key == m.Key {
			return o
		}
	}
	return nil
}

// describe is what a measure is called, what it is held against, and whether it has room on paper.
func (p *paper) describe(m *Measure) (title string, target *Quotient, paper bool) {
	for i := range p.doc.Availability {
		if a := &p.doc.Availability[i]; m.Name == MeasureAvailability && m.Key == a.Level+":"+a.Key {
			return p.groupName(a), a.targetValue(), !strings.HasPrefix(m.Key, "link:")
		}
	}
	for _, c := range p.doc.Congestion {
		if m.Name == MeasureCongestion && m.Key == c.Class {
			return p.say("Nghẽn: ", "Congested: ") + p.say(c.NameVI, c.NameEN), c.Below, true
		}
	}
	return m.Key, nil, false
}

func (c *course) cell(i int) report.Cell {
	m := c.before[i]
	if m == nil {
		return report.Cell{Kind: report.Percent}
	}
	cell := share(m.Value)
	cell.Mark = m.Outcome
	return cell
}

func (c *course) drawn(months []string) report.Trend {
	t := report.Trend{Title: c.title, Labels: []string{monthLabel(months[0]), monthLabel(months[len(months)-1])}, Limit: share(c.target)}
	for i := range months {
		t.Points = append(t.Points, c.cell(i))
	}
	return t
}

// ranking lists the units, the best first.
func (p *paper) ranking() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Hạng", "Place", 0.8), p.column("Thay đổi", "Moved", 1), p.column("Mã", "Code", 0.8), p.column("Đơn vị", "Unit", 2.4),
		p.column("Không đạt", "Missed", 1.1), p.column("Chỉ tiêu căng nhất", "Tightest target", 3), p.column("Kết quả", "Result", 1.8),
		p.column("Mục tiêu", "Target", 1.8), p.column("Đã dùng so với cho phép", "Used of what is allowed", 1.9),
	}}
	for _, row := range slices.SortedStableFunc(slices.Values(p.doc.Provinces), byPlace) {
		if row.Rank != nil {
			t.Rows = append(t.Rows, p.placed(&row))
		}
	}
	return report.Section{Name: p.say("Xếp hạng", "Ranking"), Tables: []report.Table{t}, Notes: []string{p.say(
		"Xếp theo số mục tiêu không đạt, rồi theo phần đã dùng của mức cho phép ở chỉ tiêu căng nhất: thời gian mất cho phép, hoặc tỷ lệ nghẽn cho phép.",
		"Ordered by missed targets, then by the share used of what the tightest target allows: down time, or congested links.")}}
}

func byPlace(a, b ProvinceRow) int {
	if a.Rank == nil || b.Rank == nil {
		return 0
	}
	return cmp.Compare(a.Rank.Place, b.Rank.Place)
}

func (p *paper) placed(row *ProvinceRow) []report.Cell {
	r := row.Rank
	cells := []report.Cell{count(r.Place), {Kind: report.Move}, text(row.Code), text(p.say(row.NameVI, row.NameEN)), count(r.Missed),
		{}, share(nil), share(nil), share(nil)}
	if n, ok := r.moved(); ok {
		cells[1].Value = itoa(int64(n))
	}
	if t := r.Tightest; t != nil {
		title, _, _ := p.describe(&Measure{Name: t.Measure, Key: t.Key})
		cells[5], cells[6], cells[7], cells[8] = text(title), share(t.Value), share(t.Target), share(t.Used)
	}
	return cells
}

// standing is the line of the summary that says where the unit is among the others.
func (p *paper) standing() []report.Cell {
	r := p.doc.Rank
	name := p.say("Xếp hạng trên ", "Place among ") + itoa(int64(r.Of)) + p.say(" đơn vị", " units")
	if r.Before > 0 {
		name += p.say(" (tháng trước: ", " (month before: ") + itoa(int64(r.Before)) + ")"
	}
	return []report.Cell{text(name), count(r.Place), share(nil), mark("")}
}
