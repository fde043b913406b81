package pluginhost

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/point"
)

// state is what an input is doing.
type state string

const (
	starting state = "starting"
	running  state = "running"
	waiting  state = "waiting" // for its next start after a failure
	stopped  state = "stopped"
)

// metrics holds the vectors; inputMetrics is one input's row of each.
type metrics struct{ inputs map[string]*inputMetrics }

type inputMetrics struct {
	states          map[state]prometheus.Gauge
	restarts        prometheus.Counter
	batches         prometheus.Counter
	points          prometheus.Counter
	frameBytes      prometheus.Counter
	textBytes       prometheus.Counter
	deliverErrors   prometheus.Counter
	lostPoints      prometheus.Counter
	failedScrapes   prometheus.Counter
	droppedFamilies prometheus.Counter
}

// newMetrics registers the metrics with a row for each input, so that a counter is there before its first event.
func newMetrics(reg prometheus.Registerer, inputs []Input) (*metrics, error) {
	states := prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Name: "haidang_pluginhost_input_state",
		Help: "1 for the state the input is in: starting, running, waiting (to be started again) or stopped.",
	}, []string{"input", "state"})
	counters := map[string]*prometheus.CounterVec{}
	for name, help := range map[string]string{
		"haidang_pluginhost_restarts_total":       "Times the input ended without being asked to.",
		"haidang_pluginhost_batches_total":        "Batches of the input that are durable and acknowledged.",
		"haidang_pluginhost_points_total":         "Points in those batches.",
		"haidang_pluginhost_frame_bytes_total":    "Compressed bytes of those batches.",
		"haidang_pluginhost_text_bytes_total":     "Bytes of line protocol in those batches.",
		"haidang_pluginhost_deliver_errors_total": "Times a batch was not taken by the spool and had to be handed over again.",
		"haidang_pluginhost_lost_points_total":    "Points that the input collected but that were not durable when it ended.",
		"haidang_pluginhost_failed_scrapes_total": "Scrapes that show no metrics of the input because it did not tell them in time.",
		"haidang_pluginhost_dropped_metric_families_total": "Metric families or series of the input that were not shown: " +
			"malformed, too many, or with a name or series that is there already.",
	} {
		counters[name] = prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{"input"})
	}
	if err := reg.Register(states); err != nil {
		return nil, err
	}
	for _, c := range counters {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	m := &metrics{inputs: make(map[string]*inputMetrics)}
	for _, in := range inputs {
		row := func(name string) prometheus.Counter { return counters[name].WithLabelValues(in.Type) }
		im := &inputMetrics{
			states:          make(map[state]prometheus.Gauge),
			restarts:        row("haidang_pluginhost_restarts_total"),
			batches:         row("haidang_pluginhost_batches_total"),
			points:          row("haidang_pluginhost_points_total"),
			frameBytes:      row("haidang_pluginhost_frame_bytes_total"),
			textBytes:       row("haidang_pluginhost_text_bytes_total"),
			deliverErrors:   row("haidang_pluginhost_deliver_errors_total"),
			lostPoints:      row("haidang_pluginhost_lost_points_total"),
			failedScrapes:   row("haidang_pluginhost_failed_scrapes_total"),
			droppedFamilies: row("haidang_pluginhost_dropped_metric_families_total"),
		}
		for _, s := range []state{starting, running, waiting, stopped} {
			im.states[s] = states.WithLabelValues(in.Type, string(s))
		}
		im.state(stopped)
		m.inputs[in.Type] = im
	}
	return m, nil
}

func (m *metrics) of(input string) *inputMetrics { return m.inputs[input] }

// state says that the input is in state now.
func (m *inputMetrics) state(now state) {
	for s, gauge := range m.states {
		if s == now {
			gauge.Set(1)
		} else {
			gauge.Set(0)
		}
	}
}

func (m *inputMetrics) delivered(b point.Batch) {
	m.batches.Inc()
	m.points.Add(float64(b.Points))
	m.frameBytes.Add(float64(len(b.Frames)))
	m.textBytes.Add(float64(b.Raw))
}
