//go:build real

package scorecard_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// allSheets makes LibreOffice write each sheet into a CSV file of its own, values instead of what
// is shown.
const allSheets = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,false,false,false,false,-1"

// LibreOffice opens every workbook and gives back every cell: numbers as numbers, times as times.
func TestLibreOfficeReadsEveryCell(t *testing.T) {
	docs := revised(t)
	for _, lang := range []string{"vi", "en"} {
		dir := t.TempDir()
		files, err := scorecard.Write(dir, docs, scorecard.Options{Formats: []string{"xlsx"}, Langs: []string{lang}})
		if err != nil {
			t.Fatal(err)
		}
		convert(t, dir, files)
		cells := 0
		for _, d := range docs {
			r, err := d.Report(lang, docs[0])
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range r.Sections {
				path := filepath.Join(dir, d.Name()+"."+lang+"-"+s.Name+".csv")
				cells += compareSheet(t, r, s, path)
			}
		}
		t.Logf("%s: %d cells of %d workbooks compared", lang, cells, len(files))
	}
}

func convert(t *testing.T, dir string, files []string) {
	t.Helper()
	args := append([]string{"--headless", "-env:UserInstallation=file://" + filepath.Join(t.TempDir(), "profile"),
		"--convert-to", allSheets, "--outdir", dir}, files...)
	out, err := exec.Command("soffice", args...).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Error")) {
		t.Fatalf("soffice: %v\n%s", err, out)
	}
}

func compareSheet(t *testing.T, r *report.Report, s report.Section, path string) (cells int) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader := csv.NewReader(bytes.NewReader(text))
	reader.FieldsPerRecord = -1
	rows, err := reader.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := 0
	for _, table := range s.Tables {
		for rows[at][0] != table.Columns[0].Title {
			at++
		}
		for i, row := range table.Rows {
			for k, c := range row {
				if got := rows[at+1+i][k]; !equal(r, c, got) {
					t.Errorf("%s row %d column %s: %q; want %+v", path, i+1, table.Columns[k].Title, got, c)
				}
				cells++
			}
		}
		at += 1 + len(table.Rows)
	}
	return cells
}

// equal compares what LibreOffice read with a cell of the report.
func equal(r *report.Report, c report.Cell, got string) bool {
	switch {
	case c.Value == "":
		return got == ""
	case c.Kind == report.Text:
		return got == c.Value
	case c.Kind == report.Mark:
		return got == r.Words.Outcomes[c.Value]
	case c.Kind == report.Time:
		layout := "01/02/2006 15:04:05" // of the locale 1033, if the format is no ISO one
		if r.Lang == "en" {
			layout = time.DateTime
		}
		want, err := time.Parse(time.RFC3339, c.Value)
		return err == nil && got == want.Format(layout)
	}
	want, err1 := strconv.ParseFloat(c.Value, 64)
	if c.Kind == report.Tenths {
		want /= 1000
	}
	number, percent := strings.CutSuffix(got, "%")
	have, err2 := strconv.ParseFloat(number, 64)
	if percent {
		have /= 100
	}
	return err1 == nil && err2 == nil && math.Abs(have-want) < 1e-9 && percent == (c.Kind == report.Percent || c.Kind == report.Tenths)
}

// revised is the small month as a second revision, with a change in each document.
func revised(t *testing.T) []*scorecard.Document {
	t.Helper()
	docs := build()
	for i, d := range docs {
		d.Changes = []scorecard.Change{{Cell: fmt.Sprintf("outages/hni-olt-%d/seconds", i), Before: "60", After: ""}}
	}
	return docs
}
