package board

import "github.com/prometheus/client_golang/prometheus"

// metrics are the board's own.
type metrics struct {
	logins  *prometheus.CounterVec
	refused prometheus.Counter // streams
}

func newMetrics(reg prometheus.Registerer, b *Board) (*metrics, error) {
	m := &metrics{logins: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_board_logins_total",
		Help: "Attempts to log in to the board: ok, refused (name or password), limited (too many before)."}, []string{"result"}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_board_streams_refused_total",
			Help: "Pages that were not told because too many were, of all users or of one."})}
	for _, result := range []string{"ok", "refused", "limited"} {
		m.logins.WithLabelValues(result)
	}
	sessions := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_board_sessions", Help: "Sessions that are open."},
		func() float64 { return float64(b.sessions.Len()) })
	streams := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_board_streams", Help: "Pages that are told what is new."},
		func() float64 { return float64(b.hub.len()) })
	for _, c := range []prometheus.Collector{m.logins, m.refused, sessions, streams} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}
