package pdf

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

func small(rows int, text string) *report.Report {
	t := report.Table{Columns: []report.Column{{Title: "Tên", Paper: 1}, {Title: "Số", Paper: 1}, {Title: "Không in"}}}
	for i := range rows {
		t.Rows = append(t.Rows, []report.Cell{{Value: text}, {Kind: report.Count, Value: fmt.Sprint(i)}, {Value: "😀"}})
	}
	return &report.Report{
		Lang: "vi", Title: "Phiếu điểm", Unit: "Hà Nội", Facts: []report.Fact{{Name: "Kỳ", Value: "1"}, {Name: "Bản", Value: "2"}}, Signers: []string{"Giám đốc"},
		Sections: []report.Section{{Name: "Tổng hợp"}, {Name: "Sự cố", Tables: []report.Table{t}}},
		Words:    report.Words{Page: "Trang %d/%d", More: "%d trên %d", Empty: "Không có"},
		Map:      report.Map{Title: "Bản đồ", Tiles: []report.Tile{{Row: 2, Col: 2, Code: "01", Name: "Hà Nội", Here: true}, {Row: 9, Col: 7, Code: "48", Name: "Hoàng Sa", Island: true}}},
	}
}

// Nothing vanishes: a character without a glyph fails the export, wherever it stands.
func TestAMissingGlyphIsNamed(t *testing.T) {
	if _, err := Render(small(1, "OLT 😀 Cầu Giấy")); err == nil || !strings.Contains(err.Error(), "'😀' (U+1F600)") || !strings.Contains(err.Error(), "Hà Nội") {
		t.Errorf("%v; want the character and the unit", err)
	}
	if _, err := Render(small(1, "Hu\u1ebf\u200b")); err == nil || !strings.Contains(err.Error(), "U+200B") {
		t.Errorf("%v; want the invisible character by its number", err)
	}
	unit := small(0, "")
	unit.Unit = "\u5317"
	if _, err := Render(unit); err == nil || !strings.Contains(err.Error(), "U+5317") {
		t.Errorf("%v; want the title's character", err)
	}
	if _, err := Render(small(1, "Huế, Đắk Lắk, Thừa Thiên – ƯỚC ượng ẵẳỡữỷ €")); err != nil {
		t.Errorf("all of Vietnamese: %v", err)
	}
}

func TestTheSameReportIsTheSameBytes(t *testing.T) {
	first, err1 := Render(small(100, "Mạng MAN-E"))
	second, err2 := Render(small(100, "Mạng MAN-E"))
	if err1 != nil || err2 != nil || !bytes.Equal(first, second) {
		t.Errorf("two renderings differ: %v %v", err1, err2)
	}
}

// However long a table or a cell, everything ends up above the foot of a page, and the number of
// pages stays in proportion.
func TestTablesFillPages(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rows := rapid.IntRange(0, 300).Draw(rt, "rows")
		words := rapid.IntRange(0, 400).Draw(rt, "words")
		p, err := newPaper(small(0, ""))
		if err != nil {
			rt.Fatal(err)
		}
		p.front()
		tall := small(min(rows, 1+6000/(words+1)), strings.Repeat("dài ", words)).Sections[1]
		p.section(tall)
		if p.err != nil || p.y > bottom+lineHeight+8 {
			rt.Fatalf("ended at %.0f of %.0f: %v", p.y, float64(bottom), p.err)
		}
		lines := len(tall.Tables[0].Rows) * (words/20 + 2)
		if p.pages > 3+lines/20 {
			rt.Fatalf("%d pages for about %d lines", p.pages, lines)
		}
	})
}

// Wrapped lines hold every character, and fit.
func TestWrappingLosesNothing(t *testing.T) {
	p, err := newPaper(small(0, ""))
	if err != nil {
		t.Fatal(err)
	}
	p.use(regular, bodySize, black)
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.StringOfN(rapid.SampledFrom([]rune("aĐệW ượi-/\u00a0")), 0, 80, -1).Draw(rt, "text")
		width := rapid.Float64Range(12, 200).Draw(rt, "width")
		lines := p.wrap(text, width)
		bare := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if bare(strings.Join(lines, "")) != bare(text) {
			rt.Fatalf("%q became %q", text, lines)
		}
		for _, line := range lines {
			if !utf8.ValidString(line) || p.measure(line) > width && utf8.RuneCountInString(line) > 1 {
				rt.Fatalf("line %q of %q is wider than %.0f", line, text, width)
			}
		}
	})
}

func TestPrintedRowsAreLimitedAndSaySo(t *testing.T) {
	r := small(5000, "OLT")
	all, err := Render(r)
	if err != nil {
		t.Fatal(err)
	}
	r.Sections[1].Tables[0].Paper = 40
	few, err := Render(r)
	if err != nil || len(few) > len(all)/4 {
		t.Errorf("%d bytes with a limit, %d without: %v", len(few), len(all), err)
	}
}
