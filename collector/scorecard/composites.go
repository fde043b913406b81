package scorecard

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Composite is one system with redundancy: a ring, some of several, or the capacity of several. Of a
// capacity composite the ratios are those of its members' Mbit/s, else those of its own state.
type Composite struct {
	Name         string            `json:"name"`
	Rule         string            `json:"rule"`             // series, parallel, k_of_n, ring, capacity
	Need         int               `json:"need"`             // of k_of_n
	Degraded     int64             `json:"degraded_seconds"` // up, but nothing more might fail
	Availability Availability      `json:"availability"`
	Members      []CompositeMember `json:"members"`
	Failures     []Outage          `json:"failures"`
	Peak         *Peak             `json:"peak"` // of a capacity composite of links
}

// CompositeMember is one member, for the time it belongs to the composite.
type CompositeMember struct {
	Name         string  `json:"name"` // device:X, link:X, composite:X
	CapacityMbps int64   `json:"capacity_mbps"`
	Seconds      Seconds `json:"seconds"`
}

// Peak is the greatest load that a capacity composite carried in one 5-minute slot.
type Peak struct {
	In        PeakDirection `json:"in"`
	Out       PeakDirection `json:"out"`
	Coverage  *Quotient     `json:"coverage"` // slots with a sample of every member in service
	Status    string        `json:"status"`
	Congested bool          `json:"n1_congested"` // without its largest member the rest would have been at theta or above
}

// PeakDirection is one direction's peak.
type PeakDirection struct {
	At          string    `json:"at"` // empty: no sample
	Kbps        int64     `json:"kbps"`
	Mbps        int64     `json:"capacity_mbps"`
	Largest     int64     `json:"largest_mbps"`
	Utilisation *Quotient `json:"utilisation"`
	WithoutOne  *Quotient `json:"n1_utilisation"`
}

// FrozenWindow is the part of a planned window that a change freeze made void: its time counts as
// ordinary time.
type FrozenWindow struct {
	ID     string `json:"id"`
	Scope  string `json:"scope"`
	Start  string `json:"start"`
	End    string `json:"end"`
	Freeze string `json:"freeze"`
}

// Note is a national event of the month.
type Note struct {
	ID     string `json:"id"`
	Start  string `json:"start"`
	End    string `json:"end"`
	NoteVI string `json:"note_vi"`
	NoteEN string `json:"note_en"`
	Frozen bool   `json:"change_freeze"`
}

// composites puts each composite into its province's document, or into the nation's.
func (b *builder) composites() {
	for i := range b.result.Composites {
		if c := &b.result.Composites[i]; b.scope(c.Province) != nil {
			d := b.scope(c.Province)
			d.Composites = append(d.Composites, b.composite(c))
		}
	}
}

func (b *builder) composite(c *kpi.Composite) Composite {
	out := Composite{Name: c.Name, Rule: string(c.Rule), Need: c.Need, Degraded: c.Degraded, Availability: b.redundant(c),
		Members: []CompositeMember{}, Failures: []Outage{}, Peak: peak(c.Capacity)}
	for _, m := range c.Members {
		s := m.Sums
		out.Members = append(out.Members, CompositeMember{m.String(), m.Mbps, Seconds{s.Up, s.Down, s.Unknown, s.MaintDown, s.MaintUnknown, s.Excluded, 0}})
	}
	for i := range c.Outages {
		out.Failures = append(out.Failures, failure(&c.Outages[i]))
	}
	return out
}

// failure is an outage of a system, or of a part of it, wherever that is.
func failure(o *kpi.Outage) Outage {
	return Outage{
		Level: string(o.Level), Name: o.Name, Key: string(o.System), Provinces: []string{}, From: stamp(o.From), To: stamp(o.To),
		Open: o.Open, Seconds: o.Seconds, Counted: o.Counted, Planned: o.Planned, Windows: list(o.Windows),
	}
}

// redundant is a composite's availability, held against its own target.
func (b *builder) redundant(c *kpi.Composite) Availability {
	a := b.group(&c.Availability)
	a.Key, a.NameVI, a.NameEN = c.Name, c.Name, c.Name
	for _, row := range b.inv.Composites {
		if row.Name == c.Name {
			a.NameVI, a.NameEN = row.NameVI, row.NameEN
		}
	}
	if t, ok := b.inv.Targets.Composites[c.Name]; ok && t.Target.Den != 0 {
		a.Target = &Target{Quotient: *fraction(t.Target), Tests: c.Test.String(), Source: t.Source}
		a.Outcome, a.Budget = outcome(t.Target, c.Meets), budget(&c.Availability)
	}
	return a
}

func peak(c *kpi.CapacityMonth) *Peak {
	if c == nil {
		return nil
	}
	direction := func(p kpi.PeakLoad) PeakDirection {
		return PeakDirection{stamp(p.At), p.Kbps, p.Mbps, p.Largest, ratio(p.Util), ratio(p.N1)}
	}
	return &Peak{direction(c.In), direction(c.Out), ratio(c.Coverage), string(c.Status), c.Congested}
}

// calendar says what national events did to the month: notes, and windows that a change freeze took.
func (b *builder) calendar() {
	b.frozenWindows()
	for _, f := range b.result.Notes {
		for i, d := range b.docs {
			if i == 0 || b.concerns(&f, d.Scope.Code) {
				d.Notes = append(d.Notes, Note{f.ID, stamp(f.Start), stamp(f.End), f.NoteVI, f.NoteEN, f.Changes})
			}
		}
	}
}

// unit is the unit of the documents that a scope's province is counted under.
func (b *builder) unit(code string) string {
	unit, _ := b.inv.Unit(code, b.result.From)
	return unit
}

// concerns says whether an event is one of the whole nation or of the province.
func (b *builder) concerns(f *model.Freeze, province string) bool {
	for _, s := range f.Scopes {
		if s.Kind == model.ScopeNation || s.Kind == model.ScopeProvince && b.unit(s.Key) == province {
			return true
		}
	}
	return false
}
