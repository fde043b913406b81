package ingest

import (
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	requests  *prometheus.CounterVec
	inFlight  prometheus.Gauge
	bodyBytes prometheus.Counter
	batches   prometheus.Counter
	accepted  prometheus.Counter
	rejected  *prometheus.CounterVec
	textBytes prometheus.Counter
	logBytes  prometheus.Counter
	skew      *prometheus.GaugeVec
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_ingest_requests_total",
			Help: "Write requests of known principals, by the status they were answered."}, []string{"status"}),
		inFlight:  prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_ingest_in_flight_requests", Help: "Write requests being worked on."}),
		bodyBytes: counter("haidang_ingest_body_bytes_total", "Bytes of request bodies as they were sent."),
		batches:   counter("haidang_ingest_batches_total", "Batches made durable."),
		accepted:  counter("haidang_ingest_accepted_lines_total", "Lines made durable, repeated deliveries included."),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_ingest_rejected_lines_total",
			Help: "Lines refused, by reason: syntax, device, agent or province of someone else, time in the future."}, []string{"reason"}),
		textBytes: counter("haidang_ingest_text_bytes_total", "Bytes of text in the batches made durable."),
		logBytes:  counter("haidang_ingest_log_bytes_total", "Bytes of frames in the batches made durable."),
		skew: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "haidang_ingest_clock_skew_seconds",
			Help: "This clock minus the agent's when its last request came, the way here included."}, []string{"agent"}),
	}
	for why := range reasons {
		m.rejected.WithLabelValues(why.String())
	}
	return m
}

func (m *metrics) register(reg prometheus.Registerer) error {
	for _, c := range []prometheus.Collector{m.requests, m.inFlight, m.bodyBytes, m.batches, m.accepted, m.rejected,
		m.textBytes, m.logBytes, m.skew} {
		if err := reg.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *metrics) accept(b point.Batch) {
	m.batches.Inc()
	m.accepted.Add(float64(b.Points))
	m.textBytes.Add(float64(b.Raw))
	m.logBytes.Add(float64(len(b.Frames)))
}

func (m *metrics) reject(r *report) {
	for why, n := range r.bad {
		if n > 0 {
			m.rejected.WithLabelValues(reason(why).String()).Add(float64(n))
		}
	}
}
