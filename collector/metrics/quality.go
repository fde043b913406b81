package metrics

import (
	"math/big"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/view"
)

// qualityDescs are the metrics of scores, radio cells and probes. Their number is bounded by the units, the
// KPIs and the two technologies.
type qualityDescs struct {
	score, points, kpi, spread, coverage, cells, congested, growth, sample, samples, unlisted *prometheus.Desc
}

func newQualityDescs(desc newDesc) qualityDescs {
	return qualityDescs{
		score:     desc("haidang_score", "QoS, QoE and combined score of the unit, 1 to 5, as published; by service (exact), or service all.", "province", "kind", "service"),
		points:    desc("haidang_score_points", "What one KPI earns, 1 to 5.", "province", "kind", "service", "kpi"),
		kpi:       desc("haidang_ran_kpi", "KPI of the unit's radio cells, month to date, in the unit that the label says; those that are only stages of another one are on the scorecard.", "province", "technology", "kpi", "unit"),
		spread:    desc("haidang_ran_cells_p95", "95th percentile over the unit's radio cells of each cell's mean, month to date, in the unit that the label says; the median and the other means are on the scorecard.", "province", "technology", "kpi", "unit"),
		coverage:  desc("haidang_ran_coverage_ratio", "Share of the expected counters behind the KPI that has least of them.", "province", "technology"),
		cells:     desc("haidang_ran_cells", "Radio cells by outcome of the congestion test.", "province", "technology", "outcome"),
		congested: desc("haidang_ran_congested_cells_ratio", "Share of the evaluated cells that are congested.", "province", "technology"),
		growth:    desc("haidang_ran_speed_growth_ratio", "Growth of the speed of 4G data in busy hours over the frozen baseline.", "province", "cells"),
		sample:    desc("haidang_probe_kpi", "KPI of active probes, month to date, in the unit that the label says.", "province", "service", "kpi", "unit"),
		samples:   desc("haidang_probe_kpi_samples", "Samples behind the KPI.", "province", "service", "kpi"),
		unlisted:  desc("haidang_ran_unlisted_objects", "Objects with counters that stand in no row of cells.csv."),
	}
}

func (d *qualityDescs) describe(ch chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.score, d.points, d.kpi, d.spread, d.coverage, d.cells, d.congested, d.growth, d.sample, d.samples, d.unlisted} {
		ch <- one
	}
}

func (d *qualityDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	count := func(desc *prometheus.Desc, n int64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, float64(n), labels...)
	}
	for i := range r.Scores {
		d.card(ch, &r.Scores[i])
	}
	d.cellKPIs(ch, r.Radio.KPIs)
	for i := range r.Radio.Spreads {
		if s := &r.Radio.Spreads[i]; leads(s.Name) {
			gauge(ch, d.spread, s.P95, scope(s.Province), s.Kind, s.Name, s.Unit)
		}
	}
	for i := range r.Radio.Congestion {
		c := &r.Radio.Congestion[i]
		count(d.cells, int64(c.Congested), scope(c.Province), c.Kind, "congested")
		count(d.cells, int64(c.Evaluated-c.Congested), scope(c.Province), c.Kind, "not_congested")
		count(d.cells, int64(c.NotEvaluated), scope(c.Province), c.Kind, "not_evaluated")
		gauge(ch, d.congested, c.Ratio, scope(c.Province), c.Kind)
	}
	for i := range r.Radio.Growth {
		g := &r.Radio.Growth[i]
		cells := "all"
		if g.LikeForLike {
			cells = "like_for_like"
		}
		gauge(ch, d.growth, g.Value, scope(g.Province), cells)
	}
	for i := range r.Samples {
		k := &r.Samples[i]
		gauge(ch, d.sample, k.Value, scope(k.Province), k.Service, k.Name, k.Unit)
		count(d.samples, k.Samples, scope(k.Province), k.Service, k.Name)
	}
	if r.Radio.Total != nil {
		count(d.unlisted, int64(r.Radio.Unlisted))
	}
}

// cellKPIs shows the KPIs of cells, and of each unit and technology the least coverage of all.
func (d *qualityDescs) cellKPIs(ch chan<- prometheus.Metric, all []ran.KPI) {
	least := map[[2]string]*big.Rat{}
	for i := range all {
		k := &all[i]
		if !stage(k.Name) {
			gauge(ch, d.kpi, k.Value, scope(k.Province), k.Kind, k.Name, k.Unit)
		}
		of := [2]string{k.Province, k.Kind}
		if k.Coverage != nil && (least[of] == nil || k.Coverage.Cmp(least[of]) < 0) {
			least[of] = k.Coverage
		}
	}
	for of, share := range least {
		gauge(ch, d.coverage, share, scope(of[0]), of[1])
	}
}

// stage says that the KPI is a factor of another one that is shown, or its second reading.
func stage(name string) bool {
	switch name {
	case "rrc_setup", "signalling_setup", "bearer_setup", "added_bearer_setup", "drb_retainability", "handover_preparation", "handover_execution",
		"prb_used_dl", "prb_used_ul", "prb_full_dl", "prb_full_ul", "cqi_mean":
		return true
	}
	return false
}

// leads says that the mean stands for others like it.
func leads(name string) bool {
	switch name {
	case "latency_dl", "connected_users", "air_delay_dl", "rlc_delay_dl", "packet_loss_ul":
		return true
	}
	return false
}

func (d *qualityDescs) card(ch chan<- prometheus.Metric, c *score.Card) {
	province := scope(c.Unit)
	for kind, part := range map[string]*score.Part{"qos": &c.QoS, "qoe": &c.QoE} {
		gauge(ch, d.score, part.Score, province, kind, "all")
		for i := range part.Services {
			s := &part.Services[i]
			gauge(ch, d.score, s.Score, province, kind, s.Name)
			for j := range s.KPIs {
				gauge(ch, d.points, s.KPIs[j].Points, province, kind, s.Name, s.KPIs[j].Threshold.KPI)
			}
		}
	}
	gauge(ch, d.score, c.Combined, province, "combined", "all")
}

// gauge shows a value, if there is one.
func gauge(ch chan<- prometheus.Metric, desc *prometheus.Desc, v *big.Rat, labels ...string) {
	if v != nil {
		f, _ := v.Float64()
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, f, labels...)
	}
}
