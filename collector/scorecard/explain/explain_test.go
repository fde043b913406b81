package explain_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

var october = model.Month{Year: 2026, Month: 10}

func inventory(target model.Ratio, gross bool) *model.Inventory {
	always := model.Validity{To: model.Forever}
	from := october.Start()
	return &model.Inventory{
		Devices: []model.Device{
			{Name: "a", Province: "01", System: "man-e", Site: "S", Validity: always},
			{Name: "b", Province: "01", System: "man-e", Validity: always},
			{Name: "c", Province: "08", System: "man-e", Validity: always},
		},
		Windows: []model.Window{
			{ID: "CR-1", Kind: model.ScopeSite, Key: "S", Start: from + 100, End: from + 200, ApprovedAt: from, Reason: "thay nguồn"},
			{ID: "CR-2", Kind: model.ScopeDevice, Key: "b", Start: from + 500, End: from + 600},
			{ID: "CR-3", Kind: model.ScopeProvince, Key: "08", Start: from + 500, End: from + 600, ApprovedAt: from},
		},
		Targets: model.Targets{
			Availability:    map[model.System]model.SystemTarget{"man-e": {Target: target, NameVI: "Mạng MAN-E", NameEN: "MAN-E metro"}},
			MaxUnknownMonth: model.Ratio{Num: 5, Den: 100}, TestGross: gross,
		},
	}
}

// computed is October with the given seconds not up, one stretch after another from the month's
// start.
func computed(inv *model.Inventory, stretches map[string][]kpi.Interval) *kpi.MonthResult {
	var days []*kpi.DayChunk
	for day := october.First(); day < october.Next().First(); day++ {
		c := &kpi.DayChunk{Day: day}
		for _, d := range inv.Devices {
			e := kpi.EntityDay{Device: d.Name}
			for _, iv := range stretches[d.Name] {
				iv.From, iv.To = max(iv.From, day.Start()), min(iv.To, day.End())
				if iv.From < iv.To {
					e.NonUp = append(e.NonUp, iv)
				}
			}
			c.Entities = append(c.Entities, e)
		}
		days = append(days, c)
	}
	r := kpi.Month(kpi.MonthInput{Month: october, Plan: kpi.NewPlan(inv), Chunks: days})
	return &r
}

func stretch(from, to int64, s kpi.State) kpi.Interval {
	return kpi.Interval{From: october.Start() + from, To: october.Start() + to, State: s}
}

func TestWhatMadeANumber(t *testing.T) {
	inv := inventory(model.Ratio{Num: 9999, Den: 10000}, false)
	result := computed(inv, map[string][]kpi.Interval{
		"a": {stretch(150, 1150, kpi.Down)}, // 50 s inside CR-1
		"b": {stretch(2000, 2030, kpi.Down), stretch(9000, 9500, kpi.Unknown)},
		"c": {stretch(0, 86400, kpi.Down)},
	})
	all, err := explain.MonthAvailability(result, inv, "01", "man-e")
	if err != nil || len(all) != 1 {
		t.Fatal(len(all), err)
	}
	a := all[0]
	// 2 × 31 days = 5 356 800 s; less 500 unknown and 50 in CR-1: 5 356 250. One in 10 000 of that may be
	// down: 535.625. 950 + 30 were: 444.375 less, in whole seconds 445.
	if a.Needed != 445 || a.Enough != 1 || a.Unseen != 0 {
		t.Errorf("needed %d, enough %d, unseen %d; want 445, 1, 0", a.Needed, a.Enough, a.Unseen)
	}
	if len(a.Outages) != 2 || a.Outages[0].Name != "a" || a.Outages[0].Seconds != 950 || a.Outages[0].Planned != 50 {
		t.Errorf("outages %+v; want those of a and b, the longer first", a.Outages)
	}
	if len(a.Planned) != 1 || a.Planned[0].ID != "CR-1" || len(a.Late) != 1 || a.Late[0].ID != "CR-2" {
		t.Errorf("windows %+v, late %+v; want CR-1 and CR-2", a.Planned, a.Late)
	}
	if len(a.Unknown) != 1 || a.Unknown[0] != (explain.Share{Name: "b", Seconds: 500}) {
		t.Errorf("unknown %+v", a.Unknown)
	}
	for lang, want := range map[string][]string{
		"vi": {"Mạng MAN-E", "KHÔNG ĐẠT", "bớt 445 s (0:07:25) thời gian mất: tránh 1 sự cố dài nhất", "CR-1", "thay nguồn", "duyệt muộn: không được trừ: 1", "bảo trì CR-1 lấy đi 0:00:50"},
		"en": {"MAN-E metro", "NOT MET", "445 s (0:07:25) less of down time", "(not approved)", "0:08:20  b"},
	} {
		var text strings.Builder
		p := explain.NewPrinter(&text, lang)
		p.Availability(&a)
		for _, part := range want {
			if !strings.Contains(text.String(), part) || p.Err() != nil {
				t.Errorf("%s: %q is missing in\n%s", lang, part, text.String())
			}
		}
	}
}

func TestTooMuchUnknownTimeIsSaid(t *testing.T) {
	inv := inventory(model.Ratio{Num: 99, Den: 100}, false)
	day := int64(model.DaySeconds)
	result := computed(inv, map[string][]kpi.Interval{"c": {stretch(0, 3*day, kpi.Unknown)}})
	all, err := explain.MonthAvailability(result, inv, "08", "")
	if err != nil {
		t.Fatal(err)
	}
	// 100 s of both are maintenance (CR-3).
	if want := 3*day - 100 - (31*day-100)*5/100; all[0].Unseen != want || all[0].Needed != 0 {
		t.Errorf("unseen %d, needed %d; want %d, all but 5 %% of 31 days, and 0", all[0].Unseen, all[0].Needed, want)
	}
}

func TestNothingToExplainIsAnError(t *testing.T) {
	inv := inventory(model.Ratio{}, false)
	result := computed(inv, nil)
	if _, err := explain.MonthAvailability(result, inv, "99", ""); err == nil || !strings.Contains(err.Error(), `province "99"`) {
		t.Errorf("%v", err)
	}
	if _, err := explain.MonthCongestion(result, inv, "", "radio"); err == nil || !strings.Contains(err.Error(), `"radio"`) {
		t.Errorf("%v", err)
	}
}

// With exactly the seconds named less of down time the engine itself says that the target is met,
// and with one second less of them it does not.
func TestNeededIsJustEnough(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		target := model.Ratio{Num: rapid.Int64Range(9_000, 9_999).Draw(rt, "target"), Den: 10_000}
		gross := rapid.Bool().Draw(rt, "gross")
		inv := inventory(target, gross)
		inv.Targets.MaxUnknownMonth = model.Ratio{}
		result := computed(inv, map[string][]kpi.Interval{
			"a": {stretch(100, 100+rapid.Int64Range(1, 400_000).Draw(rt, "down"), kpi.Down)},
			"b": {stretch(1000, 1000+rapid.Int64Range(1, 900_000).Draw(rt, "unknown"), kpi.Unknown)},
		})
		all, err := explain.MonthAvailability(result, inv, "01", "")
		if err != nil {
			rt.Fatal(err)
		}
		a := all[0]
		if a.Group.Meets != (a.Needed == 0) {
			rt.Fatalf("meets %v, needed %d", a.Group.Meets, a.Needed)
		}
		for less, want := range map[int64]bool{a.Needed: true, a.Needed - 1: false} {
			if less < 0 {
				continue
			}
			s := a.Group.Sums
			s.Up, s.Down = s.Up+less, s.Down-less
			if _, meets := s.Judge(target, model.Ratio{}, gross); meets != want && (want || a.Needed > 0) {
				rt.Fatalf("%d s less of %d: meets %v", less, a.Needed, meets)
			}
		}
	})
}

// A target by subscribers is explained in their seconds: a, with 100 of 1000, was down and b, with 900, unknown.
func TestNeededBySubscribers(t *testing.T) {
	target := model.Ratio{Num: 99, Den: 100}
	inv := inventory(target, false)
	inv.Devices[0].Subscribers, inv.Devices[1].Subscribers = 100, 900
	inv.Targets.Availability["man-e"] = model.SystemTarget{Target: target, Weighted: true}
	result := computed(inv, map[string][]kpi.Interval{"a": {stretch(1000, 401_000, kpi.Down)}, "b": {stretch(1000, 201_000, kpi.Unknown)}})
	all, err := explain.MonthAvailability(result, inv, "01", "")
	if err != nil {
		t.Fatal(err)
	}
	// 1000 × 2 678 400 s, less 900 × 200 000 unknown: one in a hundred of 2 498 400 000 is 24 984 000; 40 000 000 were down.
	// 5 % of 2 678 400 000 are 133 920 000; 180 000 000 were unknown.
	a := all[0]
	if a.Needed != 0 || a.NeededWeight != "15016000" || a.UnseenWeight != "46080000" || a.Group.Status != kpi.Insufficient {
		t.Errorf("%s: needed %q, unseen %q", a.Group.Status, a.NeededWeight, a.UnseenWeight)
	}
	var out strings.Builder
	p := explain.NewPrinter(&out, "en")
	p.Availability(&a)
	for _, want := range []string{"Target 99 / 100", ", by subscribers", "15016000 subscribers × s less of down time", "46080000 subscribers × s less of unknown time"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in:\n%s", want, out.String())
		}
	}
}

// The number of links that may be congested is the greatest that the engine accepts.
func TestAllowedLinksAreJustTooFew(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := kpi.Congestion{
			Class: model.Broadband, Evaluated: rapid.IntRange(1, 500).Draw(rt, "evaluated"), Status: kpi.OK,
			MaxRatio: model.Ratio{Num: rapid.Int64Range(1, 50).Draw(rt, "max"), Den: 100},
		}
		g.Congested = rapid.IntRange(0, g.Evaluated).Draw(rt, "congested")
		below := func(n int) bool { return kpi.Quo(int64(n), int64(g.Evaluated)).Cmp(g.MaxRatio) < 0 }
		all, err := explain.MonthCongestion(&kpi.MonthResult{Congestion: []kpi.Congestion{g}}, &model.Inventory{}, "", "")
		if err != nil {
			rt.Fatal(err)
		}
		c := all[0]
		if !below(c.Allowed) || below(c.Allowed+1) || !below(g.Congested-c.Needed) || c.Needed > 0 && below(g.Congested-c.Needed+1) {
			rt.Fatalf("of %d links below %v: allowed %d; %d are congested, needed %d", g.Evaluated, g.MaxRatio, c.Allowed, g.Congested, c.Needed)
		}
	})
}

func TestWhyALinkIsCongested(t *testing.T) {
	inv := &model.Inventory{Targets: model.Targets{Congestion: map[model.LinkClass]model.ClassRule{model.Broadband: {ThetaPerMille: 800, DropDays: 3}}}}
	result := &kpi.MonthResult{
		Congestion: []kpi.Congestion{{Province: "01", Class: model.Broadband, Links: 11, Evaluated: 10, Congested: 2, NotEvaluated: 1, MaxRatio: model.Ratio{Num: 1, Den: 10}, Ratio: kpi.Quo(2, 10), Status: kpi.OK}},
		Links: []kpi.LinkMonth{
			{Link: "full", Class: model.Broadband, Provinces: []string{"01"}, P95: 912, Congested: true, CongestedHours: 44},
			{Link: "drops", Class: model.Broadband, Provinces: []string{"01"}, P95: 400, DropDays: 4, Congested: true},
			{Link: "dark", Class: model.Broadband, Provinces: []string{"01"}, P95: -1, NotEvaluated: kpi.LowCoverage},
			{Link: "elsewhere", Class: model.Broadband, Provinces: []string{"08"}, P95: 999, Congested: true},
		},
	}
	all, err := explain.MonthCongestion(result, inv, "01", "broadband")
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	explain.NewPrinter(&text, "vi").Congestion(&all[0])
	for _, want := range []string{"2 / 10 = 20,0000", "KHÔNG ĐẠT. Để đạt, lẽ ra chỉ được tối đa 0 đường nghẽn: bớt 2", "drops  P95 40,0\u00a0%  rớt gói 4 ngày", "full  P95 91,2\u00a0%  vượt 11,2\u00a0%  44 giờ nghẽn", "dark"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is missing in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "elsewhere") {
		t.Error("a link of another province is listed")
	}
}
