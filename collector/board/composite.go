package board

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/view"
)

// compositePage is one system with redundancy.
type compositePage struct {
	*kpi.Composite
	Names   names
	Systems names
	Place   names
	Code    string // of the province, for its address
	State   string // as the words know it
	Grade   string
	Tested  kpi.Number
	Members []memberRow
	Faults  []outageRow
	Rows    []row
	Theta   model.Ratio // from which on its peak would be too much without the largest member
}

// memberRow is one member.
type memberRow struct {
	kpi.CompositeMember
	Names   names  // of what kind of thing it is
	Href    string // its page; empty: it has none that the reader may see
	Net     kpi.Number
	Since   int64 // of an outage that goes on; 0: none
	Unknown bool  // nothing was heard of it
}

func (b *Board) composite(v *visit) error {
	r, err := b.latest()
	if err != nil {
		return err
	}
	name := v.r.PathValue("name")
	i, ok := slices.BinarySearchFunc(r.Composites, name, func(c kpi.Composite, name string) int { return cmp.Compare(c.Name, name) })
	if !ok {
		return refuse(http.StatusNotFound, "error.composite", name)
	}
	c := &r.Composites[i]
	if !v.who.MaySee(c.Province) {
		return refuse(http.StatusForbidden, "error.scope", c.Province)
	}
	p := &compositePage{Composite: c, Names: compositeNames(r, name), Systems: systemNames(r, c.System), Place: provinceNames(r, c.Province),
		Code: cmp.Or(c.Province, nation), State: compositeState(c), Grade: gradeOf(&c.Availability), Tested: testedComposite(r, c),
		Theta: model.Ratio{Num: int64(r.Inventory.Targets.N1PerMille), Den: 1000}}
	p.members(v, r)
	for i := range c.Outages {
		p.Faults = append(p.Faults, outageRow{Outage: &c.Outages[i], Names: p.Systems})
	}
	slices.Reverse(p.Faults)
	for _, x := range b.alarms(r, v.who) {
		if x.Kind == alarm.Composite && x.Name == name {
			p.Rows = append(p.Rows, x)
		}
	}
	return b.show(v, http.StatusOK, "composite", p.Names.in(v.words), p)
}

// compositeNames are how a composite is called now.
func compositeNames(r *view.Result, name string) names {
	out := names{name, name}
	for i := range r.Inventory.Composites {
		if c := &r.Inventory.Composites[i]; c.Name == name && c.NameVI != "" {
			out = names{c.NameVI, c.NameEN}
		}
	}
	return out
}

// compositeState is a key of the words: what the composite is at the result's end.
func compositeState(c *kpi.Composite) string {
	if c.Unprotected {
		return "unprotected"
	}
	return c.Last.String()
}

// testedComposite is the number that the composite's target is held against.
func testedComposite(r *view.Result, c *kpi.Composite) kpi.Number {
	if r.Inventory.Targets.Composites[c.Name].Gross {
		return c.Gross
	}
	return c.Net
}

// members lists them, those that are down first.
func (p *compositePage) members(v *visit, r *view.Result) {
	down := map[string]int64{}
	for i := range r.Outages {
		if o := &r.Outages[i]; o.Open {
			down[string(o.Level)+":"+o.Name] = o.From
		}
	}
	for i := range r.Composites {
		for _, o := range r.Composites[i].Outages {
			if o.Open {
				down[string(kpi.LevelComposite)+":"+r.Composites[i].Name] = o.From
			}
		}
	}
	for _, m := range p.Composite.Members {
		p.Members = append(p.Members, memberRow{CompositeMember: m, Names: kindNames(m.Kind), Href: memberHref(v, r, m.Scope), Net: m.Sums.Net(),
			Since: down[m.String()], Unknown: m.Sums.Up+m.Sums.Down+m.Sums.MaintDown == 0})
	}
	slices.SortStableFunc(p.Members, func(a, b memberRow) int { return cmp.Compare(min(b.Since, 1), min(a.Since, 1)) })
}

func kindNames(k model.ScopeKind) names {
	switch k {
	case model.ScopeDevice:
		return names{"Thiết bị", "Device"}
	case model.ScopeLink:
		return names{"Tuyến", "Link"}
	case model.ScopeComposite:
		return names{"Hệ thống có dự phòng", "System with redundancy"}
	case model.ScopeSite, model.ScopeProvince, model.ScopeSystem, model.ScopeNation:
	}
	return names{string(k), string(k)}
}

// memberHref is a member's page: of a link, that of an end.
func memberHref(v *visit, r *view.Result, s model.Scope) string {
	now := r.At.Unix()
	switch s.Kind {
	case model.ScopeDevice:
		if d := r.Inventory.Device(s.Key, now); d != nil && v.who.MaySee(d.Province) {
			return "/device/" + s.Key
		}
	case model.ScopeLink:
		for _, l := range r.Inventory.LinkRows(s.Key) {
			if href := linkHref(r.Inventory, v, &l, now); l.Covers(now) && href != "/" {
				return href
			}
		}
	case model.ScopeComposite:
		return "/composite/" + s.Key
	case model.ScopeSite, model.ScopeProvince, model.ScopeSystem, model.ScopeNation:
	}
	return ""
}

// compositeRow is one composite in a list.
type compositeRow struct {
	*kpi.Composite
	Names names
	State string
	Grade string
	Shown kpi.Number
}

// compositesOf are those of one scope.
func compositesOf(r *view.Result, scope string) []compositeRow {
	var out []compositeRow
	for i := range r.Composites {
		if c := &r.Composites[i]; c.Province == scope {
			out = append(out, compositeRow{c, compositeNames(r, c.Name), compositeState(c), gradeOf(&c.Availability), testedComposite(r, c)})
		}
	}
	return out
}
