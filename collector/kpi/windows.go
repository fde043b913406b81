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
// freeze takes what of which window.
type calendar struct {
	windows map[model.Scope][]window
	freezes map[model.Scope][]window // their ids are the freezes'
	voided  map[VoidWindow]span      // by what it is of; the times are beside it
}

func newCalendar(inv *model.Inventory) *calendar {
	c := &calendar{windows: map[model.Scope][]window{}, freezes: map[model.Scope][]window{}, voided: map[VoidWindow]span{}}
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
func (c *calendar) cover(dst []window, valid span, scopes []model.Scope, freezes []window) []window {
	for _, s := range scopes {
		for _, w := range c.windows[s] {
			part := w
			if part.span = w.clip(valid); part.from >= part.to {
				continue
			}
			left := c.without(part, freezes, func(f window) {
				c.void(VoidWindow{ID: w.id, Scope: model.Scope{Kind: s.Kind, Key: s.Key}, Freeze: f.id}, part.clip(f.span))
			})
			dst = append(dst, left...)
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
	return c.cover(dst, valid, scopes[:], c.frozen(scopes[:], valid))
}

// coverLink appends the windows of a link alone. What freezes either end freezes the link.
func (c *calendar) coverLink(dst []window, row *model.Link, ends func(*model.Link) []model.Device) []window {
	own, valid := []model.Scope{{Kind: model.ScopeLink, Key: row.Name}}, span{row.From, row.To}
	if len(c.windows[own[0]]) == 0 {
		return dst
	}
	freezes := c.frozen(own, valid)
	for _, d := range ends(row) {
		scopes := d.Scopes()
		freezes = append(freezes, c.frozen(scopes[:], valid.clip(span{d.From, d.To}))...)
	}
	return c.cover(dst, valid, own, freezes)
}

// frozen lists the change freezes of any of the scopes, and those of the nation, within valid.
func (c *calendar) frozen(scopes []model.Scope, valid span) []window {
	if len(c.freezes) == 0 {
		return nil
	}
	out := appendClipped(nil, c.freezes[model.Scope{Kind: model.ScopeNation}], valid)
	for _, s := range scopes {
		out = appendClipped(out, c.freezes[s], valid)
	}
	return out
}

// without is what the freezes leave of a window; it tells each freeze that takes something.
func (c *calendar) without(w window, freezes []window, takes func(freeze window)) []window {
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
		if both := w.clip(f.span); both.from < both.to {
			takes(f)
		}
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

// voidWindows are those of which a change freeze took a part that lies within the period.
func (p *Plan) voidWindows(period span) []VoidWindow {
	var out []VoidWindow
	for _, v := range p.voided {
		if v.From < period.to && v.To > period.from {
			out = append(out, v)
		}
	}
	return out
}

// void notes what a freeze took of a window somewhere.
func (c *calendar) void(v VoidWindow, s span) {
	if known, ok := c.voided[v]; ok {
		s = span{min(s.from, known.from), max(s.to, known.to)}
	}
	c.voided[v] = s
}

// taken lists what the freezes took, sorted.
func (c *calendar) taken() []VoidWindow {
	var out []VoidWindow
	for v, s := range c.voided {
		v.From, v.To = s.from, s.to
		out = append(out, v)
	}
	slices.SortFunc(out, func(a, b VoidWindow) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Freeze, b.Freeze))
	})
	return out
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
