package scorecard_test

import (
	"bytes"
	"fmt"
	"math/big"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// outcomes are the verdicts of a year that added up to r.
func outcomes(r kpi.YearResult, inv *model.Inventory) map[string]string {
	r.From, r.End = month.Start(), month.End()
	out := map[string]string{}
	for _, v := range scorecard.BuildYear(&r, inv, nil).Verdicts {
		out[v.ID] = v.Outcome
	}
	return out
}

// yearOf adds up months with the given availability and congestion of the nation.
func yearOf(inv *model.Inventory, a []kpi.Availability, c []kpi.Congestion) kpi.YearResult {
	y := kpi.NewYear(kpi.NewPlan(inv))
	for i := range a {
		m := model.Month{Year: 2026, Month: month.Month}
		r := kpi.MonthResult{Month: m, From: m.Start(), End: m.End(), Availability: a[i : i+1]}
		if i < len(c) {
			r.Congestion = c[i : i+1]
		}
		y.Add(&r)
	}
	return y.Result()
}

// T1 of the year is decided on the sum of its seconds, to the second: 1 296 s of two months' 5 184 000 are
// just what 99.975 % allows, one more is not, although one of the months alone would have missed.
func TestAvailabilityOfTheYearAtTheEdge(t *testing.T) {
	for more, want := range map[int64]string{0: scorecard.Met, 1: scorecard.NotMet} {
		inv := engineInventory()
		inv.Targets.Availability = map[model.System]model.SystemTarget{"vn2": {Target: model.Ratio{Num: 3999, Den: 4000}}}
		group := func(down int64) kpi.Availability {
			return kpi.Availability{Level: kpi.LevelDevice, System: "vn2", Entities: 1, Sums: kpi.Sums{Up: 2_592_000 - down, Down: down}}
		}
		r := yearOf(inv, []kpi.Availability{group(1000), group(296 + more)}, nil)
		if got := outcomes(r, inv)["T1"]; got != want {
			t.Errorf("%d s too many: T1 %s, want %s", more, got, want)
		}
	}
}

// T4 of the year counts a link once for each month, strictly below 3 % of those evaluated, transport and broadband each.
func TestCongestionOfTheYearAtTheEdge(t *testing.T) {
	for _, c := range []struct {
		transport, broadband int // congested of 200 link-months
		want                 string
	}{{5, 5, scorecard.Met}, {6, 5, scorecard.NotMet}, {5, 6, scorecard.NotMet}, {0, -1, scorecard.NotMet}} {
		inv := engineInventory()
		limit := model.ClassRule{MaxRatio: model.Ratio{Num: 3, Den: 100}}
		inv.Targets.Congestion = map[model.LinkClass]model.ClassRule{model.Transport: limit, model.Broadband: limit}
		y := kpi.NewYear(kpi.NewPlan(inv))
		for i := range 2 {
			m := kpi.MonthResult{Month: month, From: month.Start(), End: month.End()}
			for class, n := range map[model.LinkClass]int{model.Transport: c.transport, model.Broadband: c.broadband} {
				if n >= 0 {
					m.Congestion = append(m.Congestion, kpi.Congestion{Class: class, Links: 100, Evaluated: 100, Congested: (n + i) / 2})
				}
			}
			y.Add(&m)
		}
		if got := outcomes(y.Result(), inv)["T4"]; got != c.want {
			t.Errorf("%d and %d of 200: T4 %s, want %s", c.transport, c.broadband, got, c.want)
		}
	}
}

// T2 wants every unit at 3.00, T3 80 % of them at 4.00: 51 of 63, 28 of 34; a unit without a score meets neither.
func TestUnitsOfTheYearAtTheEdge(t *testing.T) {
	three, four := model.Ratio{Num: 3, Den: 1}, model.Ratio{Num: 4, Den: 1}
	judge := func(n, good int, other *big.Rat, strict bool) map[string]string {
		rules := &model.ScoreRules{Floor: three, Good: four, GoodShare: model.Ratio{Num: 4, Den: 5}, Strict: strict}
		cards := []score.Card{{}}
		for i := range n {
			c := score.Card{Unit: fmt.Sprintf("%02d", i+1), Combined: other}
			if i < good {
				c.Combined = big.NewRat(4, 1)
			}
			cards = append(cards, c)
		}
		return outcomes(kpi.YearResult{Scores: cards, Units: score.Judge(rules, cards[1:])}, engineInventory())
	}
	low, floor := big.NewRat(299, 100), big.NewRat(3, 1)
	for _, c := range []struct {
		n, good int
		other   *big.Rat
		strict  bool
		t2, t3  string
	}{
		{63, 51, floor, false, scorecard.Met, scorecard.Met}, {63, 50, floor, false, scorecard.Met, scorecard.NotMet},
		{34, 28, floor, false, scorecard.Met, scorecard.Met}, {34, 27, floor, false, scorecard.Met, scorecard.NotMet},
		{63, 62, low, false, scorecard.NotMet, scorecard.Met}, {63, 62, nil, false, scorecard.NotMet, scorecard.Met},
		{63, 63, floor, true, scorecard.Met, scorecard.NotMet},
	} {
		got := judge(c.n, c.good, c.other, c.strict)
		if got["T2"] != c.t2 || got["T3"] != c.t3 {
			t.Errorf("%d of %d good, the others %v: T2 %s, T3 %s; want %s, %s", c.good, c.n, c.other, got["T2"], got["T3"], c.t2, c.t3)
		}
	}
}

func yearSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	for _, name := range []string{"scorecard", "scorecard-year"} {
		text, err := jsonschema.UnmarshalJSON(bytes.NewReader(read(t, "../../docs/"+name+".schema.json")))
		if err != nil {
			t.Fatal(err)
		}
		if err := c.AddResource("https://haidang-noc.github.io/haidang/"+name+".schema.json", text); err != nil {
			t.Fatal(err)
		}
	}
	s, err := c.Compile("https://haidang-noc.github.io/haidang/scorecard-year.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Years of one month to three, with and without cells, scores, systems with redundancy and published months,
// follow the schema and survive being read; nothing that the schema does not know is let through.
func TestEveryYearFollowsTheSchema(t *testing.T) {
	s := yearSchema(t)
	months := map[string]kpi.MonthResult{}
	result := func(inv *model.Inventory, m model.Month, kind string) kpi.MonthResult {
		if r, ok := months[kind+m.String()]; ok {
			return r
		}
		r := cellMonth(kpi.NewPlan(inv), m, 12_000, 1000)
		months[kind+m.String()] = r
		return r
	}
	kinds := map[string]*model.Inventory{"cells": cellInventory(), "plain": engineInventory(), "rings": cellInventory()}
	kinds["rings"].Composites = []model.Composite{{Name: "pair", System: "olt-gpon", Province: "01", Rule: model.Parallel, Validity: model.Validity{To: model.Forever},
		Members: []model.CompositeMember{{Scope: model.Scope{Kind: model.ScopeDevice, Key: "hni-olt-2"}}}}}
	for _, m := range []model.Month{month, month.Next()} {
		kinds["rings"].Measured = append(kinds["rings"].Measured, model.Measured{Month: m, Province: "01", Service: model.Coverage, KPI: "population", Num: 19, Den: 20, Source: "grid"})
	}
	rapid.Check(t, func(rt *rapid.T) {
		kind := rapid.SampledFrom([]string{"cells", "plain", "rings"}).Draw(rt, "inventory")
		inv := kinds[kind]
		y := kpi.NewYear(kpi.NewPlan(inv))
		var nations []*scorecard.Document
		total := rapid.Int64Range(1, 2).Draw(rt, "months")
		for m, n := month, total; n > 0; m, n = m.Next(), n-1 {
			r := result(inv, m, kind)
			y.Add(&r)
			if rapid.Bool().Draw(rt, "published") {
				nations = append(nations, scorecard.Build(&r, inv, rapid.IntRange(1, 3).Draw(rt, "revision"))[0])
			}
		}
		sums := y.Result()
		doc := scorecard.BuildYear(&sums, inv, nations)
		text, err := doc.JSON()
		if err != nil {
			rt.Fatal(err)
		}
		if all := doc.Units[0].Measured; (kind == "rings") != (len(all) == 1 && all[0].Denominator == 20*total) {
			rt.Fatalf("of %d months: %+v", total, all)
		}
		if err := validate(t, s, text); err != nil {
			rt.Fatalf("%v\n%s", err, text)
		}
		again, err := scorecard.ParseYear(text)
		if err != nil {
			rt.Fatal(err)
		}
		if same, err := again.JSON(); err != nil || !bytes.Equal(text, same) {
			rt.Fatalf("a year does not survive being read: %v", err)
		}
		for _, v := range doc.Verdicts {
			if v.MonthsMet != len(v.MetIn) || v.Months > len(nations) || !slices.Contains([]string{"met", "not_met", "no_target"}, v.Outcome) {
				rt.Fatalf("%+v", v)
			}
		}
		for _, wrong := range [][2]string{{`"units"`, `"unit"`}, {`"months_met"`, `"months"`}, {"year/1", "year/9"}} {
			if validate(t, s, bytes.Replace(text, []byte(wrong[0]), []byte(wrong[1]), 1)) == nil {
				rt.Fatalf("with %q the schema sees nothing wrong", wrong[1])
			}
		}
	})
}
