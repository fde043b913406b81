package alarm

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// meters are the engine's own metrics.
type meters struct {
	round    prometheus.Histogram
	latency  prometheus.Histogram
	events   *prometheus.CounterVec
	failures *prometheus.CounterVec
	leading  prometheus.Gauge
}

func newMeters(reg prometheus.Registerer, e *Engine) (meters, error) {
	m := meters{
		round: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "haidang_alarm_round_seconds",
			Help: "Time that one look at everything that is down took.", Buckets: []float64{.001, .003, .01, .03, .1, .3, 1, 3}}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "haidang_alarm_latency_seconds",
			Help:    "Time from applying the observation that decided it to the alarm.",
			Buckets: []float64{.01, .03, .1, .2, .5, 1, 2, 5, 10}}),
		events: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_alarm_events_total",
			Help: "What happened to alarms."}, []string{"kind"}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_alarm_failures_total",
			Help: "Times that alarms could not be stored, or the states of a partition not be read; both are tried again. Parts: messages left out because too many parts have alarms."}, []string{"what"}),
		leading: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_alarm_leading",
			Help: "1 while this process keeps the alarms."}),
	}
	for _, k := range []EventKind{Raised, Fell, Rose, Flaps, Beneath, Emerged, Muted, Unmuted, Reclassified, Acknowledged, Assigned, Noted, Ended, Counted} {
		m.events.WithLabelValues(string(k))
	}
	m.failures.WithLabelValues("store")
	m.failures.WithLabelValues("states")
	m.failures.WithLabelValues("parts")
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_alarm_changes_waiting_entities",
		Help: "Entities whose latest state the alarm engine has yet to take."}, func() float64 { return float64(e.Changes.Waiting()) })
	for _, c := range []prometheus.Collector{m.round, m.latency, m.events, m.failures, m.leading, waiting, newActive(e)} {
		if err := reg.Register(c); err != nil {
			return m, err
		}
	}
	return m, nil
}

// raised observes how long after their deciding observations alarms were raised.
func (m meters) raised(decided []int64, now time.Time) {
	for _, at := range decided {
		if at > 0 {
			m.latency.Observe(max(now.Sub(time.Unix(0, at)).Seconds(), 0))
		}
	}
}

// active shows the open alarms to Prometheus: of each kind of root how many, never which.
type active struct {
	e            *Engine
	active, open *prometheus.Desc
}

func newActive(e *Engine) *active {
	return &active{e: e,
		active: prometheus.NewDesc("haidang_alarm_active", "Alarms that somebody is to be told of: roots only, none under planned work.",
			[]string{"severity", "province", "system", "cause"}, nil),
		open: prometheus.NewDesc("haidang_alarm_open", "Open alarms by what becomes of them; one may count more than once.", []string{"state"}, nil)}
}

// Describe lists the metrics.
func (a *active) Describe(ch chan<- *prometheus.Desc) { ch <- a.active; ch <- a.open }

// maxGroups bounds the series of haidang_alarm_active; what is beyond counts without province and system.
const maxGroups = 2000

// Collect counts the alarms of the last round.
func (a *active) Collect(ch chan<- prometheus.Metric) {
	groups := map[[4]string]int{}
	open := map[string]int{"active": 0, "suppressed": 0, "acknowledged": 0, "maintenance": 0, "flapping": 0}
	for _, al := range a.e.latest.Load().alarms {
		open[string(al.State)]++
		for state, is := range map[string]bool{"acknowledged": al.Acknowledged != nil, "maintenance": al.Maintenance != "", "flapping": al.Flapping} {
			if is {
				open[state]++
			}
		}
		if !al.Told() {
			continue
		}
		group := [4]string{string(al.Severity), al.Home(), string(al.System), string(al.Cause)}
		if _, known := groups[group]; !known && len(groups) >= maxGroups {
			group[1], group[2] = "", ""
		}
		groups[group]++
	}
	for g, n := range groups {
		ch <- prometheus.MustNewConstMetric(a.active, prometheus.GaugeValue, float64(n), g[:]...)
	}
	for state, n := range open {
		ch <- prometheus.MustNewConstMetric(a.open, prometheus.GaugeValue, float64(n), state)
	}
}
