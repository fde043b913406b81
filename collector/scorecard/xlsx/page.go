package xlsx

import (
	"fmt"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// page writes one sheet from top to bottom. The first error stays and stops the rest.
type page struct {
	*book
	out *excelize.StreamWriter
	row int // next one
	err error
}

func (p *page) set(values ...any) {
	if p.err == nil {
		p.err = p.out.SetRow("A"+strconv.Itoa(p.row), values)
	}
	p.row++
}

func (p *page) line(c report.Cell, style int) {
	p.set(excelize.Cell{StyleID: style, Value: c.Value})
}

// freeze keeps everything down to the given row, and the first column, in view.
func (p *page) freeze(header int) {
	p.err = p.out.SetPanes(&excelize.Panes{
		Freeze: true, XSplit: 1, YSplit: header, TopLeftCell: fmt.Sprintf("B%d", header+1), ActivePane: "bottomRight",
	})
}

func (p *page) table(t report.Table) {
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		head[i] = excelize.Cell{StyleID: p.styles.head, Value: c.Title}
	}
	p.set(head...)
	values := make([]any, len(t.Columns))
	for _, row := range t.Rows {
		for i, c := range row {
			values[i] = p.value(c)
		}
		p.set(values...)
	}
	if len(t.Rows) == 0 {
		p.set(p.report.Words.Empty)
	}
	p.row++
}

func (p *page) notes(notes []string) {
	for _, note := range notes {
		p.set(note)
	}
	if len(notes) > 0 {
		p.row++
	}
}

func (p *page) facts() {
	for _, f := range p.report.Facts {
		p.set(excelize.Cell{StyleID: p.styles.bold, Value: f.Name}, f.Value)
	}
}

// value is a cell as the spreadsheet holds it. No value is an empty cell, never 0.
func (p *page) value(c report.Cell) any {
	if c.Value == "" {
		return nil
	}
	style := p.styles.of(c)
	switch c.Kind {
	case report.Time:
		t, err := time.Parse(time.RFC3339, c.Value)
		if err != nil {
			return c.Value
		}
		// A spreadsheet knows no time zone: what it shows is local time.
		return excelize.Cell{StyleID: style, Value: time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)}
	case report.Mark:
		return excelize.Cell{StyleID: style, Value: p.report.Words.Outcomes[c.Value]}
	case report.Text:
		return excelize.Cell{StyleID: style, Value: c.Value}
	case report.Tenths:
		n, err := strconv.ParseInt(c.Value, 10, 64)
		if err != nil {
			return c.Value
		}
		return excelize.Cell{StyleID: style, Value: float64(n) / 1000}
	}
	n, err := strconv.ParseFloat(c.Value, 64)
	if err != nil {
		return c.Value
	}
	return excelize.Cell{StyleID: style, Value: n}
}

// widest is the width of a column in characters that is not exceeded.
const widest = 48

// widths measures the first rows of each column; a spreadsheet has no automatic width in its file.
func (p *page) widths(s report.Section) error {
	var widths []int
	grow := func(i int, text string) {
		for len(widths) <= i {
			widths = append(widths, 11)
		}
		widths[i] = min(max(widths[i], utf8.RuneCountInString(text)+2), widest)
	}
	for _, t := range s.Tables {
		for _, row := range t.Rows[:min(len(t.Rows), 200)] {
			for i, c := range row {
				grow(i, p.report.Print(c))
			}
		}
		for i := range t.Columns {
			grow(i, "")
		}
	}
	for i, w := range widths {
		if err := p.out.SetColWidth(i+1, i+1, float64(w)); err != nil {
			return err
		}
	}
	return nil
}
