package pdf

import "github.com/haidang-noc/haidang/collector/scorecard/report"

// The size of a trend's drawing, and how many stand beside each other.
const (
	trendsAcross = 3
	trendGap     = 14.0
	trendHeight  = 46.0
	trendRoom    = trendHeight + 34 // with title and labels
	trendScale   = 31.0             // left of the drawing, for its bounds
)

// trends draws small curves in rows.
func (p *paper) trends(all []report.Trend) {
	w := (p.width - (trendsAcross-1)*trendGap) / trendsAcross
	for i := range all {
		column := i % trendsAcross
		if column == 0 {
			p.need(trendRoom)
		}
		p.trend(&all[i], left+float64(column)*(w+trendGap), w)
		if column == trendsAcross-1 || i == len(all)-1 {
			p.y += trendRoom
		}
	}
}

func (p *paper) trend(t *report.Trend, x, w float64) {
	y := p.y
	p.use(bold, 7.5, navy)
	p.write(x, p.cut(t.Title, w))
	box := frame{x + trendScale, y + 12, w - trendScale, trendHeight}
	p.ink(color{243, 246, 250})
	p.area(box.x, box.y, box.w, box.h)
	c := t.Curve()
	if c.HasLimit {
		p.ink(color{179, 38, 30})
		p.out.SetLineWidth(0.6)
		p.out.SetLineType("dashed")
		p.out.Line(box.x, box.at(report.Spot{Y: c.Limit}).Y, box.x+box.w, box.at(report.Spot{Y: c.Limit}).Y)
		p.out.SetLineType("solid")
	}
	p.curve(box, c)
	p.labels(t, c, box)
	p.y = y
}

func (p *paper) curve(box frame, c report.Curve) {
	p.ink(color{18, 53, 91})
	p.out.SetLineWidth(1.1)
	for _, run := range c.Runs {
		for i, s := range run {
			here := box.at(s)
			if i > 0 {
				before := box.at(run[i-1])
				p.out.Line(before.X, before.Y, here.X, here.Y)
			}
			p.area(here.X-1.2, here.Y-1.2, 2.4, 2.4)
		}
	}
	p.out.SetLineWidth(0.5)
}

// labels are the first and the last month below, and the bounds of the height.
func (p *paper) labels(t *report.Trend, c report.Curve, box frame) {
	p.use(regular, 5.8, grey)
	p.y = box.y + box.h + 2
	if len(t.Labels) == 2 {
		p.write(box.x, t.Labels[0])
		p.write(box.x+box.w-p.measure(t.Labels[1]), t.Labels[1])
	}
	if len(c.Runs) == 0 {
		p.y = box.y + box.h/2 - 3
		p.write(box.x+4, p.report.Words.Empty)
		return
	}
	p.bound(box, report.Spot{Y: 1}, c.High)
	if c.Low != c.High {
		p.bound(box, report.Spot{Y: 0}, c.Low)
	}
}

// bound writes a value left of its height.
func (p *paper) bound(box frame, at report.Spot, value report.Cell) {
	text := p.report.Print(value)
	p.y = box.at(at).Y - 3.5
	p.write(box.x-3-p.measure(text), text)
}

// cut shortens text to a width: a drawing's title has one line.
func (p *paper) cut(text string, width float64) string {
	if p.measure(text) <= width {
		return text
	}
	const more = "…"
	return text[:p.fitting(text, width-p.measure(more))] + more
}

// frame is where a curve is drawn.
type frame struct{ x, y, w, h float64 }

// at is a spot on paper, a little inside the frame.
func (f frame) at(s report.Spot) report.Spot {
	const inside = 9
	return report.Spot{X: f.x + s.X*f.w, Y: f.y + f.h - inside - s.Y*(f.h-2*inside)}
}
