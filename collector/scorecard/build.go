package scorecard

import (
	"strconv"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// Nation is the scope code of the national document.
const Nation = "vn"

// Build makes the documents of a month: the nation's first, then one for each province of the
// inventory's unit set at the start of the month, by code. It changes neither argument.
//
// An outage or a link that could not be evaluated stands in the document of each province it
// belongs to, and in the nation's only if it belongs to none; congested links stand in both.
func Build(result *kpi.MonthResult, inv *model.Inventory, revision int) []*Document {
	b := builder{result: result, inv: inv, byCode: map[string]*Document{}}
	b.add(b.document(nationScope(), revision))
	for i := range inv.Provinces {
		if p := &inv.Provinces[i]; p.Covers(result.From) {
			b.docs[0].Scope.UnitSet = p.Set
			b.add(b.document(provinceScope(p), revision))
		}
	}
	b.availability()
	b.congestion()
	b.outages()
	b.links()
	b.lateWindows()
	b.composites()
	b.quality()
	b.measured()
	b.calendar()
	b.events()
	b.reports()
	b.progress()
	b.coverage()
	b.nation()
	b.ranks()
	return b.docs
}

func nationScope() Scope {
	return Scope{Kind: "nation", Code: Nation, Slug: "toan-quoc", NameVI: "Toàn quốc", NameEN: "Viet Nam"}
}

func provinceScope(p *model.Province) Scope {
	return Scope{Kind: "province", Code: p.Code, Slug: p.Slug, NameVI: p.NameVI, NameEN: p.NameEN, Region: p.Region, UnitSet: p.Set}
}

type builder struct {
	result *kpi.MonthResult
	inv    *model.Inventory
	docs   []*Document
	byCode map[string]*Document
}

func (b *builder) add(d *Document) {
	b.docs = append(b.docs, d)
	b.byCode[d.Scope.Code] = d
}

// scope is the document of a province code as the engine writes it: "" is the nation. It is nil for
// codes that have no document.
func (b *builder) scope(province string) *Document {
	if province == "" {
		return b.docs[0]
	}
	return b.byCode[province]
}

// holders are the documents of some provinces; the nation's if there is none.
func (b *builder) holders(provinces []string) []*Document {
	var docs []*Document
	for _, code := range provinces {
		if d := b.byCode[code]; d != nil {
			docs = append(docs, d)
		}
	}
	if len(docs) == 0 {
		docs = b.docs[:1]
	}
	return docs
}

// document is an empty one: lists are empty, never null.
func (b *builder) document(s Scope, revision int) *Document {
	r := b.result
	return &Document{
		Schema: Schema, Month: r.Month.String(), From: stamp(r.From), Until: stamp(r.End), Complete: r.End >= r.Month.End(),
		Revision: revision, Scope: s, GeneratedFrom: Digests{Inventory: b.inv.Hash, Targets: b.inv.Targets.Hash, Thresholds: b.inv.Thresholds, Measured: b.inv.Imported},
		Availability: []Availability{}, Outages: []Outage{}, Congestion: []Congestion{}, Congested: []Link{},
		NotEvaluated: []Link{}, LateWindows: []Window{},
	}
}

func (b *builder) availability() {
	for i := range b.result.Availability {
		a := &b.result.Availability[i]
		if a.Province == kpi.UnknownProvince {
			b.docs[0].Unassigned = append(b.docs[0].Unassigned, b.group(a))
		} else if d := b.scope(a.Province); d != nil {
			d.Availability = append(d.Availability, b.group(a))
		}
	}
	for i := range b.result.Tagged {
		a := &b.result.Tagged[i]
		if d := b.scope(a.Province); d != nil {
			d.Tagged = append(d.Tagged, b.group(a))
		}
	}
}

func (b *builder) group(a *kpi.Availability) Availability {
	key, vi, en := b.name(a.Level, a.System, a.Class)
	s, w := a.Sums, a.Weighted
	return Availability{
		Level: string(a.Level), Key: key, NameVI: vi, NameEN: en, Entities: a.Entities,
		Net: ratio(a.Net), Gross: ratio(a.Gross), Lo: ratio(a.Lo), Hi: ratio(a.Hi), Unknown: ratio(a.UnknownShare),
		Weighted: Weighted{ratio(a.WNet), ratio(a.WGross), ratio(a.WLo), ratio(a.WHi), ratio(a.WUnknownShare)},
		Target:   b.target(a), Status: string(a.Status), Outcome: outcome(a.Target, a.Meets), Lost: a.Lost, Budget: budget(a),
		Seconds:  Seconds{s.Up, s.Down, s.Unknown, s.MaintDown, s.MaintUnknown, s.Excluded, a.Expected},
		WSeconds: WeightedSeconds{w.Up.Big().String(), w.Down.Big().String(), w.Unknown.Big().String(), w.MaintDown.Big().String()},
		Outages:  s.Outages, Flaps: s.Flaps, MTTR: seconds(a.MTTR), MTBO: seconds(a.MTBO),
		Unconfirmed: a.Unconfirmed, Restarts: a.Restarts,
	}
}

// name is the key of a group and how people call it.
func (b *builder) name(level kpi.Level, system model.System, class model.LinkClass) (key, vi, en string) {
	if level == kpi.LevelLink {
		vi, en = className(class)
		return string(class), vi, en
	}
	if level == kpi.LevelTagged {
		return string(system), "Thiết bị của khách hàng đặc biệt", "Devices of VIP customers"
	}
	t := b.inv.Targets.Availability[system]
	if t.NameVI == "" {
		return string(system), string(system), string(system)
	}
	return string(system), t.NameVI, t.NameEN
}

func (b *builder) target(a *kpi.Availability) *Target {
	if a.Target.Den == 0 {
		return nil
	}
	return &Target{Quotient: *fraction(a.Target), Tests: a.Test.String(), Source: b.inv.Targets.Availability[a.System].Source}
}

func budget(a *kpi.Availability) *Budget {
	if !a.Budget.Valid() {
		return nil
	}
	consumed, _ := strconv.ParseInt(a.Consumed().Format(0), 10, 64)
	return &Budget{Allowed: seconds(a.Budget), Consumed: consumed, Left: seconds(a.Left)}
}

// outcome is what the engine's comparison means: without a target there is none, and missing data
// never meets one.
func outcome(target model.Ratio, meets bool) string {
	switch {
	case target.Den == 0:
		return NoTarget
	case meets:
		return Met
	}
	return NotMet
}

func (b *builder) congestion() {
	for i := range b.result.Congestion {
		c := &b.result.Congestion[i]
		if d := b.scope(c.Province); d != nil {
			d.Congestion = append(d.Congestion, classOf(c))
		}
	}
}

func classOf(c *kpi.Congestion) Congestion {
	vi, en := className(c.Class)
	all, congested := int64(c.Links), int64(c.Congested)
	one := Congestion{
		Class: string(c.Class), NameVI: vi, NameEN: en, Links: c.Links, Evaluated: c.Evaluated, Congested: c.Congested,
		NotEvaluated: c.NotEvaluated, Ratio: ratio(c.Ratio), Status: string(c.Status), Outcome: outcome(c.MaxRatio, c.Meets),
		Lo: ratio(kpi.Quo(congested, all)), Hi: ratio(kpi.Quo(congested+int64(c.NotEvaluated), all)), Coverage: ratio(kpi.Quo(int64(c.Evaluated), all)),
		Capacity: CapacityRatio{c.CapEvaluated, c.CapCongested, ratio(c.CapRatio), c.CapWarn},
	}
	if c.MaxRatio.Den != 0 {
		one.Below = fraction(c.MaxRatio)
	}
	return one
}
