package metrics

import (
	"cmp"
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// linkDescs name single links: those that are loaded most. Their number is bounded by classes times most times
// two directions, whatever the network; a link that is no longer among them is not shown any more.
type linkDescs struct {
	most  int
	p95   *prometheus.Desc
	of    *view.Result // that worst was picked from: a nation has half a million links
	worst []*kpi.LinkMonth
}

func newLinkDescs(desc newDesc, most int) linkDescs {
	return linkDescs{most: most, p95: desc("haidang_worst_link_p95_ratio",
		"Month's P95 utilisation of the links that are loaded most, as many of each class as metrics.worst_links says; province vn: it has its ends in several.",
		"class", "link", "province", "direction")}
}

func (d *linkDescs) describe(ch chan<- *prometheus.Desc) { ch <- d.p95 }

func (d *linkDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	if d.of != r {
		d.of, d.worst = r, d.pick(r.Links)
	}
	for _, l := range d.worst {
		province := nation
		if len(l.Provinces) == 1 {
			province = l.Provinces[0]
		}
		for direction, p95 := range map[string]int32{"in": l.In.P95, "out": l.Out.P95} {
			if p95 >= 0 {
				ch <- prometheus.MustNewConstMetric(d.p95, prometheus.GaugeValue, float64(p95)/1000, string(l.Class), l.Link, province, direction)
			}
		}
	}
}

// pick finds the links of each class whose greater direction is loaded most, of equals the first by name. One
// that lacks data is not compared.
func (d *linkDescs) pick(links []kpi.LinkMonth) []*kpi.LinkMonth {
	byClass := map[model.LinkClass][]*kpi.LinkMonth{}
	for i := range links {
		if l := &links[i]; l.NotEvaluated == "" && l.P95 >= 0 {
			byClass[l.Class] = d.keep(byClass[l.Class], l)
		}
	}
	var out []*kpi.LinkMonth
	for _, class := range byClass {
		out = append(out, class...)
	}
	return out
}

// keep puts a link in its place among the worst, if it is one of them.
func (d *linkDescs) keep(worst []*kpi.LinkMonth, l *kpi.LinkMonth) []*kpi.LinkMonth {
	at, _ := slices.BinarySearchFunc(worst, l, func(a, b *kpi.LinkMonth) int {
		return cmp.Or(cmp.Compare(b.P95, a.P95), cmp.Compare(a.Link, b.Link))
	})
	if at >= d.most {
		return worst
	}
	worst = slices.Insert(worst, at, l)
	return worst[:min(len(worst), d.most)]
}
