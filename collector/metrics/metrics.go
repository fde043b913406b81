// Package metrics shows the KPIs of the running month, their targets and their coverage to Prometheus.
// It holds aggregates only: per province, system and class, never per element.
package metrics

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// nation is the value of the label province for the nation as a scope of its own.
const nation = "vn"

// KPIs is the collector of a view's latest result. Scraping costs no computation.
type KPIs struct {
	latest func() *view.Result
	mu     sync.Mutex           // scrapes may overlap; it guards what follows
	floor  map[stateKey]float64 // what was shown, so that a revision never makes a counter fall
	month  model.Month

	availability, target, budget, coverage, entities, seconds, unconfirmed *prometheus.Desc
	congestion, congestionTarget, links, asOf                              *prometheus.Desc
}

type stateKey struct {
	province string
	level    kpi.Level
	name     string
	state    string
}

// New makes the collector; latest gives the newest result, or nil.
func New(latest func() *view.Result) *KPIs {
	group := []string{"province", "level", "system"}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &KPIs{latest: latest, floor: map[stateKey]float64{},
		availability: desc("haidang_availability_ratio",
			"Availability of the month to date: net leaves planned maintenance out, gross counts it as down; lo and hi count unknown time as down and as up; weighted is net, weighted by subscribers or Mbit/s.",
			append(group, "kind", "window")...),
		target:   desc("haidang_availability_target_ratio", "The target that the availability is held against.", group...),
		budget:   desc("haidang_availability_budget_remaining_seconds", "Down seconds of the month to date that the target still allows; negative: it is missed.", group...),
		coverage: desc("haidang_kpi_coverage_ratio", "Share of the entities' time about which something is known.", group...),
		entities: desc("haidang_entities", "Devices or links behind the KPI.", group...),
		seconds: desc("haidang_state_seconds_total",
			"Seconds that entities spent in each state since the month began.", append(group, "state")...),
		unconfirmed:      desc("haidang_unconfirmed_failures_total", "Failed polls of the month that nothing confirmed.", group...),
		congestion:       desc("haidang_congestion_ratio", "Share of the evaluated links that are congested, month to date, by number of links and by capacity.", "province", "class", "by"),
		congestionTarget: desc("haidang_congestion_target_ratio", "The share of congested links must be below this.", "province", "class"),
		links:            desc("haidang_congestion_links", "Links of the class by outcome.", "province", "class", "outcome"),
		asOf:             desc("haidang_kpi_as_of_timestamp_seconds", "The instant up to which the KPIs are computed."),
	}
}

// Describe lists the metrics.
func (k *KPIs) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{k.availability, k.target, k.budget, k.coverage, k.entities, k.seconds, k.unconfirmed,
		k.congestion, k.congestionTarget, k.links, k.asOf} {
		ch <- d
	}
}

// Collect shows the latest result.
func (k *KPIs) Collect(ch chan<- prometheus.Metric) {
	r := k.latest()
	if r == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.Month != k.month { // counters of a new month begin anew, as Prometheus understands a restart
		k.month = r.Month
		clear(k.floor)
	}
	ch <- prometheus.MustNewConstMetric(k.asOf, prometheus.GaugeValue, float64(r.End))
	for i := range r.Availability {
		k.group(ch, &r.Availability[i])
	}
	for i := range r.Congestion {
		k.class(ch, &r.Congestion[i])
	}
}

func scope(province string) string {
	if province == "" {
		return nation
	}
	return province
}

func (k *KPIs) group(ch chan<- prometheus.Metric, a *kpi.Availability) {
	name := string(a.System)
	if a.Level == kpi.LevelLink {
		name = string(a.Class)
	}
	labels := []string{scope(a.Province), string(a.Level), name}
	gauge := func(d *prometheus.Desc, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append(labels[:3:3], more...)...)
	}
	for _, n := range []struct {
		kind  string
		value kpi.Number
	}{{"net", a.Net}, {"gross", a.Gross}, {"lo", a.Lo}, {"hi", a.Hi}, {"weighted", a.WNet}} {
		if n.value.Valid() {
			gauge(k.availability, n.value.Float(), n.kind, "month")
		}
	}
	if a.Target.Den != 0 {
		gauge(k.target, a.Target.Float())
		if a.Left.Valid() {
			gauge(k.budget, a.Left.Float())
		}
	}
	if a.UnknownShare.Valid() {
		gauge(k.coverage, 1-a.UnknownShare.Float())
	}
	gauge(k.entities, float64(a.Entities))
	k.states(ch, a, labels)
	ch <- prometheus.MustNewConstMetric(k.unconfirmed, prometheus.CounterValue, k.rise(a, name, "unconfirmed", a.Unconfirmed), labels...)
}

func (k *KPIs) states(ch chan<- prometheus.Metric, a *kpi.Availability, labels []string) {
	for _, s := range []struct {
		state   string
		seconds int64
	}{{"up", a.Sums.Up}, {"down", a.Sums.Down}, {"unknown", a.Sums.Unknown},
		{"maintenance", a.Sums.MaintDown + a.Sums.MaintUnknown}, {"excluded", a.Sums.Excluded}} {
		ch <- prometheus.MustNewConstMetric(k.seconds, prometheus.CounterValue, k.rise(a, labels[2], s.state, s.seconds),
			append(labels[:3:3], s.state)...)
	}
}

// rise is the value, or what was shown before if that was more: time that was up until a second poll
// failed becomes down, and a counter must not fall for it.
func (k *KPIs) rise(a *kpi.Availability, name, state string, value int64) float64 {
	key := stateKey{a.Province, a.Level, name, state}
	v := max(float64(value), k.floor[key])
	k.floor[key] = v
	return v
}

func (k *KPIs) class(ch chan<- prometheus.Metric, c *kpi.Congestion) {
	labels := []string{scope(c.Province), string(c.Class)}
	gauge := func(d *prometheus.Desc, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append(labels[:2:2], more...)...)
	}
	if c.Ratio.Valid() {
		gauge(k.congestion, c.Ratio.Float(), "links")
	}
	if c.CapRatio.Valid() {
		gauge(k.congestion, c.CapRatio.Float(), "capacity")
	}
	if c.MaxRatio.Den != 0 {
		gauge(k.congestionTarget, c.MaxRatio.Float())
	}
	gauge(k.links, float64(c.Congested), "congested")
	gauge(k.links, float64(c.Evaluated-c.Congested), "not_congested")
	gauge(k.links, float64(c.NotEvaluated), "not_evaluated")
}
