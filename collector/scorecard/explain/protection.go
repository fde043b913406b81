package explain

import (
	"fmt"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// MonthEvents are how the events of the month went in a province ("" the nation), or only the one named. It is an
// error if that is none.
func MonthEvents(result *kpi.MonthResult, province, id string) ([]*kpi.Protection, error) {
	var out []*kpi.Protection
	for i := range result.Protection {
		if p := &result.Protection[i]; p.Province == province && (id == "" || p.Event.ID == id) {
			out = append(out, p)
		}
	}
	if len(out) == 0 && id != "" {
		return nil, fmt.Errorf("explain: events: no event %q in province %q in %s", id, province, result.Month)
	}
	return out, nil
}

// Event prints what happened during an event, and what made its verdict.
func (p *Printer) Event(e *kpi.Protection, rules *model.ProtectionRules) {
	f, s := &e.Event, &e.Sums
	p.line("%s (%s): %s – %s", p.say(f.NameVI, f.NameEN), f.ID, p.at(e.From), p.at(e.To))
	if e.From != f.Start || e.To != f.End {
		p.line("  %s %s – %s", p.say("phần trong kỳ; cả sự kiện", "the part in the period; the whole event"), p.at(f.Start), p.at(f.End))
	}
	p.line("  P1: %s", p.p1(rules))
	p.line(p.say("  %d phần tử P1: %d sự cố, %d chập chờn", "  %d P1 elements: %d outages, %d flaps"), e.Elements, s.Outages, s.Flaps)
	p.states(s)
	p.line("  %s X / (U + D + X) = %s, %s %s", p.say("Không rõ", "Unknown"), p.exact(e.Unknown), p.say("nhiều nhất", "at most"), p.ratio(rules.MaxUnknown))
	p.line(p.say("  Đợt bảo trì trong sự kiện: %d không được phép, %d được phép (freeze_override)", "  Maintenance within the event: %d not allowed, %d overridden (freeze_override)"),
		e.Void(), len(e.Changes)-e.Void())
	if !f.Changes {
		p.line("  %s", p.say("Sự kiện này không cấm thay đổi", "This event forbids no changes"))
	}
	p.line("  %s", p.kept(e.Verdict))
	p.list(p.say("Sự cố P1, phần trong sự kiện", "P1 outages, the part within the event"), len(e.Failures), func(i int) string { return string(e.Failures[i].Level) + "  " + p.outage(&e.Failures[i]) })
	p.list(p.say("Thay đổi", "Changes"), len(e.Changes), func(i int) string { return p.change(&e.Changes[i]) })
	p.list(p.say("P1 có thời gian không rõ", "P1 with unknown time"), len(e.Unseen), func(i int) string {
		u := &e.Unseen[i]
		return fmt.Sprintf("%s (%d s)  %s %s", p.lasting(u.Seconds), u.Seconds, u.Level, u.Name)
	})
}

// p1 says what P1 is.
func (p *Printer) p1(r *model.ProtectionRules) string {
	out := p.say("thẻ p1", "tag p1")
	if r.National {
		out += p.say(", hệ thống quốc gia", ", national systems")
	}
	if r.MinSubscribers > 0 {
		out += fmt.Sprintf(p.say(", từ %d thuê bao", ", %d subscribers or more"), r.MinSubscribers)
	}
	if r.Composites {
		out += p.say(", hệ thống có dự phòng", ", composites")
	}
	return out
}

func (p *Printer) kept(k kpi.Kept) string {
	switch k {
	case kpi.KeptSafe:
		return p.say("=> GIỮ ĐƯỢC", "=> KEPT")
	case kpi.KeptData:
		return p.say("=> THIẾU DỮ LIỆU: chưa thấy sự cố hay thay đổi nào, nhưng quá nhiều thời gian không rõ", "=> INSUFFICIENT DATA: no outage and no change is known, but too much time is unknown")
	case kpi.KeptNone:
		return p.say("=> Không có phần tử P1 đang hoạt động", "=> No P1 element was in service")
	case kpi.NotKept:
	}
	return p.say("=> KHÔNG GIỮ ĐƯỢC", "=> NOT KEPT")
}

func (p *Printer) change(c *kpi.Change) string {
	allowed := p.say("không được phép", "not allowed")
	if c.Overridden {
		allowed = p.say("được phép", "overridden")
	}
	return fmt.Sprintf("%s  %s  %s – %s  %s", c.ID, c.Scope, p.at(c.From), p.at(c.To), allowed)
}

// events explains the month's events.
func (q Question) events(p *Printer, result *kpi.MonthResult, inv *model.Inventory) error {
	all, err := MonthEvents(result, q.Province, q.System)
	if err == nil && len(all) == 0 {
		p.line("%s", p.say("Không có sự kiện nào", "No events"))
	}
	for _, e := range all {
		p.Event(e, &inv.Targets.Protection)
		p.line("")
	}
	return err
}
