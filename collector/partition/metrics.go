package partition

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are shared by all partitions of a process; each gets its own children by Of.
type Metrics struct {
	lines       *prometheus.CounterVec
	dropped     *prometheus.CounterVec
	duplicates  *prometheus.CounterVec
	passedOn    *prometheus.CounterVec
	conflicts   *prometheus.CounterVec
	applied     *prometheus.GaugeVec
	committed   *prometheus.GaugeVec
	owned       *prometheus.GaugeVec
	watchdog    *prometheus.GaugeVec
	closed      *prometheus.CounterVec
	reopened    *prometheus.CounterVec
	daysInRAM   *prometheus.GaugeVec
	unknown     *prometheus.GaugeVec
	agentSeen   *prometheus.GaugeVec
	failures    *prometheus.CounterVec
	lost        *prometheus.CounterVec
	applySecond *prometheus.CounterVec
}

// NewMetrics registers the partitions' metrics.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, append([]string{"partition"}, labels...))
	}
	gauge := func(name, help string) *prometheus.GaugeVec {
		return prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, []string{"partition"})
	}
	m := &Metrics{
		lines:       counter("haidang_partition_lines_total", "Lines applied, by what they were: an observation of an entity, a report of a cell or probe, a suspect one of these, or known and not needed by any KPI.", "use"),
		dropped:     counter("haidang_partition_dropped_points_total", "Points that could not be applied, by reason.", "reason"),
		duplicates:  counter("haidang_partition_duplicate_batches_total", "Batches that were delivered again and ignored."),
		passedOn:    counter("haidang_partition_passed_on_lines_total", "Lines of devices of another partition, passed on to it."),
		conflicts:   counter("haidang_partition_conflicting_readings_total", "Readings of port counters that another one of the same instant contradicts; the greater value counts."),
		applied:     gauge("haidang_partition_applied_log_sequence", "Last log sequence that the partition has applied."),
		committed:   gauge("haidang_partition_committed_log_sequence", "Log sequence of the last checkpoint; what follows is replayed after a crash."),
		owned:       gauge("haidang_partition_owned", "1 while this process holds the partition's lease."),
		watchdog:    gauge("haidang_watchdog_applied_timestamp_seconds", "Time stamp of the last synthetic point that came through ingest log and partition: its age is how far behind the monitor is."),
		closed:      counter("haidang_partition_day_closings_total", "Days closed, first closes and revisions."),
		reopened:    counter("haidang_partition_day_reopenings_total", "Closed days that a late point reopened."),
		daysInRAM:   gauge("haidang_partition_day_sets_in_memory", "Open days whose observations are in memory."),
		unknown:     gauge("haidang_partition_unknown_devices", "Devices seen that no inventory row names."),
		failures:    counter("haidang_partition_failures_total", "Times the partition gave up and started again from its last checkpoint."),
		lost:        counter("haidang_partition_lost_log_messages_total", "Accepted batches that were missing from the log when it was read."),
		applySecond: counter("haidang_partition_apply_seconds_total", "Time spent applying batches."),
		agentSeen: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "haidang_agent_heartbeat_timestamp_seconds",
			Help: "Time stamp of the last heartbeat of each agent."}, []string{"agent"}),
	}
	for _, c := range []prometheus.Collector{m.lines, m.dropped, m.duplicates, m.passedOn, m.conflicts, m.applied, m.committed, m.owned, m.watchdog,
		m.closed, m.reopened, m.daysInRAM, m.unknown, m.failures, m.lost, m.applySecond, m.agentSeen} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// meters are one partition's own children, looked up once: the hot path adds to plain counters.
type meters struct {
	observed, reported, suspect, notNeeded          prometheus.Counter
	late, outOfRange, noField, badPeriod            prometheus.Counter
	tooMany, tooManyMethods, tooLong                prometheus.Counter
	unreadable, lost                                prometheus.Counter
	duplicates, passedOn, closed, reopened, failure prometheus.Counter
	conflicts, seconds                              prometheus.Counter
	applied, committed, owned, watchdog             prometheus.Gauge
	days, unknown                                   prometheus.Gauge
	agentSeen                                       *prometheus.GaugeVec
}

func (m *Metrics) of(partition int) meters {
	p := strconv.Itoa(partition)
	return meters{
		observed: m.lines.WithLabelValues(p, "observation"), notNeeded: m.lines.WithLabelValues(p, "not_needed"),
		reported: m.lines.WithLabelValues(p, "report"), suspect: m.lines.WithLabelValues(p, "suspect_report"),
		badPeriod: m.dropped.WithLabelValues(p, "period_out_of_range"),
		late:      m.dropped.WithLabelValues(p, "day_sealed"), outOfRange: m.dropped.WithLabelValues(p, "time_out_of_range"),
		noField: m.dropped.WithLabelValues(p, "field_missing"), tooMany: m.dropped.WithLabelValues(p, "too_many_unknown_devices"),
		tooManyMethods: m.dropped.WithLabelValues(p, "too_many_methods"), tooLong: m.dropped.WithLabelValues(p, "name_too_long"),
		unreadable: m.dropped.WithLabelValues(p, "unreadable_batch"), lost: m.lost.WithLabelValues(p),
		duplicates: m.duplicates.WithLabelValues(p), passedOn: m.passedOn.WithLabelValues(p), conflicts: m.conflicts.WithLabelValues(p),
		closed: m.closed.WithLabelValues(p), reopened: m.reopened.WithLabelValues(p), failure: m.failures.WithLabelValues(p),
		seconds: m.applySecond.WithLabelValues(p),
		applied: m.applied.WithLabelValues(p), committed: m.committed.WithLabelValues(p), owned: m.owned.WithLabelValues(p),
		watchdog: m.watchdog.WithLabelValues(p), days: m.daysInRAM.WithLabelValues(p), unknown: m.unknown.WithLabelValues(p),
		agentSeen: m.agentSeen,
	}
}
