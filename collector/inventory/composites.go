package inventory

import (
	"slices"
	"strconv"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

const compositeHeader = "composite,name_vi,name_en,system,province,rule,need,members,valid_from,valid_to"

// readComposites reads the systems with redundancy. A composite stands after those it is made of.
func (l *loader) readComposites(path string) {
	if path == "" {
		return
	}
	l.composites.file = path
	l.sound = l.found.Total == 0
	l.composites.broken = !l.readTable(path, "composites.csv", compositeHeader, func(r *row) {
		c := model.Composite{
			Name: r.name(), NameVI: r.name(), NameEN: r.name(), System: r.system(l.targets), Province: r.text(),
			Rule: r.rule(), Need: int(r.count()), Members: r.parts(), Validity: r.validity(),
		}
		if c.Province != "" {
			c.Province, c.Former = l.home(r, "province", c.Province, c.Validity)
		}
		switch {
		case c.Rule == model.KofN && (c.Need < 1 || c.Need > len(c.Members)):
			r.found.add(r.file, r.line, "need", "%d of %d members: want from 1 to all of them", c.Need, len(c.Members))
		case c.Rule != model.KofN && c.Rule != "" && c.Need != 0:
			r.found.add(r.file, r.line, "need", "%d: want none, rule %s says how many are needed", c.Need, c.Rule)
		case c.Rule == model.Ring && len(c.Members) < 2:
			r.found.add(r.file, r.line, "members", "a ring of %d: want 2 arms or more", len(c.Members))
		}
		l.composites.add(r, c)
	})
}

func (r *row) rule() model.CompositeRule {
	s := model.CompositeRule(r.text())
	switch s {
	case model.Series, model.Parallel, model.KofN, model.Ring, model.Capacity:
		return s
	}
	r.fail("%s is not a rule: want series, parallel, k_of_n, ring or capacity", quote(string(s)))
	return ""
}

// parts reads kind:name, separated by |; with =Mbit/s at its end where the capacity is not the inventory's.
func (r *row) parts() []model.CompositeMember {
	var out []model.CompositeMember
	for part := range strings.SplitSeq(r.text(), "|") {
		m, ok := member(part)
		if !ok {
			r.fail("%s is not a member: want device:X, link:X or composite:X, with =Mbit/s if needed, separated by |", quote(part))
			continue
		}
		if slices.ContainsFunc(out, func(o model.CompositeMember) bool { return o.Scope == m.Scope }) {
			r.fail("%s is a member twice", quote(m.String()))
		}
		out = append(out, m)
	}
	return out
}

// member reads one member. A name may hold =: only a number after the last one is a capacity.
func member(s string) (model.CompositeMember, bool) {
	var m model.CompositeMember
	if at := strings.LastIndexByte(s, '='); at > 0 {
		if n, err := strconv.ParseInt(s[at+1:], 10, 64); err == nil && n > 0 && n <= largest {
			m.CapacityMbps, s = n, s[:at]
		}
	}
	var err error
	m.Scope, err = ParseScope(s)
	known := m.Kind == model.ScopeDevice || m.Kind == model.ScopeLink || m.Kind == model.ScopeComposite
	return m, err == nil && known
}

func (l *loader) checkComposites(x *Index) {
	above := map[string][]model.Validity{} // by name: the rows read so far
	for i := range x.Composites {
		c, line := &x.Composites[i], l.composites.lines[i]
		if slices.ContainsFunc(above[c.Name], func(v model.Validity) bool { return overlap(v, c.Validity) }) {
			l.found.add(l.composites.file, line, "composite", "%s is valid twice", quote(c.Name))
		}
		for _, m := range c.Members {
			if why := x.lacks(m, c, above); why != "" && l.sound {
				l.found.add(l.composites.file, line, "members", "%s: %s", quote(m.String()), why)
			}
		}
		above[c.Name] = append(above[c.Name], c.Validity)
	}
	for name := range x.Targets.Composites {
		if len(above[name]) == 0 && !l.composites.broken {
			l.found.add(l.targets.path, l.targets.composites[name], "availability.composites", "%s is not a composite: want one of composites.csv", quote(name))
		}
	}
}

// lacks says why a member cannot be one of c.
func (x *Index) lacks(m model.CompositeMember, c *model.Composite, above map[string][]model.Validity) string {
	switch m.Kind {
	case model.ScopeDevice:
		if !known(x, m.Key, c.Validity) {
			return "not a device" + whileValid(x, m.Key)
		}
	case model.ScopeLink:
		if !slices.ContainsFunc(x.LinkRows(m.Key), func(l model.Link) bool { return overlap(l.Validity, c.Validity) }) {
			return "not a link while this row is valid: want one that is"
		}
	case model.ScopeComposite:
		if m.Key == c.Name || len(above[m.Key]) == 0 {
			return "not a composite of a line above this one"
		}
		if c.Rule == model.Capacity && m.CapacityMbps == 0 {
			return "want its capacity, =Mbit/s"
		}
	}
	return ""
}
