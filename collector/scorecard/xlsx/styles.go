package xlsx

import (
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// styles are the numbers of a workbook's cell formats.
type styles struct {
	title, head, bold int
	text, count, move int
	percent, tenths   int
	places, time      int
	hundredths        int
	met, missed       int
	metShare          int
	missedShare       int
}

const (
	green = "#1B6E3C"
	red   = "#B3261E"
	navy  = "#12355B"
)

// makeStyles registers every format once. The spreadsheet's own language decides on the decimal
// point; the order of a date is the report's.
func (b *book) makeStyles() error {
	s := &b.styles
	date := "dd/mm/yyyy hh:mm:ss"
	if b.report.Lang == "en" {
		date = "yyyy-mm-dd hh:mm:ss"
	}
	bold := func(color string) *excelize.Font { return &excelize.Font{Bold: true, Color: color} }
	for _, one := range []struct {
		id    *int
		style excelize.Style
	}{
		{&s.title, excelize.Style{Font: &excelize.Font{Bold: true, Size: 14, Color: navy}}},
		{&s.head, excelize.Style{Font: bold("#FFFFFF"), Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{navy}},
			Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}}},
		{&s.bold, excelize.Style{Font: bold(navy)}},
		{&s.text, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
		{&s.count, excelize.Style{CustomNumFmt: format("#,##0")}},
		{&s.move, excelize.Style{CustomNumFmt: format("+0;-0;\"=\"")}},
		{&s.percent, excelize.Style{CustomNumFmt: format("0.0000%")}},
		{&s.tenths, excelize.Style{CustomNumFmt: format("0.0%")}},
		{&s.places, excelize.Style{CustomNumFmt: format("#,##0.000")}},
		{&s.hundredths, excelize.Style{CustomNumFmt: format("#,##0.00")}},
		{&s.time, excelize.Style{CustomNumFmt: format(date)}},
		{&s.met, excelize.Style{Font: bold(green)}},
		{&s.missed, excelize.Style{Font: bold(red)}},
		{&s.metShare, excelize.Style{Font: bold(green), CustomNumFmt: format("0.0000%")}},
		{&s.missedShare, excelize.Style{Font: bold(red), CustomNumFmt: format("0.0000%")}},
	} {
		id, err := b.file.NewStyle(&one.style)
		if err != nil {
			return err
		}
		*one.id = id
	}
	return nil
}

func format(f string) *string { return &f }

// of is the format of a cell.
func (s *styles) of(c report.Cell) int {
	switch c.Kind {
	case report.Count:
		return s.count
	case report.Tenths:
		return s.tenths
	case report.Move:
		return s.move
	case report.Decimal:
		return s.decimal(c.Value)
	case report.Time:
		return s.time
	case report.Percent:
		return s.share(c.Mark)
	case report.Mark:
		return s.outcome(c.Value)
	case report.Duration:
		if strings.Contains(c.Value, ".") {
			return s.places
		}
		return s.count
	}
	return s.text
}

// decimal shows the places that the value has: two of points, three of anything else.
func (s *styles) decimal(value string) int {
	if _, after, _ := strings.Cut(value, "."); len(after) == 2 {
		return s.hundredths
	}
	return s.places
}

func (s *styles) share(outcome string) int {
	switch outcome {
	case "met":
		return s.metShare
	case "not_met":
		return s.missedShare
	}
	return s.percent
}

func (s *styles) outcome(outcome string) int {
	switch outcome {
	case "met":
		return s.met
	case "not_met":
		return s.missed
	}
	return s.bold
}
