package kpi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

var (
	may2025  = model.Month{Year: 2025, Month: time.May}
	june2025 = model.Month{Year: 2025, Month: time.June}
)

// importing is an inventory of the merged units with rows of a KPI in %, of one in ratios and of coverage.
func importing(rows ...model.Measured) *model.Inventory {
	inv := &model.Inventory{
		Provinces: []model.Province{{Code: "01", Validity: always}, {Code: "08", Validity: always, Members: []string{"02", "08"}}}, Measured: rows,
		Targets: model.Targets{Scores: model.ScoreRules{MinSamples: 100, MinWeight: ratio(7, 10),
			Weights:    map[model.ScoreKind]map[string]model.Ratio{model.QoS: {"mobile_voice": ratio(1, 1)}},
			Thresholds: []model.Threshold{{Kind: model.QoS, Service: "mobile_voice", KPI: "ready", Unit: "% of samples", Weight: ratio(1, 1), X: [5]model.Ratio{ratio(80, 1), ratio(90, 1), ratio(95, 1), ratio(98, 1), ratio(99, 1)}}, {Kind: model.QoE, Service: "mobile_voice", KPI: "faults", Unit: "per line"}},
		}},
	}
	inv.Merged = inv.Provinces[1:]
	return inv
}

func measuredRow(m model.Month, province, kpi string, num, den int64) model.Measured {
	one := model.Measured{Month: m, Province: province, Service: "mobile_voice", KPI: kpi, Num: num, Den: den}
	if kpi == "population" || kpi == "area" {
		one.Service = model.Coverage
	}
	return one
}

// shown is what a result says in short: value and status by "unit KPI".
func shown(all []Measured) map[string]string {
	out := map[string]string{}
	for i := range all {
		m := &all[i]
		value := "none"
		if m.Value != nil {
			value = m.Value.RatString()
		}
		out[m.Province+" "+m.KPI] = value + " " + string(m.Status)
	}
	return out
}

// Units that were merged, and the nation without rows of its own, are sums of both columns; so is a year.
func TestImportsAreSums(t *testing.T) {
	inv := importing(
		measuredRow(may2025, "02", "ready", 900, 1000), measuredRow(may2025, "08", "ready", 50, 100), measuredRow(may2025, "01", "ready", 99, 99),
		measuredRow(may2025, "01", "faults", 300, 200), measuredRow(may2025, "", "area", 910, 1000), measuredRow(may2025, "01", "area", 1, 1000),
		measuredRow(june2025, "02", "ready", 0, 900), measuredRow(june2025, "", "ready", 1, 1), measuredRow(june2025, "08", "faults", 0, 0),
	)
	for _, c := range []struct {
		name string
		in   func(model.Month) bool
		want map[string]string
	}{
		{"May", func(m model.Month) bool { return m == may2025 }, map[string]string{
			" ready": "104900/1199 ok", "01 ready": "100 insufficient_data", "08 ready": "950/11 ok", // 1049 of 1199; 950 of 1100
			" faults": "3/2 ok", "01 faults": "3/2 ok", " area": "91 ok", "01 area": "1/10 ok"}},
		{"June", func(m model.Month) bool { return m == june2025 }, map[string]string{
			" ready": "100 insufficient_data", "08 ready": "0 ok", " faults": "none no_data", "08 faults": "none no_data"}},
		{"both", func(model.Month) bool { return true }, map[string]string{
			" ready": "175/2 ok", "01 ready": "100 insufficient_data", "08 ready": "95/2 ok", // 1050 of 1200; 950 of 2000
			" faults": "3/2 ok", "01 faults": "3/2 ok", "08 faults": "none no_data", " area": "91 ok", "01 area": "1/10 ok"}},
		{"none", func(model.Month) bool { return false }, map[string]string{}},
	} {
		if diff := cmp.Diff(c.want, shown(measured(inv, c.in))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
	}
}

// A year takes the rows of the months that it was made of.
func TestAYearHasTheRowsOfItsMonths(t *testing.T) {
	inv := importing(measuredRow(may2025, "01", "ready", 90, 100), measuredRow(june2025, "01", "ready", 100, 100), measuredRow(november, "01", "ready", 0, 100))
	y := NewYear(NewPlan(inv))
	for _, month := range []model.Month{may2025, june2025} {
		m := Month(MonthInput{Month: month, Plan: NewPlan(inv)})
		y.Add(&m)
	}
	want := map[string]string{" ready": "95 ok", "01 ready": "95 ok"}
	if diff := cmp.Diff(want, shown(y.Result().Measured)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if card := y.Result().Scores[1]; card.Unit != "01" || card.QoS.Score.RatString() != "3" {
		t.Errorf("95 %% earns %+v, want 3 points", card.QoS)
	}
}

// A row earns points as what is computed does; too few samples are shown and earn none.
func TestImportsAreScored(t *testing.T) {
	for den, want := range map[int64]score.Status{100: score.OK, 50: score.Insufficient, 0: score.NoData} {
		inv := importing(measuredRow(november, "01", "ready", den*98/100, den))
		m := Month(MonthInput{Month: november, Plan: NewPlan(inv)})
		k := m.Scores[1].QoS.Services[0].KPIs[0]
		if k.Status != want || (k.Points != nil) != (want == score.OK) {
			t.Errorf("of %d: %+v, want %s", den, k, want)
		}
		if want == score.OK && (k.Points.RatString() != "4" || m.Scores[1].QoS.Score.RatString() != "4") {
			t.Errorf("98 %% earns %s, want 4", k.Points)
		}
	}
}

// Coverage is held against its target without rounding; without data it is not met.
func TestCoverageIsHeldAgainstItsTarget(t *testing.T) {
	inv := importing(measuredRow(november, "01", "population", 9500, 10_000), measuredRow(november, "08", "population", 9499, 10_000), measuredRow(november, "01", "area", 99, 99))
	target := map[string]model.Ratio{"population": ratio(95, 100), "area": ratio(91, 100)}
	inv.Targets.Coverage = map[string]map[string]model.Ratio{"01": target, "08": target, "": {"population": ratio(96, 100)}}
	got := map[string]bool{}
	for _, m := range Month(MonthInput{Month: november, Plan: NewPlan(inv)}).Measured {
		got[m.Province+" "+m.KPI+" "+string(m.Status)] = m.Meets
	}
	want := map[string]bool{"01 population ok": true, "08 population ok": false, " population ok": false,
		"01 area insufficient_data": false, "08 area no_data": false, " area insufficient_data": false}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
