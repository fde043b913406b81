package kpi

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	diff "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// oracleEvent is what happened during an event, counted second by second.
type oracleEvent struct {
	elements map[string]bool // P1, by level and name
	sums     Sums
	failures []Outage
	changes  map[Change]span // the times are beside them
}

// How each event went is what the rules say second by second.
func TestProtectionIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		w.day, w.start = false, w.month.Start()
		w.inv.Targets.Protection = model.ProtectionRules{
			National: rapid.Bool().Draw(t, "national P1"), MinSubscribers: rapid.SampledFrom([]int64{0, 1000, 1500}).Draw(t, "min subscribers"),
			Composites: rapid.Bool().Draw(t, "composites P1"), MaxUnknown: rapid.SampledFrom([]model.Ratio{ratio(1, 20), ratio(1, 2), {}}).Draw(t, "max unknown"),
		}
		for i := range w.inv.Devices {
			w.inv.Devices[i].Tags = rapid.SampledFrom([]string{"", "", "p1", "vip", "vip|p1"}).Draw(t, "tags")
		}
		r := Month(w.input(w.chunks()))
		got := r.Protection
		if len(w.inv.Freezes) == 0 && len(got) == 0 {
			return
		}
		o := newOracle(w)
		o.checkTagged(t, r.Tagged)
		want := o.protection()
		if len(got) != len(want) {
			t.Fatalf("%d events in places, want %d", len(got), len(want))
		}
		for i := range got {
			o.checkProtection(t, &got[i], want[protectedAt{got[i].Event.ID, got[i].Province}])
		}
	})
}

type protectedAt struct{ event, province string }

// protection goes through the events of the period.
func (o *oracleMonth) protection() map[protectedAt]*oracleEvent {
	out := map[protectedAt]*oracleEvent{}
	made := map[string]*oracleComposite{}
	for _, name := range []string{"c0", "c1", "c2"} {
		made[name] = &oracleComposite{}
		if o.w.inv.Targets.Protection.Composites {
			made[name] = o.composite(name, map[string][]second{"l0": o.link("l0"), "l1": o.link("l1")}, made)
		}
	}
	for i := range o.w.inv.Freezes {
		f := &o.w.inv.Freezes[i]
		part := span{max(f.Start, o.w.start), min(f.End, o.w.end)}
		if part.from >= part.to {
			continue
		}
		in := func(province string) *oracleEvent {
			key := protectedAt{f.ID, province}
			if out[key] == nil {
				out[key] = &oracleEvent{elements: map[string]bool{}, changes: map[Change]span{}}
			}
			return out[key]
		}
		in("")
		for _, name := range []string{"d0", "d1", "d2"} {
			o.event(LevelDevice, name, part, o.devices[name], in, func(t int64) (bool, bool, []string) { return o.deviceIn(f, name, t) })
		}
		for name, c := range made {
			o.event(LevelComposite, name, part, c.line, in, func(t int64) (bool, bool, []string) { return o.compositeIn(f, name, t) })
		}
		for _, x := range o.stretches(part.from, part.to) {
			o.changesAt(f, x, in)
		}
	}
	return out
}

// deviceIn says whether the event covers the device at t, whether that is P1, and where it is.
func (o *oracleMonth) deviceIn(f *model.Freeze, name string, t int64) (covered, p1 bool, provinces []string) {
	row := o.rowOf(name, t)
	if row == nil || !slices.ContainsFunc(f.Scopes, func(s model.Scope) bool { return s.Kind == model.ScopeNation || covers(s, row) }) {
		return false, false, nil
	}
	rules := o.w.inv.Targets.Protection
	p1 = rules.National && row.System == "vn2" || rules.MinSubscribers > 0 && row.Subscribers >= rules.MinSubscribers || row.Tags == "p1" || row.Tags == "vip|p1"
	if row.System == "vn2" {
		return true, p1, []string{""}
	}
	return true, p1, []string{"", row.Province}
}

func (o *oracleMonth) compositeIn(f *model.Freeze, name string, t int64) (covered, p1 bool, provinces []string) {
	c := o.compositeRow(name, t)
	if c == nil || !slices.ContainsFunc(f.Scopes, func(s model.Scope) bool { return s.Kind == model.ScopeNation || compositeScope(c, s) }) {
		return false, false, nil
	}
	provinces = []string{"", c.Province}
	return true, o.w.inv.Targets.Protection.Composites, slices.Compact(provinces)
}

// compositeScope says whether a freeze of the scope is one of the composite.
func compositeScope(c *model.Composite, s model.Scope) bool {
	return s == model.Scope{Kind: model.ScopeComposite, Key: c.Name} || s == model.Scope{Kind: model.ScopeSystem, Key: string(c.System)} ||
		c.Province != "" && s == model.Scope{Kind: model.ScopeProvince, Key: c.Province}
}

// event adds an element's seconds and failures to the places where the event covers it.
func (o *oracleMonth) event(level Level, name string, part span, line []second, in func(string) *oracleEvent, at func(int64) (covered, p1 bool, provinces []string)) {
	when := map[string][]span{}
	for _, x := range o.stretches(part.from, part.to) {
		covered, p1, provinces := at(x.from)
		for _, province := range provinces {
			in(province)
			if covered && p1 {
				when[province] = append(when[province], x)
			}
		}
	}
	final := make([]State, len(line))
	for i := range line {
		final[i] = line[i].final
	}
	for province, spans := range when {
		e := in(province)
		e.elements[string(level)+name] = true
		for _, x := range spans {
			for t := x.from; t < x.to; t++ {
				e.sums.tick(line[t-o.from])
			}
		}
		for _, r := range stretchesOf(final, Down) {
			from, to, lost := r.from+o.from, r.to+o.from, int64(0)
			for _, x := range spans {
				lost += max(min(to, x.to)-max(from, x.from), 0)
			}
			switch {
			case lost == 0:
			case to-from < o.w.inv.Targets.MinOutage:
				e.sums.Flaps++
			default:
				e.sums.Outages++
				e.failures = append(e.failures, Outage{Level: level, Name: name, From: from, To: min(to, o.w.end), Seconds: lost})
			}
		}
	}
}

// changesAt adds the planned windows of a stretch that cover what the event freezes.
func (o *oracleMonth) changesAt(f *model.Freeze, x span, in func(string) *oracleEvent) {
	frozen := func(covered func(model.Scope) bool) bool {
		return slices.ContainsFunc(f.Scopes, func(s model.Scope) bool { return s.Kind == model.ScopeNation || covered(s) })
	}
	for _, w := range o.w.inv.Windows {
		if !f.Changes || w.ApprovedAt >= w.Start || x.from < w.Start || x.from >= w.End {
			continue
		}
		note := func(provinces ...string) {
			key := Change{VoidWindow{ID: w.ID, Scope: w.Scope(), Freeze: f.ID}, w.Override != ""}
			for _, province := range provinces {
				changes := in(province).changes
				known, ok := changes[key]
				if !ok {
					known = x
				}
				changes[key] = span{min(known.from, x.from), max(known.to, x.to)}
			}
		}
		for _, name := range []string{"d0", "d1", "d2"} {
			if row := o.rowOf(name, x.from); row != nil && covers(w.Scope(), row) && frozen(func(s model.Scope) bool { return covers(s, row) }) {
				_, _, provinces := o.deviceIn(&model.Freeze{Scopes: []model.Scope{{Kind: model.ScopeNation}}}, name, x.from)
				note(provinces...)
			}
		}
		for _, name := range []string{"c0", "c1", "c2"} {
			c := o.compositeRow(name, x.from)
			if c != nil && w.Kind != model.ScopeProvince && compositeScope(c, w.Scope()) && frozen(func(s model.Scope) bool { return compositeScope(c, s) }) {
				note(slices.Compact([]string{"", c.Province})...)
			}
		}
		o.linkChanges(&w, x, frozen, note)
	}
}

// linkChanges are windows on a link alone, which what freezes one of its ends freezes in that end's province.
func (o *oracleMonth) linkChanges(w *model.Window, x span, frozen func(func(model.Scope) bool) bool, note func(...string)) {
	l := o.linkRow(w.Key, x.from)
	if w.Kind != model.ScopeLink || l == nil {
		return
	}
	itself := frozen(func(s model.Scope) bool { return s == w.Scope() })
	if itself {
		note("")
	}
	for _, end := range []model.Port{l.A, l.B} {
		row := o.rowOf(end.Device, x.from)
		if row == nil || !itself && !frozen(func(s model.Scope) bool { return covers(s, row) }) {
			continue
		}
		note("")
		if row.System != "vn2" {
			note(row.Province)
		}
	}
}

func (o *oracleMonth) checkProtection(t *rapid.T, got *Protection, want *oracleEvent) {
	place := got.Event.ID + " in " + cmp.Or(got.Province, "the nation")
	if want == nil {
		t.Fatalf("%s: %+v, want nothing", place, got)
	}
	if got.Elements != len(want.elements) || got.From != max(got.Event.Start, o.w.start) || got.To != min(got.Event.End, o.w.end) {
		t.Fatalf("%s: %d elements from %d to %d, want %v", place, got.Elements, got.From, got.To, slices.Sorted(maps.Keys(want.elements)))
	}
	if d := diff.Diff(want.sums, got.Sums); d != "" {
		t.Fatalf("%s (-want +got):\n%s", place, d)
	}
	slices.SortFunc(want.failures, byStart)
	var failures []Outage
	for _, f := range got.Failures {
		failures = append(failures, Outage{Level: f.Level, Name: f.Name, From: f.From, To: f.To, Seconds: f.Seconds})
	}
	if d := diff.Diff(want.failures, failures); d != "" {
		t.Fatalf("%s: failures (-want +got):\n%s", place, d)
	}
	var changes []Change
	void := 0
	for c, s := range want.changes {
		c.From, c.To = s.from, s.to
		changes = append(changes, c)
		if !c.Overridden {
			void++
		}
	}
	order := func(a, b Change) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.From, b.From)) }
	slices.SortFunc(changes, order)
	if d := diff.Diff(changes, slices.SortedFunc(slices.Values(got.Changes), order)); d != "" {
		t.Fatalf("%s: changes (-want +got):\n%s", place, d)
	}
	s, limit := want.sums, o.w.inv.Targets.Protection.MaxUnknown
	verdict := KeptSafe
	switch all := s.Up + s.Down + s.Unknown; {
	case len(want.failures)+void > 0:
		verdict = NotKept
	case all == 0:
		verdict = KeptNone
	case limit.Den > 0 && s.Unknown*limit.Den > limit.Num*all:
		verdict = KeptData
	}
	if got.Verdict != verdict || got.Void() != void || !is(got.Unknown, s.Unknown, s.Up+s.Down+s.Unknown) {
		t.Fatalf("%s: %s, unknown %s, %d void; want %s, %d", place, got.Verdict, got.Unknown.Format(6), got.Void(), verdict, void)
	}
}

// checkTagged adds up the seconds of the devices that are tagged vip, while they are.
func (o *oracleMonth) checkTagged(t *rapid.T, got []Availability) {
	want, devices := map[string]*Sums{}, map[string]map[string]bool{}
	for _, name := range []string{"d0", "d1", "d2"} {
		tagged := func(at int64) []string {
			row := o.rowOf(name, at)
			if row == nil || row.Tags != "vip" && row.Tags != "vip|p1" {
				return nil
			}
			if row.System == "vn2" {
				return []string{""}
			}
			return []string{"", row.Province}
		}
		for _, x := range o.stretches(o.w.start, o.w.end) {
			for _, province := range tagged(x.from) {
				if want[province] == nil {
					want[province], devices[province] = &Sums{}, map[string]bool{}
				}
				devices[province][name] = true
				for at := x.from; at < x.to; at++ {
					want[province].tick(o.devices[name][at-o.from])
				}
			}
		}
		for _, out := range o.outagesOf(o.deviceThing(name), o.devices[name]) {
			for _, province := range tagged(max(out.From, o.w.start)) {
				if out.From < o.w.start {
					continue
				}
				want[province].Outages += one(out.Counted)
				want[province].Flaps += one(!out.Counted)
			}
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d groups of tagged devices, want %d", len(got), len(want))
	}
	for _, g := range got {
		s := want[g.Province]
		if s == nil {
			t.Fatalf("unexpected tagged devices in %q", g.Province)
		}
		n := int64(len(devices[g.Province]))
		s.Excluded = n*(o.w.end-o.w.start) - s.Up - s.Down - s.Unknown - s.MaintDown - s.MaintUnknown
		if d := diff.Diff(*s, g.Sums); d != "" || int64(g.Entities) != n || g.Level != LevelTagged || g.System != model.TagVIP || g.Target.Den != 0 || g.Meets {
			t.Fatalf("tagged devices in %q: %d, want %d (-want +got):\n%s", g.Province, g.Entities, n, d)
		}
	}
}
