package mdt

import "github.com/prometheus/client_golang/prometheus"

const droppedName = "haidang_mdt_dropped_total"

// metrics count what comes and what becomes of it.
type metrics struct {
	messages    *prometheus.CounterVec
	octets      prometheus.Counter
	dropped     *prometheus.CounterVec
	known       prometheus.Counter
	unknown     prometheus.Counter
	strangers   prometheus.Counter
	rows        prometheus.Counter
	unnamed     prometheus.Counter
	arrivals    prometheus.Counter
	refused     *prometheus.CounterVec
	connections prometheus.Gauge
}

func newMetrics(reg prometheus.Registerer, held func() float64) *metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		reg.MustRegister(c)
		return c
	}
	vector := func(name, help, label string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
		reg.MustRegister(c)
		return c
	}
	connections := prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_mdt_connections", Help: "Open connections, or streams of gRPC."})
	reg.MustRegister(connections, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_mdt_waiting_octets",
		Help: "Memory of the lines on their way to the agent's spool."}, held))
	return &metrics{
		messages:    vector("haidang_mdt_messages_total", "Messages received, by transport.", "transport"),
		octets:      counter("haidang_mdt_received_bytes_total", "Octets of the messages received."),
		dropped:     vector(droppedName, "Messages that were not read, or not to their end, by reason.", "reason"),
		known:       counter("haidang_mdt_known_messages_total", "Messages whose sensor path a table has."),
		unknown:     counter("haidang_mdt_unknown_paths_total", "Messages whose sensor path no table has."),
		strangers:   counter("haidang_mdt_unknown_devices_total", "Messages, and refused connections, from addresses of no device."),
		rows:        counter("haidang_mdt_rows_total", "Rows, or elements of rows, that a rule was applied to."),
		unnamed:     counter("haidang_mdt_unnamed_rows_total", "Of them, those not written: a tag had no value."),
		arrivals:    counter("haidang_mdt_arrival_times_total", "Rows that were given the time of their arrival: the device's is missing or far."),
		refused:     vector("haidang_mdt_refused_connections_total", "Connections closed at once, by reason.", "reason"),
		connections: connections,
	}
}
