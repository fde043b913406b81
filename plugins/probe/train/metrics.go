package train

import "github.com/prometheus/client_golang/prometheus"

// Metrics count the packets of one protocol.
type Metrics struct {
	sent, replies    prometheus.Counter
	refused, dropped *prometheus.CounterVec
}

// NewMetrics registers the counters; the registerer tells the protocols apart.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		sent:    prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_probe_packets_sent_total", Help: "Packets given to the kernel."}),
		replies: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_probe_replies_total", Help: "Replies credited to the packet that they answer."}),
		refused: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_probe_packets_refused_total",
			Help: "Packets that the kernel did not send, by reason. They are no losses."}, []string{"reason"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_probe_replies_dropped_total",
			Help: "Datagrams that were credited to no packet, by reason."}, []string{"reason"}),
	}
	reg.MustRegister(m.sent, m.replies, m.refused, m.dropped)
	return m
}
