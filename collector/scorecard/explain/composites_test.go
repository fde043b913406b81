package explain_test

import (
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// answered asks one question and returns what is said.
func answered(t *testing.T, q explain.Question, r *kpi.MonthResult, inv *model.Inventory) string {
	t.Helper()
	var text strings.Builder
	if err := q.Answer(&text, r, inv); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// composed has a, b and c as a ring whose protection and then all is lost, and by capacity.
func composed(target model.Ratio) (*kpi.MonthResult, *model.Inventory) {
	inv := inventory(model.Ratio{}, false)
	inv.Windows = inv.Windows[:1] // CR-1 on a, [100, 200)
	members := []model.CompositeMember{}
	for i, name := range []string{"a", "b", "c"} {
		members = append(members, model.CompositeMember{Scope: model.Scope{Kind: model.ScopeDevice, Key: name}, CapacityMbps: int64(i+1) * 100})
	}
	always := model.Validity{To: model.Forever}
	inv.Composites = []model.Composite{{Name: "ring", NameVI: "Vòng Bắc", NameEN: "Ring North", System: "man-e", Rule: model.Ring, Members: members, Validity: always},
		{Name: "sum", System: "man-e", Province: "01", Rule: model.Capacity, Members: members, Validity: always}}
	inv.Targets.Composites = map[string]model.CompositeTarget{"ring": {Target: target}, "sum": {Target: target}}
	return computed(inv, map[string][]kpi.Interval{
		"a": {stretch(100, 3700, kpi.Down)},
		"b": {stretch(1900, 2500, kpi.Down), stretch(9000, 9060, kpi.Unknown)},
		"c": {stretch(9030, 9060, kpi.Down)},
	}), inv
}

// When a composite was down, unknown or without protection is said with the members that made it so.
func TestCompositesAreExplained(t *testing.T) {
	r, inv := composed(model.Ratio{Num: 1, Den: 1})
	ring := answered(t, explain.Question{KPI: "composites", Lang: "en"}, r, inv)
	for _, want := range []string{"Ring North (ring, ring: one arm may be lost)", "Down D = 600 s   Unknown X = 30 s", "Without protection = 3000 s (0:50:00)", "Net U / (U + D) = 2677770 / 2678370",
		"=> NOT MET. To meet it, 600 s less would have had to be down",
		"0:10:00  DOWN  1 Oct 2026 00:31:40 – 1 Oct 2026 00:41:40  <= device:a DOWN, device:b DOWN",
		"0:00:30  UNKNOWN  ", "<= device:b UNKNOWN, device:c DOWN", "0:01:40  WITHOUT PROTECTION", "<= device:a MAINTENANCE", "device:b  U = 2677740  D = 600  X = 60"} {
		if !strings.Contains(ring, want) {
			t.Errorf("no %q in\n%s", want, ring)
		}
	}
	sum := answered(t, explain.Question{Province: "01", KPI: "composites", System: "sum", Lang: "vi"}, r, inv)
	// a 3 500 s × 100, b 600 s × 200, c 30 s × 300 Mbit/s
	for _, want := range []string{"theo dung lượng", "Σ w D = 479000", "lẽ ra phải bớt 479000 Mbit/s × s mất", "× 300 Mbit/s", "KHÔNG CÒN DỰ PHÒNG", "Mục tiêu 1 / 1"} {
		if !strings.Contains(sum, want) {
			t.Errorf("no %q in\n%s", want, sum)
		}
	}
	for target, want := range map[model.Ratio]string{{Num: 1, Den: 2}: "=> MET", {}: "Target none"} {
		r, inv := composed(target)
		if text := answered(t, explain.Question{KPI: "composites", Lang: "en"}, r, inv); !strings.Contains(text, want) {
			t.Errorf("target %v: no %q in\n%s", target, want, text)
		}
	}
	if err := (explain.Question{KPI: "composites", System: "no", Lang: "en"}).Answer(new(strings.Builder), r, inv); err == nil {
		t.Error("a composite that is not there was explained")
	}
}

// A cell is named as revisions and verify print it; its numbers stand before what made them.
func TestCellsAreExplained(t *testing.T) {
	r, inv := composed(model.Ratio{Num: 1, Den: 1})
	text := answered(t, explain.Question{Cell: "composites/ring/degraded_seconds", Lang: "en"}, r, inv)
	if !strings.HasPrefix(text, "composites/ring/degraded_seconds = 3000\n\nAvailability of a system with redundancy: Ring North") {
		t.Error(text)
	}
	text = answered(t, explain.Question{Cell: "availability/device@man-e/net", Lang: "en"}, r, inv)
	if !strings.HasPrefix(text, "availability/device@man-e/net/den = 8035040\n") || !strings.Contains(text, "Outages, the longest first") {
		t.Error(text)
	}
	for _, cell := range []string{"availability/device@no/net", "month", "moon"} {
		if err := (explain.Question{Cell: cell, Lang: "en"}).Answer(new(strings.Builder), r, inv); err == nil {
			t.Errorf("%s was explained", cell)
		}
	}
}
