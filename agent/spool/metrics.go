package spool

import (
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
)

// Why acknowledged batches were lost.
const (
	reasonCap    = "cap"    // max_bytes forced the oldest segment out
	reasonDamage = "damage" // a segment could not be read back; points are counted as far as they are known
	reasonSync   = "sync"   // an fsync failed after the acknowledgement; possible only with sync: interval
)

type metrics struct {
	batches, points, appendedBytes prometheus.Counter
	appendErrors, readErrors       prometheus.Counter
	committed                      prometheus.Counter
	droppedBatches, droppedPoints  *prometheus.CounterVec
	damagedSegments, tornBytes     prometheus.Counter
	rejected                       prometheus.Counter
	syncSeconds                    prometheus.Histogram

	lostBatches, lostPoints uint64 // the dropped ones again, for Stats; under the spool's lock
}

func newMetrics(reg prometheus.Registerer, s *Spool) (*metrics, error) {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	byReason := func(name, help string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"reason"})
	}
	gauge := func(name, help string, value func(Stats) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 { return value(s.Stats()) })
	}
	m := &metrics{
		batches:        counter("haidang_spool_appended_batches_total", "Batches stored."),
		points:         counter("haidang_spool_appended_points_total", "Points in the batches stored."),
		appendedBytes:  counter("haidang_spool_appended_bytes_total", "Compressed bytes in the batches stored."),
		appendErrors:   counter("haidang_spool_append_errors_total", "Batches that were not stored; their input keeps them."),
		readErrors:     counter("haidang_spool_read_errors_total", "Reads that failed and will be tried again."),
		committed:      counter("haidang_spool_committed_batches_total", "Batches that are done."),
		droppedBatches: byReason("haidang_spool_dropped_batches_total", "Stored batches lost: cap, damage or sync."),
		droppedPoints:  byReason("haidang_spool_dropped_points_total", "Points in the stored batches lost, as far as known."),
		damagedSegments: counter("haidang_spool_damaged_segments_total",
			"Segments in which damage was found; they go to quarantine."),
		tornBytes: counter("haidang_spool_torn_bytes_total", "Bytes of unfinished writes cut off at start."),
		rejected:  counter("haidang_spool_rejected_batches_total", "Batches put aside in rejected/."),
		syncSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "haidang_spool_sync_duration_seconds", Help: "How long one fsync took.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 4, 9),
		}),
	}
	for _, reason := range []string{reasonCap, reasonDamage, reasonSync} {
		m.droppedBatches.WithLabelValues(reason)
		m.droppedPoints.WithLabelValues(reason)
	}
	for _, c := range []prometheus.Collector{
		m.batches, m.points, m.appendedBytes, m.appendErrors, m.readErrors, m.committed, m.droppedBatches,
		m.droppedPoints, m.damagedSegments, m.tornBytes, m.rejected, m.syncSeconds,
		gauge("haidang_spool_size_bytes", "Bytes in all segments.", func(st Stats) float64 { return float64(st.Bytes) }),
		gauge("haidang_spool_limit_bytes", "What max_bytes allows.", func(Stats) float64 { return float64(s.cfg.MaxBytes) }),
		gauge("haidang_spool_pending_batches", "Batches stored and not done.",
			func(st Stats) float64 { return float64(st.PendingBatches) }),
		gauge("haidang_spool_pending_points", "Points stored and not done.",
			func(st Stats) float64 { return float64(st.PendingPoints) }),
	} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

func (m *metrics) appended(b point.Batch) {
	m.batches.Inc()
	m.points.Add(float64(b.Points))
	m.appendedBytes.Add(float64(len(b.Frames)))
}

// lost counts stored batches that will never be shipped. The spool's lock is held.
func (m *metrics) lost(reason string, t tally) {
	m.droppedBatches.WithLabelValues(reason).Add(float64(t.batches))
	m.droppedPoints.WithLabelValues(reason).Add(float64(t.points))
	m.lostBatches += uint64(t.batches)
	m.lostPoints += uint64(t.points)
}
