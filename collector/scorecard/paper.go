package scorecard

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Report puts the document into words and tables of a language. nation is the national document of
// the same month and revision: it holds the map.
func (d *Document) Report(lang string, nation *Document) (*report.Report, error) {
	w, ok := wordsOf(lang)
	if !ok {
		return nil, fmt.Errorf("scorecard: language %q: want vi or en", lang)
	}
	text, err := d.JSON()
	if err != nil {
		return nil, err
	}
	p := paper{words: w, lang: lang, doc: d}
	r := p.report(sha256.Sum256(text))
	if d.GeneratedFrom.Thresholds != "" {
		r.Facts = append(r.Facts, report.Fact{Name: p.say("Ngưỡng chấm điểm", "Score thresholds"), Value: d.GeneratedFrom.Thresholds})
	}
	if d.GeneratedFrom.Measured != "" {
		r.Facts = append(r.Facts, report.Fact{Name: p.say("Số liệu đo ngoài", "Measured elsewhere"), Value: d.GeneratedFrom.Measured})
	}
	r.Map = p.tileMap(nation)
	r.Sections = []report.Section{p.summary()}
	if len(d.Provinces) > 0 {
		r.Sections = append(r.Sections, p.ranking(), p.provinces())
	}
	r.Sections = append(r.Sections, p.trend(), p.availability(), p.outages(), p.congestion(), p.congestedLinks(), p.quality())
	if len(d.Composites) > 0 {
		r.Sections = slices.Insert(r.Sections, len(r.Sections)-1, p.composites())
	}
	if len(d.Events) > 0 {
		r.Sections = slices.Insert(r.Sections, len(r.Sections)-1, p.events())
	}
	if d.Scores != nil {
		r.Sections = append(r.Sections, p.scores())
		r.Sections = append(r.Sections, p.services()...)
	}
	if len(d.Radio) > 0 || len(d.CellCongestion) > 0 {
		r.Sections = append(r.Sections, p.radio())
	}
	if len(d.Measured) > 0 {
		r.Sections = append(r.Sections, p.measured())
	}
	if len(d.Progress) > 0 {
		r.Sections = append(r.Sections, p.building())
	}
	if d.Revision > 1 {
		r.Sections = append(r.Sections, p.changes())
	}
	normalise(r)
	return r, nil
}

// paper writes one document in one language.
type paper struct {
	words
	lang string
	doc  *Document
}

// say picks the text in the paper's language.
func (p *paper) say(vi, en string) string {
	if p.lang == English {
		return en
	}
	return vi
}

func (p *paper) report(digest [sha256.Size]byte) *report.Report {
	d := p.doc
	return &report.Report{
		Lang:  p.lang,
		Title: p.say("Phiếu điểm chất lượng mạng ", "Network quality scorecard, ") + p.month(),
		Unit:  p.say(d.Scope.NameVI, d.Scope.NameEN),
		Facts: []report.Fact{
			{Name: p.say("Kỳ số liệu", "Period"), Value: p.period()},
			{Name: p.say("Phiên bản", "Revision"), Value: p.revision()},
			{Name: "SHA-256 (JSON)", Value: hex.EncodeToString(digest[:])},
			{Name: p.say("Dữ liệu thiết bị", "Inventory"), Value: d.GeneratedFrom.Inventory},
			{Name: p.say("Bộ mục tiêu", "Targets"), Value: d.GeneratedFrom.Targets},
		},
		Signers: []string{p.say("Người lập", "Prepared by"), p.say("Người kiểm tra", "Checked by"), p.say("Giám đốc", "Director")},
		Words: report.Words{
			Outcomes: p.outcomes,
			Page:     p.say("Trang %d/%d", "Page %d of %d"),
			More:     p.say("In %d trên tổng số %d dòng; đủ cả trong tệp XLSX và CSV.", "%d of %d rows printed; all are in the XLSX and CSV files."),
			Empty:    p.say("Không có", "None"),
			Legend:   p.say("Ô đậm: đơn vị của phiếu này", "Dark tile: the unit of this scorecard"),
			Contents: p.say("Mục lục", "Contents"),
			Sign:     p.say("(ký, ghi rõ họ tên)", "(signature, full name)"),
			Charts:   p.say("Biểu đồ", "Charts"),
		},
	}
}

func (p *paper) month() string {
	t, err := time.Parse("2006-01", p.doc.Month)
	if err != nil {
		return p.doc.Month
	}
	return p.say("tháng "+t.Format("01/2006"), t.Format("January 2006"))
}

func (p *paper) period() string {
	r := report.Report{Lang: p.lang}
	from, until := r.Print(at(p.doc.From)), r.Print(at(p.doc.Until))
	if p.doc.Complete {
		return from + " – " + until
	}
	return from + " – " + until + p.say(" (chưa hết tháng)", " (month not over)")
}

func (p *paper) revision() string {
	if p.doc.Revision == 0 {
		return p.say("bản tạm tính, chưa công bố", "provisional, not published")
	}
	return itoa(int64(p.doc.Revision))
}

// tileMap marks the document's unit, or on the national map how each unit did.
func (p *paper) tileMap(nation *Document) report.Map {
	m := report.Map{Title: p.say("Bản đồ các đơn vị", "Map of units")}
	for i := range nation.Provinces {
		row := &nation.Provinces[i]
		for _, t := range row.Tiles {
			tile := report.Tile{Row: t.Row, Col: t.Col, Code: row.Code, Name: p.say(row.NameVI, row.NameEN), Here: row.Code == p.doc.Scope.Code}
			if t.Name != "" {
				tile.Name, tile.Island = t.Name, true
			}
			if p.doc == nation || p.doc.Scope.Code == Nation {
				tile.Outcome = row.outcome()
			}
			m.Tiles = append(m.Tiles, tile)
		}
	}
	return m
}

// outcome sums up a unit: one miss is a miss, and nothing tested is no target.
func (r *ProvinceRow) outcome() string {
	v := newVerdict("")
	for _, a := range r.Availability {
		v.count(a.Key, a.Outcome)
	}
	for _, c := range r.Congestion {
		v.count(c.Class, c.Outcome)
	}
	if len(v.Failed) == 0 && len(v.Passed) > 0 {
		return Met
	}
	return v.close().Outcome
}

// normalise composes everything that came from the operator's files: fonts have no loose accents.
func normalise(r *report.Report) {
	r.Unit = norm.NFC.String(r.Unit)
	for i := range r.Map.Tiles {
		r.Map.Tiles[i].Name = norm.NFC.String(r.Map.Tiles[i].Name)
	}
	for _, s := range r.Sections {
		for i := range s.Trends {
			s.Trends[i].Title = norm.NFC.String(s.Trends[i].Title)
		}
		for _, t := range s.Tables {
			for _, row := range t.Rows {
				for i := range row {
					row[i].Value = norm.NFC.String(row[i].Value)
				}
			}
		}
	}
}

// The cells.

func text(s string) report.Cell { return report.Cell{Value: s} }

func joined(parts []string) report.Cell { return text(strings.Join(parts, ", ")) }

func count[T int | int8 | int32 | int64](n T) report.Cell {
	return report.Cell{Kind: report.Count, Value: itoa(int64(n))}
}

func at(stamp string) report.Cell { return report.Cell{Kind: report.Time, Value: stamp} }

func mark(outcome string) report.Cell { return report.Cell{Kind: report.Mark, Value: outcome} }

func lasting(n int64) report.Cell { return report.Cell{Kind: report.Duration, Value: itoa(n)} }

func share(q *Quotient) report.Cell { return exact(report.Percent, q) }

func duration(q *Quotient) report.Cell { return exact(report.Duration, q) }

func exact(kind report.Kind, q *Quotient) report.Cell {
	if q == nil {
		return report.Cell{Kind: kind}
	}
	return report.Cell{Kind: kind, Value: string(q.Value)}
}

func tenths(v *int32) report.Cell {
	if v == nil {
		return report.Cell{Kind: report.Tenths}
	}
	return report.Cell{Kind: report.Tenths, Value: itoa(int64(*v))}
}

func (p *paper) flag(v bool) report.Cell {
	if v {
		return text(p.yes)
	}
	return text(p.no)
}

// word is a status or reason in the paper's language.
func (p *paper) word(value string) report.Cell {
	if said, ok := p.outcomes[value]; ok {
		value = said
	}
	return text(value)
}
