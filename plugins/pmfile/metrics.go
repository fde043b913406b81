package pmfile

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
)

// metrics count what comes and what becomes of it.
type metrics struct {
	files        *prometheus.CounterVec
	rejected     *prometheus.CounterVec
	waiting      *prometheus.GaugeVec
	octets       prometheus.Counter
	numbers      prometheus.Counter
	texts        prometheus.Counter
	points       *prometheus.CounterVec
	mapped       *prometheus.CounterVec
	unmapped     *prometheus.CounterVec
	incomplete   *prometheus.CounterVec
	dropped      *prometheus.CounterVec
	suspect      prometheus.Counter
	unaligned    prometheus.Counter
	merged       prometheus.Counter
	late         prometheus.Counter
	clockSuspect prometheus.Counter
	lateness     prometheus.Histogram
	up           *prometheus.GaugeVec
	failures     *prometheus.CounterVec
	discarded    prometheus.Counter
}

func newMetrics(reg prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		c := prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help})
		reg.MustRegister(c)
		return c
	}
	vector := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
		reg.MustRegister(c)
		return c
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"source"})
		reg.MustRegister(g)
		return g
	}
	m := &metrics{
		files:        vector("haidang_pmfile_files_total", "Files dealt with, by outcome: taken, duplicate or rejected.", "source", "outcome"),
		rejected:     vector("haidang_pmfile_rejected_files_total", "Files that could not be read and are in quarantine, by reason.", "reason"),
		waiting:      gauge("haidang_pmfile_waiting_files", "Files in the source that are not complete yet."),
		octets:       counter("haidang_pmfile_read_octets_total", "Text of files read, not compressed."),
		numbers:      counter("haidang_pmfile_numbers_total", "Values written that are numbers."),
		texts:        counter("haidang_pmfile_texts_total", "Values written that are no numbers: vectors and others."),
		points:       vector("haidang_pmfile_points_total", "Lines written, by technology.", "rat"),
		mapped:       vector("haidang_pmfile_mapped_values_total", "Values written under a standard name that a map gave them.", "vendor"),
		unmapped:     vector("haidang_pmfile_unmapped_values_total", "Values written under a name that no map and no standard has.", "vendor"),
		incomplete:   vector("haidang_pmfile_incomplete_values_total", "Values written under their own name because a counter that their map needs was missing.", "vendor"),
		dropped:      vector("haidang_pmfile_dropped_values_total", "Values not written, by reason.", "reason"),
		suspect:      counter("haidang_pmfile_suspect_points_total", "Lines written that their element doubts."),
		unaligned:    counter("haidang_pmfile_unaligned_points_total", "Lines written whose period does not begin at a multiple of its length."),
		merged:       counter("haidang_pmfile_merged_measurements_total", "Measurements of a group that came again in its file and were joined."),
		late:         counter("haidang_pmfile_late_files_total", "Files taken later than allowed after the end of their last period."),
		clockSuspect: counter("haidang_pmfile_clock_suspect_files_total", "Files taken more than 300 s before their last period ended by their element's clock."),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "haidang_pmfile_lateness_seconds",
			Help: "Time from the end of a file's last period until it was taken.", Buckets: []float64{60, 180, 300, 600, 900, 1800, 3600, 7200, 21600, 86400}}),
		up:        gauge("haidang_pmfile_source_up", "1 while the source can be read."),
		failures:  vector("haidang_pmfile_source_failures_total", "Times that a source could not be read, or a file there not be removed.", "source", "step"),
		discarded: counter("haidang_pmfile_quarantine_discarded_total", "Files removed from the quarantine because it was full."),
	}
	reg.MustRegister(m.lateness)
	return m
}

// showMaps shows the versions of the maps of counters: speed_baseline.csv names the one that it was measured with.
func showMaps(reg prometheus.Registerer, maps *counters.Maps) {
	info := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "haidang_pmfile_counter_map_info", Help: "1 for each map of counters, by vendor and version."},
		[]string{"vendor", "version"})
	reg.MustRegister(info)
	for vendor, version := range maps.Versions() {
		info.WithLabelValues(vendor, version).Set(1)
	}
}

// values adds what the values of a file became.
func (m *metrics) values(t *tally, vendor string) {
	m.numbers.Add(float64(t.numbers))
	m.texts.Add(float64(t.texts))
	m.mapped.WithLabelValues(vendor).Add(float64(t.mapped))
	m.unmapped.WithLabelValues(vendor).Add(float64(t.unmapped))
	m.incomplete.WithLabelValues(vendor).Add(float64(t.incomplete))
	for reason, n := range t.dropped {
		m.dropped.WithLabelValues(reason).Add(float64(n))
	}
}

// watchLedger shows the ledger's sizes.
func watchLedger(reg prometheus.Registerer, l *ledger.Ledger) {
	for name, of := range map[string]struct {
		help  string
		value func(ledger.Stats) int
	}{
		"haidang_pmfile_ledger_files":         {"Files that are remembered.", func(s ledger.Stats) int { return s.Files }},
		"haidang_pmfile_ledger_damaged_lines": {"Lines of the ledger that could not be read.", func(s ledger.Stats) int { return s.Damaged }},
	} {
		reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: of.help}, func() float64 { return float64(of.value(l.Stats())) }))
	}
	reg.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "haidang_pmfile_ledger_forgotten_files_total",
		Help: "Files forgotten early because there were too many."}, func() float64 { return float64(l.Stats().Forgotten) }))
}
