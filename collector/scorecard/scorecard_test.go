package scorecard_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/unicode/norm"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

var update = flag.Bool("update", false, "write the golden files")

func build() []*scorecard.Document { return scorecard.Build(smallMonth(), smallInventory(), 2) }

func render(t *testing.T, d *scorecard.Document) []byte {
	t.Helper()
	text, err := d.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestGolden(t *testing.T) {
	dir := t.TempDir()
	files, err := scorecard.Write(dir, build(), scorecard.Options{
		Formats: []string{"json", "csv"}, Langs: []string{"vi", "en"},
	})
	if err != nil || len(files) != 9 {
		t.Fatalf("%d files, %v; want 9: json, vi.csv and en.csv of the nation and 2 provinces", len(files), err)
	}
	for _, path := range files {
		golden := filepath.Join("testdata/golden", filepath.Base(path))
		if *update {
			if err := os.WriteFile(golden, read(t, path), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(string(read(t, golden)), string(read(t, path))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

// The numbers of month_test.go, as worked out there.
func TestNumbersAreThoseWorkedOutByHand(t *testing.T) {
	docs := build()
	nation, hanoi := docs[0], docs[1]
	q := func(value, num, den string) *scorecard.Quotient {
		return &scorecard.Quotient{Value: json.Number(value), Num: num, Den: den}
	}
	mane, olt := hanoi.Availability[0], hanoi.Availability[1]
	for name, c := range map[string]struct{ got, want any }{
		"man-e net":            {mane.Net, q("0.999499", "2586204", "2587500")},
		"man-e gross":          {mane.Gross, q("0.998110", "2586204", "2591100")},
		"man-e lo":             {mane.Lo, q("0.999152", "2586204", "2588400")},
		"man-e hi":             {mane.Hi, q("0.999499", "2587104", "2588400")},
		"man-e budget":         {mane.Budget, &scorecard.Budget{Allowed: q("1293.750", "2587500", "2000"), Consumed: 1296, Left: q("-2.250", "-4500", "2000")}},
		"man-e outcome":        {mane.Outcome, "not_met"},
		"olt-gpon net":         {olt.Net, q("0.994907", "7736400", "7776000")},
		"olt-gpon weighted":    {olt.Weighted.Net, q("0.998495", "31057200000", "31104000000")},
		"transport":            {nation.Congestion[1].Ratio, q("0.025000", "1", "40")},
		"transport outcome":    {nation.Congestion[1].Outcome, "met"},
		"broadband":            {nation.Congestion[0].Ratio, q("0.030000", "3", "100")},
		"broadband outcome":    {nation.Congestion[0].Outcome, "not_met"},
		"T1":                   {nation.Verdicts[0], scorecard.Verdict{ID: "T1", Outcome: "not_met", Passed: []string{"vn2"}, Failed: []string{"man-e", "olt-gpon"}, Open: []string{}}},
		"T4":                   {nation.Verdicts[1], scorecard.Verdict{ID: "T4", Outcome: "not_met", Passed: []string{"transport"}, Failed: []string{"broadband"}, Open: []string{}}},
		"traffic coverage":     {nation.Coverage.Traffic, q("0.992908", "1209600", "1218240")},
		"device coverage":      {hanoi.Coverage.Devices, q("0.999913", "10363500", "10364400")},
		"links of Tuyên Quang": {len(docs[2].Congested), 1},
	} {
		if diff := cmp.Diff(c.want, c.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// Each outage stands where a director looks for it, and once in each document.
func TestListsBelongToTheirProvinces(t *testing.T) {
	docs := build()
	names := func(d *scorecard.Document) (outages, congested, missing, late []string) {
		for _, o := range d.Outages {
			outages = append(outages, o.Name)
		}
		for _, l := range d.Congested {
			congested = append(congested, l.Link)
		}
		for _, l := range d.NotEvaluated {
			missing = append(missing, l.Link)
		}
		for _, w := range d.LateWindows {
			late = append(late, w.ID)
		}
		return outages, congested, missing, late
	}
	type lists struct{ Outages, Congested, NotEvaluated, Late []string }
	want := []lists{
		{[]string{"tr-000"}, []string{"bb-000", "bb-001", "bb-002", "tr-000"}, nil, []string{"CR-7", "CR-8"}},
		{[]string{"hni-olt-3", "hni-mane-1", "bb-000", "hni-olt-2"}, []string{"bb-000", "bb-001", "bb-002"}, []string{"bb-100"}, []string{"CR-7"}},
		{[]string{"bb-000"}, []string{"bb-000"}, nil, nil},
	}
	got := make([]lists, 0, len(docs))
	for _, d := range docs {
		outages, congested, missing, late := names(d)
		got = append(got, lists{outages, congested, missing, late})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lists of nation, 01 and 08 (-want +got):\n%s", diff)
	}
}

func TestVerdictsWithoutTargetsStayOpen(t *testing.T) {
	month := smallMonth()
	for i := range month.Availability {
		a := &month.Availability[i]
		a.Meets, a.Status = true, "ok"
		if a.System == "vn2" {
			a.Meets, a.Status, a.Target = false, "no_target", model.Ratio{}
		}
	}
	month.Congestion = month.Congestion[1:2] // transport only
	nation := scorecard.Build(month, smallInventory(), 0)[0]
	want := []scorecard.Verdict{
		{ID: "T1", Outcome: "no_target", Passed: []string{"man-e", "olt-gpon"}, Failed: []string{}, Open: []string{"vn2"}},
		{ID: "T4", Outcome: "not_met", Passed: []string{"transport"}, Failed: []string{"broadband"}, Open: []string{}},
	}
	if diff := cmp.Diff(want, nation.Verdicts); diff != "" {
		t.Errorf("verdicts (-want +got):\n%s", diff)
	}
}

// Without data a target is missed; without a target nothing is, whatever the data.
func TestMissingDataMissesATarget(t *testing.T) {
	for want, target := range map[string]model.Ratio{"not_met": {Num: 199, Den: 200}, "no_target": {}} {
		month := smallMonth()
		a := unseen("08", "olt-gpon")
		a.Target = target
		month.Availability = []kpi.Availability{a}
		got := scorecard.Build(month, smallInventory(), 0)[2].Availability[0]
		if got.Outcome != want || got.Status != "no_data" || got.Net != nil {
			t.Errorf("target %v: %s, %s, %v; want %s without a value", target, got.Outcome, got.Status, got.Net, want)
		}
	}
}

func TestARunningMonthSaysSo(t *testing.T) {
	month := smallMonth()
	month.End = month.From + 10*86400
	d := scorecard.Build(month, smallInventory(), 0)[0]
	if d.Complete || d.Until != "2026-11-11T00:00:00+07:00" {
		t.Errorf("complete %v until %s; want a running month until 11 November", d.Complete, d.Until)
	}
}

func TestUnitsAreThoseOfTheMonth(t *testing.T) {
	month := smallMonth()
	month.From, month.End = 1700000000, 1700086400
	docs := scorecard.Build(month, smallInventory(), 0)
	if len(docs) != 2 || docs[1].Scope.UnitSet != "63" || docs[0].Scope.UnitSet != "63" {
		t.Errorf("%d documents, unit set %s; want the nation and one old unit", len(docs), docs[0].Scope.UnitSet)
	}
}

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("../../docs/scorecard.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *jsonschema.Schema, text []byte) error {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func TestEveryDocumentFollowsTheSchema(t *testing.T) {
	s := schema(t)
	docs := build()
	empty := smallMonth()
	empty.Availability, empty.Congestion, empty.Links, empty.Outages, empty.LateWindows = nil, nil, nil, nil, nil
	for _, d := range append(docs, scorecard.Build(empty, smallInventory(), 0)...) {
		if err := validate(t, s, render(t, d)); err != nil {
			t.Errorf("%s: %v", d.Name(), err)
		}
	}
}

func TestTheSchemaRefusesWrongDocuments(t *testing.T) {
	s := schema(t)
	text := string(render(t, build()[1]))
	for name, c := range map[string][2]string{
		"unknown key":          {`"complete": true`, `"complete": true, "generated_at": "2026-12-04T00:00:00+07:00"`},
		"missing key":          {`"revision": 2,`, ``},
		"other schema":         {`scorecard/1`, `scorecard/2`},
		"month":                {`"2026-11"`, `"2026-13"`},
		"float numerator":      {`"num": "2586204"`, `"num": "2586204.0"`},
		"zero denominator":     {`"den": "2587500"`, `"den": "0"`},
		"number as text":       {`"value": 0.999499`, `"value": "99.9499 %"`},
		"other time zone":      {`"from": "2026-11-01T00:00:00+07:00"`, `"from": "2026-10-31T17:00:00Z"`},
		"outcome":              {`"outcome": "not_met"`, `"outcome": "nearly"`},
		"negative seconds":     {`"down": 1296`, `"down": -1296`},
		"verdict of province":  {`"availability": [`, `"verdicts": [], "availability": [`},
		"nation without table": {`"kind": "province"`, `"kind": "nation"`},
		"reasonless link":      {`"reason": "coverage"`, `"reason": ""`},
		"short hash":           {strings.Repeat("1f", 32), "1f1f"},
	} {
		wrong := strings.Replace(text, c[0], c[1], 1)
		if wrong == text {
			t.Fatalf("%s: %q is not in the document", name, c[0])
		}
		if validate(t, s, []byte(wrong)) == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestTheSameMonthGivesTheSameBytes(t *testing.T) {
	first, second := build(), build()
	for i := range first {
		text := render(t, first[i])
		if !bytes.Equal(text, render(t, second[i])) {
			t.Errorf("%s differs between two renderings", first[i].Name())
		}
		var back scorecard.Document
		if err := json.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(text, render(t, &back)) {
			t.Errorf("%s changes when it is read and written again", first[i].Name())
		}
		if !norm.NFC.IsNormal(text) || !bytes.Contains(text, []byte("<1>")) && len(first[i].Congested) > 0 {
			t.Errorf("%s is not NFC, or escapes what JSON need not", first[i].Name())
		}
	}
}

func TestCSVIsRectangularAndInItsLanguage(t *testing.T) {
	for lang, want := range map[string][]string{"vi": {"tháng", "không đạt"}, "en": {"month", "not met"}} {
		text, err := build()[0].CSV(lang)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.HasSuffix(text, []byte("\r\n")) || !norm.NFC.IsNormal(text) {
			t.Errorf("%s: want lines that end in CRLF, in NFC", lang)
		}
		records, err := csv.NewReader(bytes.NewReader(text)).ReadAll() // refuses rows of different width
		if err != nil {
			t.Fatal(err)
		}
		if records[0][0] != want[0] {
			t.Errorf("%s: header %v", lang, records[0])
		}
		said := slices.ContainsFunc(records, func(r []string) bool { return r[4] == "verdict" && r[8] == want[1] })
		if !said {
			t.Errorf("%s: no verdict says %q", lang, want[1])
		}
	}
	if _, err := build()[0].CSV("fr"); err == nil {
		t.Error("French was accepted")
	}
}
