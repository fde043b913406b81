package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// thing is what an outage is of, for the oracle: where it belongs at an instant, and which windows cover it then.
type thing struct {
	level     Level
	name      string
	class     model.LinkClass
	provinces []string // of a link
	at        func(t int64) (province string, system model.System)
	windows   func(t int64) []string
}

func (o *oracleMonth) deviceThing(name string) thing {
	return thing{level: LevelDevice, name: name,
		at: func(t int64) (string, model.System) {
			row := o.rowOf(name, t)
			if row.System == "vn2" {
				return "", row.System
			}
			return row.Province, row.System
		},
		windows: func(t int64) []string { return o.deviceWindows(name, t) },
	}
}

func (o *oracleMonth) linkThing(name string) thing {
	x := thing{level: LevelLink, name: name, windows: func(t int64) []string { return o.linkWindows(name, t) }}
	x.at = func(int64) (string, model.System) { return "", "" }
	for _, at := range o.instants() {
		for _, g := range o.linkGroupsAt(name, at) {
			x.class = g.class
			if g.province != "" {
				x.provinces = append(x.provinces, g.province)
			}
		}
	}
	slices.Sort(x.provinces)
	x.provinces = slices.Compact(x.provinces)
	return x
}

// compositeThing belongs where its last row of the period says.
func (o *oracleMonth) compositeThing(name string) thing {
	return thing{level: LevelComposite, name: name,
		at: func(int64) (province string, system model.System) {
			for _, at := range o.instants() {
				if c := o.compositeRow(name, at); c != nil {
					province, system = c.Province, c.System
				}
			}
			return province, system
		},
		windows: func(t int64) []string { return o.compositeWindows(name, t) },
	}
}

func (o *oracleMonth) deviceWindows(name string, t int64) []string {
	row := o.rowOf(name, t)
	if row == nil {
		return nil
	}
	in := func(s model.Scope) bool { return covers(s, row) }
	return o.windowsUnless(t, in, in)
}

// linkWindows are those of the devices at its ends and its own, of which a freeze of an end takes, too.
func (o *oracleMonth) linkWindows(name string, t int64) (out []string) {
	l := o.linkRow(name, t)
	if l == nil {
		return nil
	}
	own := func(s model.Scope) bool { return s == model.Scope{Kind: model.ScopeLink, Key: name} }
	frozen := own
	for _, end := range []model.Port{l.A, l.B} {
		out = append(out, o.deviceWindows(end.Device, t)...)
		if row := o.rowOf(end.Device, t); row != nil {
			rest := frozen
			frozen = func(s model.Scope) bool { return rest(s) || covers(s, row) }
		}
	}
	return append(out, o.windowsUnless(t, own, frozen)...)
}

// compositeWindows are its own and those of its members.
func (o *oracleMonth) compositeWindows(name string, t int64) []string {
	c := o.compositeRow(name, t)
	if c == nil {
		return nil
	}
	out := o.ownWindows(c, t)
	for _, m := range c.Members {
		switch m.Kind {
		case model.ScopeDevice:
			out = append(out, o.deviceWindows(m.Key, t)...)
		case model.ScopeLink:
			out = append(out, o.linkWindows(m.Key, t)...)
		default:
			out = append(out, o.compositeWindows(m.Key, t)...)
		}
	}
	return out
}

// ownWindows are those on the composite itself.
func (o *oracleMonth) ownWindows(c *model.Composite, t int64) []string {
	itself := func(s model.Scope) bool {
		return s == model.Scope{Kind: model.ScopeComposite, Key: c.Name} || s == model.Scope{Kind: model.ScopeSystem, Key: string(c.System)}
	}
	return o.windowsUnless(t, itself, func(s model.Scope) bool {
		return itself(s) || c.Province != "" && s == model.Scope{Kind: model.ScopeProvince, Key: c.Province}
	})
}

// windowsUnless are the planned windows that count at t for what they cover: no freeze of that takes them.
func (o *oracleMonth) windowsUnless(t int64, covered, frozen func(model.Scope) bool) (ids []string) {
	freeze := slices.ContainsFunc(o.w.inv.Freezes, func(f model.Freeze) bool {
		return f.Changes && t >= f.Start && t < f.End && (slices.ContainsFunc(f.Scopes, frozen) || slices.Contains(f.Scopes, model.Scope{Kind: model.ScopeNation}))
	})
	for _, w := range o.w.inv.Windows {
		if w.ApprovedAt < w.Start && t >= w.Start && t < w.End && covered(w.Scope()) && (w.Override != "" || !freeze) {
			ids = append(ids, w.ID)
		}
	}
	return ids
}

// outagesOf are the maximal stretches of DOWN that touch the period, with what windows took of the same failure.
func (o *oracleMonth) outagesOf(of thing, line []second) []Outage {
	base, final := make([]State, len(line)), make([]State, len(line))
	for i, s := range line {
		base[i], final[i] = s.base, s.final
	}
	failures := stretchesOf(base, Down)
	var out []Outage
	for _, r := range stretchesOf(final, Down) {
		from, to := r.from+o.from, r.to+o.from
		if to <= o.w.start || from >= o.w.end {
			continue
		}
		x := Outage{Level: of.level, Name: of.name, Class: of.class, Provinces: of.provinces, From: from, To: min(to, o.w.end), Open: to > o.w.end}
		x.Province, x.System = of.at(max(from, o.w.start))
		x.Seconds = x.To - max(from, o.w.start)
		x.Counted = from >= o.w.start && to-from >= o.w.inv.Targets.MinOutage
		for _, b := range failures {
			if b.from <= r.from && r.from < b.to {
				o.took(&x, of, b, final)
			}
		}
		out = append(out, x)
	}
	return out
}

// took notes the seconds of a failure that windows took, and which windows met it.
func (o *oracleMonth) took(x *Outage, of thing, failure span, final []State) {
	for t := failure.from; t < failure.to; t++ {
		if final[t] == Maint {
			x.Planned++
		}
	}
	for _, s := range o.stretches(failure.from+o.from, failure.to+o.from) {
		x.Windows = append(x.Windows, of.windows(s.from)...)
	}
	slices.Sort(x.Windows)
	x.Windows = slices.Compact(x.Windows)
}

// byStart sorts outages as the result does.
func byStart(a, b Outage) int {
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Level, b.Level), cmp.Compare(a.Name, b.Name))
}
