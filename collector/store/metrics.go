package store

import (
	"errors"
	"os"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	commits *prometheus.CounterVec
	seconds prometheus.Histogram
	bytes   prometheus.Counter
	undo    func()
}

func newMetrics() *metrics {
	return &metrics{
		commits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haidang_store_commits_total",
			Help: "Checkpoints by result: ok, fenced (another owner has the partition) or error.",
		}, []string{"result"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "haidang_store_commit_duration_seconds",
			Help:    "Time one checkpoint took, waiting for other writers included.",
			Buckets: prometheus.ExponentialBuckets(0.001, 2, 14),
		}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "haidang_store_commit_bytes_total",
			Help: "Bytes of blocks and day chunks in durable checkpoints.",
		}),
		undo: func() {},
	}
}

func (m *metrics) register(reg prometheus.Registerer, s *Store) error {
	if reg == nil {
		return nil
	}
	size := prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "haidang_store_size_bytes",
		Help: "Bytes on disk of the store's file and its write-ahead log.",
	}, s.size)
	all := []prometheus.Collector{m.commits, m.seconds, m.bytes, size}
	m.undo = func() {
		for _, c := range all {
			reg.Unregister(c)
		}
	}
	for _, c := range all {
		if err := reg.Register(c); err != nil {
			return err
		}
	}
	return nil
}

func (m *metrics) unregister() { m.undo() }

func (m *metrics) committed(c Checkpoint, took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	switch {
	case errors.Is(err, ErrFenced):
		m.commits.WithLabelValues("fenced").Inc()
	case err != nil:
		m.commits.WithLabelValues("error").Inc()
	default:
		m.commits.WithLabelValues("ok").Inc()
		m.bytes.Add(float64(c.size()))
	}
}

func (c Checkpoint) size() (n int) {
	for _, b := range c.Blocks {
		n += len(b.Data)
	}
	for _, d := range c.Days {
		n += len(d.Data)
		for _, p := range d.Parts {
			n += len(p.Data)
		}
	}
	for _, l := range c.Lines {
		n += len(l.Data)
	}
	return n + len(c.Spools)
}

func (s *Store) size() float64 {
	var n int64
	for _, name := range []string{s.path, s.path + "-wal"} {
		if fi, err := os.Stat(name); err == nil {
			n += fi.Size()
		}
	}
	return float64(n)
}
