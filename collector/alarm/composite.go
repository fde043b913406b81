package alarm

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// protection is what a composite can still lose.
type protection uint8

const (
	unjudged    protection = iota // too many of its members were never heard to say that it is whole
	whole                         //
	unprotected                   // up, and nothing more may fail
	failed                        // not even those that are unknown could keep it up
	idle                          // none of its members is in service
)

// String is the word of the API; what is not wrong has none.
func (p protection) String() string {
	switch p {
	case unprotected:
		return "unprotected"
	case failed:
		return "down"
	case unjudged, whole, idle:
	}
	return ""
}

// composed is what the words of its members make of a composite.
type composed struct {
	row   *model.Composite
	state protection
	since int64 // of what is unprotected or failed: when it lost its protection
	fell  int64 // of what failed: when
	took  int64 // when the last word that decided it was taken in, Unix nanoseconds
	down  []lostMember
	// cause is what explains all of it, if that is no member: a dead node has taken its lines along.
	cause thing
}

// lostMember is a member that is down.
type lostMember struct {
	thing
	since, took int64
	explained   thing // by what else that is down; empty: by nothing
}

func (c *composed) thing() thing   { return thing{RedundancyLost, c.row.Name} }
func (c *composed) affected() bool { return c.state == unprotected || c.state == failed }

// judged says whether planned work can be looked for: it mutes a composite by what is down of it, so while that is not known,
// or up again and watched, everything stays as it was.
func (n *network) judged(t thing) bool {
	if t.Cause != RedundancyLost {
		return true
	}
	c := n.composed[t.Name]
	return c != nil && c.affected()
}

// composites adds the composites that lost protection, and puts what is down in them beneath them: one
// alarm. It is decided by the words of the members alone, not by what was told before, so that it
// does not matter which member was heard first, nor whether anybody was there to hear it.
func (d *diagnosis) composites(out []finding) []finding {
	n := d.network
	words := diagnosis{n, func(thing) bool { return true }, map[int32]finding{}}
	n.composed = words.compose()
	l := lift{map[thing]thing{}, d}
	for _, c := range l.claim(n.composed) {
		out = append(out, finding{thing: c.thing(), verdict: root, since: c.since, decided: c.took})
	}
	if len(l.above) == 0 {
		return out
	}
	for i := range out {
		f := &out[i]
		if top := l.top(f.thing); top != f.thing {
			f.verdict, f.root = symptom, top
		} else if f.verdict == symptom {
			f.root = l.top(f.root)
		}
	}
	return out
}

// compose judges every composite, each after those it is made of.
func (d *diagnosis) compose() map[string]*composed {
	out := make(map[string]*composed, len(d.members.rows))
	for _, row := range d.members.rows {
		out[row.Name] = d.judgeComposite(row, out)
	}
	return out
}

// judgeComposite counts the members: what is unknown is not down, and neither whole.
func (d *diagnosis) judgeComposite(row *model.Composite, before map[string]*composed) *composed {
	c := &composed{row: row}
	in, up := 0, 0
	for _, m := range row.Members {
		state, lost := d.member(m.Scope, before)
		if state == kpi.Excluded {
			continue
		}
		in++
		switch state {
		case kpi.Up:
			up++
		case kpi.Down:
			c.down = append(c.down, lost)
		case kpi.Unknown, kpi.Maint, kpi.Excluded:
		}
	}
	slices.SortFunc(c.down, func(a, b lostMember) int { return cmp.Or(cmp.Compare(a.since, b.since), cmp.Compare(a.Name, b.Name)) })
	c.rule(in, up)
	return c
}

// rule follows the rules of the KPIs; of what is lost, it says when.
func (c *composed) rule(in, up int) {
	need, down := c.row.Needed(in), len(c.down)
	spare := in - need // so many may be lost
	if c.row.Rule == model.Capacity {
		spare = min(spare, 1)
	}
	switch {
	case in == 0:
		c.state = idle
	case in-down < need:
		c.state, c.fell = failed, c.down[in-need].since
	case down > 0 && down >= spare:
		c.state = unprotected
	case up == in || up > need && c.row.Rule != model.Capacity:
		c.state = whole
	}
	if c.affected() {
		c.since = c.down[max(spare, 1)-1].since
		c.explain()
	}
}

// explain says whether something else has taken all those along that are down.
func (c *composed) explain() {
	for _, m := range c.down {
		c.took = max(c.took, m.took)
	}
	first := slices.MinFunc(c.down, func(a, b lostMember) int {
		return cmp.Or(cmp.Compare(a.explained.Name, b.explained.Name), cmp.Compare(a.explained.Cause, b.explained.Cause))
	})
	c.cause = first.explained
}

// member is the state of a member by its own words and those of its gateways.
func (d *diagnosis) member(s model.Scope, before map[string]*composed) (kpi.State, lostMember) {
	switch s.Kind {
	case model.ScopeDevice:
		return d.memberDevice(s.Key)
	case model.ScopeLink:
		return d.memberLink(s.Key)
	case model.ScopeComposite:
		return memberComposite(before[s.Key])
	case model.ScopeSite, model.ScopeProvince, model.ScopeSystem, model.ScopeNation:
	}
	return kpi.Unknown, lostMember{}
}

// memberDevice: behind a gateway that is down, or not heard since, a device is unknown.
func (d *diagnosis) memberDevice(name string) (kpi.State, lostMember) {
	i, ok := d.byName[name]
	switch {
	case !ok:
		return kpi.Excluded, lostMember{}
	case d.devices[i].seen == 0:
		return kpi.Unknown, lostMember{}
	case d.devices[i].State != kpi.Down:
		return d.devices[i].State, lostMember{}
	}
	f := d.device(i)
	if f.verdict != root {
		return kpi.Unknown, lostMember{}
	}
	return kpi.Down, lostMember{thing: f.thing, since: f.since, took: f.decided}
}

// memberLink: a link whose node is dead is down, as in the KPIs; it is the node's fault.
func (d *diagnosis) memberLink(name string) (kpi.State, lostMember) {
	l := d.linkNamed(name)
	if l == nil {
		return kpi.Excluded, lostMember{}
	}
	if state, _ := d.linkWord(l); state != kpi.Down {
		return state, lostMember{}
	}
	f := d.link(l)
	if f.verdict == waits {
		return kpi.Unknown, lostMember{}
	}
	return kpi.Down, lostMember{thing: f.thing, since: f.since, took: f.decided, explained: f.root}
}

func memberComposite(c *composed) (kpi.State, lostMember) {
	switch {
	case c == nil || c.state == idle:
		return kpi.Excluded, lostMember{}
	case c.state == unjudged:
		return kpi.Unknown, lostMember{}
	case c.state == failed:
		return kpi.Down, lostMember{c.thing(), c.fell, c.took, c.cause}
	}
	return kpi.Up, lostMember{}
}

// lift puts things beneath composites, and composites beneath what explains them.
type lift struct {
	above map[thing]thing
	*diagnosis
}

// claim gives each member that is down by itself to one composite, the worst that it belongs to, and
// returns the composites that are affected.
func (l lift) claim(all map[string]*composed) []*composed {
	var affected []*composed
	for _, c := range all {
		if c.affected() {
			affected = append(affected, c)
		}
	}
	slices.SortFunc(affected, func(a, b *composed) int {
		return cmp.Or(cmp.Compare(b.state, a.state), cmp.Compare(a.row.Name, b.row.Name))
	})
	for _, c := range affected {
		if c.cause != (thing{}) {
			l.put(c.thing(), l.rootOf(c.cause))
			continue
		}
		for _, m := range c.down {
			if m.explained == (thing{}) {
				l.put(m.thing, c.thing())
			}
		}
	}
	return affected
}

func (l lift) put(t, above thing) {
	if _, has := l.above[t]; !has {
		l.above[t] = above
	}
}

// rootOf is what the device that explains a composite is beneath itself.
func (l lift) rootOf(t thing) thing {
	if i, ok := l.byName[t.Name]; ok && t.Cause == DeviceDown {
		if f := l.device(i); f.verdict == symptom {
			return f.root
		}
	}
	return t
}

// top is what a thing is beneath in the end. It ends: a composite is beneath composites of later lines of
// the file, or beneath what is no member of it.
func (l lift) top(t thing) thing {
	for range maxDepth {
		above, has := l.above[t]
		if !has {
			return t
		}
		t = above
	}
	return t
}
