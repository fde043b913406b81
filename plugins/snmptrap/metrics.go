package snmptrap

import (
	"github.com/prometheus/client_golang/prometheus"
)

const (
	droppedName = "haidang_snmptrap_dropped_total"
	usual       = "discovery" // the reason that is nobody's mistake
)

// metrics count what comes and what becomes of it.
type metrics struct {
	datagrams  prometheus.Counter
	dropped    *prometheus.CounterVec
	taken      *prometheus.CounterVec
	unknown    prometheus.Counter
	strangers  prometheus.Counter
	states     prometheus.Counter
	unnamed    prometheus.Counter
	repeated   prometheus.Counter
	answered   prometheus.Counter
	unanswered prometheus.Counter
	reports    prometheus.Counter
	lookups    *prometheus.CounterVec
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
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_snmptrap_waiting_octets",
		Help: "Memory of the notifications on their way to the agent's spool."}, held))
	return &metrics{
		datagrams:  counter("haidang_snmptrap_datagrams_total", "Datagrams received."),
		dropped:    vector(droppedName, "Datagrams that did not become lines, by reason.", "reason"),
		taken:      vector("haidang_snmptrap_notifications_total", "Notifications taken, by kind: trap or inform.", "kind"),
		unknown:    counter("haidang_snmptrap_unknown_traps_total", "Notifications taken whose OID is in no table."),
		strangers:  counter("haidang_snmptrap_unknown_devices_total", "Notifications taken from addresses of no device."),
		states:     counter("haidang_snmptrap_states_total", "Points of the measurement state written."),
		unnamed:    counter("haidang_snmptrap_unnamed_interfaces_total", "States not written: the device or the interface's name is not known."),
		repeated:   counter("haidang_snmptrap_informs_repeated_total", "Informs that had been taken before."),
		answered:   counter("haidang_snmptrap_informs_answered_total", "Informs answered."),
		unanswered: counter("haidang_snmptrap_informs_unanswered_total", "Informs not answered in time: the agent's spool had not taken them."),
		reports:    counter("haidang_snmptrap_reports_total", "Reports of SNMPv3 sent."),
		lookups:    vector("haidang_snmptrap_lookups_total", "Interface names looked up, by result: known, answered, unnamed, failed.", "result"),
	}
}
