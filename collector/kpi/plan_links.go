package kpi

import (
	"slices"
	"strings"

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
	a, b int32 // -1: no such end
	at   int32 // a's place in the ports of the link's shard
}

func (r linkRow) valid() span { return span{r.From, r.To} }

func planLinks(inv *model.Inventory, p *Plan, w *calendar, g *grouping) ([]planLink, []model.Port) {
	ports := linkPorts(inv.Links)
	var out []planLink
	for lo := 0; lo < len(inv.Links); {
		hi := lo + 1
		for hi < len(inv.Links) && inv.Links[hi].Name == inv.Links[lo].Name {
			hi++
		}
		l := planLink{name: inv.Links[lo].Name}
		for i := lo; i < hi; i++ {
			row := &inv.Links[i]
			l.add(linkRow{Link: row, a: findPort(ports, row.A), b: findPort(ports, row.B)}, p, w, g)
		}
		l.service = union(l.service)
		l.planned = unionOf(l.windows)
		out = append(out, l)
		lo = hi
	}
	return out, ports
}

func (l *planLink) add(row linkRow, p *Plan, w *calendar, g *grouping) {
	valid := row.valid()
	l.rows = append(l.rows, row)
	l.service = append(l.service, valid)
	l.members = g.add(l.members, group{level: LevelLink, class: row.Class}, valid)
	l.windows = w.coverLink(l.windows, row.Link, p.ends)
	for _, end := range [...]model.Port{row.A, row.B} {
		if end.Device == "" {
			continue
		}
		d := p.device(end.Device)
		if d == nil {
			l.windows = w.coverDevice(l.windows, &model.Device{Name: end.Device, Validity: row.Validity})
			continue
		}
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

func linkPorts(links []model.Link) []model.Port {
	ports := make([]model.Port, 0, 2*len(links))
	for i := range links {
		for _, end := range [...]model.Port{links[i].A, links[i].B} {
			if end.Device != "" {
				ports = append(ports, end)
			}
		}
	}
	slices.SortFunc(ports, comparePort)
	return slices.Compact(ports)
}

func comparePort(a, b model.Port) int {
	if c := strings.Compare(a.Device, b.Device); c != 0 {
		return c
	}
	return strings.Compare(a.IfName, b.IfName)
}

func findPort(ports []model.Port, p model.Port) int32 {
	if i, ok := slices.BinarySearchFunc(ports, p, comparePort); ok {
		return int32(i)
	}
	return -1
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
