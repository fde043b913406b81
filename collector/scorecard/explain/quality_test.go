package explain_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/exact"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/explain"
)

// An explanation names the thresholds around the value, the points, and the sums behind a KPI.
func TestScoresAreExplained(t *testing.T) {
	ratio := func(n, d int64) model.Ratio { return model.Ratio{Num: n, Den: d} }
	one := ratio(1, 1)
	rules := &model.ScoreRules{MinWeight: ratio(7, 10), Weights: map[model.ScoreKind]map[string]model.Ratio{model.QoS: {"mobile_voice": one}},
		Thresholds: []model.Threshold{{Kind: model.QoS, Service: "mobile_voice", KPI: "call_drop", Unit: "%", LowerBetter: true, Weight: one,
			X: [5]model.Ratio{ratio(5, 1), ratio(3, 1), ratio(2, 1), ratio(1, 2), ratio(1, 5)}}}}
	card := score.Evaluate(rules, "01", score.Values{{Service: "mobile_voice", KPI: "call_drop"}: {V: big.NewRat(8, 10), Status: score.OK}})
	cells := &ran.Total{Groups: []ran.GroupTotal{{Province: "01", Kind: ran.LTE, Expected: 900}},
		Cells:  []ran.CellTotal{{Name: "slow", Province: "01", Kind: ran.LTE, Expected: 900, Means: []ran.CellMean{{Num: 900 * 12_500, Den: 900, Seconds: 900}}}},
		Meters: []ran.Meter{{Device: "enb1", Object: "M=1", Province: "01", Energy: ran.Quantity{Num: exact.Int(1_500_000), Den: exact.Int(900), Seconds: 900}}}}
	result := &kpi.MonthResult{Scores: []score.Card{card},
		Radio:   ran.Result{Total: cells, Spreads: []ran.Spread{{Province: "01", Kind: ran.LTE, Name: "latency_dl", Unit: "ms", P95: big.NewRat(25, 2), Cells: 1, LeftOut: 2}}, KPIs: []ran.KPI{{Province: "01", Kind: ran.LTE, Name: "drop", Unit: "ratio", Value: big.NewRat(1, 50), Num: big.NewInt(2), Den: big.NewInt(100), Status: score.OK}}},
		Samples: []probe.KPI{{Province: "01", Service: "iptv", Name: "video_mos", Unit: "MOS", Samples: 7, Status: score.Insufficient}}}
	var text strings.Builder
	p := explain.NewPrinter(&text, "en")
	part, err := explain.MonthScore(result, model.QoS, "01")
	if err != nil {
		t.Fatal(err)
	}
	p.Score(part)
	p.Radio(result, "01")
	p.Samples(result, "01")
	for _, want := range []string{"QoS: 3.80 (exactly 19 / 5 = 3.8; known weight 1)", "4 / 5 = 0.8 % → 19 / 5 = 3.8 × 1: 2 = 3, 0.5 = 4  (--kpi ran)", "0.02 ratio = 2 / 100", "latency_dl               P50 –, P95 25 / 2 = 12.5 ms, cells 1, left out 2", "≥ P95 slow: 12.5", "site enb1 M=1: 1.5 kWh", "n = 7, insufficient_data"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %q in\n%s", want, text.String())
		}
	}
	var vi strings.Builder
	explain.NewPrinter(&vi, "vi").Score(part)
	if want := "= 0,8 % → 19 / 5 = 3,8 × 1: 2 = 3, 0,5 = 4"; !strings.Contains(vi.String(), want) || !strings.Contains(vi.String(), "QoS: 3,80 (") {
		t.Errorf("no %q in\n%s", want, vi.String())
	}
	if _, err := explain.MonthScore(result, model.QoE, "99"); err == nil {
		t.Error("a unit without scores was explained")
	}
}
