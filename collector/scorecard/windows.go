package scorecard

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// lateWindows puts each late window into the nation's document and into those of the provinces
// whose devices it would have covered.
func (b *builder) lateWindows() {
	all := make([]stretch, len(b.result.LateWindows))
	for i := range b.result.LateWindows {
		w := &b.result.LateWindows[i]
		all[i] = stretch{w.Scope(), w.Start, w.End}
	}
	touched := b.touched(all)
	for i := range b.result.LateWindows {
		w := &b.result.LateWindows[i]
		one := Window{
			ID: w.ID, Scope: string(w.Kind) + ":" + w.Key, Start: stamp(w.Start), End: stamp(w.End), CreatedAt: stamp(w.CreatedAt),
			ApprovedBy: w.ApprovedBy, ApprovedAt: stamp(w.ApprovedAt), Reason: w.Reason,
		}
		b.docs[0].LateWindows = append(b.docs[0].LateWindows, one)
		for _, d := range b.units(touched[i]) {
			d.LateWindows = append(d.LateWindows, one)
		}
	}
}

// frozenWindows puts what a change freeze took of a window into the nation's document and into those of the
// provinces that both cover something of.
func (b *builder) frozenWindows() {
	var all []stretch // each window's, then its freeze's
	first := make([]int, 0, len(b.result.VoidWindows)+1)
	for _, v := range b.result.VoidWindows {
		first = append(first, len(all))
		all = append(all, stretch{v.Scope, v.From, v.To})
		for _, s := range b.freeze(v.Freeze) {
			all = append(all, stretch{s, v.From, v.To})
		}
	}
	first = append(first, len(all))
	touched := b.touched(all)
	for i, v := range b.result.VoidWindows {
		one := FrozenWindow{v.ID, v.Scope.String(), stamp(v.From), stamp(v.To), v.Freeze}
		b.docs[0].FrozenWindows = append(b.docs[0].FrozenWindows, one)
		frozen := slices.Concat(touched[first[i]+1 : first[i+1]]...)
		for _, d := range b.units(touched[first[i]]) {
			if slices.Contains(frozen, d.Scope.Code) {
				d.FrozenWindows = append(d.FrozenWindows, one)
			}
		}
	}
}

// freeze is what a freeze covers.
func (b *builder) freeze(id string) []model.Scope {
	for i := range b.inv.Freezes {
		if f := &b.inv.Freezes[i]; f.ID == id {
			return f.Scopes
		}
	}
	return nil
}

// units are the documents of provinces; one that has none is left out.
func (b *builder) units(codes []string) (docs []*Document) {
	for _, code := range codes {
		if d := b.byCode[code]; d != nil {
			docs = append(docs, d)
		}
	}
	return docs
}

// stretch is what a window or a freeze covers, and when.
type stretch struct {
	scope    model.Scope
	from, to int64
}

// touched are the provinces of each stretch, each once: one pass over the devices for all.
func (b *builder) touched(all []stretch) [][]string {
	provinces := make([][]string, len(all))
	if len(all) == 0 {
		return provinces
	}
	byScope := map[model.Scope][]int{}
	add := func(i int, code string) {
		if !slices.Contains(provinces[i], code) {
			provinces[i] = append(provinces[i], code)
		}
	}
	for i, s := range all {
		byScope[s.scope] = append(byScope[s.scope], i)
		if s.scope.Kind == model.ScopeProvince {
			add(i, b.unit(s.scope.Key))
		}
		for _, d := range b.docs[1:] {
			if s.scope.Kind == model.ScopeNation {
				add(i, d.Scope.Code)
			}
		}
	}
	for i := range b.inv.Composites {
		c := &b.inv.Composites[i]
		for _, k := range byScope[model.Scope{Kind: model.ScopeComposite, Key: c.Name}] {
			add(k, c.Province)
		}
	}
	ends := map[string][]int{} // by device: the stretches of links that end on it
	for i := range b.inv.Links {
		l := &b.inv.Links[i]
		if of := byScope[model.Scope{Kind: model.ScopeLink, Key: l.Name}]; len(of) > 0 {
			ends[l.A.Device], ends[l.B.Device] = append(ends[l.A.Device], of...), append(ends[l.B.Device], of...)
		}
	}
	for i := range b.inv.Devices {
		d := &b.inv.Devices[i]
		of := ends[d.Name]
		for _, s := range []model.Scope{{Kind: model.ScopeDevice, Key: d.Name}, {Kind: model.ScopeSite, Key: d.Site}, {Kind: model.ScopeSystem, Key: string(d.System)}} {
			of = append(of[:len(of):len(of)], byScope[s]...)
		}
		for _, k := range of {
			if d.From < all[k].to && all[k].from < d.To {
				add(k, d.Province)
			}
		}
	}
	return provinces
}
