package bench

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// median of one figure over the runs.
func median[T any](runs []T, of func(T) float64) float64 {
	all := figures(runs, of)
	if len(all) == 0 {
		return math.NaN()
	}
	n := len(all)
	return (all[(n-1)/2] + all[n/2]) / 2
}

// spread is the least and the greatest of them.
func spread[T any](runs []T, of func(T) float64) string {
	all := figures(runs, of)
	if len(all) < 2 {
		return ""
	}
	return brief(all[0]) + "–" + brief(all[len(all)-1])
}

func figures[T any](runs []T, of func(T) float64) []float64 {
	all := make([]float64, 0, len(runs))
	for _, r := range runs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// brief shows three digits that count, and nothing for what was not measured.
func brief(v float64) string {
	switch {
	case v == 0 || math.IsNaN(v):
		return "–"
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v >= 0.1:
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// Write prints the part as a Markdown table.
func (p Part) Write(w io.Writer) error {
	text := fmt.Sprintf("\n### %s\n\n%s", p.Title, p.table())
	for _, note := range p.Notes {
		text += "\n" + note + "\n"
	}
	_, err := io.WriteString(w, text)
	return err
}

func (p Part) table() string {
	lines := [][]string{append([]string{""}, p.Columns...)}
	for _, r := range p.Rows {
		line := []string{strings.Join(strings.Fields(r.Name), " ")}
		for i, v := range r.Values {
			cell := brief(v)
			if i == 0 && r.Spread != "" {
				cell += " (" + r.Spread + ")"
			}
			line = append(line, cell)
		}
		lines = append(lines, line)
	}
	if len(lines) == 1 {
		return ""
	}
	lines = slices.Insert(lines, 1, slices.Repeat([]string{"---"}, len(lines[0])))
	return aligned(lines)
}

func aligned(lines [][]string) string {
	widths := map[int]int{}
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			fmt.Fprintf(&b, "| %-*s ", widths[i], cell)
		}
		b.WriteString("|\n")
	}
	return b.String()
}
