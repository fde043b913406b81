package engine

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/usm"
)

// Why a datagram is dropped.
const (
	malformed   = "malformed"
	unknown     = "unknown"
	wrongSource = "wrong_source"
	late        = "late"
	duplicate   = "duplicate"

	wrongVersion = "version"
)

// What makes a request wait.
const (
	deviceLimit = "device"
	subnetLimit = "subnet"
)

type metrics struct {
	requests    prometheus.Counter
	repeats     prometheus.Counter
	answers     prometheus.Counter
	silences    prometheus.Counter
	sendErrors  prometheus.Counter
	skipped     prometheus.Counter
	otherSource prometheus.Counter
	held        *prometheus.CounterVec
	inFlight    prometheus.Gauge
	serial      prometheus.Gauge
	parked      prometheus.Gauge
	lateness    prometheus.Histogram
	dropped     *prometheus.CounterVec
	droppedFast map[string]prometheus.Counter // the children of dropped
	reports     [usm.Complaints]prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests:   counter("haidang_snmp_requests_total", "Requests sent, repeated ones not counted."),
		repeats:    counter("haidang_snmp_retransmissions_total", "Requests sent again, after the timeout or, to a device that answers sooner than now, before it."),
		answers:    counter("haidang_snmp_answers_total", "Answers that were matched to their request."),
		silences:   counter("haidang_snmp_silences_total", "Transmissions that were not answered within the timeout."),
		sendErrors: counter("haidang_snmp_send_errors_total", "Requests that the kernel refused to send."),
		skipped:    counter("haidang_snmp_rounds_skipped_total", "Rounds left out because the poller was more than an interval late."),
		otherSource: counter("haidang_snmp_answers_other_source_total",
			"Answers that came from another address that the device is allowed."),
		held: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haidang_snmp_requests_held_total",
			Help: "Times that a request had to wait, by the limit that it met: device, subnet.",
		}, []string{"limit"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "haidang_snmp_in_flight_requests", Help: "Requests under way."}),
		serial: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "haidang_snmp_devices_serial", Help: "Devices found to drop requests that come while they work on another: they are asked one thing at a time."}),
		parked: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "haidang_snmp_devices_awaiting_keys", Help: "Devices whose keys for encryption are being made; some protocols take milliseconds for each."}),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "haidang_snmp_round_lateness_seconds",
			Help:    "Time between the moment a round was due and its first request.",
			Buckets: []float64{0.001, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10},
		}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haidang_snmp_datagrams_dropped_total",
			Help: "Datagrams that are no answer to a request under way, by reason: malformed, unknown, wrong_source, late, duplicate, version; of v3 too: engine, user, security_level, digest, time_window, decryption, request_id.",
		}, []string{"reason"}),
		droppedFast: map[string]prometheus.Counter{},
	}
	reasons := []string{malformed, unknown, wrongSource, late, duplicate, wrongVersion}
	for v := usm.WrongEngine; v < usm.Verdicts; v++ {
		reasons = append(reasons, v.String())
	}
	for _, reason := range reasons {
		m.droppedFast[reason] = m.dropped.WithLabelValues(reason)
	}
	reports := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "haidang_snmp_reports_total",
		Help: "Reports of v3 engines, by what they complain of: security_level, time_window, unknown_user, unknown_engine (this is how an engine is found), wrong_digest, decryption, other.",
	}, []string{"reason"})
	for c := usm.NoComplaint + 1; c < usm.Complaints; c++ {
		m.reports[c] = reports.WithLabelValues(c.String())
	}
	reg.MustRegister(m.requests, m.repeats, m.answers, m.silences, m.sendErrors, m.skipped, m.inFlight, m.serial, m.parked, m.lateness, m.dropped,
		m.otherSource, m.held, reports)
	return m
}

func counter(name, help string) prometheus.Counter {
	return prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
}

func (m *metrics) drop(reason string) { m.droppedFast[reason].Inc() }

func (m *metrics) waits(limit string) prometheus.Counter { return m.held.WithLabelValues(limit) }
