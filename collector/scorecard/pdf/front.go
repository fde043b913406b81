package pdf

import (
	"fmt"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// front is the first page: what this is, the verdicts, and the map beside them.
func (p *paper) front() {
	r := p.report
	p.use(bold, 20, navy)
	p.write(left, r.Unit)
	p.y += 27
	p.use(bold, 12, black)
	p.write(left, r.Title)
	p.y += 17
	p.use(regular, 8.5, black)
	for _, f := range r.Facts[:2] {
		p.write(left, f.Name+": "+f.Value)
		p.y += 12
	}
	p.y += 10
	edge := p.tiles(left+textWidth, p.y)
	end := p.y + edge.height
	if len(r.Sections[0].Tables) > 0 {
		p.width = textWidth - edge.width - 18
		for _, t := range r.Sections[0].Tables {
			p.table(t.Name, t)
		}
		for _, note := range r.Sections[0].Notes {
			p.paragraph(note)
		}
	}
	p.width = textWidth
	if p.pages == 1 {
		p.y = max(p.y, end) + 8
	}
	p.use(regular, 7.5, grey)
	for _, f := range r.Facts[2:] {
		p.need(11)
		p.write(left, f.Name+": "+f.Value)
		p.y += 11
	}
	p.y += 8
}

type extent struct{ width, height float64 }

// tileSize is the step of the map's grid.
const tileSize = 15.5

// tiles draws the map flush right from y on: an archipelago's tile has its name beneath.
func (p *paper) tiles(right, y float64) extent {
	m := p.report.Map
	rows, columns := 0, 0
	for _, t := range m.Tiles {
		rows, columns = max(rows, t.Row+1), max(columns, t.Col+1)
	}
	if rows == 0 {
		return extent{}
	}
	e := extent{width: float64(columns)*tileSize + 22, height: float64(rows)*tileSize + 52}
	x := right - e.width
	saved := p.y
	p.y = y
	p.use(bold, 9.5, navy)
	p.write(x, m.Title)
	for _, t := range m.Tiles {
		p.tile(t, x+float64(t.Col)*tileSize, y+17+float64(t.Row)*tileSize)
	}
	p.legend(x, y+19+float64(rows)*tileSize)
	p.y = saved
	return e
}

func (p *paper) tile(t report.Tile, x, y float64) {
	p.ground(t)
	p.area(x, y, tileSize-1.5, tileSize-1.5)
	text := black
	if t.Here {
		text = white
	}
	if t.Outcome != "" {
		outcomeInk(t.Outcome)(p)
		p.mark(t.Outcome, x+8.2, y+7.8, 4.6)
	}
	p.use(bold, 5.6, text)
	p.y = y + 1.2
	p.write(x+1.5, t.Code)
	if t.Island {
		p.use(bold, 5.6, black)
		p.y = y + tileSize - 0.5
		p.write(x-8, t.Name)
	}
}

// ground colours a tile: the unit itself dark, a judged one by how it did.
func (p *paper) ground(t report.Tile) {
	switch {
	case t.Here:
		navy(p)
	case t.Outcome == "met":
		p.ink(color{205, 232, 214})
	case t.Outcome == "not_met":
		p.ink(color{247, 210, 205})
	default:
		p.ink(color{221, 227, 234})
	}
}

func (p *paper) legend(x, y float64) {
	p.y = y + 3
	judged := false
	for _, t := range p.report.Map.Tiles {
		judged = judged || t.Outcome != ""
	}
	if !judged {
		p.use(regular, 6.5, grey)
		p.write(x, p.report.Words.Legend)
		return
	}
	for _, outcome := range [...]string{"met", "not_met", "no_target"} {
		p.use(regular, 6.5, outcomeInk(outcome))
		p.mark(outcome, x, p.y+1.5, 5)
		p.write(x+7, p.report.Words.Outcomes[outcome])
		p.y += 9
	}
}

// signatures leaves room to sign, all on one page.
func (p *paper) signatures() {
	const room = 110.0
	p.need(room)
	p.y += 14
	y := p.y
	w := textWidth / float64(max(len(p.report.Signers), 1))
	for i, signer := range p.report.Signers {
		x := left + float64(i)*w
		p.y = y
		p.use(bold, 9.5, black)
		p.centre(x, w, signer)
		p.y += 13
		p.use(regular, 7.5, grey)
		p.centre(x, w, p.report.Words.Sign)
		p.out.SetLineWidth(0.5)
		p.out.Line(x+18, y+80, x+w-18, y+80)
	}
	p.y = y + room
}

func (p *paper) centre(x, w float64, text string) { p.write(x+(w-p.measure(text))/2, text) }

// footers puts unit, month and page number under every page, now that their number is known.
func (p *paper) footers() {
	for n := 1; n <= p.pages; n++ {
		if err := p.out.SetPage(n); err != nil {
			p.fail(err)
			return
		}
		p.ink(color{205, 212, 220})
		p.out.SetLineWidth(0.5)
		p.out.Line(left, pageHeight-42, left+textWidth, pageHeight-42)
		p.use(regular, 7.5, grey)
		p.y = pageHeight - 37
		p.write(left, p.report.Unit+" · "+p.report.Title)
		number := fmt.Sprintf(p.report.Words.Page, n, p.pages)
		p.write(left+textWidth-p.measure(number), number)
	}
}
