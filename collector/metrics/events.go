package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// eventDescs are the metrics of national events.
type eventDescs struct{ sensitivity, frozen, kept, outages, changes, tagged *prometheus.Desc }

func newEventDescs(desc newDesc) eventDescs {
	return eventDescs{
		sensitivity: desc("haidang_alert_sensitivity_ratio",
			"What alert thresholds are to be multiplied by: 1 as always, less while an event of freezes.csv lasts.", "province"),
		frozen:  desc("haidang_change_freeze", "1 while changes are frozen: maintenance counts as down unless it is overridden.", "province"),
		kept:    desc("haidang_event_kept", "1 if an event of the month to date was kept in the nation (T10), 0 if not: an unplanned outage of P1, or a change. Absent if too much is unknown, or nothing is P1.", "event"),
		outages: desc("haidang_event_p1_outages", "Unplanned outages of P1 elements in the nation during an event of the month to date.", "event"),
		tagged:  desc("haidang_tagged_availability_ratio", "Availability of the nation's devices with a tag, month to date: net, and with unknown time as down (lo) and as up (hi).", "tag", "kind"),
		changes: desc("haidang_event_changes", "Planned windows within an event of the month to date that nobody had allowed there.", "event"),
	}
}

func (d *eventDescs) describe(ch chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.sensitivity, d.frozen, d.kept, d.outages, d.changes, d.tagged} {
		ch <- one
	}
}

// protection has what happened in the nation during each event.
func (d *eventDescs) protection(ch chan<- prometheus.Metric, all []kpi.Protection) {
	for i := range all {
		p := &all[i]
		if p.Province != "" {
			continue
		}
		gauge := func(desc *prometheus.Desc, v int64) {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(v), p.Event.ID)
		}
		gauge(d.outages, p.Sums.Outages)
		gauge(d.changes, int64(p.Void()))
		switch p.Verdict {
		case kpi.KeptSafe:
			gauge(d.kept, 1)
		case kpi.NotKept:
			gauge(d.kept, 0)
		case kpi.KeptData, kpi.KeptNone:
		}
	}
}

// collect has a line for the nation and for each unit of the day.
func (d *eventDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	if r.Inventory == nil {
		return
	}
	d.protection(ch, r.Protection)
	for i := range r.Tagged {
		a := &r.Tagged[i]
		for kind, n := range map[string]kpi.Number{"net": a.Net, "lo": a.Lo, "hi": a.Hi} {
			if a.Province == "" && n.Valid() {
				ch <- prometheus.MustNewConstMetric(d.tagged, prometheus.GaugeValue, n.Float(), string(a.System), kind)
			}
		}
	}
	codes := []string{""}
	for _, p := range r.Inventory.Units(r.End) {
		codes = append(codes, p.Code)
	}
	for _, code := range codes {
		sensitivity, frozen := 1.0, 0.0
		for i := range r.Inventory.Freezes {
			if f := &r.Inventory.Freezes[i]; f.Start <= r.End && r.End < f.End && holds(f, code) {
				sensitivity = min(sensitivity, f.Sensitivity.Float())
				frozen = max(frozen, map[bool]float64{true: 1}[f.Changes])
			}
		}
		ch <- prometheus.MustNewConstMetric(d.sensitivity, prometheus.GaugeValue, sensitivity, scope(code))
		ch <- prometheus.MustNewConstMetric(d.frozen, prometheus.GaugeValue, frozen, scope(code))
	}
}

// holds says whether an event covers all of a province, or the nation ("").
func holds(f *model.Freeze, province string) bool {
	for _, s := range f.Scopes {
		if s.Kind == model.ScopeNation || province != "" && s.Kind == model.ScopeProvince && s.Key == province {
			return true
		}
	}
	return false
}
