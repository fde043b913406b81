package scorecard_test

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// observed is the small month as the engine gets it: what was not up, per device.
func observed() map[string][]kpi.Interval {
	from, end := month.Start(), month.End()
	return map[string][]kpi.Interval{
		"hni-mane-1": {{From: from + 90000, To: from + 94896, State: kpi.Down, Poll: 60}, {From: from + 200000, To: from + 200900, State: kpi.Unknown}},
		"hni-olt-1":  nil,
		"hni-olt-2":  {{From: end - 3600, To: end, State: kpi.Down, Poll: 60}},
		"hni-olt-3":  {{From: from, To: from + 36000, State: kpi.Down, Poll: 60}},
		"vn2-p1":     nil,
	}
}

// chunks cut observed into local days.
func chunks() []*kpi.DayChunk {
	var days []*kpi.DayChunk
	seen := observed()
	for day := month.First(); day < month.Next().First(); day++ {
		c := &kpi.DayChunk{Day: day}
		for _, name := range []string{"hni-mane-1", "hni-olt-1", "hni-olt-2", "hni-olt-3", "vn2-p1"} {
			e := kpi.EntityDay{Device: name, Method: "snmp"}
			for _, iv := range seen[name] {
				iv.From, iv.To = max(iv.From, day.Start()), min(iv.To, day.End())
				if iv.From < iv.To {
					e.NonUp = append(e.NonUp, iv)
				}
			}
			c.Entities = append(c.Entities, e)
		}
		days = append(days, c)
	}
	return days
}

func engineInventory() *model.Inventory {
	inv := smallInventory()
	from := month.Start()
	inv.Windows = []model.Window{
		{ID: "CR-1", Kind: model.ScopeDevice, Key: "hni-mane-1", Start: from + 90000, End: from + 93600, ApprovedBy: "NOC", ApprovedAt: from},
		{ID: "CR-2", Kind: model.ScopeSite, Key: "HNI-TXN", Start: from, End: from + 36000, ApprovedBy: "NOC", ApprovedAt: from + 40000},
	}
	inv.Targets.Congestion = map[model.LinkClass]model.ClassRule{
		model.Broadband: {ThetaPerMille: 800, MaxRatio: model.Ratio{Num: 3, Den: 100}, MinCoverage: model.Ratio{Num: 9, Den: 10}, MinServiceDays: 15, OverflowPerMill: 1050},
	}
	inv.Links = []model.Link{{
		Name: "uplink", A: model.Port{Device: "hni-olt-1", IfName: "ge-0"}, B: model.Port{Device: "tqg-olt-1", IfName: "ge-0"},
		Class: model.Broadband, CapacityMbps: 1000, Validity: model.Validity{To: model.Forever},
	}}
	return inv
}

func evaluate(inv *model.Inventory, days []*kpi.DayChunk) []*scorecard.Document {
	result := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: days})
	return scorecard.Build(&result, inv, 1)
}

// The engine and the hand agree on the numbers of the small month.
func TestTheEngineGivesTheNumbersWorkedOutByHand(t *testing.T) {
	docs, byHand := evaluate(engineInventory(), chunks()), build()
	s := schema(t)
	for _, d := range docs {
		if err := validate(t, s, render(t, d)); err != nil {
			t.Errorf("%s: %v", d.Name(), err)
		}
	}
	got, want := docs[1].Availability, byHand[1].Availability
	if len(got) < 2 {
		t.Fatalf("%d systems in Hà Nội; want man-e and olt-gpon", len(got))
	}
	for i := range want {
		for name, c := range map[string][2]any{
			"key": {want[i].Key, got[i].Key}, "net": {want[i].Net, got[i].Net}, "gross": {want[i].Gross, got[i].Gross}, "lo": {want[i].Lo, got[i].Lo},
			"hi": {want[i].Hi, got[i].Hi}, "weighted": {want[i].Weighted.Net, got[i].Weighted.Net}, "target": {want[i].Target, got[i].Target},
			"seconds": {want[i].Seconds, got[i].Seconds}, "budget left": {want[i].Budget.Left.Value, got[i].Budget.Left.Value},
			"outcome": {want[i].Outcome, got[i].Outcome}, "unrecoverable": {want[i].Lost, got[i].Lost},
		} {
			if diff := cmp.Diff(c[0], c[1]); diff != "" {
				t.Errorf("%s %s (-by hand +engine):\n%s", want[i].Key, name, diff)
			}
		}
	}
	if diff := cmp.Diff(byHand[0].Verdicts[0], docs[0].Verdicts[0]); diff != "" {
		t.Errorf("T1 (-by hand +engine):\n%s", diff)
	}
	if l := docs[1].NotEvaluated; len(l) != 1 || l[0].Link != "uplink" || l[0].Reason != "coverage" {
		t.Errorf("not evaluated: %+v; want the uplink, which has no data", l)
	}
	if w := docs[1].LateWindows; len(w) != 1 || w[0].ID != "CR-2" {
		t.Errorf("late windows: %+v; want CR-2", w)
	}
}

// The same days in another order are the same bytes.
func TestTheOrderOfDaysCannotBeSeen(t *testing.T) {
	inv := engineInventory()
	docs := evaluate(inv, chunks())
	want := make([][]byte, len(docs))
	for i, d := range docs {
		want[i] = render(t, d)
	}
	rapid.Check(t, func(rt *rapid.T) {
		days := rapid.Permutation(chunks()).Draw(rt, "days")
		for i, d := range evaluate(inv, slices.Clone(days)) {
			if !bytes.Equal(want[i], render(t, d)) {
				rt.Fatalf("%s depends on the order of days", d.Name())
			}
		}
	})
}
