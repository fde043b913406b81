package scorecard

func (s *sheet) composites() {
	for i := range s.doc.Composites {
		c := &s.doc.Composites[i]
		s.availability("composite", &c.Availability)
		s.text("rule", c.Rule)
		s.unit("degraded", c.Degraded, "s")
		if c.Need > 0 {
			s.count("need", int64(c.Need))
		}
		if c.Peak != nil {
			s.peak("in", c.Peak.In)
			s.peak("out", c.Peak.Out)
			s.percent("peak_coverage", c.Peak.Coverage)
			s.word("peak_status", c.Peak.Status)
			s.flag("n1_congested", c.Peak.Congested)
		}
		for _, m := range c.Members {
			s.of("composite_member", c.Name+" "+m.Name, m.Name)
			s.unit("capacity", m.CapacityMbps, "Mbit/s")
			s.states(m.Seconds)
		}
		for _, o := range c.Failures {
			s.of("composite_failure", c.Name+"@"+o.From, c.Name)
			s.text("from", o.From)
			s.text("to", o.To)
			s.flag("open", o.Open)
			s.unit("down", o.Seconds, "s")
		}
	}
}

func (s *sheet) peak(name string, p PeakDirection) {
	s.text(name+"_peak_at", p.At)
	s.unit(name+"_peak", p.Kbps, "kbit/s")
	s.unit(name+"_capacity", p.Mbps, "Mbit/s")
	s.percent(name+"_peak_utilisation", p.Utilisation)
	s.percent(name+"_n1_utilisation", p.WithoutOne)
}

func (s *sheet) calendar() {
	for _, w := range s.doc.FrozenWindows {
		s.of("frozen_window", w.ID+"@"+w.Freeze, w.Scope)
		s.text("start", w.Start)
		s.text("end", w.End)
		s.text("freeze", w.Freeze)
	}
	for _, n := range s.doc.Notes {
		s.of("note", n.ID, s.say(n.NoteVI, n.NoteEN))
		s.text("start", n.Start)
		s.text("end", n.End)
		s.flag("change_freeze", n.Frozen)
	}
}
