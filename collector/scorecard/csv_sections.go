package scorecard

import "strings"

func (s *sheet) about() {
	d := s.doc
	s.of("scorecard", "", s.say(d.Scope.NameVI, d.Scope.NameEN))
	s.text("from", d.From)
	s.text("until", d.Until)
	s.flag("complete", d.Complete)
	s.text("unit_set", d.Scope.UnitSet)
	s.text("inventory", d.GeneratedFrom.Inventory)
	s.text("targets", d.GeneratedFrom.Targets)
	if d.GeneratedFrom.Thresholds != "" {
		s.text("thresholds", d.GeneratedFrom.Thresholds)
	}
	if d.GeneratedFrom.Measured != "" {
		s.text("measured", d.GeneratedFrom.Measured)
	}
	s.of("coverage", "", "")
	s.percent("devices", d.Coverage.Devices)
	s.percent("links", d.Coverage.Links)
	s.percent("traffic", d.Coverage.Traffic)
	for _, v := range d.Verdicts {
		s.of("verdict", v.ID, "")
		s.word("outcome", v.Outcome)
		s.text("passed", strings.Join(v.Passed, " "))
		s.text("failed", strings.Join(v.Failed, " "))
		s.text("without_target", strings.Join(v.Open, " "))
	}
}

// rank is a unit's place; of the nation's document, that of each unit.
func (s *sheet) rank(section, key, name string, r *Rank) {
	if r == nil {
		return
	}
	s.of(section, key, name)
	s.count("place", int64(r.Place))
	s.count("of", int64(r.Of))
	if r.Before > 0 {
		s.count("place_before", int64(r.Before))
	}
	s.count("missed", int64(r.Missed))
	if t := r.Tightest; t != nil {
		s.text("tightest", t.Measure+":"+t.Key)
		s.percent("used", t.Used)
	}
}

// past repeats what was published of earlier months.
func (s *sheet) past() {
	for _, past := range s.doc.Past {
		for _, m := range past.Measures {
			s.of("past", past.Month+":"+m.Name+":"+m.Key, "")
			s.percent("value", m.Value)
			s.word("outcome", m.Outcome)
		}
	}
}

func (s *sheet) availability(section string, a *Availability) {
	s.of(section, a.Level+":"+a.Key, s.say(a.NameVI, a.NameEN))
	s.count("entities", int64(a.Entities))
	s.percent("net", a.Net)
	s.percent("gross", a.Gross)
	s.percent("lo", a.Lo)
	s.percent("hi", a.Hi)
	s.percent("unknown_share", a.Unknown)
	s.percent("weighted_net", a.Weighted.Net)
	s.percent("weighted_gross", a.Weighted.Gross)
	s.percent("weighted_lo", a.Weighted.Lo)
	s.percent("weighted_hi", a.Weighted.Hi)
	s.target(a)
	s.word("status", a.Status)
	s.word("outcome", a.Outcome)
	s.flag("unrecoverable", a.Lost)
	s.states(a.Seconds)
	s.count("outages", a.Outages)
	s.count("flaps", a.Flaps)
	s.seconds("mttr", a.MTTR)
	s.seconds("mtbo", a.MTBO)
	s.count("unconfirmed_failures", a.Unconfirmed)
	s.count("restarts", a.Restarts)
}

func (s *sheet) target(a *Availability) {
	if a.Target == nil {
		s.percent("target", nil)
	} else {
		s.percent("target", &a.Target.Quotient)
		s.text("target_tests", a.Target.Tests)
		s.text("target_source", a.Target.Source)
	}
	if a.Budget != nil {
		s.seconds("budget_allowed", a.Budget.Allowed)
		s.unit("budget_consumed", a.Budget.Consumed, "s")
		s.seconds("budget_left", a.Budget.Left)
	}
}

func (s *sheet) states(n Seconds) {
	s.unit("up", n.Up, "s")
	s.unit("down", n.Down, "s")
	s.unit("unknown", n.Unknown, "s")
	s.unit("maintenance_down", n.MaintDown, "s")
	s.unit("maintenance_unknown", n.MaintUnknown, "s")
	s.unit("excluded", n.Excluded, "s")
}

func (s *sheet) congestion() {
	for _, c := range s.doc.Congestion {
		s.of("congestion", c.Class, s.say(c.NameVI, c.NameEN))
		s.count("links", int64(c.Links))
		s.count("evaluated", int64(c.Evaluated))
		s.count("congested", int64(c.Congested))
		s.count("not_evaluated", int64(c.NotEvaluated))
		s.percent("ratio", c.Ratio)
		s.percent("lo", c.Lo)
		s.percent("hi", c.Hi)
		s.percent("coverage", c.Coverage)
		s.percent("capacity_ratio", c.Capacity.Ratio)
		s.flag("capacity_warns", c.Capacity.Warns)
		s.percent("target_below", c.Below)
		s.word("status", c.Status)
		s.word("outcome", c.Outcome)
	}
}

func (s *sheet) links() {
	for _, l := range s.doc.Congested {
		s.link("congested_link", &l)
	}
	for _, l := range s.doc.NotEvaluated {
		s.link("not_evaluated_link", &l)
	}
}

func (s *sheet) link(section string, l *Link) {
	s.of(section, l.Link, l.Device+" "+l.IfName)
	s.text("class", l.Class)
	s.text("provinces", strings.Join(l.Provinces, " "))
	if l.Reason != "" {
		s.word("reason", l.Reason)
	}
	s.unit("capacity", l.CapacityMbps, "Mbit/s")
	s.tenths("p95", l.P95)
	s.direction("in", l.In)
	s.direction("out", l.Out)
	s.unit("congested_hours", int64(l.CongestedHours), "h")
	s.count("drop_days", int64(l.DropDays))
	s.count("resets", int64(l.Resets))
	s.percent("coverage", l.Coverage)
}

func (s *sheet) direction(name string, d Direction) {
	s.count(name+"_slots", int64(d.Slots))
	s.count(name+"_suspect", int64(d.Suspect))
	s.tenths(name+"_p95", d.P95)
	s.tenths(name+"_max", d.Max)
	if d.BusyHour != nil {
		s.unit(name+"_busy_hour", int64(*d.BusyHour), "h")
	}
}

func (s *sheet) outages() {
	for _, o := range s.doc.Outages {
		s.of("outage", o.Name+"@"+o.From, o.Name) // a device may fail twice
		s.text("group", o.Level+":"+o.Key)
		s.text("from", o.From)
		s.text("to", o.To)
		s.flag("open", o.Open)
		s.flag("counted", o.Counted)
		s.unit("down", o.Seconds, "s")
		s.unit("planned", o.Planned, "s")
		s.text("windows", strings.Join(o.Windows, " "))
	}
}

func (s *sheet) lateWindows() {
	for _, w := range s.doc.LateWindows {
		s.of("late_registered", w.ID, w.Scope)
		s.text("start", w.Start)
		s.text("end", w.End)
		s.text("created_at", w.CreatedAt)
		s.text("approved_by", w.ApprovedBy)
		s.text("approved_at", w.ApprovedAt)
		s.text("reason", w.Reason)
	}
}

func (s *sheet) provinces() {
	for _, p := range s.doc.Provinces {
		name := s.say(p.NameVI, p.NameEN)
		s.rank("province_rank", p.Code, name, p.Rank)
		for _, a := range p.Availability {
			s.of("province_availability", p.Code+":"+a.Level+":"+a.Key, name)
			s.percent("net", a.Net)
			s.percent("gross", a.Gross)
			s.word("status", a.Status)
			s.word("outcome", a.Outcome)
		}
		for _, c := range p.Congestion {
			s.of("province_congestion", p.Code+":"+c.Class, name)
			s.percent("ratio", c.Ratio)
			s.word("status", c.Status)
			s.word("outcome", c.Outcome)
		}
	}
}
