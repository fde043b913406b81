package log

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type metrics struct {
	messages    *prometheus.CounterVec
	bytes       *prometheus.CounterVec
	refused     *prometheus.CounterVec
	seconds     prometheus.Histogram
	duplicates  prometheus.Counter
	skipped     prometheus.Counter
	foreign     prometheus.Counter
	lost        prometheus.Counter
	disconnects prometheus.Counter
	undo        func()
}

func newMetrics() *metrics {
	counter := func(name, help string) prometheus.Counter {
		return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
	}
	vec := func(name, help, label string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
	}
	return &metrics{
		messages: vec("haidang_log_published_messages_total", "Messages made durable.", "partition"),
		bytes:    vec("haidang_log_published_bytes_total", "Bytes of frames made durable.", "partition"),
		refused:  vec("haidang_log_refused_messages_total", "Messages not taken, or not known to be: full, too_large or error.", "reason"),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "haidang_log_publish_duration_seconds",
			Help:    "Time until a message was durable.",
			Buckets: prometheus.ExponentialBuckets(0.0002, 2, 16),
		}),
		duplicates:  counter("haidang_log_duplicate_messages_total", "Messages that the log already had."),
		skipped:     counter("haidang_log_skipped_messages_total", "Messages that were purged before a reader came to them."),
		foreign:     counter("haidang_log_foreign_messages_total", "Messages in a stream that the collector did not write."),
		lost:        counter("haidang_log_lost_messages_total", "Messages that a damaged block cost when the log was opened."),
		disconnects: counter("haidang_log_disconnects_total", "Lost connections to the log's server."),
		undo:        func() {},
	}
}

func (m *metrics) register(reg prometheus.Registerer, l *Log) error {
	if reg == nil {
		return nil
	}
	all := []prometheus.Collector{m.messages, m.bytes, m.refused, m.seconds, m.duplicates, m.skipped, m.foreign, m.lost, m.disconnects, stateCollector{l}}
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

func (m *metrics) published(partition, size int, took time.Duration, err error) {
	m.seconds.Observe(took.Seconds())
	switch {
	case err == nil:
		p := strconv.Itoa(partition)
		m.messages.WithLabelValues(p).Inc()
		m.bytes.WithLabelValues(p).Add(float64(size))
	case errors.Is(err, ErrFull):
		m.refused.WithLabelValues("full").Inc()
	case errors.Is(err, ErrTooLarge):
		m.refused.WithLabelValues("too_large").Inc()
	default:
		m.refused.WithLabelValues("error").Inc()
	}
}

// stateCollector asks the server at each scrape what the partitions hold. While the server is out of
// reach the values are absent, not old.
type stateCollector struct{ log *Log }

var (
	descBytes = prometheus.NewDesc("haidang_log_size_bytes", "Bytes the partition's stream holds, without what others passed on to it.", []string{"partition"}, nil)
	descLimit = prometheus.NewDesc("haidang_log_limit_bytes", "Bytes each partition's stream may hold, without what others pass on to it.", nil, nil)
	descRelay = prometheus.NewDesc("haidang_log_relay_size_bytes", "Bytes held of what other partitions passed on to the partition; they may be a third of haidang_log_limit_bytes.", []string{"partition"}, nil)
	descCount = prometheus.NewDesc("haidang_log_messages", "Messages the partition's stream holds.", []string{"partition"}, nil)
	descFirst = prometheus.NewDesc("haidang_log_first_sequence", "Oldest sequence in the partition's stream.", []string{"partition"}, nil)
	descLast  = prometheus.NewDesc("haidang_log_last_sequence", "Newest sequence in the partition's stream.", []string{"partition"}, nil)
)

func (c stateCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{descBytes, descLimit, descRelay, descCount, descFirst, descLast} {
		ch <- d
	}
}

func (c stateCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	gauge := func(d *prometheus.Desc, v uint64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, float64(v), labels...)
	}
	cfg := c.log.cfg
	gauge(descLimit, uint64(c.log.limit(0)))
	for p := range cfg.Partitions {
		s, err := c.log.State(ctx, p)
		if err != nil {
			continue
		}
		label := strconv.Itoa(p)
		gauge(descBytes, s.Bytes, label)
		gauge(descCount, s.Messages, label)
		gauge(descFirst, s.First, label)
		gauge(descLast, s.Last, label)
		if relays, err := c.log.State(ctx, c.log.Relays(p)); err == nil {
			gauge(descRelay, relays.Bytes, label)
		}
	}
}
