package scorecard_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// composed is the engine's month with a pair of OLTs of Hà Nội, of which one is needed, the national
// router as a system of its own, and an event in which nothing was to be changed.
func composed(t *testing.T, target model.Ratio) []*scorecard.Document {
	t.Helper()
	inv := engineInventory()
	member := func(names ...string) (out []model.CompositeMember) {
		for _, name := range names {
			out = append(out, model.CompositeMember{Scope: model.Scope{Kind: model.ScopeDevice, Key: name}})
		}
		return out
	}
	always := model.Validity{To: model.Forever}
	inv.Composites = []model.Composite{
		{Name: "hni-pair", NameVI: "Cặp OLT", NameEN: "OLT pair", System: "olt-gpon", Province: "01", Rule: model.Parallel, Members: member("hni-olt-2", "hni-olt-3"), Validity: always},
		{Name: "vn2-core", NameVI: "Lõi VN2", NameEN: "VN2 core", System: "vn2", Rule: model.Series, Members: member("vn2-p1", "hni-mane-1"), Validity: always},
	}
	inv.Targets.Composites = map[string]model.CompositeTarget{"vn2-core": {Target: target, Gross: true, Source: "kế hoạch"}}
	from := month.Start()
	inv.Freezes = []model.Freeze{{ID: "le", NameVI: "Lễ", NameEN: "Holiday", Start: from + 90000, End: from + 93000, Scopes: []model.Scope{{Kind: model.ScopeProvince, Key: "01"}}, Changes: true, NoteVI: "Ngày lễ", NoteEN: "A holiday"}}
	inv.Thresholds = strings.Repeat("3d", 32)
	inv.Goals = []model.Goal{{ID: "olts", NameVI: "OLT", NameEN: "OLTs", Year: 2026, Unit: "OLT", Measure: model.CountDevices, Systems: []model.System{"olt-gpon"}, Planned: 2, Start: new(int64)},
		{ID: "fibre", NameVI: "Cáp quang", NameEN: "Fibre", Year: 2026, Unit: "km", Measure: model.Given, Planned: 1930, Now: 5}}
	r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: chunks()})
	return scorecard.Build(&r, inv, 1)
}

func TestCompositesAndEvents(t *testing.T) {
	docs := composed(t, model.Ratio{Num: 1, Den: 2})
	nation, hanoi, other := docs[0], docs[1], docs[2]
	if len(nation.Composites) != 1 || len(hanoi.Composites) != 1 || len(other.Composites)+len(other.Notes) != 0 || len(nation.Notes) != 1 || len(hanoi.Notes) != 1 {
		t.Fatalf("composites and notes: nation %+v, Hà Nội %+v", nation.Composites, hanoi.Composites)
	}
	pair := hanoi.Composites[0]
	if pair.Degraded != 39600 || pair.Availability.Seconds.Down != 0 || pair.Availability.NameEN != "OLT pair" || pair.Availability.Level != "composite" {
		t.Errorf("%+v", pair)
	}
	core := nation.Composites[0]
	// CR-1 took 3 600 s of the router's failure, the event gave 3 000 s of them back.
	if s := core.Availability.Seconds; s.Down != 4896-600 || s.MaintDown != 600 || core.Availability.Target.Tests != "gross" || core.Availability.Outcome != scorecard.Met {
		t.Errorf("%+v", core.Availability)
	}
	want := []scorecard.FrozenWindow{{ID: "CR-1", Scope: "device:hni-mane-1", Start: "2026-11-02T01:00:00+07:00", End: "2026-11-02T01:50:00+07:00", Freeze: "le"}}
	for name, got := range map[string][]scorecard.FrozenWindow{"nation": nation.FrozenWindows, "Hà Nội": hanoi.FrozenWindows} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("frozen windows of %s (-want +got):\n%s", name, diff)
		}
	}
	if len(other.FrozenWindows) != 0 {
		t.Errorf("Tuyên Quang, of which no window was frozen: %+v", other.FrozenWindows)
	}
	if p := nation.Progress; len(p) != 2 || p[0].Share.Value != "2.000000" || p[1].Status != "no_baseline" || p[1].Share != nil || len(hanoi.Progress) != 0 {
		t.Errorf("progress: %+v", p)
	}
	s := schema(t)
	for _, d := range docs {
		if err := validate(t, s, render(t, d)); err != nil {
			t.Error(err)
		}
		if _, err := scorecard.Parse(render(t, d)); err != nil {
			t.Error(err)
		}
	}
}

// A link's window that was approved too late stands on the scorecards of its ends' provinces.
func TestLateWindowsOfLinks(t *testing.T) {
	inv := engineInventory()
	from := month.Start()
	inv.Windows = append(inv.Windows, model.Window{ID: "CR-3", Kind: model.ScopeLink, Key: "uplink", Start: from, End: from + 60, ApprovedBy: "NOC", ApprovedAt: from + 1})
	r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: chunks()})
	for i, d := range scorecard.Build(&r, inv, 1) {
		if w := d.LateWindows; len(w) == 0 || w[len(w)-1].ID != "CR-3" {
			t.Errorf("document %d: %+v; want CR-3 among them", i, w)
		}
	}
}

// A composite's target is one of its system's.
func TestACompositeDecidesItsSystem(t *testing.T) {
	for target, want := range map[model.Ratio]string{{Num: 1, Den: 2}: "passed", {Num: 1, Den: 1}: "failed"} {
		v := composed(t, target)[0].Verdicts[0]
		lists := map[string][]string{"passed": v.Passed, "failed": v.Failed}
		if !strings.Contains(strings.Join(lists[want], " "), "vn2") {
			t.Errorf("target %v: %+v; want vn2 among %s", target, v, want)
		}
	}
}

func TestCompositesInEveryFormat(t *testing.T) {
	dir := t.TempDir()
	files, err := scorecard.Write(dir, composed(t, model.Ratio{Num: 1, Den: 2}), scorecard.Options{Province: "01", Formats: []string{"csv", "html"}, Langs: []string{"vi", "en"}})
	if err != nil || len(files) != 4 {
		t.Fatal(files, err)
	}
	for i, words := range [][]string{
		{"composite_member", "device:hni-olt-3", "degraded", "39600", "Ngày lễ"}, {"OLT pair", "A holiday"},
		{"Hệ thống có dự phòng", "Cặp OLT", "Sự kiện trong tháng"}, {"Systems with redundancy", "OLT pair", "Events of the month"},
	} {
		text := string(read(t, files[i]))
		for _, word := range words {
			if !strings.Contains(text, word) {
				t.Errorf("%s lacks %q", files[i], word)
			}
		}
	}
}
