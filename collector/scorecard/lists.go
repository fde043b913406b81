package scorecard

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

func (b *builder) outages() {
	for i := range b.result.Outages {
		o := &b.result.Outages[i]
		provinces := b.located(o)
		key, _, _ := b.name(o.Level, o.System, o.Class)
		one := Outage{
			Level: string(o.Level), Name: o.Name, Key: key, Provinces: list(provinces), From: stamp(o.From), To: stamp(o.To),
			Open: o.Open, Seconds: o.Seconds, Counted: o.Counted, Planned: o.Planned, Windows: list(o.Windows),
		}
		for _, d := range b.holders(provinces) {
			d.Outages = append(d.Outages, one)
		}
	}
}

// located are the provinces of an outage.
func (b *builder) located(o *kpi.Outage) []string {
	if o.Level == kpi.LevelLink {
		return o.Provinces
	}
	if o.Province == "" {
		return nil
	}
	return []string{o.Province}
}

// list is s, or an empty list in place of none: JSON readers should meet no null there.
func list(s []string) []string {
	if s == nil {
		return []string{}
	}
	return s
}

func (b *builder) links() {
	for i := range b.result.Links {
		l := &b.result.Links[i]
		switch {
		case l.Congested:
			docs := b.holders(l.Provinces)
			if docs[0] != b.docs[0] {
				docs = append(docs, b.docs[0])
			}
			for _, d := range docs {
				d.Congested = append(d.Congested, link(l))
			}
		case l.NotEvaluated != "":
			for _, d := range b.holders(l.Provinces) {
				d.NotEvaluated = append(d.NotEvaluated, link(l))
			}
		}
	}
}

func link(l *kpi.LinkMonth) Link {
	return Link{
		Link: l.Link, Class: string(l.Class), Device: l.Port.Device, IfName: l.Port.IfName, Provinces: list(l.Provinces),
		Reason: string(l.NotEvaluated), CapacityMbps: l.CapacityMbps, P95: perMille(l.P95), CongestedHours: l.CongestedHours,
		DropDays: l.DropDays, Expected: l.Expected, Coverage: ratio(l.Coverage), In: direction(&l.In), Out: direction(&l.Out),
	}
}

func direction(d *kpi.DirMonth) Direction {
	return Direction{
		Slots: d.Slots, P95: perMille(d.P95), Max: perMille(d.Max), Mean: quotient(d.Occ, perMillePlaces),
		BusyHour: perMille(d.BusyHour), BusyMean: quotient(d.BusyMean, perMillePlaces),
	}
}

// lateWindows puts each late window into the nation's document and into those of the provinces
// whose devices it would have covered.
func (b *builder) lateWindows() {
	if len(b.result.LateWindows) == 0 {
		return
	}
	touched := b.touched()
	for i := range b.result.LateWindows {
		w := &b.result.LateWindows[i]
		one := Window{
			ID: w.ID, Scope: string(w.Kind) + ":" + w.Key, Start: stamp(w.Start), End: stamp(w.End), CreatedAt: stamp(w.CreatedAt),
			ApprovedBy: w.ApprovedBy, ApprovedAt: stamp(w.ApprovedAt), Reason: w.Reason,
		}
		b.docs[0].LateWindows = append(b.docs[0].LateWindows, one)
		for _, code := range touched[w] {
			if d := b.byCode[code]; d != nil {
				d.LateWindows = append(d.LateWindows, one)
			}
		}
	}
}

type scopeKey struct {
	kind model.ScopeKind
	key  string
}

// touched are the provinces of each late window, each once: one pass over the devices for all.
func (b *builder) touched() map[*model.Window][]string {
	windows := map[scopeKey][]*model.Window{}
	provinces := map[*model.Window][]string{}
	for i := range b.result.LateWindows {
		w := &b.result.LateWindows[i]
		windows[scopeKey{w.Kind, w.Key}] = append(windows[scopeKey{w.Kind, w.Key}], w)
		if w.Kind == model.ScopeProvince {
			provinces[w] = []string{b.unit(w.Key)}
		}
	}
	ends := map[string][]*model.Window{} // by device: the windows of links that end on it
	for i := range b.inv.Links {
		l := &b.inv.Links[i]
		if all := windows[scopeKey{model.ScopeLink, l.Name}]; len(all) > 0 {
			ends[l.A.Device], ends[l.B.Device] = append(ends[l.A.Device], all...), append(ends[l.B.Device], all...)
		}
	}
	for i := range b.inv.Devices {
		d := &b.inv.Devices[i]
		all := ends[d.Name]
		for _, s := range []scopeKey{{model.ScopeDevice, d.Name}, {model.ScopeSite, d.Site}, {model.ScopeSystem, string(d.System)}} {
			all = append(all[:len(all):len(all)], windows[s]...)
		}
		for _, w := range all {
			if d.From < w.End && w.Start < d.To && !slices.Contains(provinces[w], d.Province) {
				provinces[w] = append(provinces[w], d.Province)
			}
		}
	}
	return provinces
}
