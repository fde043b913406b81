package probe

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics count rounds and what became of them.
type metrics struct {
	rounds  *prometheus.CounterVec
	unknown *prometheus.CounterVec
	dropped *prometheus.CounterVec
	octets  *prometheus.CounterVec
	alone   prometheus.Gauge
}

// The results of a round.
const (
	resultGood    = "measured" // something answered
	resultFailed  = "failed"   // nothing did, and that says something of the network
	resultUnknown = "unknown"  // it says nothing of the network: no point was written
)

func newMetrics(reg prometheus.Registerer) *metrics {
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	m := &metrics{
		rounds:  vector("haidang_probe_rounds_total", "Rounds of tests, by method and result: measured, failed, unknown.", "method", "result"),
		unknown: vector("haidang_probe_unknown_rounds_total", "Rounds of which no point was written, as they say nothing of the network, by method and reason.", "method", "reason"),
		dropped: vector("haidang_probe_points_dropped_total", "Points that were not written, by reason.", "reason"),
		octets:  vector("haidang_probe_bulk_octets_total", "Octets of pages and transfers.", "method"),
		alone: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_probe_isolated",
			Help: "1 while no anchor answers, so that losses are not believed."}),
	}
	reg.MustRegister(m.rounds, m.unknown, m.dropped, m.octets, m.alone)
	return m
}

func (m *metrics) lost(method, reason string) {
	m.rounds.WithLabelValues(method, resultUnknown).Inc()
	m.unknown.WithLabelValues(method, reason).Inc()
}

func (m *metrics) isolated(yes bool) {
	m.alone.Set(0)
	if yes {
		m.alone.Set(1)
	}
}

// ended counts a round that a point is written of.
func (m *metrics) ended(method string, answered bool) {
	result := resultFailed
	if answered {
		result = resultGood
	}
	m.rounds.WithLabelValues(method, result).Inc()
}
