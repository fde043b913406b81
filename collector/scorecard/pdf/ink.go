package pdf

import (
	"strings"
	"unicode"

	"github.com/signintech/gopdf"
)

// A4 in points, and what of it is written on.
const (
	pageWidth, pageHeight = 595.28, 841.89
	left, top             = 40.0, 40.0
	textWidth             = pageWidth - 2*left
	bottom                = pageHeight - 52
	headingHeight         = 26
)

type color struct{ r, g, b uint8 }

// The few colours; each pair of text and ground reads well in black and white too.
func navy(p *paper)  { p.ink(color{18, 53, 91}) }
func black(p *paper) { p.ink(color{20, 20, 20}) }
func grey(p *paper)  { p.ink(color{90, 90, 90}) }
func white(p *paper) { p.ink(color{255, 255, 255}) }
func green(p *paper) { p.ink(color{27, 110, 60}) }
func red(p *paper)   { p.ink(color{179, 38, 30}) }

// ink sets the colour of text, lines and areas.
func (p *paper) ink(c color) {
	p.out.SetTextColor(c.r, c.g, c.b)
	p.out.SetStrokeColor(c.r, c.g, c.b)
	p.out.SetFillColor(c.r, c.g, c.b)
}

// use sets font, size and colour.
func (p *paper) use(font string, size float64, colour func(*paper)) {
	p.font, p.size = font, size
	if err := p.out.SetFont(font, "", size); err != nil {
		p.fail(err)
	}
	colour(p)
}

// write puts one line at x on the present height.
func (p *paper) write(x float64, text string) {
	p.out.SetXY(x, p.y)
	if err := p.out.Cell(nil, text); err != nil {
		p.fail(err)
	}
}

func (p *paper) measure(text string) float64 {
	w, err := p.out.MeasureTextWidth(text)
	if err != nil {
		p.fail(err)
	}
	return w
}

// wrap breaks text into lines between words, and within a word that is too long for a line.
func (p *paper) wrap(text string, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.FieldsFunc(text, breakable) {
		joined := strings.TrimPrefix(line+" "+word, " ")
		if p.measure(joined) <= width {
			line = joined
			continue
		}
		if line != "" {
			lines = append(lines, line)
		}
		for p.measure(word) > width {
			n := p.fitting(word, width)
			lines, word = append(lines, word[:n]), word[n:]
		}
		line = word
	}
	return append(lines, line)
}

// breakable says where a line may end: not at a no-break space.
func breakable(c rune) bool { return c != '\u00a0' && unicode.IsSpace(c) }

// fitting is how many bytes of a word fit into width: at least one character.
func (p *paper) fitting(word string, width float64) int {
	n := 0
	for i, c := range word {
		end := i + len(string(c))
		if n > 0 && p.measure(word[:end]) > width {
			break
		}
		n = end
	}
	return max(n, 1)
}

// mark draws an outcome into a square of the given size and returns whether there was one.
func (p *paper) mark(outcome string, x, y, size float64) bool {
	p.out.SetLineWidth(size / 6)
	defer p.out.SetLineWidth(0.5)
	at := func(fx, fy float64) gopdf.Point { return gopdf.Point{X: x + fx*size, Y: y + fy*size} }
	stroke := func(points ...gopdf.Point) {
		for i := 1; i < len(points); i++ {
			p.out.Line(points[i-1].X, points[i-1].Y, points[i].X, points[i].Y)
		}
	}
	switch outcome {
	case "met":
		stroke(at(0.1, 0.55), at(0.4, 0.85), at(0.95, 0.15))
	case "not_met":
		stroke(at(0.15, 0.15), at(0.85, 0.85))
		stroke(at(0.85, 0.15), at(0.15, 0.85))
	case "no_target":
		stroke(at(0.15, 0.5), at(0.85, 0.5))
	default:
		return false
	}
	return true
}

// outcomeInk is the colour of an outcome.
func outcomeInk(outcome string) func(*paper) {
	switch outcome {
	case "met":
		return green
	case "not_met":
		return red
	}
	return grey
}

func (p *paper) area(x, y, w, h float64) { p.out.RectFromUpperLeftWithStyle(x, y, w, h, "F") }
