package metrics_test

import (
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

var update = flag.Bool("update", false, "write the golden file anew")

// result is a month with one system, one class and one unknown device.
func result(month time.Month, up, down int64) *view.Result {
	group := func(province string) kpi.Availability {
		s := kpi.Sums{Up: up, Down: down, Unknown: 10, MaintDown: 20, Excluded: 5}
		return kpi.Availability{Province: province, Level: kpi.LevelDevice, System: "man-e", Entities: 2, Sums: s, Net: s.Net(), Gross: s.Gross(),
			Lo: s.Lo(), Hi: s.Hi(), UnknownShare: s.UnknownShare(), WNet: kpi.Quo(1, 2), Target: model.Ratio{Num: 999, Den: 1000}, Test: model.Test{Gross: true}, Left: kpi.Quo(-7, 2), Unconfirmed: 3, Expected: 50_000}
	}
	link := kpi.Availability{Province: "01", Level: kpi.LevelLink, Class: model.Transport, Entities: 1}
	stranger := kpi.Availability{Province: kpi.UnknownProvince, Level: kpi.LevelDevice, Entities: 1, Sums: kpi.Sums{Up: 60}, Net: kpi.Quo(1, 1)}
	return &view.Result{
		MonthResult: kpi.MonthResult{Month: model.Month{Year: 2026, Month: month}, End: 1_800_000_000,
			Availability: []kpi.Availability{group(""), group("01"), link, stranger},
			Congestion: []kpi.Congestion{{Class: model.Transport, Evaluated: 40, Congested: 1, NotEvaluated: 2, Ratio: kpi.Quo(1, 40), CapRatio: kpi.Quo(1, 10),
				MaxRatio: model.Ratio{Num: 3, Den: 100}}, {Province: "01", Class: model.Broadband}}},
		Burns: []kpi.Burned{{Province: "01", Level: kpi.LevelDevice, System: "man-e", Window: 21600, Rate: kpi.Quo(29, 2)}, {Level: kpi.LevelDevice, System: "man-e", Window: 300},
			{Level: kpi.LevelComposite, System: "ring-north", Composite: "ring-north", Window: 3600, Rate: kpi.Quo(6, 1)}},
		Today:  []kpi.Availability{{Province: "01", Level: kpi.LevelDevice, System: "man-e", Gross: kpi.Quo(3, 4), Test: model.Test{Gross: true}}},
		Unseen: map[string]int{"": 1, "01": 1},
	}
}

// withEvents adds a ring, cables and a day on which nothing is to be changed.
func withEvents(r *view.Result) *view.Result {
	ring := kpi.Composite{Name: "ring-north", Rule: model.Ring, Degraded: 30, Last: kpi.Up, Unprotected: true, Availability: kpi.Availability{System: "ring-north",
		Sums: kpi.Sums{Up: 900, Down: 100}, Net: kpi.Quo(9, 10), Gross: kpi.Quo(9, 10), Target: model.Ratio{Num: 1, Den: 2}}}
	cables := kpi.Composite{Name: "submarine", Rule: model.Capacity, Last: kpi.Maint, Capacity: &kpi.CapacityMonth{Out: kpi.PeakLoad{Util: kpi.Quo(2, 3), N1: kpi.Quo(31, 32)}}}
	r.Composites = []kpi.Composite{ring, cables}
	vip := kpi.Sums{Up: 900, Down: 100, Unknown: 200}
	r.Tagged = []kpi.Availability{{System: model.TagVIP, Sums: vip, Net: vip.Net(), Lo: vip.Lo(), Hi: vip.Hi()}, {Province: "01", System: model.TagVIP, Net: vip.Net()}, {System: "none"}}
	r.Protection = []kpi.Protection{{Event: model.Freeze{ID: "tet-2026"}, Sums: kpi.Sums{Outages: 2}, Changes: []kpi.Change{{}, {Overridden: true}}, Verdict: kpi.NotKept}, {Province: "01"},
		{Event: model.Freeze{ID: "na-election-16"}, Verdict: kpi.KeptSafe}, {Event: model.Freeze{ID: "quoc-khanh"}, Verdict: kpi.KeptData}}
	always := model.Validity{To: model.Forever}
	r.Inventory = inventory.NewIndex(&model.Inventory{Provinces: []model.Province{{Code: "01", Validity: always}, {Code: "48", Validity: always}}, Freezes: []model.Freeze{
		{Start: r.End, End: r.End + 1, Scopes: []model.Scope{{Kind: model.ScopeProvince, Key: "48"}}, Changes: true, Sensitivity: model.Ratio{Num: 1, Den: 2}},
		{Start: r.End, End: r.End + 1, Scopes: []model.Scope{{Kind: model.ScopeNation}}, Sensitivity: model.Ratio{Num: 3, Den: 4}},
		{Start: r.End - 1, End: r.End, Scopes: []model.Scope{{Kind: model.ScopeNation}}, Changes: true, Sensitivity: model.Ratio{Num: 1, Den: 9}}},
		Targets: targets()})
	r.Units = score.Units{N: 4, Reached: []string{"01", "48"}, Good: []string{"48"}, Below: []string{"79"}, Unknown: []string{"92"}}
	r.Links = []kpi.LinkMonth{{Link: "hni-dng", Class: model.Transport, Provinces: []string{"01", "48"}, P95: 812, In: kpi.DirMonth{P95: 700}, Out: kpi.DirMonth{P95: 812}}}
	return r
}

// targets has a value for everything that is shown of targets.yaml; of man-e what planned work takes counts, too.
func targets() model.Targets {
	return model.Targets{MaxUnknownMonth: model.Ratio{Num: 1, Den: 20}, N1PerMille: 900,
		Availability: map[model.System]model.SystemTarget{"man-e": {Test: "gross"}},
		Congestion:   map[model.LinkClass]model.ClassRule{model.Transport: {ThetaPerMille: 800}},
		RAN:          model.RANRules{ThetaPerMille: 750, MaxRatio: model.Ratio{Num: 3, Den: 100}, MinCoverage: model.Ratio{Num: 9, Den: 10}, SpeedGrowth: model.Ratio{Num: 1, Den: 5}},
		Scores: model.ScoreRules{Thresholds: []model.Threshold{{KPI: "zap"}}, Floor: model.Ratio{Num: 3, Den: 1}, Good: model.Ratio{Num: 4, Den: 1},
			GoodShare: model.Ratio{Num: 4, Den: 5}}}
}

// The names, labels and help of every metric are an interface: rules and dashboards rely on them.
func TestGolden(t *testing.T) {
	r := withEvents(result(time.October, 900, 100))
	k := metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })
	gather(t, k) // the counters begin here
	files := r.Inventory
	r = withEvents(result(time.October, 950, 110))
	r.Inventory = files
	text := gather(t, k)
	if *update {
		if err := os.WriteFile("testdata/metrics.txt", []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/metrics.txt")
	if err != nil {
		t.Fatal(err)
	}
	if text != string(want) {
		t.Errorf("metrics differ from testdata/metrics.txt (-update writes it):\n%s", text)
	}
}

// Too much of the day is unknown: there is nothing that a rule could hold against the target.
func TestADayThatSaysTooLittleIsNotShown(t *testing.T) {
	r := result(time.October, 900, 100)
	k := metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })
	if text := gather(t, k); !strings.Contains(text, `window="day"`) {
		t.Fatalf("no day:\n%s", text)
	}
	r.Today[0].Status = kpi.Insufficient
	if text := gather(t, k); strings.Contains(text, `window="day"`) {
		t.Errorf("a day of which too much is unknown:\n%s", text)
	}
}

// A target by subscribers has its kind wherever it is compared, and the bounds are of the same weights.
func TestATargetBySubscribers(t *testing.T) {
	r := result(time.October, 900, 100)
	for _, a := range []*kpi.Availability{&r.Availability[1], &r.Today[0]} {
		a.Test = model.Test{Weighted: true, Gross: true}
		a.WGross, a.WLo, a.WHi, a.WUnknownShare = kpi.Quo(1, 4), kpi.Quo(1, 8), kpi.Quo(1, 2), kpi.Quo(3, 4)
	}
	text := gather(t, metrics.New(metrics.DefaultConfig(), func() *view.Result { return r }))
	for _, want := range []string{
		`haidang_availability_target_ratio{kind="weighted_gross",level="device",province="01",system="man-e"} 0.999`,
		`haidang_availability_ratio{kind="weighted_gross",level="device",province="01",system="man-e",window="day"} 0.25`,
		`haidang_availability_ratio{kind="weighted_gross",level="device",province="01",system="man-e",window="month"} 0.25`,
		`haidang_availability_ratio{kind="lo",level="device",province="01",system="man-e",window="month"} 0.125`,
		`haidang_availability_ratio{kind="hi",level="device",province="01",system="man-e",window="month"} 0.5`,
		`haidang_kpi_coverage_ratio{level="device",province="01",system="man-e"} 0.25`,
	} {
		if !strings.Contains(text, want+"\n") {
			t.Errorf("no %s in:\n%s", want, text)
		}
	}
}

func TestNothingBeforeTheFirstResult(t *testing.T) {
	if text := gather(t, metrics.New(metrics.DefaultConfig(), func() *view.Result { return nil })); text != "" {
		t.Errorf("metrics without a result:\n%s", text)
	}
}

// The counters follow the sums from where they were first seen; a revision does not make them fall, a
// month or a reload does not make them jump.
func TestCountersNeverFallNorJump(t *testing.T) {
	var r *view.Result
	k := metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })
	files := inventory.NewIndex(&model.Inventory{})
	for i, c := range []struct {
		month    time.Month
		up, down int64
		files    *inventory.Index
		want     map[string]float64
	}{
		{time.October, 5000, 100, files, map[string]float64{"up": 0, "down": 0}},
		{time.October, 5060, 100, files, map[string]float64{"up": 60, "down": 0}},
		{time.October, 5000, 160, files, map[string]float64{"up": 60, "down": 60}},                                    // it was down, as a second poll told
		{time.October, 5030, 190, files, map[string]float64{"up": 60, "down": 90}},                                    // catches up
		{time.October, 5090, 190, files, map[string]float64{"up": 90, "down": 90}},                                    // and goes on
		{time.November, 15, 0, files, map[string]float64{"up": 105, "down": 90}},                                      // sums begin anew
		{time.November, 75, 60, files, map[string]float64{"up": 165, "down": 150}},                                    // counters go on
		{time.November, 900, 700, inventory.NewIndex(&model.Inventory{}), map[string]float64{"up": 165, "down": 150}}, // a reload brings devices in
		{time.November, 960, 701, nil, map[string]float64{"up": 165, "down": 150}},
	} {
		r = result(c.month, c.up, c.down)
		r.Inventory = c.files
		for state, want := range c.want {
			if got := value(t, k, state); got != want {
				t.Errorf("step %d: %s is %v, want %v", i, state, got, want)
			}
		}
	}
}

// gather is what Prometheus reads.
func gather(t rapid.TB, k prometheus.Collector) string {
	t.Helper()
	reg := prometheus.NewPedanticRegistry()
	reg.MustRegister(k)
	return scrape(t, reg)
}

func scrape(t rapid.TB, reg *prometheus.Registry) string {
	t.Helper()
	w := httptest.NewRecorder()
	promhttp.HandlerFor(reg, promhttp.HandlerOpts{}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if w.Code != http.StatusOK {
		t.Fatal(w.Body)
	}
	return w.Body.String()
}

// value is haidang_state_seconds_total of province 01.
func value(t *testing.T, k prometheus.Collector, state string) (v float64) {
	t.Helper()
	_, rest, found := strings.Cut(gather(t, k), `haidang_state_seconds_total{level="device",province="01",state="`+state+`",system="man-e"} `)
	if _, err := fmt.Sscan(rest, &v); err != nil || !found {
		t.Fatalf("no counter of state %s: %v", state, err)
	}
	return v
}
