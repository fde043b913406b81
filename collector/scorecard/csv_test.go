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
