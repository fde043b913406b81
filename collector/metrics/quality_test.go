package metrics_test

import (
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// Scores, cells and probes, by names that rules may rely on; what has no value is not shown.
func TestQuality(t *testing.T) {
	r := result(time.October, 900, 100)
	half := big.NewRat(1, 2)
	service := score.Service{Name: "iptv", Score: big.NewRat(13, 4), KPIs: []score.KPI{{Threshold: &model.Threshold{KPI: "video_mos"}, Points: big.NewRat(3, 1)}, {Threshold: &model.Threshold{KPI: "zap"}}}}
	r.Scores = []score.Card{{Unit: "01", QoE: score.Part{Score: big.NewRat(321, 100), Services: []score.Service{service}}}}
	r.Radio = ran.Result{Total: &ran.Total{}, Unlisted: 2,
		KPIs: []ran.KPI{{Province: "01", Kind: ran.LTE, Name: "drop", Unit: "ratio", Value: half, Coverage: half}, {Kind: ran.NR, Name: "prb_dl", Unit: "ratio"},
			{Province: "01", Kind: ran.LTE, Name: "rrc_setup", Unit: "ratio", Value: half, Coverage: big.NewRat(1, 4)}},
		Spreads:    []ran.Spread{{Province: "01", Kind: ran.LTE, Name: "latency_dl", Unit: "ms", Median: half, P95: big.NewRat(19, 1)}, {Kind: ran.LTE, Name: "connected_users"}, {Kind: ran.LTE, Name: "voice_latency_dl", P95: half}},
		Congestion: []ran.Congestion{{Kind: ran.LTE, Evaluated: 4, Congested: 1, NotEvaluated: 2, Ratio: big.NewRat(1, 4)}},
		Growth:     []ran.Growth{{Value: big.NewRat(1, 5)}, {LikeForLike: true}}}
	r.Samples = []probe.KPI{{Province: "01", Service: "iptv", Name: "video_mos", Unit: "MOS", Value: big.NewRat(3, 1), Samples: 120}}
	text := gather(t, metrics.New(metrics.DefaultConfig(), func() *view.Result { return r }))
	for _, line := range []string{
		`haidang_score{kind="qoe",province="01",service="all"} 3.21`,
		`haidang_score{kind="qoe",province="01",service="iptv"} 3.25`,
		`haidang_score_points{kind="qoe",kpi="video_mos",province="01",service="iptv"} 3`,
		`haidang_ran_kpi{kpi="drop",province="01",technology="lte",unit="ratio"} 0.5`,
		`haidang_ran_cells_p95{kpi="latency_dl",province="01",technology="lte",unit="ms"} 19`,
		`haidang_ran_coverage_ratio{province="01",technology="lte"} 0.25`,
		`haidang_ran_cells{outcome="not_congested",province="vn",technology="lte"} 3`,
		`haidang_ran_congested_cells_ratio{province="vn",technology="lte"} 0.25`,
		`haidang_ran_speed_growth_ratio{cells="all",province="vn"} 0.2`,
		`haidang_probe_kpi{kpi="video_mos",province="01",service="iptv",unit="MOS"} 3`,
		`haidang_probe_kpi_samples{kpi="video_mos",province="01",service="iptv"} 120`,
		`haidang_ran_unlisted_objects 2`,
	} {
		if !strings.Contains(text, line+"\n") {
			t.Errorf("no %s in\n%s", line, text)
		}
	}
	for _, absent := range []string{`prb_dl`, `rrc_setup`, `like_for_like`, `kind="combined"`, `connected_users`, `voice_latency_dl`, `kpi="zap"`} {
		if strings.Contains(text, absent) {
			t.Errorf("%s has no value", absent)
		}
	}
}
