package explain

import (
	"cmp"
	"fmt"
	"math/big"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// MonthScore is one of the two scores of a unit ("": the nation).
func MonthScore(result *kpi.MonthResult, kind model.ScoreKind, unit string) (*score.Part, error) {
	for i := range result.Scores {
		c := &result.Scores[i]
		switch {
		case c.Unit != unit:
		case kind == model.QoS:
			return &c.QoS, nil
		default:
			return &c.QoE, nil
		}
	}
	return nil, fmt.Errorf("no scores of unit %q: want a province code of the month or vn, and thresholds in collector.yaml (inventory.thresholds)", unit)
}

// Score prints which thresholds gave which points, and how they add up.
func (p *Printer) Score(s *score.Part) {
	p.line("%s: %s (%s %s; %s %s)", s.Kind, p.two(s.Score), p.say("chính xác", "exactly"), p.fraction(s.Exact), p.say("trọng số đã biết", "known weight"), p.fraction(s.Known))
	for i := range s.Services {
		service := &s.Services[i]
		p.line("")
		p.line("  %s: %s × %s (%s %s)", service.Name, p.fraction(service.Score), p.fraction(service.Weight), p.say("đã biết", "known"), p.fraction(service.Known))
		for j := range service.KPIs {
			p.kpi(&service.KPIs[j])
		}
	}
}

func (p *Printer) kpi(k *score.KPI) {
	t := k.Threshold
	weight := p.given(t.Weight)
	defer p.thresholds(t)
	if k.Points == nil {
		p.line("    %-28s %s %s: %s × %s  (--kpi %s)", t.KPI, p.fraction(k.V), t.Unit, k.Status, weight, behind(k))
		return
	}
	p.line("    %-28s %s %s → %s × %s: %s  (--kpi %s)", t.KPI, p.fraction(k.V), t.Unit, p.fraction(k.Points), weight, p.between(k), behind(k))
}

// thresholds prints what earns 1 to 5 points.
func (p *Printer) thresholds(t *model.Threshold) {
	all := make([]string, len(t.X))
	for i, x := range t.X {
		all[i] = fmt.Sprintf("%d: %s", i+1, p.given(x))
	}
	p.line("    %-28s %s %s", "", p.say("điểm", "points"), strings.Join(all, "; "))
}

// given prints a number of the operator's files, as it is compared.
func (p *Printer) given(r model.Ratio) string {
	if r.Den <= 1 {
		return p.number(fmt.Sprint(r.Num))
	}
	return fmt.Sprintf("%d / %d = %s", r.Num, r.Den, p.decimal(big.NewRat(r.Num, r.Den), 9))
}

// fraction prints a value and, unless it is a whole number, what it is exactly.
func (p *Printer) fraction(r *big.Rat) string {
	if r == nil || r.IsInt() {
		return p.decimal(r, 0)
	}
	return fmt.Sprintf("%s / %s = %s", r.Num(), r.Denom(), p.decimal(r, 6))
}

// behind is the KPI whose explanation leads from a scored value to what was measured.
func behind(k *score.KPI) string {
	switch t := k.Threshold; {
	case !score.Computed(score.Name{Service: t.Service, KPI: t.KPI}):
		return "measured"
	case k.Samples > 0:
		return "probes"
	case t.KPI == "service_availability" || t.KPI == "system_availability":
		return "availability"
	case t.KPI == "congested_links" || t.KPI == "congested_pon_and_uplinks":
		return "congestion"
	case t.Service == "mobile_voice" || t.Service == "mobile_data":
		return "ran"
	}
	return "probes"
}

// between says which thresholds the value lies between.
func (p *Printer) between(k *score.KPI) string {
	x := k.Threshold.X
	at := func(i int) string { return p.decimal(big.NewRat(x[i].Num, x[i].Den), 9) }
	if !k.Inside {
		return fmt.Sprintf("%s %s = %d", p.say("ngưỡng", "threshold"), at(k.Low), k.Low+1)
	}
	scale := ""
	if k.Threshold.Log {
		scale = ", log10"
	}
	return fmt.Sprintf("%s = %d, %s = %d%s", at(k.Low), k.Low+1, at(k.Low+1), k.Low+2, scale)
}

// Radio prints the KPIs of a unit's cells with the sums behind them, and the congested cells.
func (p *Printer) Radio(result *kpi.MonthResult, unit string) {
	r := &result.Radio
	for i := range r.KPIs {
		if k := &r.KPIs[i]; k.Province == unit {
			p.cellKPI(k)
		}
	}
	for i := range r.Spreads {
		if s := &r.Spreads[i]; s.Province == unit {
			p.spread(r, s)
		}
	}
	for _, m := range r.Consumers(unit, shownBehind) {
		p.line("%s %s %s: %s kWh", p.say("trạm", "site"), m.Device, m.Object, p.decimal(new(big.Rat).SetFrac(m.Energy.Num.Big(), big.NewInt(1_000_000)), 3))
	}
	for i := range r.Congestion {
		if c := &r.Congestion[i]; c.Province == unit {
			p.cells(c)
		}
	}
	for i := range r.Cells {
		if c := &r.Cells[i]; c.Congested && !c.Short && (unit == "" || c.Province == unit) {
			p.line("%s %s: %s %%%s (%s %s %%)", p.say("ô nghẽn", "congested cell"), c.Name, p.decimal(c.Load, 3), p.speed(c), p.say("đủ số liệu", "coverage"), p.hundred(c.Coverage))
		}
	}
	p.line("%s: %d, %s: %d, %s: %d", p.say("bản tin nghi ngờ", "suspect reports"), r.Suspect, p.say("mâu thuẫn", "conflicts"), r.Conflicts,
		p.say("đối tượng ngoài danh mục", "unlisted objects"), r.Unlisted)
}

// cells prints the share of congested cells, by number and by the PRBs they have.
func (p *Printer) cells(c *ran.Congestion) {
	all, hit := int64(c.Cells), int64(c.Congested)
	p.line(p.say("%-3s ô nghẽn / đánh giá được = %d / %d; %d ô, %d chưa đánh giá: độ phủ %s, còn có thể từ %s tới %s; theo N_RB %s", "%-3s congested / evaluated cells = %d / %d; %d cells, %d not evaluated: coverage %s, could be from %s to %s; by N_RB %s"),
		c.Kind, c.Congested, c.Evaluated, c.Cells, c.NotEvaluated, p.exact(kpi.Quo(int64(c.Evaluated), all)), p.exact(kpi.Quo(hit, all)), p.exact(kpi.Quo(hit+int64(c.NotEvaluated), all)), p.fraction(c.WeightedRatio))
}

// speed is that of the cell's users, if it matters.
func (p *Printer) speed(c *ran.CellMonth) string {
	if c.Speed == nil {
		return ""
	}
	return ", " + p.decimal(c.Speed, 0) + " kbit/s"
}

// shownBehind is how many cells or base stations are named.
const shownBehind = 10

// spread prints how cells are spread over a mean, and which are at its 95th percentile or above.
func (p *Printer) spread(r *ran.Result, s *ran.Spread) {
	p.line("%-3s %-24s P50 %s, P95 %s %s, %s %d, %s %d, %s %s, %s", s.Kind, s.Name, p.fraction(s.Median), p.fraction(s.P95), s.Unit, p.say("số ô", "cells"), s.Cells,
		p.say("thiếu số liệu", "left out"), s.LeftOut, p.say("đủ số liệu", "coverage"), p.fraction(s.Coverage), s.Status)
	for _, c := range r.Behind(s, shownBehind) {
		p.line("    ≥ P95 %s: %s", c.Cell, p.decimal(c.Value, 6))
	}
}

func (p *Printer) cellKPI(k *ran.KPI) {
	sums := ""
	if k.Num != nil {
		sums = fmt.Sprintf(" = %s / %s", k.Num, k.Den)
	}
	bounds := ""
	if k.Lo != nil {
		bounds = fmt.Sprintf(" [%s … %s]", p.fraction(k.Lo), p.fraction(k.Hi))
	}
	p.line("%-3s %-24s %s %s%s%s, %s %s, %s", k.Kind, k.Name, p.fraction(k.Value), k.Unit, sums, bounds, p.say("đủ số liệu", "coverage"), p.fraction(k.Coverage), k.Status)
}

// Samples prints the KPIs of a unit's probes.
func (p *Printer) Samples(result *kpi.MonthResult, unit string) {
	for i := range result.Samples {
		if k := &result.Samples[i]; k.Province == unit {
			p.line("%-16s %-24s %s %s, n = %d, %s", k.Service, k.Name, p.fraction(k.Value), k.Unit, k.Samples, k.Status)
		}
	}
}

// Measured prints what others measured of a unit, with the rows of the file that it is the sum of.
func (p *Printer) Measured(result *kpi.MonthResult, unit string) {
	for i := range result.Measured {
		m := &result.Measured[i]
		if m.Province != unit {
			continue
		}
		p.line("%s %s: %d / %d: %s %s, %s", m.Service, m.KPI, m.Num, m.Den, p.fraction(m.Value), m.Unit, m.Status)
		if m.Target.Den != 0 {
			p.line("  %s %s: %s", p.say("mục tiêu", "target"), p.given(m.Target), map[bool]string{true: p.say("ĐẠT", "MET"), false: p.say("KHÔNG ĐẠT", "NOT MET")}[m.Meets])
		}
		for _, row := range m.Rows {
			p.line("  measured.csv:%d  %s %s  %d / %d  %s", row.Line, row.Month, cmp.Or(row.Province, "vn"), row.Num, row.Den, row.Source)
		}
	}
}

// decimal prints a value with at most so many places, in the form of the language.
func (p *Printer) decimal(r *big.Rat, places int) string {
	if r == nil {
		return p.number("")
	}
	return p.number(trim(r.FloatString(places)))
}

func (p *Printer) two(r *big.Rat) string {
	if r == nil {
		return p.number("")
	}
	return p.number(r.FloatString(2))
}

func (p *Printer) hundred(r *big.Rat) string {
	if r == nil {
		return p.number("")
	}
	return p.two(new(big.Rat).Mul(r, big.NewRat(100, 1)))
}

func (p *Printer) number(decimal string) string {
	return p.fmt.Print(report.Cell{Kind: report.Decimal, Value: decimal})
}

// trim leaves out the zeros behind the last place that is not one.
func trim(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}
