package shipper

import (
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	batches, points, bytes prometheus.Counter
	partial, moved         prometheus.Counter
	retries                *prometheus.CounterVec
	rejected, lost         *prometheus.CounterVec // batches, and the points in them
	inFlight               prometheus.Gauge
	requestSeconds         prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer, s *Shipper) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	byReason := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"reason"})
	}
	m := &metrics{
		batches: counter("haidang_shipper_sent_batches_total", "Batches that the collector has."),
		points:  counter("haidang_shipper_sent_points_total", "Points in the batches that the collector has."),
		bytes:   counter("haidang_shipper_sent_bytes_total", "Compressed bytes in the batches that the collector has."),
		partial: counter("haidang_shipper_partial_batches_total", "Batches of which the collector refused some lines."),
		moved:   counter("haidang_shipper_moved_batches_total", "Batches that were not taken while others were, and went to the end of the queue."),
		retries: byReason("haidang_shipper_retries_total", "Requests that must be made again, by status, timeout or network."),
		rejected: byReason("haidang_shipper_rejected_batches_total",
			"Batches that the collector will never take, by status; they are in the spool's rejected/."),
		lost: byReason("haidang_shipper_rejected_points_total", "Points in the batches that the collector will never take, by status."),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "haidang_shipper_in_flight_batches", Help: "Batches under way or waiting for the collector to come back."}),
		requestSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "haidang_shipper_request_duration_seconds", Help: "How long one request took, whatever its end.",
			Buckets: prometheus.ExponentialBuckets(0.001, 3, 10)}),
	}
	for _, c := range []prometheus.Collector{
		m.batches, m.points, m.bytes, m.partial, m.moved, m.retries, m.rejected, m.lost, m.inFlight, m.requestSeconds,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "haidang_shipper_oldest_unsent_seconds", Help: "Age of the oldest batch that the collector does not have; 0 for none.",
		}, s.oldestAge),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "haidang_shipper_collector_up", Help: "1 while the collector takes batches, 0 while requests are held back.",
		}, s.up),
	} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (s *Shipper) oldestAge() float64 {
	at := s.oldest.Load()
	if at == 0 {
		return 0
	}
	return time.Since(time.Unix(0, at)).Seconds()
}

func (s *Shipper) up() float64 {
	if s.gate.open() {
		return 1
	}
	return 0
}

func (m *metrics) sent(r spool.Record) {
	m.batches.Inc()
	m.points.Add(float64(r.Batch.Points))
	m.bytes.Add(float64(len(r.Batch.Frames)))
}

func (m *metrics) refused(reason string, r spool.Record) {
	m.rejected.WithLabelValues(reason).Inc()
	m.lost.WithLabelValues(reason).Add(float64(r.Batch.Points))
}
