//go:build conformance

package kpi

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

// example is one entry of examples.json; each uses a few of the fields.
type example struct {
	T, U, D, Mdown, X int64
	ANet              float64 `json:"A_net"`
	AGross            float64 `json:"A_gross"`
	ALo               float64 `json:"A_lo"`
	AHi               float64 `json:"A_hi"`
	UnknownShare      float64 `json:"unknown_share"`
	Target, Burn      float64
	Budget            float64         `json:"budget_s"`
	Remaining         float64         `json:"remaining_s"`
	Consumed          int64           `json:"consumed_s"`
	Window            int64           `json:"window_s"`
	DownSeconds       json.RawMessage `json:"down_s"`
	Weights, Caps     []int64
	Down              []int64
	Unweighted        float64
	Weighted, A       float64
	Octets, Dt        int64
	Speed             float64 `json:"speed_bps"`
	Rate              float64 `json:"rate_bps"`
	Util, Mean        float64
	Samples           []uint16
	P95, Max          int32
	Links, Congested  int
	CapTotal          int64 `json:"cap_total"`
	CapCongested      int64 `json:"cap_cong"`
	Ratio, At6        float64
	CapRatio          float64 `json:"cap_ratio"`
	Prev, Cur, Delta  uint64

	Arm1, Arm2           [][2]int64
	RingDown             int64   `json:"ring_down_s"`
	RingA                float64 `json:"ring_A"`
	Degraded             int64   `json:"degraded_s"`
	Total, Peak, Largest float64
	N1                   float64
}

func near(t *testing.T, what string, got Number, want float64) {
	t.Helper()
	if math.Abs(got.Float()-want) > 1e-9*max(1, math.Abs(want)) {
		t.Errorf("%s = %v, want %v", what, got.Float(), want)
	}
}

// ratioOf turns 0.9995 into an exact ratio.
func ratioOf(target float64) model.Ratio {
	return model.Ratio{Num: int64(math.Round(target * 1e6)), Den: 1e6}
}

func TestConformanceExamples(t *testing.T) {
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED is not set: it names the folder that holds kpi/examples.json")
	}
	data, err := os.ReadFile(filepath.Join(dir, "kpi", "examples.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	checks := exampleChecks()
	var others []string
	ran := 0
	for name, raw := range all {
		check, ok := checks[strings.SplitN(name, "_", 2)[0]]
		if !ok {
			others = append(others, name)
			continue
		}
		ran++
		t.Run(name, func(t *testing.T) {
			var e example
			if name != "N3_uptime_wrap_s" {
				if err := json.Unmarshal(raw, &e); err != nil {
					t.Fatal(err)
				}
			}
			check(t, e, raw)
		})
	}
	slices.Sort(others)
	t.Logf("%d of %d examples of availability, congestion and composites; %d belong to other packages: %s", ran, len(checks), len(others), strings.Join(others, " "))
	if ran != len(checks) {
		t.Errorf("%d examples are missing from the file", len(checks)-ran)
	}
}

type exampleCheck func(t *testing.T, e example, raw json.RawMessage)

func exampleChecks() map[string]exampleCheck {
	return map[string]exampleCheck{
		"A1": checkA1, "A2": checkA2, "A3": checkA3, "A4": checkA4, "A5": checkA5, "A6": checkA6,
		"C1": checkC1, "C2": checkC2, "C3": checkC3, "C5": checkC5, "C6": checkC6, "N2": checkN2, "N3": checkN3,
	}
}

func checkA1(t *testing.T, e example, _ json.RawMessage) {
	s := Sums{Up: e.U, Down: e.D, MaintDown: e.Mdown, Unknown: e.X}
	near(t, "A_net", s.Net(), e.ANet)
	near(t, "A_gross", s.Gross(), e.AGross)
	near(t, "A_lo", s.Lo(), e.ALo)
	near(t, "A_hi", s.Hi(), e.AHi)
	near(t, "unknown", s.UnknownShare(), e.UnknownShare)
}

// checkA2 takes its entity from A1.
func checkA2(t *testing.T, e example, _ json.RawMessage) {
	budget, left := Budget(ratioOf(e.Target), 2_586_204, e.Consumed)
	near(t, "budget", budget, e.Budget)
	near(t, "left", left, e.Remaining)
}

func checkA3(t *testing.T, e example, _ json.RawMessage) {
	near(t, "burn", Burn(ratioOf(e.Target), e.Window-e.numbers(t)[0], e.numbers(t)[0]), e.Burn)
}

// numbers reads down_s, which is one number or a list.
func (e example) numbers(t *testing.T) []int64 {
	t.Helper()
	var many []int64
	if json.Unmarshal(e.DownSeconds, &many) == nil {
		return many
	}
	var one int64
	if err := json.Unmarshal(e.DownSeconds, &one); err != nil {
		t.Fatal(err)
	}
	return []int64{one}
}

func checkA4(t *testing.T, e example, _ json.RawMessage) {
	var all Sums
	var w WSums
	for i, down := range e.Down {
		s := Sums{Up: e.T - down, Down: down}
		all.merge(s)
		w.add(s, e.Weights[i])
	}
	near(t, "unweighted", all.Net(), e.Unweighted)
	near(t, "weighted", w.Net(), e.Weighted)
}

// checkA5 runs both arms through a month.
func checkA5(t *testing.T, e example, _ json.RawMessage) {
	ring := ringOf(e.Arm1, e.Arm2)
	if ring.Sums.Down != e.RingDown || ring.Degraded != e.Degraded {
		t.Errorf("down %d s, degraded %d s; want %d, %d", ring.Sums.Down, ring.Degraded, e.RingDown, e.Degraded)
	}
	near(t, "A", ring.Net, e.RingA)
}

func checkA6(t *testing.T, e example, _ json.RawMessage) {
	near(t, "A", cablesOf(e.Caps, e.numbers(t), 0).Net, e.A)
}

func checkC5(t *testing.T, e example, _ json.RawMessage) {
	m := cablesOf([]int64{2200, 1545, 1600, 1500}, []int64{0, 0, 0, 0}, int64(e.Peak)).Capacity
	if m.Out.Mbps != int64(e.Total)*1000 || m.Out.Largest != int64(e.Largest)*1000 || !m.Congested {
		t.Errorf("%+v", m)
	}
	near(t, "util", m.Out.Util, e.Util)
	near(t, "N-1", m.Out.N1, e.N1)
}

func checkC1(t *testing.T, e example, _ json.RawMessage) {
	if got := utilisationOf(e.Octets, e.Dt, int64(e.Speed/1e6)); got != int32(math.Round(e.Util*1000)) {
		t.Errorf("utilisation %d per mille, want %v", got, e.Util)
	}
}

func checkC6(t *testing.T, e example, raw json.RawMessage) {
	e.Speed = e.Rate
	checkC1(t, e, raw)
}

func checkC2(t *testing.T, e example, _ json.RawMessage) {
	for i := range e.Samples {
		e.Samples[i] *= 10
	}
	d := samplesOf(e.Samples...)
	total := d.total()
	m := total.month()
	if m.P95 != e.P95*10 || m.Max != e.Max*10 {
		t.Errorf("P95 %d, max %d; want %d, %d per cent", m.P95, m.Max, e.P95, e.Max)
	}
	near(t, "occupancy", m.Occ, e.Mean*10)
}

func checkC3(t *testing.T, e example, _ json.RawMessage) {
	c := Congestion{Evaluated: e.Links, Congested: e.Congested, CapEvaluated: e.CapTotal, CapCongested: e.CapCongested}
	c.judge(ratio(3, 100))
	near(t, "ratio", c.Ratio, e.Ratio)
	near(t, "by capacity", c.CapRatio, e.CapRatio)
	six := Congestion{Evaluated: e.Links, Congested: 6}
	six.judge(ratio(3, 100))
	near(t, "six", six.Ratio, e.At6)
	if !c.Meets || six.Meets {
		t.Errorf("5 of 200 meets: %v, 6 of 200: %v; want true, false", c.Meets, six.Meets)
	}
}

func checkN2(t *testing.T, e example, _ json.RawMessage) {
	c := Counters{Has: Is32Bit}
	if d, _, ok := (pair{a: &c, b: &c}).delta(e.Prev, e.Cur); d != e.Delta || !ok {
		t.Errorf("delta %d, want %d", d, e.Delta)
	}
}

func checkN3(t *testing.T, _ example, raw json.RawMessage) {
	var seconds float64
	if err := json.Unmarshal(raw, &seconds); err != nil {
		t.Fatal(err)
	}
	if ms, ok := uptimeAdvance(1<<32-1, 0); !ok || ms != 10 || float64(int64(1)<<32)/100 != seconds {
		t.Errorf("one tick over the wrap is %d ms", ms)
	}
}
