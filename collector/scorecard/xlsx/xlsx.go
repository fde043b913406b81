// Package xlsx writes a report as a workbook: a sheet for each section, numbers as numbers and times
// as times, and charts that the spreadsheet draws itself.
package xlsx

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/xuri/excelize/v2"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Render makes the workbook. Long sheets are streamed, so that a nation's lists do not have to fit
// into memory as cells.
func Render(r *report.Report) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close() //nolint:errcheck // only temporary files are left to remove
	out, err := render(f, r)
	if err != nil {
		return nil, fmt.Errorf("xlsx: %s: %w", r.Unit, err)
	}
	return out, nil
}

func render(f *excelize.File, r *report.Report) ([]byte, error) {
	b := book{file: f, report: r}
	if err := b.makeStyles(); err != nil {
		return nil, err
	}
	if err := b.addSheets(); err != nil {
		return nil, err
	}
	for i, s := range r.Sections {
		if err := b.section(i, s); err != nil {
			return nil, fmt.Errorf("sheet %s: %w", s.Name, err)
		}
	}
	if err := b.charts(); err != nil {
		return nil, fmt.Errorf("charts: %w", err)
	}
	title := r.Title + " – " + r.Unit
	props := excelize.DocProperties{Title: title, Creator: "Hải Đăng", Language: r.Lang, Created: "2000-01-01T00:00:00Z", Modified: "2000-01-01T00:00:00Z"}
	if err := f.SetDocProps(&props); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := f.Write(&out); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// book is a workbook under construction.
type book struct {
	file   *excelize.File
	report *report.Report
	styles styles
	drawn  []drawn
}

// drawn is a table that a chart refers to.
type drawn struct {
	sheet string
	table report.Table
	chart *report.Chart
	first int // row of the first values
}

// firstSheet is what a new workbook calls its only sheet.
const firstSheet = "Sheet1"

func (b *book) section(i int, s report.Section) error {
	w, err := b.file.NewStreamWriter(s.Name)
	if err != nil {
		return err
	}
	p := page{book: b, out: w, row: 1}
	if err := p.widths(s); err != nil {
		return err
	}
	p.freeze(header(i, s))
	if i == 0 {
		p.line(report.Cell{Value: b.report.Title}, b.styles.title)
		p.line(report.Cell{Value: b.report.Unit}, b.styles.title)
	}
	for n, t := range s.Tables {
		if t.Name != "" {
			p.line(report.Cell{Value: t.Name}, b.styles.title)
		}
		if n == 0 && drawable(s) {
			b.drawn = append(b.drawn, drawn{s.Name, t, s.Chart, p.row + 1})
		}
		p.table(t)
	}
	p.notes(s.Notes)
	if i == 0 {
		p.facts()
	}
	if p.err != nil {
		return p.err
	}
	return w.Flush()
}

// header is the row of the header of a sheet's first table.
func header(i int, s report.Section) int {
	row := 1
	if i == 0 {
		row += 2 // title and unit
	}
	if len(s.Tables) > 0 && s.Tables[0].Name != "" {
		row++
	}
	return row
}

// addSheets makes all sheets in order, before any is streamed: whatever touches the book as a whole
// afterwards would read the streamed ones back into memory. The charts' one comes second.
func (b *book) addSheets() error {
	for i, s := range b.report.Sections {
		if err := b.addSheet(i, s.Name); err != nil {
			return fmt.Errorf("sheet %s: %w", s.Name, err)
		}
		if err := b.layout(s.Name); err != nil {
			return fmt.Errorf("sheet %s: %w", s.Name, err)
		}
		if i == 0 && b.hasCharts() {
			if err := b.addCharts(); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *book) addCharts() error {
	if err := b.addSheet(1, b.report.Words.Charts); err != nil {
		return err
	}
	return b.layout(b.report.Words.Charts)
}

func (b *book) addSheet(i int, name string) error {
	if i == 0 {
		return b.file.SetSheetName(firstSheet, name)
	}
	_, err := b.file.NewSheet(name)
	return err
}

func drawable(s report.Section) bool {
	return s.Chart != nil && len(s.Tables) > 0 && len(s.Tables[0].Rows) > 0
}

// hasCharts says whether there is anything to draw.
func (b *book) hasCharts() bool {
	return slices.ContainsFunc(b.report.Sections, drawable)
}

// layout prints a sheet on A4 across, as many pages long as it needs and one wide.
func (b *book) layout(sheet string) error {
	fit, paper, landscape, wide, long := true, 9, "landscape", 1, 0
	if err := b.file.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return b.file.SetPageLayout(sheet, &excelize.PageLayoutOptions{Size: &paper, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &long})
}
