package pdf

import (
	"fmt"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

const (
	bodySize   = 7.8
	lineHeight = 10.0
	cellPad    = 3.0
	markSize   = 6.5
)

// grid is a table on its way to paper.
type grid struct {
	*paper
	columns []int // those that are printed
	x, w    []float64
	head    [][]string // lines of the header's cells
	table   report.Table
}

func (p *paper) grid(t report.Table) *grid {
	g := &grid{paper: p, table: t}
	total := 0.0
	for _, c := range t.Columns {
		total += c.Paper
	}
	x := left
	for i, c := range t.Columns {
		if c.Paper == 0 {
			continue
		}
		w := c.Paper / total * p.width
		g.columns, g.x, g.w = append(g.columns, i), append(g.x, x), append(g.w, w)
		x += w
	}
	p.use(bold, bodySize, black)
	for i, column := range g.columns {
		g.head = append(g.head, p.wrap(t.Columns[column].Title, g.w[i]-2*cellPad))
	}
	return g
}

// least is the height that a table's title, header and first row take: they stay together.
func (p *paper) least(t report.Table) float64 {
	return headingHeight + height(p.grid(t).head) + 4*lineHeight
}

// table prints the table under its name. A row that would cross the page's end begins the next one,
// under a header of its own.
func (p *paper) table(name string, t report.Table) {
	g := p.grid(t)
	p.need(p.least(t))
	if name != "" {
		p.use(bold, 9.5, navy)
		p.write(left, name)
		p.y += 15
	}
	g.header()
	rows := t.Rows
	if t.Paper > 0 && len(rows) > t.Paper {
		rows = rows[:t.Paper]
	}
	for i, row := range rows {
		g.row(row, i%2 == 1)
	}
	switch {
	case len(t.Rows) == 0:
		p.y += 2
		p.paragraph(p.report.Words.Empty)
	case len(rows) < len(t.Rows):
		p.y += 2
		p.paragraph(fmt.Sprintf(p.report.Words.More, len(rows), len(t.Rows)))
	}
	p.y += 8
}

func height(cells [][]string) float64 {
	lines := 1
	for _, c := range cells {
		lines = max(lines, len(c))
	}
	return float64(lines)*lineHeight + 2*cellPad
}

func (g *grid) header() {
	h := height(g.head)
	navy(g.paper)
	g.area(left, g.y, g.width, h)
	g.use(bold, bodySize, white)
	for i, lines := range g.head {
		g.lines(lines, i, g.right(i))
	}
	g.y += h
}

// right says that a column is printed flush right: numbers, under heads that are so too.
func (g *grid) right(i int) bool {
	if len(g.table.Rows) == 0 {
		return false
	}
	switch g.table.Rows[0][g.columns[i]].Kind {
	case report.Text, report.Mark, report.Time:
		return false
	}
	return true
}

// row prints one row. What is higher than a page goes on in a further row of the next one.
func (g *grid) row(row []report.Cell, shaded bool) {
	g.use(regular, bodySize, black)
	cells := make([][]string, len(g.columns))
	for i, column := range g.columns {
		cells[i] = g.wrap(g.report.Print(row[column]), g.w[i]-2*cellPad-g.room(row[column]))
	}
	g.fit(height(cells))
	for {
		first, rest := split(cells, int((bottom-g.y-2*cellPad)/lineHeight))
		g.part(row, first, shaded)
		if rest == nil {
			return
		}
		g.fit(bottom)
		cells = rest
	}
}

// room is what a mark takes of a cell.
func (g *grid) room(c report.Cell) float64 {
	if c.Mark != "" || c.Kind == report.Mark {
		return markSize + 2
	}
	return 0
}

// fit begins a new page with a header if less than h is left, unless this page is still empty.
func (g *grid) fit(h float64) {
	if g.y+h <= bottom || g.y <= top+height(g.head)+1 {
		return
	}
	g.newPage()
	g.header()
}

// split cuts cells after n lines; rest is nil if nothing is left.
func split(cells [][]string, n int) (first, rest [][]string) {
	for i, c := range cells {
		if len(c) <= n {
			first = append(first, c)
			continue
		}
		if rest == nil {
			rest = make([][]string, len(cells))
		}
		first, rest[i] = append(first, c[:n]), c[n:]
	}
	return first, rest
}

func (g *grid) part(row []report.Cell, cells [][]string, shaded bool) {
	h := height(cells)
	if shaded {
		g.ink(color{242, 245, 249})
		g.area(left, g.y, g.width, h)
	}
	for i, column := range g.columns {
		c := row[column]
		outcome := c.Mark
		g.use(regular, bodySize, black)
		if c.Kind == report.Mark {
			outcome = c.Value
			g.use(bold, bodySize, outcomeInk(outcome))
		}
		x := g.x[i] + cellPad
		if g.right(i) { // beside its number
			x = g.x[i] + g.w[i] - cellPad - g.measure(cells[i][0]) - markSize - 2
		}
		g.lines(cells[i], i, g.right(i))
		outcomeInk(outcome)(g.paper)
		g.mark(outcome, x, g.y+cellPad+1.5, markSize)
	}
	g.y += h
	g.ink(color{205, 212, 220})
	g.out.SetLineWidth(0.4)
	g.out.Line(left, g.y, left+g.width, g.y)
}

// lines writes the lines of column i, whose font is set.
func (g *grid) lines(lines []string, i int, right bool) {
	y := g.y
	indent := 0.0
	if len(g.table.Rows) > 0 && g.table.Rows[0][g.columns[i]].Kind == report.Mark {
		indent = g.room(g.table.Rows[0][g.columns[i]])
	}
	for k, line := range lines {
		g.y = y + cellPad + float64(k)*lineHeight
		x := g.x[i] + cellPad + indent
		if right {
			x = g.x[i] + g.w[i] - cellPad - g.measure(line)
		}
		g.write(x, line)
	}
	g.y = y
}
