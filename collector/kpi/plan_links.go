package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// planLink is one link with all its rows.
type planLink struct {
	name    string
	rows    []linkRow
	service []span
	windows []window // of the devices at its ends
	planned []span
	members []member
	cables  []cable
	inputs  uint64 // of a day that nothing touches
}

// linkRow is one row of links.csv with its ends as indexes of Plan.ports.
type linkRow struct {
	*model.Link
	a, b             int32 // -1: no such end
	at               int32 // a's place in the ports of the link's shard
	deviceA, deviceB int32 // indexes of Plan.devices; -1: not in the inventory
}

func (r linkRow) valid() span { return span{r.From, r.To} }

// planLinks prepares the links. Links that count for the same groups at the same times share one list of
// them; lists are all of these.
func planLinks(inv *model.Inventory, p *Plan, w *calendar, g *grouping) (out []planLink, ports []model.Port, lists [][]member) {
	rows, ports := linkRows(inv.Links, p.devices)
	alike := map[alikeLinks]*planLink{}
	out = make([]planLink, 0, len(rows)) // does not move: alike points into it
	for lo := 0; lo < len(rows); {
		hi := lo + 1
		for hi < len(rows) && rows[hi].Name == rows[lo].Name {
			hi++
		}
		out = append(out, planLink{name: rows[lo].Name, rows: rows[lo:hi:hi]})
		l := &out[len(out)-1]
		lo = hi
		key, plain := p.alike(l, w)
		if other := alike[key]; plain && other != nil {
			l.service, l.members = other.service, other.members
			continue
		}
		for _, row := range l.rows {
			l.add(row, p, w, g)
		}
		l.service = union(l.service)
		l.planned = unionOf(l.windows)
		lists = append(lists, l.members)
		if plain {
			alike[key] = l
		}
	}
	return out, ports, lists
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

// alike is what a link of one row has in common with others; ok is false if it may have nothing.
func (p *Plan) alike(l *planLink, w *calendar) (key alikeLinks, ok bool) {
	if len(l.rows) > 1 || len(w.windows) > 0 {
		return key, false
	}
	row := l.rows[0]
	key = alikeLinks{class: row.Class, Validity: row.Validity}
	for _, end := range [...]struct {
		device int32
		into   *alikeDevices
	}{{row.deviceA, &key.a}, {row.deviceB, &key.b}} {
		if end.device < 0 {
			continue
		}
		rows := p.devices[end.device].rows
		if len(rows) > 1 {
			return key, false
		}
		*end.into = alikeDevices{provinceOf(p.inv, &rows[0]), rows[0].Validity}
	}
	return key, true
}

func (l *planLink) add(row linkRow, p *Plan, w *calendar, g *grouping) {
	valid := row.valid()
	l.service = append(l.service, valid)
	l.members = g.add(l.members, group{level: LevelLink, class: row.Class}, valid)
	l.windows = w.coverLink(l.windows, row.Link, p.ends)
	for _, end := range [...]struct {
		port   model.Port
		device int32
	}{{row.A, row.deviceA}, {row.B, row.deviceB}} {
		if end.port.Device == "" {
			continue
		}
		if end.device < 0 {
			l.windows = w.coverDevice(l.windows, &model.Device{Name: end.port.Device, Validity: row.Validity})
			continue
		}
		d := &p.devices[end.device]
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
func (l *planLink) provincesIn(w span, groups []group) []string {
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
func (l *planLink) line(ports []base) line {
	out := line{service: l.service, windows: l.planned}
	if len(l.rows) == 1 {
		out.base = l.rows[0].base(ports)
		return out
	}
	for _, r := range l.rows {
		for _, iv := range clipIntervals(r.base(ports), r.valid()) {
			out.base = extend(out.base, iv)
		}
	}
	return out
}

// base joins the ends that the row has.
func (r linkRow) base(ports []base) []Interval {
	if r.b < 0 {
		return ports[r.a].nonUp
	}
	return either(ports[r.a].nonUp, ports[r.b].nonUp)
}
