package decode

import "github.com/prometheus/client_golang/prometheus"

// Metrics count what targets send and what becomes of it.
type Metrics struct {
	notifications, leaves, unmapped, deletes, coalesced, ownClock, missed, events, swaps prometheus.Counter
	dropped                                                                              *prometheus.CounterVec
}

// NewMetrics registers the counters; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		if reg != nil {
			reg.MustRegister(c)
		}
		return c
	}
	m := &Metrics{
		notifications: counter("haidang_gnmi_notifications_total", "Notifications received."),
		leaves:        counter("haidang_gnmi_leaves_total", "Values that became fields of lines."),
		unmapped:      counter("haidang_gnmi_unmapped_total", "Values and deletes that no path set has a use for."),
		deletes:       counter("haidang_gnmi_deletes_total", "Deletes of what a path set has a use for."),
		coalesced:     counter("haidang_gnmi_coalesced_total", "Values that targets left out, as they say, because this side was slow."),
		ownClock:      counter("haidang_gnmi_own_clock_total", "Notifications whose time was more than 300 s off, and was replaced by that of arrival."),
		missed:        counter("haidang_gnmi_heartbeats_missed_total", "States that were not told again in time, and are unknown since."),
		events:        counter("haidang_gnmi_events_total", "Changes of states written at once."),
		swaps:         counter("haidang_gnmi_device_swaps_total", "Times that another device answered at a target's address."),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_gnmi_dropped_total",
			Help: "Values that a path set asks for and that were not written, by reason: value, rows, malformed, wrong_target."}, []string{"reason"}),
	}
	if reg != nil {
		reg.MustRegister(m.dropped)
	}
	return m
}

// tally counts within a message, so that a value costs no atomic operation.
type tally struct {
	leaves, unmapped, coalesced, value, rows, malformed, wrongTarget uint64
}

// tell adds the tally to the counters and empties it.
func (m *Metrics) tell(t *tally) {
	add := func(c prometheus.Counter, n uint64) {
		if n > 0 {
			c.Add(float64(n))
		}
	}
	drop := func(reason string, n uint64) {
		if n > 0 {
			m.dropped.WithLabelValues(reason).Add(float64(n))
		}
	}
	m.notifications.Inc()
	add(m.leaves, t.leaves)
	add(m.unmapped, t.unmapped)
	add(m.coalesced, t.coalesced)
	drop("value", t.value)
	drop("rows", t.rows)
	drop("malformed", t.malformed)
	drop("wrong_target", t.wrongTarget)
	*t = tally{}
}
