package scorecard

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Reports are those of cells, and readings of counters, that could not be counted as they came.
type Reports struct {
	Suspect   int64 `json:"suspect"`          // left out
	Conflicts int64 `json:"conflicts"`        // periods of which two reports said different things: the later one counts
	Unlisted  int   `json:"unlisted_objects"` // that stand in no row of the inventory
	// Counters are readings of link counters that another one of the same instant contradicts: the greater counts.
	Counters int64 `json:"counter_conflicts"`
}

// LateDay is a day of which points came after it was closed and changed it.
type LateDay struct {
	Day       string `json:"day"`
	Revisions int    `json:"revisions"` // how often, over all partitions
}

// reports says what was wrong with the reports of cells and the readings of counters.
func (b *builder) reports() {
	r, counters := &b.result.Radio, int64(0)
	for i := range b.result.Sampled {
		if s := &b.result.Sampled[i]; s.Province == "" {
			counters = s.Conflicts
		}
	}
	if r.Total != nil || counters > 0 {
		b.docs[0].Reports = &Reports{r.Suspect, r.Conflicts, r.Unlisted, counters}
	}
}

// Late adds to the nation's document which days were changed after they were closed. Like what is quoted of earlier
// months it is no part of what two revisions are compared by: what such points changed is.
func Late(docs []*Document, days []LateDay) { docs[0].LateAfterClose = days }

func (s *sheet) data() {
	if r := s.doc.Reports; r != nil {
		s.of("reports", "", "")
		s.count("suspect", r.Suspect)
		s.count("conflicts", r.Conflicts)
		s.count("unlisted_objects", int64(r.Unlisted))
		s.count("counter_conflicts", r.Counters)
	}
	for _, d := range s.doc.LateAfterClose {
		s.of("late_after_close", d.Day, "")
		s.count("revisions", int64(d.Revisions))
	}
}

// data is what came too late or not as it should have.
func (p *paper) data() []report.Table {
	var out []report.Table
	if r := p.doc.Reports; r != nil {
		out = append(out, report.Table{Name: p.say("Bản tin của cell, số đọc bộ đếm", "Reports of cells, readings of counters"), Columns: []report.Column{
			p.column("Nghi ngờ, bị bỏ", "Suspect, left out", 2), p.column("Mâu thuẫn, lấy bản sau", "Conflicting, the later counts", 2), p.column("Đối tượng ngoài danh mục", "Unlisted objects", 2),
			p.column("Số đọc mâu thuẫn, lấy số lớn", "Conflicting readings, the greater counts", 2.4),
		}, Rows: [][]report.Cell{{count(r.Suspect), count(r.Conflicts), count(r.Unlisted), count(r.Counters)}}})
	}
	late := report.Table{Name: p.say("Ngày có số liệu đến sau khi đóng", "Days with data after they were closed"), Columns: []report.Column{
		p.column("Ngày", "Day", 2), p.column("Số lần sửa", "Revisions", 2),
	}}
	for _, d := range p.doc.LateAfterClose {
		late.Rows = append(late.Rows, []report.Cell{text(d.Day), count(d.Revisions)})
	}
	if len(late.Rows) > 0 {
		out = append(out, late)
	}
	return slices.Clip(out)
}
