// Package html writes a report as one page that needs nothing else: no script, no font, no picture
// from elsewhere. It reads well with a screen reader and prints well.
package html

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

//go:embed page.html
var pageHTML string //nolint:gochecknoglobals // embedded

// tileSize is the step of the map's grid in the picture's own units.
const tileSize = 26

// Render makes the page.
func Render(r *report.Report) ([]byte, error) {
	t, err := template.New("page").Funcs(template.FuncMap{
		"print":   r.Print,
		"numeric": numeric,
		"outcome": outcome,
		"times":   func(n int) int { return n * tileSize },
		"draw":    draw,
	}).Parse(pageHTML)
	if err != nil {
		return nil, fmt.Errorf("html: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, page{r, extent(r.Map)}); err != nil {
		return nil, fmt.Errorf("html: %s: %w", r.Unit, err)
	}
	return out.Bytes(), nil
}

type page struct {
	*report.Report
	Size size
}

type size struct{ Width, Height int }

// extent is the size of the map's picture, with room for the name of an archipelago at its edge.
func extent(m report.Map) size {
	s := size{}
	for _, t := range m.Tiles {
		s.Width, s.Height = max(s.Width, (t.Col+1)*tileSize), max(s.Height, (t.Row+1)*tileSize)
	}
	return size{s.Width + 40, s.Height + 14}
}

func numeric(c report.Cell) bool {
	switch c.Kind {
	case report.Count, report.Decimal, report.Percent, report.Tenths, report.Duration, report.Move:
		return true
	}
	return false
}

// outcome is what a cell says about a target, if anything.
func outcome(c report.Cell) string {
	if c.Kind == report.Mark {
		return c.Value
	}
	return c.Mark
}
