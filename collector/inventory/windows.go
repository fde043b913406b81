package inventory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// ParseScope reads what a maintenance window covers: device:X, site:X, province:X, system:X, link:X
// or composite:X.
func ParseScope(s string) (model.Scope, error) {
	kind, key, _ := strings.Cut(s, ":")
	switch k := model.ScopeKind(kind); k {
	case model.ScopeDevice, model.ScopeSite, model.ScopeProvince, model.ScopeSystem, model.ScopeLink, model.ScopeComposite:
		if key != "" && unclean(key) == "" {
			return model.Scope{Kind: k, Key: key}, nil
		}
	}
	return model.Scope{}, fmt.Errorf("%s is not a scope: want device:X, site:X, province:X, system:X, link:X or composite:X", quote(s))
}

// Aims says why a window would cover nothing; nil if it covers something.
func (x *Index) Aims(w *model.Window) error {
	found := true
	switch w.Kind {
	case model.ScopeDevice:
		found = known(x, w.Key, model.Validity{From: w.Start, To: w.End})
	case model.ScopeLink:
		found = slices.ContainsFunc(x.LinkRows(w.Key), func(l model.Link) bool { return l.From < w.End && l.To > w.Start })
	case model.ScopeSite:
		found = slices.ContainsFunc(x.Devices, func(d model.Device) bool { return d.Site == w.Key })
	case model.ScopeProvince:
		found = x.isUnit(w.Key, w.Start)
	case model.ScopeSystem:
		_, found = x.Targets.Availability[model.System(w.Key)]
	case model.ScopeComposite:
		found = slices.ContainsFunc(x.Composites, func(c model.Composite) bool { return c.Name == w.Key })
	}
	if !found {
		return errors.New(quote(w.Scope().String()) + " points nowhere: want a " + string(w.Kind) + " that exists while the window lasts")
	}
	return nil
}

// isUnit says whether the files may name a province so at the instant at: as a unit, or one of before the merger.
func (x *Index) isUnit(code string, at int64) bool {
	return x.Province(code, at) != nil || slices.ContainsFunc(x.Merged, func(p model.Province) bool { return at < p.From && slices.Contains(p.Members, code) })
}

// WithWindows is the index with more windows beside those of the files. It shares everything else
// with x; its hash names the windows too.
func (x *Index) WithWindows(more []model.Window) *Index {
	if len(more) == 0 {
		return x
	}
	inv := *x.Inventory
	inv.Windows = slices.Concat(x.Windows, more)
	slices.SortStableFunc(inv.Windows, func(a, b model.Window) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), strings.Compare(a.ID, b.ID))
	})
	sum := sha256.New()
	fmt.Fprintln(sum, x.Hash)
	for _, w := range more {
		fmt.Fprintf(sum, "%q %q %d %d %d %q %d %q %q\n", w.ID, w.Scope(), w.Start, w.End, w.CreatedAt, w.ApprovedBy, w.ApprovedAt, w.Reason, w.Override)
	}
	inv.Hash = hex.EncodeToString(sum.Sum(nil))
	y := *x
	y.Inventory = &inv
	y.indexWindows()
	return &y
}

func (x *Index) indexWindows() {
	x.windows = make(map[model.Scope][]*model.Window, len(x.Windows))
	for i := range x.Windows {
		w := &x.Windows[i]
		s := x.Meant(w.Scope(), w.Start)
		x.windows[s] = append(x.windows[s], w)
	}
}

// Touched lists the provinces that hold something which the window covers, sorted; "" stands for
// the nation's own.
func (x *Index) Touched(w *model.Window) []string {
	var out []string
	switch w.Kind {
	case model.ScopeProvince:
		for _, at := range [...]int64{w.Start, w.End - 1} { // the merger may lie between
			if unit, known := x.Unit(w.Key, at); known {
				out = append(out, unit)
			}
		}
		if len(out) == 0 {
			return []string{w.Key}
		}
		return slices.Compact(out)
	case model.ScopeComposite:
		for _, c := range x.Composites {
			if c.Name == w.Key {
				out = append(out, c.Province)
			}
		}
	}
	for d := range x.covered(w) {
		out = append(out, d.Province)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Frozen lists the change freezes that take something from the window, by start; none if it is
// overridden.
func (x *Index) Frozen(w *model.Window) []*model.Freeze {
	var out []*model.Freeze
	for i := range x.Freezes {
		f := &x.Freezes[i]
		if f.Changes && w.Override == "" && f.Start < w.End && f.End > w.Start && x.freezes(f, w) {
			out = append(out, f)
		}
	}
	return out
}

func (x *Index) freezes(f *model.Freeze, w *model.Window) bool {
	scope := x.Meant(w.Scope(), w.Start)
	for _, s := range f.Scopes {
		s = x.Meant(s, f.Start)
		composite := func(c model.Composite) bool {
			return c.From < w.End && c.To > w.Start && slices.Contains(c.Scopes(), scope) && slices.Contains(c.Frozen(), s)
		}
		if s.Kind == model.ScopeNation || s == scope || slices.ContainsFunc(x.Composites, composite) {
			return true
		}
		for d := range x.covered(w) {
			if d.In(s) {
				return true
			}
		}
	}
	return false
}

// covered yields the inventory rows that a window covers while it lasts; of a link those at its ends.
func (x *Index) covered(w *model.Window) iter.Seq[*model.Device] {
	return func(yield func(*model.Device) bool) {
		scope := x.Meant(w.Scope(), w.Start)
		var links []model.Link
		if w.Kind == model.ScopeLink {
			links = x.LinkRows(w.Key)
		}
		for i := range x.Devices {
			d := &x.Devices[i]
			if d.From < w.End && d.To > w.Start && (d.In(scope) || atEnd(links, d.Name)) && !yield(d) {
				return
			}
		}
	}
}

// atEnd says whether the device was ever at an end of one of the links.
func atEnd(links []model.Link, device string) bool {
	return slices.ContainsFunc(links, func(l model.Link) bool { return l.A.Device == device || l.B.Device == device })
}
