package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/view"
)

// compositeDescs are the metrics of systems with redundancy.
type compositeDescs struct {
	availability, target, burn, seconds, state, peak, n1 *prometheus.Desc
}

type newDesc func(name, help string, labels ...string) *prometheus.Desc

func newCompositeDescs(desc newDesc) compositeDescs {
	of := []string{"composite", "province", "system"}
	with := func(more ...string) []string { return append(of[:3:3], more...) }
	return compositeDescs{
		availability: desc("haidang_composite_availability_ratio",
			"Availability of the composite in the month to date; of a capacity composite that of its Mbit/s. Kinds as in haidang_availability_ratio.", with("kind")...),
		target: desc("haidang_composite_target_ratio", "The target that the composite is held against, and which kind of its availability.", with("kind")...),
		burn: desc("haidang_composite_burn_rate",
			"How fast the composite spent its error budget in the window that ends now; of a capacity composite that of its Mbit/s.", with("window")...),
		seconds: desc("haidang_composite_state_seconds", "Seconds of the month to date in each state; degraded is up, but nothing more might fail.", with("state")...),
		state:   desc("haidang_composite_state", "1 for the state that the composite is in, as of haidang_kpi_as_of_timestamp_seconds.", with("state")...),
		peak:    desc("haidang_composite_peak_ratio", "Greatest load of the month to date in one 5-minute slot by capacity in service.", with("direction")...),
		n1:      desc("haidang_composite_peak_n1_ratio", "The same load by what is left without the largest member.", with("direction")...),
	}
}

func (d *compositeDescs) describe(ch chan<- *prometheus.Desc) {
	for _, one := range []*prometheus.Desc{d.availability, d.target, d.burn, d.seconds, d.state, d.peak, d.n1} {
		ch <- one
	}
}

func (d *compositeDescs) collect(ch chan<- prometheus.Metric, r *view.Result) {
	for i := range r.Composites {
		d.one(ch, &r.Composites[i])
	}
	for _, b := range r.Burns {
		if b.Rate.Valid() && b.Composite != "" {
			ch <- prometheus.MustNewConstMetric(d.burn, prometheus.GaugeValue, b.Rate.Float(), b.Composite, scope(b.Province), string(b.System), window(b.Window))
		}
	}
}

func (d *compositeDescs) one(ch chan<- prometheus.Metric, c *kpi.Composite) {
	of := []string{c.Name, scope(c.Province), string(c.System)}
	gauge := func(desc *prometheus.Desc, v float64, more ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, v, append(of[:3:3], more...)...)
	}
	ratio := func(desc *prometheus.Desc, n kpi.Number, more ...string) {
		if n.Valid() {
			gauge(desc, n.Float(), more...)
		}
	}
	for kind, n := range map[string]kpi.Number{"net": c.Net, "gross": c.Gross, "lo": c.Lo, "hi": c.Hi} {
		ratio(d.availability, n, kind)
	}
	if c.Target.Den != 0 {
		gauge(d.target, c.Target.Float(), c.Test.String())
	}
	s, now := c.Sums, nameOf(c)
	for state, n := range map[string]int64{"up": s.Up - c.Degraded, "degraded": c.Degraded, "down": s.Down, "unknown": s.Unknown,
		"maintenance": s.MaintDown + s.MaintUnknown, "excluded": s.Excluded} {
		gauge(d.seconds, float64(n), state)
		gauge(d.state, map[bool]float64{true: 1}[state == now], state)
	}
	if c.Capacity != nil {
		for direction, p := range map[string]kpi.PeakLoad{"in": c.Capacity.In, "out": c.Capacity.Out} {
			ratio(d.peak, p.Util, direction)
			ratio(d.n1, p.N1, direction)
		}
	}
}

// nameOf is the label of the state that the composite ends in.
func nameOf(c *kpi.Composite) string {
	switch {
	case c.Last == kpi.Maint:
		return "maintenance"
	case c.Unprotected:
		return "degraded"
	}
	return c.Last.String()
}
