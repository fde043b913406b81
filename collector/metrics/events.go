package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// eventDescs are the metrics of national events.
type eventDescs struct{ sensitivity, frozen *prometheus.Desc }

func newEventDescs(desc newDesc) eventDescs {
	return eventDescs{
		sensitivity: desc("haidang_alert_sensitivity_ratio",
			"What alert thresholds are to be multiplied by: 1 as always, less while an event of freezes.csv lasts.", "province"),
		frozen: desc("haidang_change_freeze", "1 while changes are frozen: maintenance counts as down unless it is overridden.", "province"),
	}
}

func (d *eventDescs) describe(ch chan<- *prometheus.Desc) {
	ch <- d.sensitivity
	ch <- d.frozen
}

// collect has a line for the nation and for each unit of the day.
func (d *eventDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	if r.Inventory == nil {
		return
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
