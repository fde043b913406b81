//go:build conformance

package score

import (
	"encoding/csv"
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func shared(t *testing.T, name string) []byte {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED must name the folder of the shared material")
	}
	text, err := os.ReadFile(filepath.Join(dir, "kpi", name))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// The score examples, with the numbers and thresholds of the files.
func TestConformanceScoreExamples(t *testing.T) {
	var all map[string]any
	if err := json.Unmarshal(shared(t, "examples.json"), &all); err != nil {
		t.Fatal(err)
	}
	near := func(id, what string, got *big.Rat, want any) {
		t.Helper()
		w, ok := want.(float64)
		if got == nil || !ok {
			t.Errorf("%s %s = %v, want %v", id, what, got, want)
			return
		}
		f, _ := got.Float64()
		if diff := f - w; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s %s = %v, want %v", id, what, f, w)
		}
	}
	number := func(v any) *big.Rat { // the decimal that the file writes, not its float
		f, _ := json.Marshal(v)
		return r(string(f))
	}
	done := 0
	for id, one := range all {
		x, _ := one.(map[string]any)
		switch id {
		case "Q1_emodel":
			v := Voice{DelayMs: number(x["delay_ms"]), Ie: number(x["Ie"]), Bpl: number(x["Bpl"]), LossPct: number(x["Ppl"]), BurstR: number(x["BurstR"])}
			delay, loss := v.Impairments()
			near(id, "Id", delay, x["Id"])
			near(id, "Ie,eff", loss, x["Ie_eff"])
			near(id, "R", v.R(), x["R"])
			near(id, "MOS", MOS(v.R()), x["MOS"])
			for rating, mos := range x["MOS_at"].(map[string]any) {
				near(id, "MOS at "+rating, MOS(r(rating)), mos)
			}
		case "Q2_voice_qos":
			values := Values{}
			for kpi, pair := range x {
				if p, ok := pair.([]any); ok {
					values[Name{"mobile_voice", kpi}] = Value{V: number(p[0]), Status: OK}
				}
			}
			s := Evaluate(rules(), "", values).QoS.Services[0]
			for _, k := range s.KPIs {
				near(id, k.Threshold.KPI, k.Points, x[k.Threshold.KPI].([]any)[1])
			}
			near(id, "score", s.Score, x["score"])
			near(id, "published", Publish(s.Score), x["published"])
		case "Q3_log_scale":
			loss := threshold("iptv", "stream_packet_loss", "1", true, true, "0.001", "0.0001", "0.00001", "0.000001", "0.0000001")
			near(id, "score", Points(&loss, number(x["loss"])), x["score"])
		case "Q4_province_qos":
			var m mean
			for service, weight := range x["weights"].(map[string]any) {
				if s, ok := x["scores"].(map[string]any)[service]; ok {
					m.add(number(weight), number(s))
				} else {
					m.add(number(weight), nil)
				}
			}
			value, _ := m.value(ratio("0.7"))
			near(id, "num", &m.sum, x["num"])
			near(id, "den", &m.known, x["den"])
			near(id, "score", value, x["score"])
			near(id, "published", Publish(value), x["published"])
		case "Q5_combined":
			c := rules()
			near(id, "mean", Combine(c, number(x["qos"]), number(x["qoe"])), x["published_mean"])
			c.CombineMin = true
			near(id, "min", Combine(c, number(x["qos"]), number(x["qoe"])), x["min"])
		case "Q6_targets":
			near(id, "63", big.NewRat(int64(need(ratio("0.8"), 63)), 1), x["n63_need"])
			near(id, "34", big.NewRat(int64(need(ratio("0.8"), 34)), 1), x["n34_need"])
		default:
			continue
		}
		done++
	}
	t.Logf("score examples: %d of 6", done)
	if done != 6 {
		t.Errorf("only %d of the 6 examples were found", done)
	}
}

// The shipped thresholds are the given ones, number by number.
func TestConformanceShippedThresholds(t *testing.T) {
	given, err := csv.NewReader(strings.NewReader(string(shared(t, "score_thresholds.csv")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("../../../configs/score_thresholds.csv")
	if err != nil {
		t.Fatal(err)
	}
	ours, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil || len(ours) != len(given) {
		t.Fatalf("%d rows, want %d (%v)", len(ours), len(given), err)
	}
	same := 0
	for i, row := range given[1:] {
		good := true
		for col := range 12 {
			a, b := row[col], ours[i+1][col]
			if col >= 6 {
				good = good && r(a).Cmp(r(b)) == 0
			} else {
				good = good && (a == b || given[0][col] == "unit")
			}
		}
		if good {
			same++
		} else {
			t.Errorf("row %d: %v, want %v", i+2, ours[i+1], row)
		}
	}
	t.Logf("thresholds: %d of %d", same, len(given)-1)
}
