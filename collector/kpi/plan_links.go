package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// planLink is one link with all its rows.
type planLink struct {
	rows []linkRow
	*linkStay
	inputs uint64 // of a day that nothing touches
}

// linkStay says when a link counts, and for what. Links of which all that is the same share one.
type linkStay struct {
	service []span
	windows []window // its own, and of the devices at its ends
	planned []span
	members []member
	cables  []cable
}

// linkRow is one row of links.csv with its ends as indexes of Plan.ports.
type linkRow struct {
	*model.Link
	a, b int32 // -1: no such end
	at   int32 // a's place in the ports of the link's shard
}

func (r linkRow) valid() span { return span{r.From, r.To} }

func (l *planLink) name() string { return l.rows[0].Name }

// planLinks prepares the links. stays are all that any of them has.
func (p *Plan) planLinks(w *calendar, g *grouping) (stays []*linkStay) {
	rows, devices := p.linkRows()
	p.planLAGs(rows)
	known := map[alikeLinks]*linkStay{}
	p.links = make([]planLink, 0, len(rows))
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && rows[hi].Name == rows[lo].Name {
			hi++
		}
		l, at := planLink{rows: rows[lo:hi:hi]}, devices[2*lo:2*hi]
		lo = hi
		key, plain := p.alike(&l, at, w)
		if plain {
			l.linkStay = known[key]
		}
		if l.linkStay == nil {
			l.linkStay = p.stay(&l, at, w, g)
			stays = append(stays, l.linkStay)
		}
		if plain {
			known[key] = l.linkStay
		}
		p.links = append(p.links, l)
	}
	p.links = slices.Clip(p.links)
	return stays
}

// alikeLinks says when links without windows count for the same groups.
type alikeLinks struct {
	class model.LinkClass
	model.Validity
	a, b alikeDevices
}

// alikeDevices says when devices of one row hold their links in the same province.
type alikeDevices struct {
	province string
	model.Validity
}

// alike is what a link of one row has in common with others; ok is false if it may have nothing. devices are those at
// its ends.
func (p *Plan) alike(l *planLink, devices []int32, w *calendar) (key alikeLinks, ok bool) {
	row := l.rows[0]
	if len(l.rows) > 1 || w.names(model.ScopeLink, row.Name) {
		return key, false
	}
	key = alikeLinks{class: row.Class, Validity: row.Validity}
	for i, end := range [...]struct {
		device string
		into   *alikeDevices
	}{{row.A.Device, &key.a}, {row.B.Device, &key.b}} {
		if devices[i] < 0 {
			if end.device != "" && len(w.windows) > 0 { // what is in no file may be named, too
				return key, false
			}
			continue
		}
		d := &p.devices[devices[i]]
		if len(d.rows) > 1 || len(d.windows) > 0 {
			return key, false
		}
		*end.into = alikeDevices{provinceOf(p.inv, &d.rows[0]), d.rows[0].Validity}
	}
	return key, true
}

// stay is that of a link whose rows' ends are at the devices.
func (p *Plan) stay(l *planLink, devices []int32, w *calendar, g *grouping) *linkStay {
	s := &linkStay{}
	for i, row := range l.rows {
		s.add(row, devices[2*i:2*i+2], p, w, g)
	}
	s.service = union(s.service)
	s.planned = unionOf(s.windows)
	return s
}

func (l *linkStay) add(row linkRow, devices []int32, p *Plan, w *calendar, g *grouping) {
	valid := row.valid()
	l.service = append(l.service, valid)
	l.members = g.add(l.members, group{level: LevelLink, class: row.Class}, valid)
	l.windows = w.coverLink(l.windows, row.Link, p.ends)
	for i, end := range [...]model.Port{row.A, row.B} {
		if end.Device == "" {
			continue
		}
		if devices[i] < 0 {
			l.windows = w.coverDevice(l.windows, &model.Device{Name: end.Device, Validity: row.Validity})
			continue
		}
		d := &p.devices[devices[i]]
		l.windows = appendClipped(l.windows, d.windows, valid)
		for i := range d.rows {
			at := span{d.rows[i].From, d.rows[i].To}.clip(valid)
			if code := provinceOf(p.inv, &d.rows[i]); code != "" && at.from < at.to {
				l.members = g.add(l.members, group{province: code, level: LevelLink, class: row.Class}, at)
			}
		}
	}
}

// ends are the inventory rows of the devices at a link's ends.
func (p *Plan) ends(row *model.Link) []model.Device {
	var out []model.Device
	for _, end := range [...]model.Port{row.A, row.B} {
		if d := p.device(end.Device); d != nil {
			out = append(out, d.rows...)
		}
	}
	return out
}

// rowAt is the row valid at t, or the first one after, or the last one.
func (l *planLink) rowAt(t int64) linkRow {
	for _, r := range l.rows {
		if r.To > t {
			return r
		}
	}
	return l.rows[len(l.rows)-1]
}

// capacity is the weight of the month that begins at t: what its row says then, or the first one after that says it.
func (l *planLink) capacity(t int64) int64 {
	for _, r := range l.rows {
		if r.To > t && r.CapacityMbps > 0 {
			return r.CapacityMbps
		}
	}
	return 0
}

// lastRow is the last row valid during w, or the last one of all.
func (l *planLink) lastRow(w span) linkRow {
	for i := len(l.rows) - 1; i >= 0; i-- {
		if l.rows[i].From < w.to && l.rows[i].To > w.from {
			return l.rows[i]
		}
	}
	return l.rows[len(l.rows)-1]
}

// provincesIn lists the provinces that held an end of the link during w, sorted.
func (l *linkStay) provincesIn(w span, groups []group) []string {
	var out []string
	for _, m := range l.members {
		if p := groups[m.group].province; p != "" && secondsIn(m.spans, w) > 0 {
			out = append(out, p)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// line lays the link's ports and the plan over each other.
func (l *planLink) line(seen *gathered) line {
	out := line{service: l.service, windows: l.planned}
	if len(l.rows) == 1 {
		out.base, out.weak = l.rows[0].base(seen.ports), l.rows[0].weakIn(seen)
		return out
	}
	for _, r := range l.rows {
		for _, iv := range clipIntervals(r.base(seen.ports), r.valid()) {
			out.base = extend(out.base, iv)
		}
		out.weak = append(out.weak, r.weakIn(seen)...)
	}
	return out
}

// base joins the ends that the row has.
func (r linkRow) base(ports [][]Interval) []Interval {
	if r.b < 0 {
		return ports[r.a]
	}
	return either(ports[r.a], ports[r.b])
}
