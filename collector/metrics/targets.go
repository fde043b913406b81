package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// targetDescs are the thresholds of targets.yaml that belong to no group of their own, so that a rule or a
// panel compares a metric with a metric, and what the month's scores are against them.
type targetDescs struct {
	score, goodUnits, units, speed, cells, prb, theta, coverage, ranCoverage, n1 *prometheus.Desc
}

func newTargetDescs(desc newDesc) targetDescs {
	return targetDescs{
		score:       desc("haidang_score_target", "Points that a unit's combined score is held against: floor is for every unit (T2), good for a share of them (T3).", "gate"),
		goodUnits:   desc("haidang_score_good_units_target_ratio", "The share of the units that must be good (T3)."),
		units:       desc("haidang_score_units", "Units by what their combined score is: below the floor, reached it, good, or without one; each is counted once.", "outcome"),
		speed:       desc("haidang_ran_speed_growth_target_ratio", "By how much the speed of 4G data must have grown over the baseline (T5)."),
		cells:       desc("haidang_ran_congested_cells_target_ratio", "The share of congested cells must be below this."),
		prb:         desc("haidang_ran_congestion_threshold_ratio", "Mean PRB utilisation of its busy hours from which a cell is congested."),
		theta:       desc("haidang_congestion_threshold_ratio", "P95 utilisation from which a link of the class is congested.", "class"),
		coverage:    desc("haidang_kpi_coverage_target_ratio", "Coverage below which the availability of the month is not held against a target."),
		ranCoverage: desc("haidang_ran_coverage_target_ratio", "Coverage below which a KPI of radio cells is not judged."),
		n1: desc("haidang_composite_peak_n1_target_ratio", "What haidang_composite_peak_n1_ratio of the composite must stay below.",
			"composite", "province", "system"),
	}
}

func (d *targetDescs) describe(ch chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.score, d.goodUnits, d.units, d.speed, d.cells, d.prb, d.theta, d.coverage, d.ranCoverage, d.n1} {
		ch <- one
	}
}

func (d *targetDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	if r.Inventory == nil {
		return
	}
	t := &r.Inventory.Targets
	limit := func(desc *prometheus.Desc, v model.Ratio, labels ...string) {
		if v.Den != 0 {
			ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v.Float(), labels...)
		}
	}
	limit(d.speed, t.RAN.SpeedGrowth)
	limit(d.cells, t.RAN.MaxRatio)
	limit(d.prb, perMille(t.RAN.ThetaPerMille))
	limit(d.ranCoverage, t.RAN.MinCoverage)
	limit(d.coverage, rest(t.MaxUnknownMonth))
	for class, rule := range t.Congestion {
		limit(d.theta, perMille(rule.ThetaPerMille), string(class))
	}
	for i := range r.Composites {
		if c := &r.Composites[i]; c.Rule == model.Capacity {
			limit(d.n1, perMille(t.N1PerMille), c.Name, scope(c.Province), string(c.System))
		}
	}
	if len(t.Scores.Thresholds) > 0 { // without, nothing earns points
		limit(d.score, t.Scores.Floor, "floor")
		limit(d.score, t.Scores.Good, "good")
		limit(d.goodUnits, t.Scores.GoodShare)
		d.outcomes(ch, &r.MonthResult)
	}
}

// outcomes counts the units; who is good has also reached the floor.
func (d *targetDescs) outcomes(ch chan<- prometheus.Metric, r *kpi.MonthResult) {
	u := &r.Units
	for outcome, n := range map[string]int{"below_floor": len(u.Below), "reached": len(u.Reached) - len(u.Good), "good": len(u.Good), "no_score": len(u.Unknown)} {
		ch <- prometheus.MustNewConstMetric(d.units, prometheus.GaugeValue, float64(n), outcome)
	}
}

// perMille is a threshold that the KPIs keep in whole per mille; 0 is none.
func perMille(n int) model.Ratio {
	if n == 0 {
		return model.Ratio{}
	}
	return model.Ratio{Num: int64(n), Den: 1000}
}

// rest is what a share leaves of the whole.
func rest(r model.Ratio) model.Ratio { return model.Ratio{Num: r.Den - r.Num, Den: r.Den} }
