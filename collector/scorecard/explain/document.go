package explain

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// document is the scorecard that the question is about.
func (q Question) document(result *kpi.MonthResult, inv *model.Inventory) (*scorecard.Document, error) {
	code := cmp.Or(q.Province, scorecard.Nation)
	for _, d := range scorecard.Build(result, inv, 0) {
		if d.Scope.Code == code {
			return d, nil
		}
	}
	return nil, fmt.Errorf("explain: %s: no unit of code %q in %s", q.KPI, q.Province, result.Month)
}

// Verdicts prints what each of the nation's targets was decided on.
func (p *Printer) Verdicts(d *scorecard.Document) {
	for _, v := range d.Verdicts {
		p.line("%s: %s", v.ID, v.Outcome)
		p.line("  %s %d: %s", p.say("đạt", "met by"), len(v.Passed), strings.Join(v.Passed, " "))
		p.line("  %s %d: %s", p.say("không đạt", "missed by"), len(v.Failed), strings.Join(v.Failed, " "))
		p.line("  %s %d: %s", p.say("chưa có mục tiêu", "without a target"), len(v.Open), strings.Join(v.Open, " "))
		switch v.ID {
		case "T1":
			p.testedSystems(d)
		case "T4":
			for _, c := range d.Congestion {
				p.line("  %s: %s %s %s  (--kpi congestion --system %s)", c.Class, p.quotient(c.Ratio), p.say("phải dưới", "must be below"), p.quotient(c.Below), c.Class)
			}
		case "T2", "T3":
			p.line("  %s %d / %d  (--kpi scores --province …)", p.say("đơn vị đạt", "units that meet it"), len(v.Passed), len(v.Passed)+len(v.Failed))
		case "T5":
			p.line("  (--kpi growth)")
		case "T7":
			p.line("  (--kpi measured --province …)")
		case "T10":
			p.line("  (--kpi events)")
		}
	}
}

func (p *Printer) testedSystems(d *scorecard.Document) {
	say := func(a *scorecard.Availability, kind string) {
		if a.Target != nil {
			p.line("  %s: %s %s, %s %s, %s %s, %s %s (%s): %s  (--kpi %s --system %s)", a.Key, p.say("ròng", "net"), p.quotient(a.Net), p.say("kể cả bảo trì", "gross"), p.quotient(a.Gross),
				p.say("theo trọng số", "by weight"), p.quotient(a.Weighted.Net), p.say("mục tiêu", "target"), p.quotient(&a.Target.Quotient), a.Target.Tests, a.Outcome, kind, a.Key)
		}
	}
	for i := range d.Availability {
		say(&d.Availability[i], "availability")
	}
	for i := range d.Composites {
		say(&d.Composites[i].Availability, "composites")
	}
}

// quotient prints a value of a document with the numbers that it was divided of.
func (p *Printer) quotient(q *scorecard.Quotient) string {
	if q == nil {
		return "–"
	}
	return fmt.Sprintf("%s / %s = %s", q.Num, q.Den, p.number(string(q.Value)))
}

// Rank prints what a unit's place was decided on.
func (p *Printer) Rank(d *scorecard.Document) {
	if d.Rank == nil {
		p.line("%s", p.say("Không có thứ hạng: không có mục tiêu nào", "No place: nothing has a target"))
		return
	}
	r := d.Rank
	p.line(p.say("Thứ hạng %d trên %d: %d mục tiêu không đạt", "Place %d of %d: %d targets missed"), r.Place, r.Of, r.Missed)
	for _, m := range d.Measures() {
		if m.Outcome == scorecard.NotMet {
			p.line("  %s %s: %s", m.Name, m.Key, p.quotient(m.Value))
		}
	}
	if t := r.Tightest; t != nil {
		p.line(p.say("  Mục tiêu sát nhất: %s %s: %s, mục tiêu %s, đã dùng %s", "  Tightest target: %s %s: %s, target %s, used %s"),
			t.Measure, t.Key, p.quotient(t.Value), p.quotient(t.Target), p.quotient(t.Used))
	}
}

// Reports prints which links' counters contradicted themselves.
func (p *Printer) Reports(d *scorecard.Document, result *kpi.MonthResult) {
	var links []Share
	for i := range result.Links {
		if l := &result.Links[i]; l.Conflicts > 0 {
			links = append(links, Share{l.Link + " (" + l.Port.Device + " " + l.Port.IfName + ")", int64(l.Conflicts)})
		}
	}
	mostFirst(links)
	if r := d.Reports; r != nil {
		p.line(p.say("Bản tin của cell: %d nghi ngờ, %d mâu thuẫn, %d đối tượng ngoài danh mục  (--kpi ran)", "Reports of cells: %d suspect, %d conflicting, %d unlisted objects  (--kpi ran)"), r.Suspect, r.Conflicts, r.Unlisted)
		p.line(p.say("Số đọc bộ đếm mâu thuẫn với số khác cùng thời điểm: %d; số lớn được tính", "Readings of counters that another one of the same instant contradicts: %d; the greater counts"), r.Counters)
	}
	p.list(p.say("Đường truyền có số đọc mâu thuẫn", "Links with conflicting readings"), len(links), func(i int) string { return fmt.Sprintf("%d  %s", links[i].Seconds, links[i].Name) })
}

// Coverage prints how much was seen, and what was seen least.
func (p *Printer) Coverage(d *scorecard.Document, result *kpi.MonthResult, province string) {
	p.line("%s (U + D) / (U + D + X): %s", p.say("Thiết bị", "Devices"), p.quotient(d.Coverage.Devices))
	p.line("%s (U + D) / (U + D + X): %s", p.say("Đường truyền", "Links"), p.quotient(d.Coverage.Links))
	p.line("%s: %s", p.say("Lưu lượng, mẫu 5 phút có / phải có", "Traffic, 5-minute samples there / expected"), p.quotient(d.Coverage.Traffic))
	var unknown, missing []Share
	for i := range result.Entities {
		if e := &result.Entities[i]; within(province, e.Province, e.Provinces) {
			unknown = appendShare(unknown, string(e.Level)+" "+e.Name, e.Sums.Unknown)
		}
	}
	for i := range result.Links {
		if l := &result.Links[i]; within(province, "", l.Provinces) {
			missing = appendShare(missing, l.Link, int64(l.Expected-min(l.In.Slots, l.Out.Slots)))
		}
	}
	mostFirst(unknown)
	mostFirst(missing)
	p.list(p.say("Có thời gian không rõ (không có số liệu)", "With unknown time (no data)"), len(unknown), func(i int) string { return p.lasting(unknown[i].Seconds) + "  " + unknown[i].Name })
	p.list(p.say("Thiếu mẫu 5 phút", "Lacking 5-minute samples"), len(missing), func(i int) string { return fmt.Sprintf("%d  %s", missing[i].Seconds, missing[i].Name) })
}

// Progress prints how far each line of the year's plan is built, and what was added.
func (p *Printer) Progress(d *scorecard.Document, inv *model.Inventory, at int64) {
	year := model.Month{Year: time.Unix(at, 0).In(model.Local).Year(), Month: time.January}.Start()
	for i := range d.Progress {
		g := &d.Progress[i]
		p.line("%s (%s): %s", p.say(g.NameVI, g.NameEN), g.ID, g.Status)
		start := "–"
		if g.Start != nil {
			start = fmt.Sprint(*g.Start)
		}
		p.line("  (%d − %s) / %d %s: %s", g.Now, start, g.Planned, g.Unit, p.quotient(g.Share))
		added := addedSince(inv, g.ID, year, at)
		p.list(p.say("Thiết bị mới trong năm", "Devices added in the year"), len(added), func(i int) string { return added[i] })
	}
}

// addedSince are the devices that a goal counts at the later instant and not at the earlier one.
func addedSince(inv *model.Inventory, goal string, before, at int64) (out []string) {
	i := slices.IndexFunc(inv.Goals, func(g model.Goal) bool { return g.ID == goal })
	if i < 0 || inv.Goals[i].Measure == model.Given {
		return nil
	}
	g := &inv.Goals[i]
	then := map[string]bool{}
	for i := range inv.Devices {
		if d := &inv.Devices[i]; d.Covers(before) {
			then[d.Name] = true
		}
	}
	for i := range inv.Devices {
		if d := &inv.Devices[i]; d.Covers(at) && !then[d.Name] && (len(g.Systems) == 0 || slices.Contains(g.Systems, d.System)) {
			out = append(out, d.Name)
		}
	}
	return out
}

// Growth prints both sides of the growth of the 4G speed.
func (p *Printer) Growth(d *scorecard.Document) {
	if len(d.SpeedGrowth) == 0 {
		p.line("%s", p.say("Không có ô 4G", "No 4G cells"))
	}
	for _, g := range d.SpeedGrowth {
		scope := p.say("mọi ô", "all cells")
		if g.LikeForLike {
			scope = p.say("các ô có ở cả hai kỳ", "cells in both periods")
		}
		p.line("%s: (%s kbit / %s ms) / (%s kbit / %s ms) − 1 = %s, %s  (--kpi ran)", scope, g.VolumeKbit, g.TimeMs, g.BaseKbit, g.BaseMs, p.quotient(g.Growth), g.Status)
	}
}
