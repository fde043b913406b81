package scorecard_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// What others measured stands in the document of its unit and in the nation's, on paper and in CSV, with its source.
func TestImportsStandOnScorecards(t *testing.T) {
	result, inv := everything(t)
	inv.Imported = strings.Repeat("a", 64)
	docs := scorecard.Build(result, inv, 0)
	for _, d := range docs {
		if err := validate(t, schema(t), render(t, d)); err != nil {
			t.Errorf("%s: %v", d.Scope.Code, err)
		}
	}
	if docs[0].GeneratedFrom.Measured != inv.Imported || len(docs[0].Measured) != 3 || docs[0].Measured[1].Outcome != scorecard.NoTarget {
		t.Errorf("the nation has of %q %+v", docs[0].GeneratedFrom.Measured, docs[0].Measured)
	}
	hanoi := docs[slices.IndexFunc(docs, func(d *scorecard.Document) bool { return d.Scope.Code == "01" })]
	var got []string
	for _, m := range hanoi.Measured {
		got = append(got, fmt.Sprint(m.KPI, " ", m.Numerator, " ", m.Denominator, " ", m.Value.Num, "/", m.Value.Den, " ", m.Status, " ", m.Outcome, " ", m.Sources))
	}
	want := []string{"area 7 17 700/17 insufficient_data no_target [grid]", "population 953 1009 95300/1009 ok not_met [grid]", "radio_readiness 97 113 97/113 ok no_target [drive]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	csv, err := hanoi.CSV("en")
	for _, line := range []string{"measured,coverage:population,,target,95.0000,%,19,20", "measured,coverage:population,,outcome,not met,", "measured,mobile_voice:radio_readiness,,sources,drive,"} {
		if err != nil || !strings.Contains(string(csv), line) {
			t.Errorf("no %s in %v\n%s", line, err, csv)
		}
	}
	var text strings.Builder
	if err := (explain.Question{Province: "01", KPI: "measured", Lang: "en"}).Answer(&text, result, inv); err != nil ||
		!strings.Contains(text.String(), "measured.csv:2  "+month.String()+" 01  97 / 113  drive\n") || !strings.Contains(text.String(), "target 19 / 20 = 0.95: NOT MET\n") {
		t.Errorf("%v\n%s", err, text.String())
	}
	paper, err := hanoi.Report("vi", docs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range paper.Sections {
		if s.Name == "Số liệu đo ngoài hệ thống" {
			if row := s.Tables[1].Rows[1]; len(s.Tables) != 2 || paper.Print(row[1]) != "94,450" || row[6].Value != "grid" || row[8].Value != scorecard.NotMet || row[7].Value != "0.950000" {
				t.Errorf("coverage on paper: %+v", row)
			}
			return
		}
	}
	t.Error("paper has no section of what was measured elsewhere")
}
