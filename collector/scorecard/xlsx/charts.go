package xlsx

import (
	"fmt"
	"math"
	"strconv"

	"github.com/xuri/excelize/v2"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// The size of a chart in pixels, and how many rows of a sheet it covers.
const (
	chartWidth, chartHeight = 900, 360
	chartRows               = 20
)

// charts puts all charts on a sheet of their own: the sheets with the values are streamed and closed.
func (b *book) charts() error {
	name := b.report.Words.Charts
	for i, d := range b.drawn {
		if err := b.chart(name, "A"+strconv.Itoa(1+i*chartRows), d); err != nil {
			return err
		}
	}
	return nil
}

// chart draws the first series as columns and a limit as a line over them, or a course as lines.
func (b *book) chart(sheet, cell string, d drawn) error {
	series := make([]excelize.ChartSeries, len(d.chart.Series))
	for i, column := range d.chart.Series {
		letter, err := excelize.ColumnNumberToName(column + 1)
		if err != nil {
			return err
		}
		last := d.first + len(d.table.Rows) - 1
		series[i] = excelize.ChartSeries{
			Name:       fmt.Sprintf("'%s'!$%s$%d", d.sheet, letter, d.first-1),
			Categories: fmt.Sprintf("'%s'!$A$%d:$A$%d", d.sheet, d.first, last),
			Values:     fmt.Sprintf("'%s'!$%s$%d:$%s$%d", d.sheet, letter, d.first, letter, last),
		}
	}
	low, high := bounds(d)
	dark := excelize.Font{Color: "#404040"}
	c := excelize.Chart{
		Type: excelize.Col, Series: series[:1], Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: d.chart.Title}}},
		Dimension: excelize.ChartDimension{Width: chartWidth, Height: chartHeight}, Legend: excelize.ChartLegend{Position: "bottom"},
		XAxis: excelize.ChartAxis{Font: dark},
		YAxis: excelize.ChartAxis{Minimum: &low, Maximum: high, MajorGridLines: true, Font: dark, NumFmt: excelize.ChartNumFmt{CustomNumFmt: "0.00%"}},
	}
	if !d.chart.Line {
		c.Series = series
		if d.chart.Course {
			c.Type = excelize.Line
		}
		return b.file.AddChart(sheet, cell, &c)
	}
	limit := excelize.Chart{Type: excelize.Line, Series: series[1:], Legend: c.Legend, XAxis: c.XAxis, YAxis: c.YAxis}
	return b.file.AddChart(sheet, cell, &c, &limit)
}

// bounds are where the axis begins and ends: from 0 to where the values end, or, where all are near 1,
// from a little below the least to 1.
func bounds(d drawn) (low float64, high *float64) {
	least := 1.0
	for _, row := range d.table.Rows {
		for _, column := range d.chart.Series {
			if v, err := strconv.ParseFloat(row[column].Value, 64); err == nil && row[column].Kind == report.Percent {
				least = min(least, v)
			}
		}
	}
	if least < 0.5 {
		return 0, nil
	}
	high = new(float64)
	*high = 1
	return math.Floor((least-(1-least)/4-0.0005)*1000) / 1000, high
}
