package xlsx

import (
	"archive/zip"
	"bytes"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

func small() *report.Report {
	rows := [][]report.Cell{
		{{Value: "=SUM(A1)"}, {Kind: report.Percent, Value: "0.999499"}, {Kind: report.Time, Value: "2026-11-02T01:00:00+07:00"}, {Kind: report.Mark, Value: "met"}},
		{{Value: "MAN-E"}, {Kind: report.Percent}, {Kind: report.Time}, {Kind: report.Mark, Value: "not_met"}},
	}
	columns := []report.Column{{Title: "Hệ thống"}, {Title: "Ròng"}, {Title: "Từ"}, {Title: "Đánh giá"}}
	return &report.Report{
		Lang: "vi", Title: "Phiếu điểm", Unit: "Hà Nội", Facts: []report.Fact{{Name: "Bản", Value: "2"}},
		Sections: []report.Section{
			{Name: "Tổng hợp", Tables: []report.Table{{Name: "Kết luận", Columns: columns, Rows: rows}}},
			{Name: "Khả dụng", Tables: []report.Table{{Columns: columns, Rows: rows}, {Columns: columns[:1]}}, Chart: &report.Chart{Title: "Ròng", Series: []int{1}}},
		},
		Words: report.Words{Empty: "Không có", Charts: "Biểu đồ", Outcomes: map[string]string{"met": "đạt", "not_met": "không đạt"}},
	}
}

func open(t *testing.T, text []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

func TestNumbersAreNumbers(t *testing.T) {
	text, err := Render(small())
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, text)
	for cell, want := range map[string]string{"A1": "Hệ thống", "A2": "=SUM(A1)", "B2": "0.999499", "C2": "46328.04166666666", "D2": "đạt", "B3": "", "C3": "", "A6": "Không có"} {
		got, err := f.GetCellValue("Khả dụng", cell, excelize.Options{RawCellValue: true})
		if err != nil || !strings.HasPrefix(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, %v; want %q", cell, got, err, want)
		}
	}
	for cell, want := range map[string]string{"B2": "99.9499%", "C2": "02/11/2026 01:00:00"} {
		if got, err := f.GetCellValue("Khả dụng", cell); err != nil || got != want {
			t.Errorf("%s is shown as %q, %v; want %q", cell, got, err, want)
		}
	}
	if kind, err := f.GetCellType("Khả dụng", "A2"); err != nil || kind == excelize.CellTypeFormula {
		t.Errorf("a name that begins with = became a formula: %v %v", kind, err)
	}
}

func TestHeadersStayAndVerdictsComeFirst(t *testing.T) {
	text, err := Render(small())
	if err != nil {
		t.Fatal(err)
	}
	f := open(t, text)
	if got := f.GetSheetList(); strings.Join(got, "|") != "Tổng hợp|Biểu đồ|Khả dụng" || f.GetActiveSheetIndex() != 0 {
		t.Errorf("sheets %v, %d in front", got, f.GetActiveSheetIndex())
	}
	for sheet, rows := range map[string]int{"Tổng hợp": 4, "Khả dụng": 1} {
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit != rows || panes.XSplit != 1 {
			t.Errorf("%s: %+v, %v; want %d rows frozen", sheet, panes, err, rows)
		}
		if layout, err := f.GetPageLayout(sheet); err != nil || *layout.Size != 9 || *layout.FitToWidth != 1 {
			t.Errorf("%s is not printed on A4, one page wide: %v", sheet, err)
		}
	}
	if v, err := f.GetCellValue("Tổng hợp", "A4"); err != nil || v != "Hệ thống" {
		t.Errorf("row 4 of the summary: %q, %v; want the header", v, err)
	}
}

// All that a reader sees is the same each time. (The order in the list of content types is not.)
func TestTheSameReportIsTheSameWorkbook(t *testing.T) {
	var seen [2]map[string]string
	for i := range seen {
		text, err := Render(small())
		if err != nil {
			t.Fatal(err)
		}
		seen[i] = parts(t, text)
	}
	if diff := cmp.Diff(seen[0], seen[1]); diff != "" || len(seen[0]) < 10 {
		t.Errorf("%d parts, two renderings differ:\n%s", len(seen[0]), diff)
	}
}

func parts(t *testing.T, text []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range z.File {
		if f.Name == "[Content_Types].xml" {
			continue
		}
		content, err := fs.ReadFile(z, f.Name)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(content)
	}
	return all
}

func TestASheetThatCannotBeIsNamed(t *testing.T) {
	r := small()
	r.Sections[1].Name = strings.Repeat("x", 32)
	if _, err := Render(r); err == nil || !strings.Contains(err.Error(), r.Sections[1].Name) {
		t.Errorf("%v; want the sheet's name", err)
	}
}
