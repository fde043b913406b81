// Package nation makes the result of a month in which everything of a nation is measured, for benchmarks and bounds: every unit,
// system, class and technology, every KPI, threshold and composite. Its numbers mean nothing.
package nation

import (
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/probe"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// In each unit every provincial system, two classes of links and both technologies; probes of as many KPIs as there are, and
// composites for each unit's own ring and the national ones.
const (
	nationalSystems = 8
	unitSystems     = 5
	unitClasses     = 2
	cellKPIs        = 15 // of each technology, with those of what sites consume
	probeKPIs       = 15
	composites      = 75
	links           = 260_000
)

// Result is a month of so many units; configs is the folder of the shipped configuration.
func Result(units int, configs string) (*view.Result, error) {
	inv := &model.Inventory{Targets: targets()}
	var err error
	if inv.Targets.Scores.Thresholds, err = thresholds(configs); err != nil {
		return nil, err
	}
	r := &view.Result{Unseen: map[string]int{}}
	r.Month, r.End = model.Month{Year: 2025, Month: time.June}, 1_749_000_000
	r.Radio.Total = &ran.Total{}
	scopes := []string{""}
	for i := range units {
		code := fmt.Sprintf("%02d", i+1)
		scopes = append(scopes, code)
		inv.Provinces = append(inv.Provinces, model.Province{Code: code, Validity: model.Validity{To: model.Forever}})
	}
	for _, code := range scopes {
		r.Unseen[code] = 1
		addGroups(r, code)
		addQuality(r, code, inv.Targets.Scores.Thresholds)
	}
	for i := range composites {
		c := kpi.Composite{Name: fmt.Sprint("composite-", i), Rule: model.Ring, Availability: full(kpi.Availability{Level: kpi.LevelComposite, System: "ring-north"})}
		if i%10 == 0 {
			load := kpi.PeakLoad{Util: kpi.Quo(1, 2), N1: kpi.Quo(2, 3)}
			c.Rule, c.Capacity = model.Capacity, &kpi.CapacityMonth{In: load, Out: load}
		}
		r.Composites = append(r.Composites, c)
	}
	for i := range links {
		class := []model.LinkClass{model.Transport, model.Broadband, model.International}[i%3]
		r.Links = append(r.Links, kpi.LinkMonth{Link: "link-" + strconv.Itoa(i), Class: class, Provinces: []string{"01"}, P95: int32(i % 997), In: kpi.DirMonth{P95: 1}, Out: kpi.DirMonth{P95: int32(i % 997)}})
	}
	r.Inventory = inventory.NewIndex(inv)
	return r, nil
}

// targets have a value for everything that is shown of targets.yaml.
func targets() model.Targets {
	share := func(n, of int64) model.Ratio { return model.Ratio{Num: n, Den: of} }
	classes := map[model.LinkClass]model.ClassRule{}
	for _, class := range []model.LinkClass{model.Transport, model.Broadband, model.International} {
		classes[class] = model.ClassRule{ThetaPerMille: 800}
	}
	return model.Targets{MaxUnknownMonth: share(1, 20), N1PerMille: 900, Congestion: classes,
		RAN:    model.RANRules{ThetaPerMille: 800, MaxRatio: share(3, 100), MinCoverage: share(9, 10), SpeedGrowth: share(1, 5)},
		Scores: model.ScoreRules{Floor: share(3, 1), Good: share(4, 1), GoodShare: share(4, 5)}}
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
	groups := make([]kpi.Availability, 0, systems+len(classes))
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
		for _, name := range []string{"latency_dl", "connected_users", "packet_loss_ul"} {
			r.Radio.Spreads = append(r.Radio.Spreads, ran.Spread{Province: code, Kind: kind, Name: name, Unit: "ms", Median: v, P95: v})
		}
		r.Radio.Congestion = append(r.Radio.Congestion, ran.Congestion{Province: code, Kind: kind, Evaluated: 10, Ratio: v})
	}
	r.Radio.Growth = append(r.Radio.Growth, ran.Growth{Province: code, Value: v}, ran.Growth{Province: code, LikeForLike: true, Value: v})
	for i := range probeKPIs {
		r.Samples = append(r.Samples, probe.KPI{Province: code, Service: "service", Name: fmt.Sprint("kpi-", i), Unit: "ms", Value: v, Samples: 120})
	}
}

// thresholds are the kinds, services and KPIs of the shipped file.
func thresholds(configs string) (out []model.Threshold, err error) {
	text, err := os.ReadFile(filepath.Join(configs, "score_thresholds.csv"))
	if err != nil {
		return nil, fmt.Errorf("nation: %w", err)
	}
	for _, line := range strings.Split(strings.TrimSpace(string(text)), "\n")[1:] {
		cells := strings.SplitN(line, ",", 4)
		out = append(out, model.Threshold{Kind: model.ScoreKind(cells[0]), Service: cells[1], KPI: cells[2]})
	}
	return out, nil
}
