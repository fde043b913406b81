package scorecard_test

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The file for Excel holds the same cells as the other one, in the form of the language.
func TestExcelOpensTheSameLines(t *testing.T) {
	for lang, want := range map[string]struct {
		comma rune
		point string
	}{"vi": {';', ","}, "en": {',', "."}} {
		for _, d := range build() {
			plain, err1 := d.CSV(lang)
			excel, err2 := d.ExcelCSV(lang)
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			text, marked := bytes.CutPrefix(excel, []byte("\ufeff"))
			if !marked || !bytes.Contains(text, []byte("\r\n")) {
				t.Errorf("%s %s: no byte order mark, or no CRLF", d.Name(), lang)
			}
			r := csv.NewReader(bytes.NewReader(text))
			r.Comma = want.comma
			got, err := r.ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			lines, err := csv.NewReader(bytes.NewReader(plain)).ReadAll()
			if err != nil {
				t.Fatal(err)
			}
			decimals := 0
			for _, line := range lines[1:] {
				if line[9] != "" && strings.Contains(line[8], ".") {
					line[8] = strings.Replace(line[8], ".", want.point, 1)
					decimals++
				}
			}
			if diff := cmp.Diff(lines, got); diff != "" || decimals == 0 && !slices.ContainsFunc(lines, func(l []string) bool { return l[9] == "%" }) {
				t.Errorf("%s %s: %d decimals (-plain +excel)\n%s", d.Name(), lang, decimals, diff)
			}
		}
	}
}

// Excel in Vietnamese reads 3.07 as the third of July: scores and points have the decimal point of the language.
func TestExcelReadsScoresAsNumbers(t *testing.T) {
	hanoi := counted(t)[1]
	for lang, want := range map[string][]string{
		"vi": {";score;combined;;score;3,07;", ";score;qoe;;score;3,13;", ";kpi_score;qoe:mobile_data:bh_user_throughput_dl;;points;3,133333;;47;15"},
		"en": {",score,combined,,score,3.07,", ",score,qoe,,score,3.13,"},
	} {
		text, err := hanoi.ExcelCSV(lang)
		if err != nil {
			t.Fatal(err)
		}
		for _, line := range want {
			if !bytes.Contains(text, []byte(line)) {
				t.Errorf("%s: no %q in\n%s", lang, line, text)
			}
		}
	}
}
