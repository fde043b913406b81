package syslog

import "github.com/prometheus/client_golang/prometheus"

const droppedName = "haidang_syslog_dropped_total"

// metrics count what comes and what becomes of it.
type metrics struct {
	messages    *prometheus.CounterVec
	datagrams   prometheus.Counter // those of messages that came over UDP
	dropped     *prometheus.CounterVec
	cut         prometheus.Counter
	known       prometheus.Counter
	unknown     prometheus.Counter
	samples     prometheus.Counter
	strangers   prometheus.Counter
	states      prometheus.Counter
	parts       prometheus.Counter
	unnamed     prometheus.Counter
	arrivals    *prometheus.CounterVec
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
	connections := prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_syslog_connections", Help: "Open connections over TCP and TLS."})
	reg.MustRegister(connections, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_syslog_waiting_octets",
		Help: "Memory of the lines on their way to the agent's spool."}, held))
	messages := vector("haidang_syslog_messages_total", "Messages received, by transport.", "transport")
	return &metrics{
		messages:    messages,
		datagrams:   messages.WithLabelValues("udp"),
		dropped:     vector(droppedName, "Messages that were not read, by reason.", "reason"),
		cut:         counter("haidang_syslog_cut_messages_total", "Messages longer than max_message, of which the beginning was read."),
		known:       counter("haidang_syslog_known_messages_total", "Messages that a table knows."),
		unknown:     counter("haidang_syslog_unknown_messages_total", "Messages that no table knows."),
		samples:     counter("haidang_syslog_sampled_messages_total", "Unknown messages written all the same."),
		strangers:   counter("haidang_syslog_unknown_devices_total", "Messages of no known device."),
		states:      counter("haidang_syslog_states_total", "Points of an interface's state written."),
		parts:       counter("haidang_syslog_alarms_total", "Points of an alarm of a part, raised or cleared, written."),
		unnamed:     counter("haidang_syslog_unnamed_total", "Points not written: the device, the interface or the part is not known."),
		arrivals:    vector("haidang_syslog_arrival_times_total", "Messages that were given the time of their arrival: the device's is none, not_set or far.", "reason"),
		refused:     vector("haidang_syslog_refused_connections_total", "Connections closed at once, by reason.", "reason"),
		connections: connections,
	}
}
