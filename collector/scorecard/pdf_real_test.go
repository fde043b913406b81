//go:build real

package scorecard_test

import (
	"encoding/csv"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// national is a month of the real registry: 34 units, among them the longest names and both
// archipelagos.
func national(t *testing.T) []*scorecard.Document {
	t.Helper()
	file, err := os.Open("../../configs/provinces/provinces-34.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	inv := smallInventory()
	inv.Provinces = nil
	for _, row := range rows[1:] {
		p := model.Province{Set: "34", Code: row[0], Slug: row[1], NameVI: row[2], NameEN: row[3], Region: row[4], Validity: model.Validity{To: model.Forever}}
		p.Row, p.Col = place(t, row[5], row[6])
		for _, island := range strings.FieldsFunc(row[10], func(r rune) bool { return r == '|' }) {
			name, at, _ := strings.Cut(island, "@")
			tile := model.Tile{Name: name}
			y, x, _ := strings.Cut(at, ":")
			tile.Row, tile.Col = place(t, y, x)
			p.Islands = append(p.Islands, tile)
		}
		inv.Provinces = append(inv.Provinces, p)
	}
	return scorecard.Build(smallMonth(), inv, 1)
}

func place(t *testing.T, row, col string) (int, int) {
	t.Helper()
	y, err1 := strconv.Atoi(row)
	x, err2 := strconv.Atoi(col)
	if err1 != nil || err2 != nil {
		t.Fatalf("tile %s:%s", row, col)
	}
	return y, x
}

// Every word of every report can be read back from its PDF, with its accents, and every page is
// A4 and numbered.
func TestEveryWordIsInThePDF(t *testing.T) {
	docs := national(t)
	for _, lang := range []string{"vi", "en"} {
		dir := t.TempDir()
		if _, err := scorecard.Write(dir, docs, scorecard.Options{Formats: []string{"pdf"}, Langs: []string{lang}}); err != nil {
			t.Fatal(err)
		}
		found := 0
		for _, d := range docs {
			r, err := d.Report(lang, docs[0])
			if err != nil {
				t.Fatal(err)
			}
			found += searchPDF(t, r, filepath.Join(dir, d.Name()+"."+lang+".pdf"))
		}
		t.Logf("%s: %d words of %d PDFs found", lang, found, len(docs))
	}
}

func searchPDF(t *testing.T, r *report.Report, path string) (found int) {
	t.Helper()
	out, err := exec.Command("pdftotext", "-raw", path, "-").CombinedOutput()
	if err != nil {
		t.Fatalf("pdftotext: %v\n%s", err, out)
	}
	have := map[string]bool{}
	for _, word := range strings.Fields(string(out)) {
		have[word] = true
	}
	for _, text := range printed(r) {
		for _, word := range strings.Fields(text) {
			if !have[word] {
				t.Errorf("%s: %q of %q is not in the text", path, word, text)
			}
			found++
		}
	}
	return found
}

// printed lists all that a report puts on paper.
func printed(r *report.Report) []string {
	all := append([]string{r.Unit, r.Title, r.Map.Title, r.Words.Sign}, r.Signers...)
	for _, f := range r.Facts {
		all = append(all, f.Name+":", f.Value)
	}
	for _, tile := range r.Map.Tiles {
		all = append(all, tile.Code)
		if tile.Island {
			all = append(all, tile.Name)
		}
	}
	for i, s := range r.Sections {
		if i > 0 {
			all = append(all, s.Name)
		}
		all = append(all, s.Notes...)
		for _, table := range s.Tables {
			all = append(all, table.Name)
			for k, c := range table.Columns {
				if c.Paper == 0 {
					continue
				}
				all = append(all, c.Title)
				for _, row := range table.Rows[:min(len(table.Rows), max(table.Paper, 40))] {
					all = append(all, r.Print(row[k]))
				}
			}
		}
	}
	return all
}
