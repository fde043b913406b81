package scorecard

import (
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// tally is, for each document, what was seen of what should have been.
type tally map[*Document]kpi.Number

func (t tally) add(d *Document, seen, expected int64) {
	n := t[d]
	t[d] = kpi.Number{Num: n.Num.Add(kpi.Int(seen)), Den: n.Den.Add(kpi.Int(expected))}
}

func (b *builder) coverage() {
	states := map[kpi.Level]tally{kpi.LevelDevice: {}, kpi.LevelLink: {}}
	for i := range b.result.Availability {
		a := &b.result.Availability[i]
		if d := b.scope(a.Province); d != nil {
			known := a.Sums.Up + a.Sums.Down
			states[a.Level].add(d, known, known+a.Sums.Unknown)
		}
	}
	traffic := b.traffic()
	for _, d := range b.docs {
		d.Coverage = Coverage{
			Devices: ratio(states[kpi.LevelDevice][d]), Links: ratio(states[kpi.LevelLink][d]), Traffic: ratio(traffic[d]),
		}
	}
}

// traffic counts a link once for the nation and once for each of its provinces.
func (b *builder) traffic() tally {
	t := tally{}
	for i := range b.result.Sampled {
		s := &b.result.Sampled[i]
		if d := b.scope(s.Province); d != nil {
			t.add(d, s.Slots, s.Expected)
		}
	}
	return t
}

// nation adds the table of provinces and the verdicts to the national document.
func (b *builder) nation() {
	d := b.docs[0]
	d.Provinces = []ProvinceRow{}
	for _, p := range b.docs[1:] {
		row := brief(p)
		row.Tiles = b.tiles(p.Scope.Code)
		d.Provinces = append(d.Provinces, row)
	}
	quality := qualityVerdicts(&b.result.Units, b.result.Scores, b.result.Radio.Growth)
	quality = append(quality, availabilityVerdict(d.Availability, b.result.Composites), congestionVerdict(d.Congestion))
	quality = append(quality, coverageVerdict(b.result.Measured, func(province string) bool { return b.scope(province) != nil })...)
	d.Verdicts = verdicts(append(quality, protectionVerdict(b.result.Protection)...))
}

// tiles are where a unit of the month is drawn.
func (b *builder) tiles(code string) []Tile {
	tiles := []Tile{}
	for i := range b.inv.Provinces {
		p := &b.inv.Provinces[i]
		if p.Code != code || !p.Covers(b.result.From) {
			continue
		}
		tiles = append(tiles, Tile{Row: p.Row, Col: p.Col})
		for _, island := range p.Islands {
			tiles = append(tiles, Tile(island))
		}
	}
	return tiles
}

func brief(d *Document) ProvinceRow {
	s := d.Scope
	row := ProvinceRow{
		Code: s.Code, Slug: s.Slug, NameVI: s.NameVI, NameEN: s.NameEN, Region: s.Region,
		Availability: []ProvinceSystem{}, Congestion: []ProvinceClass{},
	}
	for _, a := range d.Availability {
		row.Availability = append(row.Availability, ProvinceSystem{a.Level, a.Key, a.Net, a.Gross, a.Status, a.Outcome})
	}
	for _, c := range d.Congestion {
		row.Congestion = append(row.Congestion, ProvinceClass{c.Class, c.Ratio, c.Status, c.Outcome})
	}
	return row
}

// availabilityVerdict is T1: every system of the nation reaches its target. A system without a
// target leaves it open, unless another one fails. A target of one of its composites is one of the
// system's.
func availabilityVerdict(groups []Availability, composites []kpi.Composite) Verdict {
	v := newVerdict("T1")
	for _, a := range groups {
		if a.Level == string(kpi.LevelDevice) {
			v.count(a.Key, withComposites(a.Outcome, a.Key, composites))
		}
	}
	return v.close()
}

// withComposites is a system's outcome together with those of its composites.
func withComposites(own, system string, composites []kpi.Composite) string {
	for i := range composites {
		c := &composites[i]
		if string(c.System) != system || c.Target.Den == 0 || own == NotMet {
			continue
		}
		own = outcome(c.Target, c.Meets)
	}
	return own
}

// congestionVerdict is T4: transport and broadband are each below their share of congested links.
func congestionVerdict(classes []Congestion) Verdict {
	outcomes := map[string]string{}
	for _, c := range classes {
		outcomes[c.Class] = c.Outcome
	}
	v := newVerdict("T4")
	for _, class := range []model.LinkClass{model.Transport, model.Broadband} {
		if o, ok := outcomes[string(class)]; ok {
			v.count(string(class), o)
		} else {
			v.count(string(class), NotMet) // no link of the class: no data
		}
	}
	return v.close()
}

func newVerdict(id string) Verdict {
	return Verdict{ID: id, Passed: []string{}, Failed: []string{}, Open: []string{}}
}

func (v *Verdict) count(key, outcome string) {
	switch outcome {
	case Met:
		v.Passed = append(v.Passed, key)
	case NotMet:
		v.Failed = append(v.Failed, key)
	default:
		v.Open = append(v.Open, key)
	}
}

func (v Verdict) close() Verdict {
	switch {
	case len(v.Failed) > 0:
		v.Outcome = NotMet
	case len(v.Open) > 0 || len(v.Passed) == 0:
		v.Outcome = NoTarget
	default:
		v.Outcome = Met
	}
	return v
}
