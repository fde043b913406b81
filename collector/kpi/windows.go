package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// windowIndex finds the planned windows by what they cover.
type windowIndex map[windowKey][]window

type windowKey struct {
	kind model.ScopeKind
	key  string
}

func indexWindows(all []model.Window) windowIndex {
	index := windowIndex{}
	for _, w := range all {
		if w.Planned() && w.Start < w.End {
			k := windowKey{w.Kind, w.Key}
			index[k] = append(index[k], window{span{w.Start, w.End}, w.ID})
		}
	}
	return index
}

// appendFor appends the windows that cover an inventory row, as far as valid reaches.
func (x windowIndex) appendFor(dst []window, row *model.Device, valid span) []window {
	if len(x) == 0 {
		return dst
	}
	for _, k := range [...]windowKey{
		{model.ScopeDevice, row.Name},
		{model.ScopeSite, row.Site},
		{model.ScopeProvince, row.Province},
		{model.ScopeSystem, string(row.System)},
	} {
		dst = appendClipped(dst, x[k], valid)
	}
	return dst
}

func appendClipped(dst, ws []window, valid span) []window {
	for _, w := range ws {
		if s := w.clip(valid); s.from < s.to {
			dst = append(dst, window{s, w.id})
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
