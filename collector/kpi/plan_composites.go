package kpi

import (
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// planComposite is one composite with all its rows.
type planComposite struct {
	name    string
	rows    []compositeRow
	service []span
	windows []window // its own and those of its members
	planned []span   // its own
}

// compositeRow is one row of composites.csv with its members found.
type compositeRow struct {
	*model.Composite
	parts []composedOf
}

// composedOf is a member: which of the plan's devices, links or composites it is.
type composedOf struct {
	kind  model.ScopeKind
	index int // -1: the inventory has none of this name
	mbps  int64
}

func (r compositeRow) valid() span { return span{r.From, r.To} }

func planComposites(p *Plan, w *calendar) []planComposite {
	var out []planComposite
	index := map[string]int{}
	for i := range p.inv.Composites {
		row := &p.inv.Composites[i]
		at, known := index[row.Name]
		if !known {
			at = len(out)
			index[row.Name] = at
			out = append(out, planComposite{name: row.Name})
		}
		out[at].add(row, p, w, out[:at], index)
	}
	for i := range out {
		out[i].service = union(out[i].service)
	}
	return out
}

// add takes up one row; what it is made of stands before it.
func (c *planComposite) add(row *model.Composite, p *Plan, w *calendar, before []planComposite, index map[string]int) {
	valid := span{row.From, row.To}
	r := compositeRow{Composite: row}
	for _, m := range row.Members {
		part := composedOf{kind: m.Kind, index: -1, mbps: m.CapacityMbps}
		switch m.Kind {
		case model.ScopeDevice:
			if part.index = p.deviceIndex(m.Key); part.index >= 0 {
				c.windows = appendClipped(c.windows, p.devices[part.index].windows, valid)
			}
		case model.ScopeLink:
			if part.index = p.linkIndex(m.Key); part.index >= 0 {
				c.windows = appendClipped(c.windows, p.links[part.index].windows, valid)
			}
		case model.ScopeComposite:
			if i, ok := index[m.Key]; ok && i < len(before) {
				part.index = i
				c.windows = appendClipped(c.windows, before[i].windows, valid)
			}
		}
		r.parts = append(r.parts, part)
	}
	own := w.cover(nil, valid, row.Scopes(), w.frozen(row.Frozen(), places(row.Province, valid)))
	c.planned = union(append(c.planned, unionOf(own)...))
	c.windows = append(c.windows, own...)
	c.rows = append(c.rows, r)
	c.service = append(c.service, valid)
}

func (p *Plan) linkIndex(name string) int {
	i, ok := slices.BinarySearchFunc(p.links, name, func(l planLink, name string) int { return strings.Compare(l.name(), name) })
	if !ok {
		return -1
	}
	return i
}
