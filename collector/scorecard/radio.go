package scorecard

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
)

// CellKPI is one KPI of the unit's radio cells of one technology.
type CellKPI struct {
	Technology string    `json:"technology"` // lte, nr; site: what base stations consume
	KPI        string    `json:"kpi"`
	Unit       string    `json:"unit"`
	Status     string    `json:"status"`
	Value      *Quotient `json:"value"`
	Lo         *Quotient `json:"lo"` // attempts of missing time as failed, unknown time as down
	Hi         *Quotient `json:"hi"`
	Coverage   *Quotient `json:"coverage"`
}

// CellCongestion is the share of congested cells of one technology.
type CellCongestion struct {
	Technology   string    `json:"technology"`
	Cells        int       `json:"cells"`
	Evaluated    int       `json:"evaluated"`
	Congested    int       `json:"congested"`
	NotEvaluated int       `json:"not_evaluated"`
	Ratio        *Quotient `json:"ratio"`
	Lo           *Quotient `json:"lo"`       // cells that were not evaluated counted as not congested
	Hi           *Quotient `json:"hi"`       // counted as congested
	Coverage     *Quotient `json:"coverage"` // evaluated cells
	Weighted     *Quotient `json:"ratio_by_n_rb"`
	Names        []string  `json:"congested_cells"`
}

// CellSpread is how the unit's cells of one technology are spread over a mean that cannot be pooled.
type CellSpread struct {
	Technology string    `json:"technology"`
	KPI        string    `json:"kpi"`
	Unit       string    `json:"unit"`
	Status     string    `json:"status"`
	Median     *Quotient `json:"median"` // over the cells, nearest rank
	P95        *Quotient `json:"p95"`
	Cells      int       `json:"cells"`
	LeftOut    int       `json:"left_out"` // cells with too little of it
	Coverage   *Quotient `json:"coverage"`
}

// SpeedGrowth is the change of the speed of 4G data in busy hours against the frozen baseline.
type SpeedGrowth struct {
	LikeForLike bool      `json:"like_for_like"` // only cells that are in both; the target tests all cells
	Status      string    `json:"status"`
	Growth      *Quotient `json:"growth"`
	VolumeKbit  string    `json:"volume_kbit"`
	TimeMs      string    `json:"time_ms"`
	BaseKbit    string    `json:"base_volume_kbit"`
	BaseMs      string    `json:"base_time_ms"`
	Meets       bool      `json:"meets"`
	CounterMap  string    `json:"counter_map,omitempty"` // that the baseline was measured with
}

// radio adds what cells and base stations counted.
func (b *builder) radio() {
	r := &b.result.Radio
	for i := range r.KPIs {
		k := &r.KPIs[i]
		if d := b.scope(k.Province); d != nil {
			d.Radio = append(d.Radio, CellKPI{
				Technology: k.Kind, KPI: k.Name, Unit: k.Unit, Status: string(k.Status),
				Value: rational(k.Value), Lo: rational(k.Lo), Hi: rational(k.Hi), Coverage: rational(k.Coverage),
			})
		}
	}
	for i := range r.Spreads {
		s := &r.Spreads[i]
		if d := b.scope(s.Province); d != nil {
			d.RadioSpread = append(d.RadioSpread, CellSpread{
				Technology: s.Kind, KPI: s.Name, Unit: s.Unit, Status: string(s.Status), Median: rational(s.Median), P95: rational(s.P95),
				Cells: s.Cells, LeftOut: s.LeftOut, Coverage: rational(s.Coverage),
			})
		}
	}
	b.cells()
	b.growth()
}

func (b *builder) cells() {
	for i := range b.result.Radio.Congestion {
		c := &b.result.Radio.Congestion[i]
		d := b.scope(c.Province)
		if d == nil {
			continue
		}
		one := CellCongestion{
			Technology: c.Kind, Cells: c.Cells, Evaluated: c.Evaluated, Congested: c.Congested, NotEvaluated: c.NotEvaluated,
			Ratio: rational(c.Ratio), Weighted: rational(c.WeightedRatio), Names: []string{}, Coverage: ratio(kpi.Quo(int64(c.Evaluated), int64(c.Cells))),
			Lo: ratio(kpi.Quo(int64(c.Congested), int64(c.Cells))), Hi: ratio(kpi.Quo(int64(c.Congested+c.NotEvaluated), int64(c.Cells))),
		}
		for j := range b.result.Radio.Cells {
			if m := &b.result.Radio.Cells[j]; m.Congested && !m.Short && m.Kind == c.Kind && (c.Province == "" || m.Province == c.Province) {
				one.Names = append(one.Names, m.Name)
			}
		}
		d.CellCongestion = append(d.CellCongestion, one)
	}
}

func (b *builder) growth() {
	for i := range b.result.Radio.Growth {
		g := &b.result.Radio.Growth[i]
		if d := b.scope(g.Province); d != nil {
			d.SpeedGrowth = append(d.SpeedGrowth, growthOf(g))
		}
	}
}

func growthOf(g *ran.Growth) SpeedGrowth {
	return SpeedGrowth{
		LikeForLike: g.LikeForLike, Status: g.Status, Growth: rational(g.Value), VolumeKbit: g.Volume.String(), TimeMs: g.Time.String(),
		BaseKbit: g.BaseVolume.String(), BaseMs: g.BaseTime.String(), Meets: g.Meets, CounterMap: g.CounterMap,
	}
}
