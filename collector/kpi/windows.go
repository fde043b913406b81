package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// window is a planned window's stretch on one entity, less what change freezes made void.
type window struct {
	span
	id         string
	overridden bool // goes on in a change freeze
}

// calendar finds the planned windows and the change freezes by what they cover, and notes which
// freeze meets what of which window.
type calendar struct {
	inv     *model.Inventory
	windows map[model.Scope][]window
	freezes map[model.Scope][]window // their ids are the freezes'
	met     map[changeKey][]span
}

func newCalendar(inv *model.Inventory) *calendar {
	c := &calendar{inv: inv, windows: map[model.Scope][]window{}, freezes: map[model.Scope][]window{}, met: map[changeKey][]span{}}
	for _, w := range inv.Windows {
		if w.Planned() && w.Start < w.End {
			s := inv.Meant(w.Scope(), w.Start)
			c.windows[s] = append(c.windows[s], window{span{w.Start, w.End}, w.ID, w.Override != ""})
		}
	}
	for _, f := range inv.Freezes {
		for _, s := range f.Scopes {
			if s = inv.Meant(s, f.Start); f.Changes && f.Start < f.End {
				c.freezes[s] = append(c.freezes[s], window{span: span{f.Start, f.End}, id: f.ID})
			}
		}
	}
	return c
}

// names says whether any window is of exactly this.
func (c *calendar) names(kind model.ScopeKind, key string) bool {
	return len(c.windows) > 0 && len(c.windows[model.Scope{Kind: kind, Key: key}]) > 0
}

// cover appends the windows of any of the scopes, as far as valid reaches, less the freezes.
func (c *calendar) cover(dst []window, valid span, scopes []model.Scope, freezes []freeze) []window {
	for _, s := range scopes {
		for _, w := range c.windows[s] {
			part := w
			if part.span = w.clip(valid); part.from >= part.to {
				continue
			}
			for _, f := range freezes {
				c.meet(Change{VoidWindow{ID: w.id, Scope: model.Scope{Kind: s.Kind, Key: s.Key}, Freeze: f.id}, w.overridden}, part.clip(f.span), f.places)
			}
			dst = append(dst, part.without(freezes)...)
		}
	}
	return dst
}

// coverDevice appends the windows of one inventory row.
func (c *calendar) coverDevice(dst []window, row *model.Device) []window {
	if len(c.windows) == 0 {
		return dst
	}
	scopes, valid := row.Scopes(), span{row.From, row.To}
	return c.cover(dst, valid, scopes[:], c.frozen(scopes[:], places(provinceOf(c.inv, row), valid)))
}

// coverLink appends the windows of a link alone. What freezes either end freezes the link.
func (c *calendar) coverLink(dst []window, row *model.Link, ends func(*model.Link) []model.Device) []window {
	own, valid := []model.Scope{{Kind: model.ScopeLink, Key: row.Name}}, span{row.From, row.To}
	if len(c.windows[own[0]]) == 0 {
		return dst
	}
	everywhere := []place{{"", valid}}
	var freezes []freeze
	for _, d := range ends(row) {
		scopes, at := d.Scopes(), places(provinceOf(c.inv, &d), valid.clip(span{d.From, d.To}))
		freezes = append(freezes, c.frozen(scopes[:], at)...)
		everywhere = append(everywhere, at[1:]...)
	}
	return c.cover(dst, valid, own, append(freezes, c.frozen(own, everywhere)...))
}

// freeze is a change freeze of something, for as long as that is there.
type freeze struct {
	window
	places []place
}

// place is where something is for a time; "" is the nation.
type place struct {
	province string
	span
}

// places are the nation, and a province if there is one.
func places(province string, valid span) []place {
	if province == "" {
		return []place{{"", valid}}
	}
	return []place{{"", valid}, {province, valid}}
}

// frozen lists the change freezes of any of the scopes, and those of the nation, while what they cover is in its places;
// the first of these is the nation.
func (c *calendar) frozen(scopes []model.Scope, places []place) (out []freeze) {
	if len(c.freezes) == 0 {
		return nil
	}
	add := func(s model.Scope) {
		for _, f := range c.freezes[s] {
			if f.span = f.clip(places[0].span); f.from < f.to {
				out = append(out, freeze{f, places})
			}
		}
	}
	add(model.Scope{Kind: model.ScopeNation})
	for _, s := range scopes {
		add(s)
	}
	return out
}

// without is what the freezes leave of a window.
func (w window) without(freezes []freeze) []window {
	left := []window{w}
	if w.overridden {
		return left
	}
	for _, f := range freezes {
		var next []window
		for _, part := range left {
			for _, s := range [...]span{{part.from, min(part.to, f.from)}, {max(part.from, f.to), part.to}} {
				if s.from < s.to {
					next = append(next, window{span: s, id: w.id})
				}
			}
		}
		left = next
	}
	return left
}

func appendClipped(dst, ws []window, valid span) []window {
	for _, w := range ws {
		if w.span = w.clip(valid); w.from < w.to {
			dst = append(dst, w)
		}
	}
	return dst
}

func unionOf(ws []window) []span {
	if len(ws) == 0 {
		return nil
	}
	spans := make([]span, len(ws))
	for i, w := range ws {
		spans[i] = w.span
	}
	return union(spans)
}

// idsWithin names the windows that meet s, sorted, each once.
func idsWithin(ws []window, s span) []string {
	var ids []string
	for _, w := range ws {
		if w.from < s.to && w.to > s.from {
			ids = append(ids, w.id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// lateWindows are those within the period that nobody approved before they began: they have no
// effect and are shown.
func lateWindows(all []model.Window, period span) []model.Window {
	var late []model.Window
	for _, w := range all {
		if !w.Planned() && w.Start < period.to && w.End > period.from {
			late = append(late, w)
		}
	}
	slices.SortStableFunc(late, func(a, b model.Window) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
	})
	return late
}

// notes are the events of the period that the scorecards mention.
func notes(all []model.Freeze, period span) []model.Freeze {
	var out []model.Freeze
	for _, f := range all {
		if f.NoteVI+f.NoteEN != "" && f.Start < period.to && f.End > period.from {
			out = append(out, f)
		}
	}
	return out
}
