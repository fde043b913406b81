package scorecard

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/scorecard/report"
)

// Event is how a national event went for a unit, for the part of it that lies in the month.
type Event struct {
	ID         string        `json:"id"`
	NameVI     string        `json:"name_vi"`
	NameEN     string        `json:"name_en"`
	Start      string        `json:"start"` // of the part in the month
	End        string        `json:"end"`
	Whole      bool          `json:"whole"`         // that part is all of it
	Frozen     bool          `json:"change_freeze"` // no change was to be made
	Verdict    string        `json:"verdict"`       // kept, not_kept, insufficient_data, no_p1
	Elements   int           `json:"p1_elements"`
	Outages    int64         `json:"p1_outages"` // unplanned
	Flaps      int64         `json:"p1_flaps"`
	Void       int           `json:"changes"`            // that nobody had allowed
	Overridden int           `json:"overridden_changes"` // that had to go on
	Unknown    *Quotient     `json:"unknown_share"`
	Seconds    Seconds       `json:"seconds"` // of P1
	Failures   []Outage      `json:"failures"`
	Changes    []EventChange `json:"windows"`
}

// EventChange is the part of a planned window that lies in the event.
type EventChange struct {
	ID         string `json:"id"`
	Scope      string `json:"scope"`
	Start      string `json:"start"`
	End        string `json:"end"`
	Overridden bool   `json:"overridden"`
}

// events puts each event into the documents of the units of which it covers something.
func (b *builder) events() {
	for i := range b.result.Protection {
		p := &b.result.Protection[i]
		if d := b.scope(p.Province); d != nil {
			d.Events = append(d.Events, eventOf(p))
		}
	}
}

func eventOf(p *kpi.Protection) Event {
	f, s := &p.Event, p.Sums
	e := Event{
		ID: f.ID, NameVI: f.NameVI, NameEN: f.NameEN, Start: stamp(p.From), End: stamp(p.To), Whole: p.From == f.Start && p.To == f.End, Frozen: f.Changes,
		Verdict: string(p.Verdict), Elements: p.Elements, Outages: s.Outages, Flaps: s.Flaps, Void: p.Void(), Overridden: len(p.Changes) - p.Void(), Unknown: ratio(p.Unknown),
		Seconds: Seconds{s.Up, s.Down, s.Unknown, s.MaintDown, s.MaintUnknown, s.Excluded, 0}, Failures: []Outage{}, Changes: []EventChange{},
	}
	for i := range p.Failures {
		e.Failures = append(e.Failures, failure(&p.Failures[i]))
	}
	for _, c := range p.Changes {
		e.Changes = append(e.Changes, EventChange{c.ID, c.Scope.String(), stamp(c.From), stamp(c.To), c.Overridden})
	}
	return e
}

// protectionVerdict is T10: every event of the nation was kept. One that goes over several months was kept if it was in
// each of them.
func protectionVerdict(all []kpi.Protection) []Verdict {
	v := newVerdict("T10")
	worst := map[string]string{}
	var ids []string
	for i := range all {
		p := &all[i]
		if p.Province != "" {
			continue
		}
		before, known := worst[p.Event.ID]
		if !known {
			ids = append(ids, p.Event.ID)
		}
		if o := keptOutcome(p.Verdict); !known || o == NotMet || o == Met && before == NoTarget {
			worst[p.Event.ID] = o
		}
	}
	if len(ids) == 0 {
		return nil
	}
	for _, id := range ids {
		v.count(id, worst[id])
	}
	return []Verdict{v.close()}
}

// keptOutcome is what a verdict about an event means for T10: missing data never meets it.
func keptOutcome(k kpi.Kept) string {
	switch k {
	case kpi.KeptSafe:
		return Met
	case kpi.KeptNone:
		return NoTarget
	case kpi.NotKept, kpi.KeptData:
	}
	return NotMet
}

func (s *sheet) events() {
	for _, e := range s.doc.Events {
		s.of("event", e.ID, s.say(e.NameVI, e.NameEN))
		s.word("verdict", e.Verdict)
		s.text("start", e.Start)
		s.text("end", e.End)
		s.flag("whole", e.Whole)
		s.flag("change_freeze", e.Frozen)
		s.count("p1_elements", int64(e.Elements))
		s.count("p1_outages", e.Outages)
		s.count("p1_flaps", e.Flaps)
		s.count("changes", int64(e.Void))
		s.count("overridden_changes", int64(e.Overridden))
		s.percent("unknown_share", e.Unknown)
		s.states(e.Seconds)
		for _, o := range e.Failures {
			s.of("event_failure", e.ID+":"+o.Name+"@"+o.From, o.Name)
			s.text("from", o.From)
			s.text("to", o.To)
			s.flag("open", o.Open)
			s.unit("down", o.Seconds, "s")
		}
		for _, c := range e.Changes {
			s.of("event_change", e.ID+":"+c.ID, c.Scope)
			s.text("start", c.Start)
			s.text("end", c.End)
			s.flag("overridden", c.Overridden)
		}
	}
}

// events are how the network was kept safe during national events, and what was not as it should have been.
func (p *paper) events() report.Section {
	t := report.Table{Columns: []report.Column{
		p.column("Sự kiện", "Event", 3), p.column("Từ", "From", 2.4), p.column("Đến", "To", 2.4), p.column("Cả sự kiện", "Whole event", 0), p.column("Đánh giá", "Verdict", 2.2),
		p.column("Phần tử P1", "P1 elements", 1.4), p.column("Sự cố P1", "P1 outages", 1.4), p.column("Chập chờn", "Flaps", 0), p.column("Thời gian mất (s)", "Down (s)", 1.5),
		p.column("Thay đổi", "Changes", 1.4), p.column("Được phép", "Overridden", 1.4), p.column("Không rõ", "Unknown share", 1.6), p.column("Cấm thay đổi", "Change freeze", 0),
	}}
	failed := report.Table{Name: p.say("Sự cố P1 trong sự kiện", "P1 outages during events"), Paper: printed, Columns: []report.Column{
		p.column("Sự kiện", "Event", 2.4), p.column("Phần tử", "Element", 3.4), p.column("Hệ thống", "System", 2), p.column("Từ", "From", 2.6), p.column("Đến", "To", 2.6),
		p.column("Trong sự kiện", "Within the event", 1.8), p.column("Còn kéo dài", "Open", 0),
	}}
	changed := report.Table{Name: p.say("Thay đổi trong sự kiện", "Changes during events"), Paper: printed, Columns: []report.Column{
		p.column("Sự kiện", "Event", 2.4), p.column("Đợt", "Window", 1.8), p.column("Phạm vi", "Scope", 2.8), p.column("Từ", "From", 2.6), p.column("Đến", "To", 2.6), p.column("Được phép", "Overridden", 1.4),
	}}
	for _, e := range p.doc.Events {
		name := text(p.say(e.NameVI, e.NameEN))
		t.Rows = append(t.Rows, []report.Cell{name, at(e.Start), at(e.End), p.flag(e.Whole), p.word(e.Verdict), count(e.Elements), count(e.Outages), count(e.Flaps),
			lasting(e.Seconds.Down), count(e.Void), count(e.Overridden), share(e.Unknown), p.flag(e.Frozen)})
		for _, o := range e.Failures {
			failed.Rows = append(failed.Rows, []report.Cell{name, text(o.Name), text(o.Key), at(o.From), at(o.To), lasting(o.Seconds), p.flag(o.Open)})
		}
		for _, c := range e.Changes {
			changed.Rows = append(changed.Rows, []report.Cell{name, text(c.ID), text(c.Scope), at(c.Start), at(c.End), p.flag(c.Overridden)})
		}
	}
	s := report.Section{Name: p.say("Bảo vệ sự kiện quốc gia", "National events"), Tables: []report.Table{t}, Notes: []string{p.say(
		"Giữ được: không có sự cố P1 ngoài kế hoạch và không có thay đổi nào chưa được phép. Sự kiện kéo dài qua tháng khác chỉ xét phần trong tháng.",
		"Kept: no unplanned P1 outage and no change that was not allowed. Of an event that goes on into another month the part in this one is judged.")}}
	for _, t := range []report.Table{failed, changed} {
		if len(t.Rows) > 0 {
			s.Tables = append(s.Tables, t)
		}
	}
	return s
}
