package explain

import (
	"fmt"
	"math/big"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// exact prints a quotient with the numbers that it was divided of.
func (p *Printer) exact(n kpi.Number) string {
	if !n.Valid() {
		return "–"
	}
	return fmt.Sprintf("%s / %s = %s", n.Num.Big(), n.Den.Big(), p.share(n))
}

// spent prints seconds that may have places, with what they were divided of.
func (p *Printer) spent(n kpi.Number) string {
	if !n.Valid() {
		return "–"
	}
	return fmt.Sprintf("%s / %s = %s s", n.Num.Big(), n.Den.Big(), p.number(n.Format(3)))
}

// states prints what some time was.
func (p *Printer) states(s *kpi.Sums) {
	p.line(p.say("  Hoạt động U = %d s   Mất D = %d s   Không rõ X = %d s", "  Up U = %d s   Down D = %d s   Unknown X = %d s"), s.Up, s.Down, s.Unknown)
	p.line(p.say("  Mất trong bảo trì Md = %d s   Không rõ trong bảo trì Mx = %d s   Loại trừ = %d s", "  Down in maintenance Md = %d s   Unknown in maintenance Mx = %d s   Excluded = %d s"),
		s.MaintDown, s.MaintUnknown, s.Excluded)
}

// seconds prints what a group's time was.
func (p *Printer) seconds(a *kpi.Availability) {
	s := &a.Sums
	p.states(s)
	p.line(p.say("  %d đối tượng, cả tháng phải có %d s; %d sự cố, %d chập chờn, %d lần hỏng chưa xác nhận, %d lần khởi động lại",
		"  %d entities, %d s expected of the whole month; %d outages, %d flaps, %d unconfirmed failures, %d restarts"), a.Entities, a.Expected, s.Outages, s.Flaps, a.Unconfirmed, a.Restarts)
	p.line("  MTTR D / N = %s   MTBO U / N = %s", p.spent(a.MTTR), p.spent(a.MTBO))
}

// ratios prints what the seconds come to.
func (p *Printer) ratios(a *kpi.Availability) {
	p.line("  %s U / (U + D) = %s", p.say("Ròng", "Net"), p.exact(a.Net))
	p.line("  %s U / (U + D + Md) = %s", p.say("Kể cả bảo trì", "Gross"), p.exact(a.Gross))
	p.bounds(a.Lo, a.Hi, a.UnknownShare)
	if a.Budget.Valid() {
		p.line("  %s (1 − %s) × (U + D) = %s; %s %s", p.say("Ngân sách lỗi", "Error budget"), p.say("mục tiêu", "target"), p.spent(a.Budget), p.say("còn lại", "left"), p.spent(a.Left))
	}
}

func (p *Printer) bounds(lo, hi, unknown kpi.Number) {
	p.line("  %s X / (U + D + X) = %s", p.say("Không rõ", "Unknown"), p.exact(unknown))
	p.line("  %s U / (U + D + X) = %s … (U + X) / (U + D + X) = %s", p.say("Thời gian không rõ còn có thể đưa số này tới", "Unknown time could still move it to"), p.exact(lo), p.exact(hi))
}

// byWeight prints the same of seconds times weight. Those of a capacity composite are its ratios themselves.
func (p *Printer) byWeight(a *kpi.Availability, beside bool) {
	w := &a.Weighted
	p.line("  Σ w U = %s   Σ w D = %s   Σ w X = %s   Σ w Md = %s", w.Up.Big(), w.Down.Big(), w.Unknown.Big(), w.MaintDown.Big())
	net, gross, lo, hi, unknown := a.Net, a.Gross, a.Lo, a.Hi, a.UnknownShare
	if beside {
		net, gross, lo, hi, unknown = a.WNet, a.WGross, a.WLo, a.WHi, a.WUnknownShare
	}
	p.line("  %s %s", p.say("Ròng", "Net"), p.exact(net))
	p.line("  %s %s", p.say("Kể cả bảo trì", "Gross"), p.exact(gross))
	p.bounds(lo, hi, unknown)
}

// beyond solves (num - y) / den <= limit for the least whole y, in decimal; empty: it holds.
func beyond(share kpi.Number, limit model.Ratio) string {
	allowed := new(big.Int).Mul(share.Den.Big(), big.NewInt(limit.Num))
	allowed.Div(allowed, big.NewInt(limit.Den))
	if over := allowed.Sub(share.Num.Big(), allowed); over.Sign() > 0 {
		return over.String()
	}
	return ""
}

// needed solves (num + x) / den >= target for the least whole x, in decimal; empty: none is needed.
func needed(tested kpi.Number, target model.Ratio) string {
	if target.Den == 0 || !tested.Valid() || tested.Cmp(target) >= 0 {
		return ""
	}
	x := new(big.Int).Mul(big.NewInt(target.Num), tested.Den.Big())
	x.Add(x, big.NewInt(target.Den-1)).Div(x, big.NewInt(target.Den))
	return x.Sub(x, tested.Num.Big()).String()
}
