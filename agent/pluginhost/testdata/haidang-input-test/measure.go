package main

import (
	"strings"

	"github.com/prometheus/client_golang/prometheus"
)

// measure registers metrics that are as they should be, and what the mode asks for.
func (in *input) measure(reg prometheus.Registerer) {
	late := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "test_late_seconds", Help: "Some \"help\".", Buckets: []float64{1, 2}})
	late.Observe(1.5)
	polled := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "test_polls_total", Help: "Polls."}, []string{"result"})
	polled.WithLabelValues(`all "good"`).Add(7)
	reg.MustRegister(late, polled)
	gauge := func(name string, labels prometheus.Labels) {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, ConstLabels: labels})
		g.Set(1)
		reg.MustRegister(g)
	}
	switch in.mode {
	case "bad metrics":
		gauge("haidang_pluginhost_points_total", nil)                           // the agent's
		gauge("test_forged", prometheus.Labels{"input": "other"})               // whose?
		gauge("test.dotted", nil)                                               // only UTF-8 can
		gauge("test_large", prometheus.Labels{"x": strings.Repeat("x", 2<<20)}) // no room
	case "silent metrics":
		reg.MustRegister(stuck{})
	}
}

// stuck is a collector that never ends.
type stuck struct{}

func (stuck) Describe(chan<- *prometheus.Desc) {}
func (stuck) Collect(chan<- prometheus.Metric) { select {} }
