// Package pdf prints a report on A4, ready to be signed: verdicts and the map first, tables whose rows
// are never cut, page numbers on every page.
//
// The font is embedded. A character that it lacks fails the export and is named, because a PDF would
// leave it out without a trace. Ticks, crosses and dashes are drawn, not written.
package pdf

import (
	_ "embed"
	"fmt"
	"unicode"

	"github.com/signintech/gopdf"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Be Vietnam Pro, under the SIL Open Font License (fonts/OFL.txt).
var (
	//go:embed fonts/BeVietnamPro-Regular.ttf
	regularTTF []byte //nolint:gochecknoglobals // embedded
	//go:embed fonts/BeVietnamPro-SemiBold.ttf
	boldTTF []byte //nolint:gochecknoglobals // embedded
)

const (
	regular = "regular"
	bold    = "bold"
)

// Render makes the document. The same report gives the same bytes.
func Render(r *report.Report) ([]byte, error) {
	p, err := newPaper(r)
	if err != nil {
		return nil, fmt.Errorf("pdf: %s: %w", r.Unit, err)
	}
	p.front()
	for _, s := range r.Sections[1:] {
		p.section(s)
	}
	p.signatures()
	p.footers()
	if p.err != nil {
		return nil, fmt.Errorf("pdf: %s: %w", r.Unit, p.err)
	}
	out, err := p.out.GetBytesPdfReturnErr()
	if err != nil {
		return nil, fmt.Errorf("pdf: %s: %w", r.Unit, err)
	}
	return out, nil
}

// paper is a document under construction. The first error stays and is reported at the end.
type paper struct {
	out    *gopdf.GoPdf
	report *report.Report
	font   string
	size   float64
	y      float64 // where the next thing goes
	width  float64 // of what is written, from the left margin
	pages  int
	err    error
}

func newPaper(r *report.Report) (*paper, error) {
	p := &paper{out: &gopdf.GoPdf{}, report: r, width: textWidth}
	p.out.Start(gopdf.Config{PageSize: gopdf.Rect{W: pageWidth, H: pageHeight}})
	p.out.SetInfo(gopdf.PdfInfo{Title: r.Title + " – " + r.Unit, Producer: "Hải Đăng"})
	for _, font := range []struct {
		name string
		ttf  []byte
	}{{regular, regularTTF}, {bold, boldTTF}} {
		if err := p.out.AddTTFFontDataWithOption(font.name, font.ttf, gopdf.TtfOption{OnGlyphNotFound: p.lacks}); err != nil {
			return nil, err
		}
	}
	p.newPage()
	return p, nil
}

// lacks is told of every character that the font has no glyph for.
func (p *paper) lacks(c rune) {
	if p.err != nil {
		return
	}
	if unicode.IsPrint(c) {
		p.err = fmt.Errorf("the font has no glyph for %q (%U)", c, c)
	} else {
		p.err = fmt.Errorf("the font has no glyph for the character %U", c)
	}
}

func (p *paper) fail(err error) {
	if p.err == nil {
		p.err = err
	}
}

func (p *paper) newPage() {
	p.out.AddPage()
	p.pages++
	p.y = top
}

// need begins a new page if less than height is left on this one.
func (p *paper) need(height float64) {
	if p.y+height > bottom {
		p.newPage()
	}
}

func (p *paper) section(s report.Section) {
	p.need(headingHeight)
	if len(s.Tables) > 0 {
		p.need(headingHeight + max(p.least(s.Tables[0]), trendRoom))
	}
	p.heading(s.Name)
	p.trends(s.Trends)
	for _, t := range s.Tables {
		p.table(t.Name, t)
	}
	for _, note := range s.Notes {
		p.paragraph(note)
	}
}

func (p *paper) heading(text string) {
	p.y += 6
	p.use(bold, 13, navy)
	p.write(left, text)
	p.y += 20
}

func (p *paper) paragraph(text string) {
	p.use(regular, 8, grey)
	for _, line := range p.wrap(text, p.width) {
		p.need(11)
		p.write(left, line)
		p.y += 11
	}
	p.y += 4
}
