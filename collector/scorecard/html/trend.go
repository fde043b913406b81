package html

import (
	"fmt"
	"strings"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// The size of a trend's drawing in its own units, and the edge that lines keep from it.
const (
	trendWidth, trendHeight = 240, 60
	trendEdge               = 6
)

// drawing is a trend as the page's template draws it.
type drawing struct {
	Lines         []string // points of polylines
	Dots          []report.Spot
	Limit         float64
	HasLimit      bool
	Low, High     report.Cell
	Width, Height int
}

func draw(t report.Trend) drawing {
	c := t.Curve()
	d := drawing{HasLimit: c.HasLimit, Limit: place(report.Spot{Y: c.Limit}).Y, Low: c.Low, High: c.High, Width: trendWidth, Height: trendHeight}
	for _, run := range c.Runs {
		var line strings.Builder
		for _, s := range run {
			at := place(s)
			d.Dots = append(d.Dots, at)
			fmt.Fprintf(&line, "%.1f,%.1f ", at.X, at.Y)
		}
		d.Lines = append(d.Lines, strings.TrimSpace(line.String()))
	}
	return d
}

func place(s report.Spot) report.Spot {
	return report.Spot{X: s.X * trendWidth, Y: trendEdge + (1-s.Y)*(trendHeight-2*trendEdge)}
}
