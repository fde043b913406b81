package metrics_test

import (
	"fmt"
	"math/big"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// What the whole nation may have: units of the older era, in each of them every provincial system, two classes of
// links, both technologies; every KPI of cells, every threshold of the shipped file, probes of as many KPIs, and
// composites for each unit's own ring and the national ones.
const (
	nationUnits      = 63
	nationalSystems  = 8
	unitSystems      = 5
	unitClasses      = 2
	cellKPIs         = 13 // of each technology
	probeKPIs        = 18
	nationComposites = 75
	nationLinks      = 260_000
)

// seriesOfOthers is what else a collector shows: its own parts, the runtime, and hundreds of groups of alarms.
const seriesOfOthers = 1500

// The bound of the whole page is 20,000 series, whatever happens in the network.
func TestSeriesOfTheNation(t *testing.T) {
	r := wholeNation(t)
	k := metrics.New(metrics.DefaultConfig(), func() *view.Result { return r })
	text := gather(t, k)
	series := map[string]int{}
	total := 0
	for line := range strings.Lines(text) {
		if name, _, ok := strings.Cut(line, "{"); ok && !strings.HasPrefix(line, "#") {
			series[name]++
			total++
		}
	}
	t.Logf("%d series, %d KB: %v", total, len(text)/1024, series)
	if total+seriesOfOthers > 20_000 {
		t.Errorf("%d series: want less than %d beside those of the other parts", total, 20_000-seriesOfOthers)
	}
}

// BenchmarkScrape is what a scrape of the nation costs, as text.
func BenchmarkScrape(b *testing.B) {
	r := wholeNation(b)
	reg := prometheus.NewRegistry()
	reg.MustRegister(metrics.New(metrics.DefaultConfig(), func() *view.Result { return r }))
	for b.Loop() {
		b.SetBytes(int64(len(scrape(b, reg))))
	}
}

func wholeNation(t testing.TB) *view.Result {
	t.Helper()
	inv := &model.Inventory{Targets: targets()}
	inv.Targets.Scores.Thresholds = thresholds(t)
	r := &view.Result{Unseen: map[string]int{}}
	r.Month, r.End = model.Month{Year: 2025, Month: time.June}, 1_749_000_000
	r.Radio.Total = &ran.Total{}
	scopes := []string{""}
	for i := range nationUnits {
		code := fmt.Sprintf("%02d", i+1)
		scopes = append(scopes, code)
		inv.Provinces = append(inv.Provinces, model.Province{Code: code, Validity: model.Validity{To: model.Forever}})
	}
	for _, code := range scopes {
		r.Unseen[code] = 1
		addGroups(r, code)
		addQuality(r, code, inv.Targets.Scores.Thresholds)
	}
	for i := range nationComposites {
		c := kpi.Composite{Name: fmt.Sprint("composite-", i), Rule: model.Ring, Availability: full(kpi.Availability{Level: kpi.LevelComposite, System: "ring-north"})}
		if i%10 == 0 {
			load := kpi.PeakLoad{Util: kpi.Quo(1, 2), N1: kpi.Quo(2, 3)}
			c.Rule, c.Capacity = model.Capacity, &kpi.CapacityMonth{In: load, Out: load}
		}
		r.Composites = append(r.Composites, c)
	}
	for i := range nationLinks {
		class := []model.LinkClass{model.Transport, model.Broadband, model.International}[i%3]
		r.Links = append(r.Links, kpi.LinkMonth{Link: "link-" + strconv.Itoa(i), Class: class, Provinces: []string{"01"}, P95: int32(i % 997), In: kpi.DirMonth{P95: 1}, Out: kpi.DirMonth{P95: int32(i % 997)}})
	}
	r.Inventory = inventory.NewIndex(inv)
	return r
}

// full gives a group every number.
func full(a kpi.Availability) kpi.Availability {
	s := kpi.Sums{Up: 2_000_000, Down: 1000, Unknown: 100, MaintDown: 50}
	a.Entities, a.Sums, a.Net, a.Gross, a.Lo, a.Hi, a.UnknownShare, a.WNet = 1300, s, s.Net(), s.Gross(), s.Lo(), s.Hi(), s.UnknownShare(), s.Net()
	if a.Level != kpi.LevelLink {
		a.Target, a.Left = model.Ratio{Num: 9995, Den: 10_000}, kpi.Quo(-7, 2)
	}
	return a
}

func addGroups(r *view.Result, code string) {
	systems, classes := unitSystems, []model.LinkClass{model.Transport, model.Broadband, model.International}
	if code == "" {
		systems += nationalSystems
	} else {
		classes = classes[:unitClasses]
	}
	var groups []kpi.Availability
	for i := range systems {
		a := kpi.Availability{Province: code, Level: kpi.LevelDevice, System: model.System(fmt.Sprint("system-", i))}
		groups = append(groups, full(a))
		for _, w := range []int64{300, 1800, 3600, 21_600, 259_200} {
			r.Burns = append(r.Burns, kpi.Burned{Province: code, Level: a.Level, System: a.System, Window: w, Rate: kpi.Quo(3, 2)})
		}
	}
	for _, class := range classes {
		groups = append(groups, full(kpi.Availability{Province: code, Level: kpi.LevelLink, Class: class}))
		r.Congestion = append(r.Congestion, kpi.Congestion{Province: code, Class: class, Evaluated: 100, Congested: 2, Ratio: kpi.Quo(1, 50), CapRatio: kpi.Quo(1, 40), MaxRatio: model.Ratio{Num: 3, Den: 100}})
	}
	r.Availability, r.Today = append(r.Availability, groups...), append(r.Today, groups...)
}

func addQuality(r *view.Result, code string, thresholds []model.Threshold) {
	v := big.NewRat(355, 113)
	card := score.Card{Unit: code, Combined: v, QoS: score.Part{Score: v}, QoE: score.Part{Score: v}}
	for i := range thresholds {
		part := map[model.ScoreKind]*score.Part{model.QoS: &card.QoS, model.QoE: &card.QoE}[thresholds[i].Kind]
		n := len(part.Services)
		if n == 0 || part.Services[n-1].Name != thresholds[i].Service {
			part.Services = append(part.Services, score.Service{Name: thresholds[i].Service, Score: v})
			n++
		}
		part.Services[n-1].KPIs = append(part.Services[n-1].KPIs, score.KPI{Threshold: &thresholds[i], Points: v})
	}
	r.Scores = append(r.Scores, card)
	for _, kind := range []string{ran.LTE, ran.NR} {
		for i := range cellKPIs {
			r.Radio.KPIs = append(r.Radio.KPIs, ran.KPI{Province: code, Kind: kind, Name: fmt.Sprint("kpi-", i), Unit: "ratio", Value: v, Coverage: v})
		}
		r.Radio.Congestion = append(r.Radio.Congestion, ran.Congestion{Province: code, Kind: kind, Evaluated: 10, Ratio: v})
	}
	r.Radio.Growth = append(r.Radio.Growth, ran.Growth{Province: code, Value: v}, ran.Growth{Province: code, LikeForLike: true, Value: v})
	for i := range probeKPIs {
		r.Samples = append(r.Samples, probe.KPI{Province: code, Service: "service", Name: fmt.Sprint("kpi-", i), Unit: "ms", Value: v, Samples: 120})
	}
}

// thresholds are the kinds, services and KPIs of the shipped file.
func thresholds(t testing.TB) (out []model.Threshold) {
	t.Helper()
	text, err := os.ReadFile("../../configs/score_thresholds.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cells := strings.SplitN(line, ",", 4)
		out = append(out, model.Threshold{Kind: model.ScoreKind(cells[0]), Service: cells[1], KPI: cells[2]})
	}
	return out
}
