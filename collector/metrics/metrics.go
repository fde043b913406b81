// Package metrics shows the KPIs of the running month, their targets and their coverage to Prometheus.
// It holds aggregates only: per province, system and class, never per element.
package metrics

import (
	"fmt"
	"maps"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// nation is the value of the label province for the nation as a scope of its own.
const nation = "vn"

// KPIs is the collector of a view's latest result. Scraping costs no computation.
type KPIs struct {
	latest func() *view.Result
	mu     sync.Mutex // scrapes may overlap; it guards what follows
	month  model.Month
	files  *inventory.Index
	shown  map[stateKey]int64 // the counters as they were shown last
	offset map[stateKey]int64 // what they are above the month's sums

	availability, target, budget, coverage, entities, unseen, seconds, unconfirmed *prometheus.Desc
	congestion, congestionTarget, links, asOf, elapsed                             *prometheus.Desc
	burn                                                                           *prometheus.Desc
	monthBudget                                                                    *prometheus.Desc
	composites                                                                     compositeDescs
	quality                                                                        qualityDescs
	events                                                                         eventDescs
	targets                                                                        targetDescs
	worst                                                                          linkDescs
}

// Config bounds what is shown.
type Config struct {
	WorstLinks int `yaml:"worst_links"` // of each class; 0: none. Their names are topology, and /metrics asks for no token
}

// DefaultConfig shows a table's worth of links.
func DefaultConfig() Config { return Config{WorstLinks: 10} }

// maxWorstLinks keeps /metrics far below what a scrape should have.
const maxWorstLinks = 200

// Validate checks what no single value can tell.
func (c Config) Validate() error {
	if c.WorstLinks < 0 || c.WorstLinks > maxWorstLinks {
		return fmt.Errorf("metrics.worst_links: %d: want 0 to %d", c.WorstLinks, maxWorstLinks)
	}
	return nil
}

type stateKey struct {
	group [3]string
	state string
}

// New makes the collector; latest gives the newest result, or nil.
func New(c Config, latest func() *view.Result) *KPIs {
	group := []string{"province", "level", "system"}
	desc := func(name, help string, labels ...string) *prometheus.Desc {
		return prometheus.NewDesc(name, help, labels, nil)
	}
	return &KPIs{latest: latest, shown: map[stateKey]int64{}, offset: map[stateKey]int64{},
		availability: desc("haidang_availability_ratio",
			"Availability of the month to date: net leaves planned maintenance out, gross counts it as down; weighted is net, weighted by subscribers or Mbit/s; weighted_gross is there where a target tests it; lo and hi (of devices) count unknown time as down and as up, by weight where the target tests that. Of today so far: the kind that the target tests, unless more than max_unknown.day is unknown.",
			append(group, "kind", "window")...),
		target: desc("haidang_availability_target_ratio", "The target that the availability is held against, and which kind of it.",
			append(group, "kind")...),
		budget: desc("haidang_availability_budget_remaining_seconds", "Down seconds of the month to date that the target still allows (by weight: of a device of mean weight); negative: it is missed.", group...),
		monthBudget: desc("haidang_availability_month_budget_remaining_seconds",
			"Down seconds that the target still allows in the whole month; negative: even 100 % for the rest of it would not reach the target.", group...),
		coverage: desc("haidang_kpi_coverage_ratio", "Share of the entities' time about which something is known, by weight where the target tests that.", group...),
		unseen:   desc("haidang_devices_unseen", "Devices in service of which nothing was heard in the month to date.", "province"),
		entities: desc("haidang_entities", "Devices or links behind the KPI.", group...),
		seconds: desc("haidang_state_seconds_total",
			"Seconds that entities in service spent in each state while this process looked; what a revision takes away shows as a pause.", append(group, "state")...),
		unconfirmed:      desc("haidang_unconfirmed_failures_total", "Failed polls that nothing confirmed, while this process looked.", group...),
		congestion:       desc("haidang_congestion_ratio", "Share of the evaluated links that are congested, month to date, by number of links and by capacity.", "province", "class", "by"),
		congestionTarget: desc("haidang_congestion_target_ratio", "The share of congested links must be below this.", "province", "class"),
		links:            desc("haidang_congestion_links", "Links of the class by outcome.", "province", "class", "outcome"),
		burn: desc("haidang_availability_burn_rate",
			"How fast the error budget was spent in the window that ends now: 1 spends exactly the month's budget in a month.", append(group, "window")...),
		composites: newCompositeDescs(desc),
		quality:    newQualityDescs(desc),
		events:     newEventDescs(desc),
		targets:    newTargetDescs(desc),
		worst:      newLinkDescs(desc, c.WorstLinks),
		asOf:       desc("haidang_kpi_as_of_timestamp_seconds", "The instant up to which the KPIs are computed."),
		elapsed:    desc("haidang_kpi_month_elapsed_seconds", "How much of the month is over: what figures of the month to date are of. Radio cells count whole days only."),
	}
}

// Describe lists the metrics.
func (k *KPIs) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{k.availability, k.target, k.budget, k.coverage, k.entities, k.unseen, k.seconds, k.unconfirmed,
		k.congestion, k.congestionTarget, k.links, k.asOf, k.elapsed, k.burn, k.monthBudget} {
		ch <- d
	}
	k.composites.describe(ch)
	k.quality.describe(ch)
	k.events.describe(ch)
	k.targets.describe(ch)
	k.worst.describe(ch)
}

// Collect shows the latest result.
func (k *KPIs) Collect(ch chan<- prometheus.Metric) {
	r := k.latest()
	if r == nil {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.goOn(r)
	ch <- prometheus.MustNewConstMetric(k.asOf, prometheus.GaugeValue, float64(r.End))
	ch <- prometheus.MustNewConstMetric(k.elapsed, prometheus.GaugeValue, float64(r.End-r.Month.Start()))
	for province, n := range r.Unseen {
		ch <- prometheus.MustNewConstMetric(k.unseen, prometheus.GaugeValue, float64(n), scope(province))
	}
	for i := range r.Availability {
		k.group(ch, &r.Availability[i])
	}
	for i := range r.Today {
		k.today(ch, &r.Today[i])
	}
	for i := range r.Congestion {
		k.class(ch, &r.Congestion[i])
	}
	for _, b := range r.Burns {
		if b.Rate.Valid() && b.Composite == "" {
			ch <- prometheus.MustNewConstMetric(k.burn, prometheus.GaugeValue, b.Rate.Float(), scope(b.Province), string(b.Level), string(b.System), window(b.Window))
		}
	}
	k.composites.collect(ch, r)
	k.quality.collect(ch, r)
	k.events.collect(ch, r)
	k.targets.collect(ch, r)
	k.worst.collect(ch, r)
}

// goOn keeps the counters going where the sums begin anew with a month, or jump because other devices
// are looked at.
func (k *KPIs) goOn(r *view.Result) {
	if r.Month != k.month {
		k.offset = maps.Clone(k.shown)
	}
	if r.Inventory != k.files {
		clear(k.offset)
	}
	k.month, k.files = r.Month, r.Inventory
}

// window names a stretch of time as Prometheus does: 5m, 6h, 3d.
func window(seconds int64) string {
	switch {
	case seconds%model.DaySeconds == 0:
		return strconv.FormatInt(seconds/model.DaySeconds, 10) + "d"
	case seconds%3600 == 0:
		return strconv.FormatInt(seconds/3600, 10) + "h"
	}
	return strconv.FormatInt(seconds/60, 10) + "m"
}

func scope(province string) string {
	if province == "" {
		return nation
	}
	return province
}

// labels are those of a group: province, level, system (of links: their class).
func labels(a *kpi.Availability) []string {
	name := string(a.System)
	if a.Level == kpi.LevelLink {
		name = string(a.Class)
	}
	return []string{scope(a.Province), string(a.Level), name}
}

func (k *KPIs) group(ch chan<- prometheus.Metric, a *kpi.Availability) {
	group := labels(a)
	gauge := func(d *prometheus.Desc, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append(group[:3:3], more...)...)
	}
	k.ratios(ch, a)
	if a.Target.Den != 0 {
		gauge(k.target, a.Target.Float(), a.Test.String())
		if left := a.MonthLeft(); left.Valid() {
			gauge(k.monthBudget, left.Float())
		}
		if a.Left.Valid() {
			gauge(k.budget, a.Left.Float())
		}
	}
	if unknown := a.TestedUnknown(); unknown.Valid() {
		gauge(k.coverage, 1-unknown.Float())
	}
	gauge(k.entities, float64(a.Entities))
	k.states(ch, a, group)
	if a.Level == kpi.LevelDevice {
		ch <- prometheus.MustNewConstMetric(k.unconfirmed, prometheus.CounterValue, k.rise(stateKey{[3]string(group), "unconfirmed"}, a.Unconfirmed), group...)
	}
}

// ratios shows the availability of a group in the month to date. Links have no target that bounds could miss.
func (k *KPIs) ratios(ch chan<- prometheus.Metric, a *kpi.Availability) {
	k.ratio(ch, a, a.Net, "net", "month")
	k.ratio(ch, a, a.Gross, "gross", "month")
	k.ratio(ch, a, a.WNet, "weighted", "month")
	if a.Level == kpi.LevelDevice {
		k.ratio(ch, a, a.TestedLo(), "lo", "month")
		k.ratio(ch, a, a.TestedHi(), "hi", "month")
	}
	if a.Test.Weighted && a.Test.Gross {
		k.ratio(ch, a, a.WGross, a.Test.String(), "month")
	}
}

// today shows what the target tests: a series more for each group would be a thousand. Of a day too much of which is
// unknown there is none, so that no rule holds it against a target.
func (k *KPIs) today(ch chan<- prometheus.Metric, a *kpi.Availability) {
	if a.Status == kpi.Insufficient {
		return
	}
	k.ratio(ch, a, a.Tested(), a.Test.String(), "day")
}

func (k *KPIs) ratio(ch chan<- prometheus.Metric, a *kpi.Availability, n kpi.Number, kind, window string) {
	if n.Valid() {
		ch <- prometheus.MustNewConstMetric(k.availability, prometheus.GaugeValue, n.Float(), append(labels(a), kind, window)...)
	}
}

func (k *KPIs) states(ch chan<- prometheus.Metric, a *kpi.Availability, group []string) {
	for _, s := range []struct {
		state   string
		seconds int64
	}{{"up", a.Sums.Up}, {"down", a.Sums.Down}, {"unknown", a.Sums.Unknown},
		{"maintenance", a.Sums.MaintDown + a.Sums.MaintUnknown}} {
		ch <- prometheus.MustNewConstMetric(k.seconds, prometheus.CounterValue, k.rise(stateKey{[3]string(group), s.state}, s.seconds),
			append(group[:3:3], s.state)...)
	}
}

// rise is a counter that follows one of the month's sums, from 0 when it is first shown: a restart must
// not look like a jump. It stands still while the sum is below what was shown: time that was up until a
// second poll failed becomes down, and a counter must not fall for it.
func (k *KPIs) rise(key stateKey, sum int64) float64 {
	if _, begun := k.offset[key]; !begun {
		k.offset[key] = k.shown[key] - sum
	}
	k.shown[key] = max(k.shown[key], k.offset[key]+sum)
	return float64(k.shown[key])
}

func (k *KPIs) class(ch chan<- prometheus.Metric, c *kpi.Congestion) {
	class := []string{scope(c.Province), string(c.Class)}
	gauge := func(d *prometheus.Desc, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, append(class[:2:2], more...)...)
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
