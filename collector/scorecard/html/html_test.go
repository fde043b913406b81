package html

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

func small() *report.Report {
	return &report.Report{
		Lang: "vi", Title: "Phiếu điểm tháng 11/2026", Unit: "Đà Nẵng", Facts: []report.Fact{{Name: "Bản", Value: "2"}}, Signers: []string{"Giám đốc"},
		Sections: []report.Section{
			{Name: "Tổng hợp", Notes: []string{"Ghi chú"}, Tables: []report.Table{{
				Name: "Kết luận", Columns: []report.Column{{Title: "Chỉ tiêu"}, {Title: "Đánh giá"}, {Title: "Tỷ lệ"}},
				Rows: [][]report.Cell{{{Value: `<b>"GPON" & co</b>`}, {Kind: report.Mark, Value: "not_met"}, {Kind: report.Percent, Value: "0.5", Mark: "met"}}},
			}}},
			{Name: "Sự cố", Tables: []report.Table{{Columns: []report.Column{{Title: "Thiết bị"}, {Title: "Từ"}}}}},
		},
		Words: report.Words{Empty: "Không có", Outcomes: map[string]string{"met": "đạt", "not_met": "không đạt"}, Contents: "Mục lục", Sign: "(ký)"},
		Map: report.Map{Title: "Bản đồ", Tiles: []report.Tile{
			{Row: 9, Col: 4, Code: "48", Name: "Đà Nẵng", Here: true}, {Row: 9, Col: 7, Code: "48", Name: "Hoàng Sa", Island: true, Here: true},
		}},
	}
}

func parse(t *testing.T, text []byte) (all []*html.Node) {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	for n := range root.Descendants() {
		all = append(all, n)
	}
	return all
}

func attribute(n *html.Node, key string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val, true
		}
	}
	return "", false
}

func TestThePageNeedsNothingElse(t *testing.T) {
	text, err := Render(small())
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range parse(t, text) {
		for _, key := range []string{"src", "href", "srcset", "onclick"} {
			if v, ok := attribute(n, key); ok && !strings.HasPrefix(v, "#") {
				t.Errorf("<%s %s=%q> leads out of the page", n.Data, key, v)
			}
		}
		if n.Data == "script" || n.Data == "link" || n.Data == "b" {
			t.Errorf("there is a <%s>", n.Data)
		}
	}
	if regexp.MustCompile(`url\(|@import|https?:`).Match(text) {
		t.Error("the page's style leads out of it")
	}
}

// Who cannot see the page hears the same: language, headings, captions, heads of rows and columns, the
// map's name, and outcomes in words.
func TestThePageCanBeHeard(t *testing.T) {
	text, err := Render(small())
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	ids := map[string]int{}
	for _, n := range parse(t, text) {
		count[n.Data]++
		if id, ok := attribute(n, "id"); ok {
			ids[id]++
		}
		if scope, ok := attribute(n, "scope"); n.Data == "th" && (!ok || scope != "col" && scope != "row") {
			t.Error("a head without a scope")
		}
		if _, ok := attribute(n, "aria-label"); (n.Data == "svg" || n.Data == "nav") && !ok {
			t.Errorf("<%s> without a name", n.Data)
		}
	}
	for id, n := range ids {
		if n != 1 {
			t.Errorf("id %s stands %d times", id, n)
		}
	}
	if count["h1"] != 1 || count["h2"] != 2 || count["caption"] != 1 || count["main"] != 1 {
		t.Errorf("elements: %v", count)
	}
	for _, want := range []string{`<html lang="vi">`, "không đạt</td>", "(đạt)</span>", "Hoàng Sa", "Không có", "&lt;b&gt;&#34;GPON&#34; &amp; co", "Ghi chú", "50,0000\u00a0%"} {
		if !bytes.Contains(text, []byte(want)) {
			t.Errorf("%q is missing", want)
		}
	}
}
