package scorecard_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// inEvent is the engine's inventory with an event of the whole nation and hni-mane-1 as P1.
func inEvent() *model.Inventory {
	inv := engineInventory()
	from := month.Start()
	inv.Freezes = []model.Freeze{{ID: "le", NameVI: "Lễ", NameEN: "Holiday", Start: from - 3600, End: from + 93000, Scopes: []model.Scope{{Kind: model.ScopeNation}}, Changes: true}}
	inv.Targets.Protection = model.ProtectionRules{MaxUnknown: model.Ratio{Num: 1, Den: 20}}
	inv.Devices = slices.Clone(inv.Devices)
	for i := range inv.Devices {
		if inv.Devices[i].Name == "hni-mane-1" {
			inv.Devices[i].Tags = "vip|p1"
		}
	}
	return inv
}

// quiet leaves out the router's failure.
func quiet() []*kpi.DayChunk {
	all := chunks()
	all[1].Entities[0].NonUp = nil
	return all
}

// CR-1 is void in the event, so 3 000 s of the router's failure are no maintenance, and a change was made.
func TestAnEventThatWasNotKept(t *testing.T) {
	docs := evaluate(inEvent(), chunks())
	want := scorecard.Event{
		ID: "le", NameVI: "Lễ", NameEN: "Holiday", Start: "2026-11-01T00:00:00+07:00", End: "2026-11-02T01:50:00+07:00", Frozen: true, Verdict: "not_kept",
		Elements: 1, Outages: 1, Void: 1, Unknown: &scorecard.Quotient{Value: "0.000000", Num: "0", Den: "93000"}, Seconds: scorecard.Seconds{Up: 90000, Down: 3000},
		Failures: []scorecard.Outage{{Level: "device", Name: "hni-mane-1", Key: "man-e", Provinces: []string{}, From: "2026-11-02T01:00:00+07:00", To: "2026-11-02T01:50:00+07:00",
			Seconds: 3000, Counted: true, Planned: 600, Windows: []string{"CR-1"}}},
		Changes: []scorecard.EventChange{{ID: "CR-1", Scope: "device:hni-mane-1", Start: "2026-11-02T01:00:00+07:00", End: "2026-11-02T01:50:00+07:00"}},
	}
	for _, d := range docs[:2] {
		if diff := cmp.Diff([]scorecard.Event{want}, d.Events); diff != "" {
			t.Errorf("%s (-want +got):\n%s", d.Name(), diff)
		}
	}
	if e := docs[2].Events; len(e) != 1 || e[0].Verdict != "no_p1" || e[0].Unknown != nil || len(e[0].Changes) != 0 {
		t.Errorf("Tuyên Quang: %+v", e)
	}
	v := docs[0].Verdicts[len(docs[0].Verdicts)-1]
	if diff := cmp.Diff(scorecard.Verdict{ID: "T10", Outcome: scorecard.NotMet, Passed: []string{}, Failed: []string{"le"}, Open: []string{}}, v); diff != "" {
		t.Error(diff)
	}
	s := schema(t)
	for _, d := range docs {
		if err := validate(t, s, render(t, d)); err != nil {
			t.Error(err)
		}
	}
	text, err := docs[1].CSV("en")
	for _, line := range []string{",event,le,Holiday,verdict,not kept,", ",event,le,Holiday,down,3000,s,", ",event_failure,le:hni-mane-1@2026-11-02T01:00:00+07:00,", ",event_change,le:CR-1,device:hni-mane-1,overridden,no,"} {
		if err != nil || !strings.Contains(string(text), line) {
			t.Errorf("no %q in the CSV: %v", line, err)
		}
	}
	r, err := docs[1].Report("vi", docs[0])
	if err != nil || !slices.ContainsFunc(r.Sections, func(s report.Section) bool {
		return s.Name == "Bảo vệ sự kiện quốc gia" && len(s.Tables) == 3
	}) {
		t.Errorf("no events on paper: %v", err)
	}
}

// What makes an event kept, and what makes nobody know.
func TestEventsThatWereKept(t *testing.T) {
	allowed := inEvent()
	allowed.Windows[0].Override = "cứu hộ"
	allowed.Freezes[0].Start = month.Start() + 80000
	silent := quiet()
	silent[0].Entities[0].NonUp = []kpi.Interval{{From: month.Start(), To: month.Start() + 4651, State: kpi.Unknown}}
	untouched := inEvent()
	untouched.Windows = nil
	for name, c := range map[string]struct {
		inv  *model.Inventory
		days []*kpi.DayChunk
		want string
		why  func(*scorecard.Event) bool
	}{
		"a change that had to go on": {allowed, chunks(), "kept", func(e *scorecard.Event) bool {
			return e.Overridden == 1 && e.Void == 0 && e.Seconds.MaintDown == 3000 && e.Whole
		}},
		"no failure, but a change":        {inEvent(), quiet(), "not_kept", func(e *scorecard.Event) bool { return e.Outages == 0 && e.Void == 1 }},
		"nothing at all":                  {untouched, quiet(), "kept", func(e *scorecard.Event) bool { return !e.Whole }},
		"5 % and a second of it unknown":  {untouched, silent, "insufficient_data", func(e *scorecard.Event) bool { return e.Seconds.Unknown == 4651 }},
		"a failure while much is unknown": {untouched, append(silent[:1:1], chunks()[1:]...), "not_kept", func(e *scorecard.Event) bool { return e.Outages == 1 && e.Seconds.Unknown == 4651 }},
	} {
		e := evaluate(c.inv, c.days)[1].Events[0]
		if e.Verdict != c.want || !c.why(&e) {
			t.Errorf("%s: %+v, want %s", name, e, c.want)
		}
	}
}

// A point that comes late and changes the verdict about an event makes a revision that says so.
func TestALatePointChangesAnEvent(t *testing.T) {
	inv := inEvent()
	inv.Windows = nil
	before, after := evaluate(inv, quiet()), evaluate(inv, chunks())
	changed, err := scorecard.Revise(after, before)
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	for i, want := range [][]scorecard.Change{
		{{Cell: "events/le@2026-11-01T00:00:00+07:00/verdict", Before: "kept", After: "not_kept"}, {Cell: "verdicts/T10/outcome", Before: "met", After: "not_met"}, {Cell: "verdicts/T10/passed", Before: "le", After: ""}},
		{{Cell: "events/le@2026-11-01T00:00:00+07:00/p1_outages", Before: "0", After: "1"}},
	} {
		for _, c := range want {
			if !slices.Contains(after[i].Changes, c) {
				t.Errorf("%s: no %v in %v", after[i].Name(), c, after[i].Changes)
			}
		}
	}
}

// An event that goes over two months is kept in the year if it was in both.
func TestTheYearsEvents(t *testing.T) {
	part := func(id string, v kpi.Kept) kpi.Protection {
		return kpi.Protection{Event: model.Freeze{ID: id}, Verdict: v}
	}
	y := scorecard.BuildYear(&kpi.YearResult{From: model.Month{Year: 2026, Month: 1}.Start(), End: month.End(), Protection: []kpi.Protection{
		part("a", kpi.KeptSafe), part("b", kpi.KeptSafe), part("c", kpi.KeptNone), part("d", kpi.KeptNone),
		part("b", kpi.KeptData), part("a", kpi.KeptNone), part("c", kpi.KeptSafe),
	}}, smallInventory(), nil)
	want := scorecard.Verdict{ID: "T10", Outcome: scorecard.NotMet, Passed: []string{"a", "c"}, Failed: []string{"b"}, Open: []string{"d"}}
	if diff := cmp.Diff(want, y.Verdicts[len(y.Verdicts)-1].Verdict); diff != "" {
		t.Error(diff)
	}
}

// The tagged devices of Hà Nội are those of the nation: shown with bounds and coverage, without a target; the year adds them up.
func TestTaggedDevices(t *testing.T) {
	result, inv := everything(t)
	docs := scorecard.Build(result, inv, 0)
	for _, d := range docs[:2] {
		if len(d.Tagged) != 1 {
			t.Fatalf("%s: %+v", d.Name(), d.Tagged)
		}
		a := d.Tagged[0]
		want := scorecard.Seconds{Up: 2*2592000 - 4296 - 900 - 3600 - 600, Down: 4296 + 3600, Unknown: 900, MaintDown: 600, Expected: 2 * 2592000}
		if diff := cmp.Diff(want, a.Seconds); diff != "" || a.Level != "tagged" || a.Key != "vip" || a.Entities != 2 || a.Outcome != scorecard.NoTarget || a.Lo == nil || a.Hi == nil || a.Target != nil {
			t.Errorf("%s: %+v\n%s", d.Name(), a, diff)
		}
		if err := validate(t, schema(t), render(t, d)); err != nil {
			t.Error(err)
		}
	}
	text, err := docs[1].CSV("en")
	if err != nil || !strings.Contains(string(text), ",tagged,tagged:vip,Devices of VIP customers,down,7896,s,") {
		t.Errorf("no tagged devices in the CSV: %v", err)
	}
	if len(docs[2].Tagged) != 0 {
		t.Errorf("Tuyên Quang: %+v", docs[2].Tagged)
	}
	year := kpi.NewYear(kpi.NewPlan(inv))
	year.Add(result)
	r := year.Result()
	if y := scorecard.BuildYear(&r, inv, nil); len(y.Units[0].Tagged) != 1 || y.Units[0].Tagged[0].Seconds.Down != 7896 || len(y.Units[0].Availability) != len(docs[0].Availability) {
		t.Errorf("the year: %+v", y.Units[0].Tagged)
	}
}

// Coverage of Hà Nội is held against its target, and the nation's document says so where verdicts stand.
func TestCoverageIsAVerdict(t *testing.T) {
	_, inv := everything(t)
	inv.Targets.Coverage["63"] = map[string]model.Ratio{"area": {Num: 1, Den: 2}} // no unit of the month
	for target, want := range map[int64]string{94: scorecard.Met, 95: scorecard.NotMet} {
		inv.Targets.Coverage["01"]["population"] = model.Ratio{Num: target, Den: 100} // 953 of 1 009
		r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: chunks()})
		docs := scorecard.Build(&r, inv, 0)
		at := slices.IndexFunc(docs[0].Verdicts, func(v scorecard.Verdict) bool { return v.ID == "T7" })
		if at < 0 || docs[0].Verdicts[at].Outcome != want || len(docs[0].Verdicts[at].Passed)+len(docs[0].Verdicts[at].Failed) != 1 {
			t.Errorf("%d %%: %+v, want %s", target, docs[0].Verdicts, want)
		}
		paper, err := docs[1].Report("en", docs[0])
		if err != nil || !slices.ContainsFunc(paper.Sections[0].Tables[0].Rows, func(row []report.Cell) bool {
			return row[0].Value == "Coverage: Population covered" && row[3].Value == want
		}) {
			t.Errorf("%d %%: not in the summary: %v", target, err)
		}
	}
	inv.Targets.Coverage = nil
	r := kpi.Month(kpi.MonthInput{Month: month, Plan: kpi.NewPlan(inv), Chunks: chunks()})
	if v := scorecard.Build(&r, inv, 0)[0].Verdicts; slices.ContainsFunc(v, func(v scorecard.Verdict) bool { return v.ID == "T7" }) {
		t.Errorf("a verdict without a target: %+v", v)
	}
}
