package scorecard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// past is the year before 2026-11: October for all, and October of the year before, which is too far
// back to be the month before.
func past() map[string][]scorecard.Past {
	of := func(month string, place int, value string) scorecard.Past {
		return scorecard.Past{Month: month, Revision: 2, Place: place, Measures: []scorecard.Measure{
			{Name: scorecard.MeasureAvailability, Key: "device:man-e", Value: &scorecard.Quotient{Value: "0.999000", Num: value, Den: "1000"}, Outcome: scorecard.Met},
		}}
	}
	return map[string][]scorecard.Past{
		"vn": {of("2026-10", 0, "999")},
		"01": {of("2025-12", 9, "998"), of("2026-10", 1, "999")},
		"08": {of("2025-12", 3, "998")},
	}
}

// Hà Nội misses three targets and Tuyên Quang one; of its own, Hà Nội's OLTs are the tightest:
// 39 600 s of the 38 880 s that 0.995 allows of 7 776 000.
func TestUnitsAreRankedByWhatTheyMissed(t *testing.T) {
	docs := build()
	scorecard.Recall(docs, "2026-10", past())
	hanoi, tuyenquang := docs[1].Rank, docs[2].Rank
	if hanoi.Place != 2 || hanoi.Of != 2 || hanoi.Before != 1 || hanoi.Missed != 3 {
		t.Errorf("Hà Nội: %+v", hanoi)
	}
	if got := hanoi.Tightest; got.Key != "device:olt-gpon" || got.Used.Value != "1.018519" || got.Used.Num+"/"+got.Used.Den != "55/54" {
		t.Errorf("tightest: %+v", got)
	}
	if tuyenquang.Place != 1 || tuyenquang.Before != 0 || tuyenquang.Tightest != nil {
		t.Errorf("Tuyên Quang: %+v; want first, and unknown in the month before", tuyenquang)
	}
	if row := docs[0].Provinces[0]; row.Code != "01" || row.Rank.Place != 2 || row.Rank.Before != 1 {
		t.Errorf("the nation's row: %+v", row.Rank)
	}
	if docs[0].Rank != nil {
		t.Error("the nation is ranked among its units")
	}
}

// What earlier months were is quoted, so a revision of one of them changes nothing here.
func TestRecallingChangesNoCell(t *testing.T) {
	before, after := build(), build()
	scorecard.Recall(after, "2026-10", past())
	for i := range after {
		list, err := scorecard.Compare(before[i], after[i])
		if err != nil || len(list) > 0 {
			t.Errorf("%s: %v %v", after[i].Name(), list, err)
		}
		if after[i].Past == nil {
			t.Errorf("%s: comparing forgot the past", after[i].Name())
		}
	}
}

func TestTheYearIsDrawnWithItsGaps(t *testing.T) {
	docs := build()
	scorecard.Recall(docs, "2026-10", past())
	for lang, want := range map[string][]string{"vi": {"Diễn biến 12 tháng", "Xếp hạng trên 2 đơn vị (tháng trước: 1)"}, "en": {"Twelve months", "Place among 2 units (month before: 1)"}} {
		r, err := docs[1].Report(lang, docs[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Sections[0].Tables[0].Rows[0][0].Value; got != want[1] {
			t.Errorf("%q; want %q", got, want[1])
		}
		for _, s := range r.Sections {
			if s.Name != want[0] {
				continue
			}
			column := slices.IndexFunc(s.Trends, func(t report.Trend) bool { return strings.Contains(t.Title, "MAN-E") })
			points := s.Trends[column].Points
			if len(points) != 12 || points[0].Value != "0.999000" || points[1].Value != "" || points[10].Value != "0.999000" || points[11].Value != "0.999499" {
				t.Errorf("%s: %+v", lang, points)
			}
			if rows := s.Tables[0].Rows; len(rows) != 3 || rows[0][0].Value != "12/2025" || rows[2][0].Value != "11/2026" {
				t.Errorf("%s: %+v", lang, rows)
			}
			want[0] = ""
		}
		if want[0] != "" {
			t.Errorf("%s: no section %q", lang, want[0])
		}
	}
}

func TestTheNationRanksItsUnits(t *testing.T) {
	docs := build()
	scorecard.Recall(docs, "2026-10", past())
	r, err := docs[0].Report("vi", docs[0])
	if err != nil {
		t.Fatal(err)
	}
	rows := r.Sections[1].Tables[0].Rows
	var got []string
	for _, row := range rows {
		got = append(got, r.Print(row[0])+" "+r.Print(row[1])+" "+row[3].Value)
	}
	if want := []string{"1 – Tuyên Quang", "2 −1 Hà Nội"}; r.Sections[1].Name != "Xếp hạng" || !slices.Equal(got, want) {
		t.Errorf("%s: %q; want %q", r.Sections[1].Name, got, want)
	}
}

// Which days came late is shown on the national scorecard, and is no number that could make a revision.
func TestLateDaysAreShown(t *testing.T) {
	before, docs := build(), build()
	scorecard.Late(docs, []scorecard.LateDay{{Day: "2026-11-07", Revisions: 2}})
	if changed, err := scorecard.Revise(docs, before); err != nil || changed {
		t.Errorf("changed %v, %v", changed, err)
	}
	if err := validate(t, schema(t), render(t, docs[0])); err != nil {
		t.Error(err)
	}
	text, err := docs[0].CSV("en")
	if err != nil || !strings.Contains(string(text), "late_after_close,2026-11-07,,revisions,2,,,") {
		t.Errorf("%v: %s", err, text)
	}
	paper, err := docs[0].Report("vi", docs[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range paper.Sections {
		for _, table := range s.Tables {
			if table.Name == "Ngày có số liệu đến sau khi đóng" && len(table.Rows) == 1 {
				return
			}
		}
	}
	t.Error("nothing on paper of days that came late")
}
