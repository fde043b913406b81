package alarm

import (
	"cmp"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// round holds the diagnosis against the book.
type round struct {
	*book
	net     *network
	now     time.Time
	found   map[thing]bool       // what has a finding
	beneath map[thing]Dependants // by root
	decided []int64              // when what decided each alarm raised was taken in, Unix nanoseconds
}

// run brings the book up to date and returns the findings that it was brought up to date with.
func (r *round) run() []finding {
	findings := r.net.diagnose(r.told)
	r.found, r.beneath = make(map[thing]bool, len(r.open)), map[thing]Dependants{}
	r.roots(findings)
	for i := range findings {
		r.symptom(&findings[i])
	}
	for _, a := range r.unfound() {
		r.rest(a)
	}
	for t, a := range r.open {
		if a.State == Active {
			r.count(a, r.beneath[t], r.now)
		}
	}
	return findings
}

// unfound are the open alarms that nothing speaks for any more, the oldest first.
func (r *round) unfound() (out []*Alarm) {
	for t, a := range r.open {
		if !r.found[t] {
			out = append(out, a)
		}
	}
	slices.SortFunc(out, func(a, b *Alarm) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// roots raises what is new, the worst first, and keeps what is open.
func (r *round) roots(findings []finding) {
	type fresh struct {
		finding
		place
	}
	var raised []fresh
	for _, f := range findings {
		a := r.open[f.thing]
		if a != nil {
			r.found[f.thing] = true
		}
		if f.verdict != root {
			continue
		}
		if a != nil {
			r.stands(a, f, r.now)
			r.worsen(f.thing)
		} else if r.now.Unix() >= f.since+int64(r.RaiseAfter.D()/time.Second) {
			if p, known := r.net.describe(f.thing); known {
				raised = append(raised, fresh{f, p})
			}
		}
	}
	slices.SortFunc(raised, func(a, b fresh) int {
		return cmp.Or(cmp.Compare(a.severity.rank(), b.severity.rank()), cmp.Compare(a.since, b.since), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Cause, b.Cause))
	})
	for _, f := range raised {
		a := r.raise(f.finding, f.place, r.now)
		r.found[f.thing] = true
		r.mute(a, r.net.window(f.thing, r.now.Unix()), r.now)
		r.decided = append(r.decided, f.decided)
	}
}

// worsen notes that an unprotected composite is down now, or one that was down is not any more.
func (r *round) worsen(t thing) {
	if t.Cause != RedundancyLost {
		return
	}
	if p, known := r.net.describe(t); known {
		r.move(r.open[t], p, r.now)
	}
}

// symptom counts a finding beneath its root. What has an alarm of its own goes beneath the root's.
func (r *round) symptom(f *finding) {
	if f.Cause == DevicesSilent {
		under := f.thing
		if f.verdict == symptom {
			under = f.root
		}
		d := r.beneath[under]
		d.Devices += len(r.net.silent[f.Name])
		r.beneath[under] = d
	}
	if f.verdict != symptom {
		return
	}
	if a := r.open[f.thing]; a != nil {
		r.under(a, f)
	}
	d := r.beneath[f.root]
	switch f.Cause {
	case LinkDown:
		d.Links++
	case RedundancyLost:
		d.Composites++
	case DeviceDown, AgentLost:
		d.Devices++
	case DevicesSilent, PartFailed: // counted above; with its device
	}
	r.beneath[f.root] = d
}

// under puts an alarm beneath its root's. One that was told stays so until its composite's is: raise_after may
// hold that back.
func (r *round) under(a *Alarm, f *finding) {
	above := r.open[f.root]
	switch {
	case above != nil:
		r.hide(a, above.ID, r.now)
	case f.root.Cause == RedundancyLost:
		r.stands(a, *f, r.now)
	default:
		r.hide(a, 0, r.now)
	}
}

// rest looks at an open alarm of which nothing is wrong now: is the thing up, gone, or unknown? Only
// what is seen up, or is nobody's concern any more, is cleared.
func (r *round) rest(a *Alarm) {
	state, since := r.net.stateOf(a.thing())
	switch state {
	case kpi.Up:
		up := r.now
		if since != 0 {
			up = local(since)
		}
		r.recover(a, up, r.now)
	case kpi.Excluded:
		r.clear(a, "excluded", r.now)
	case gone:
		r.clear(a, "out_of_inventory", r.now)
	case old:
		r.clear(a, "aged", r.now)
	case kpi.Unknown, kpi.Down: // a link that is down has a finding
	}
}

// gone is the state of what the inventory does not hold.
const gone = kpi.Maint

// old is the state of a part of which nothing was heard for long.
const old = kpi.State(100)

// stateOf is the state of a thing that is not down, and since when, if that is known.
func (n *network) stateOf(t thing) (kpi.State, int64) {
	switch t.Cause {
	case DeviceDown:
		d := n.find(t.Name)
		if d == nil {
			return gone, 0
		}
		if d.seen == 0 {
			return kpi.Unknown, 0
		}
		return d.State, d.Since
	case LinkDown:
		l := n.linkNamed(t.Name)
		if l == nil {
			return gone, 0
		}
		state, w := n.linkWord(l)
		return state, w.Since
	case RedundancyLost:
		return n.compositeState(n.composed[t.Name]), 0
	case PartFailed:
		return n.partState(n.parts[t.Name])
	case AgentLost:
		return n.agentState(t.Name), 0
	default:
		return n.reportState(t.Name), 0
	}
}

// compositeState is up only when enough members were seen up.
func (n *network) compositeState(c *composed) kpi.State {
	switch {
	case c == nil:
		return gone
	case c.state == whole:
		return kpi.Up
	case c.state == idle:
		return kpi.Excluded
	}
	return kpi.Unknown
}

// agentState is up only for an agent that was heard.
func (n *network) agentState(name string) kpi.State {
	switch beat, known := n.agents[name]; {
	case n.shares != nil && !n.concerns(name):
		return gone
	case !known || beat.At == 0:
		return kpi.Unknown
	}
	return kpi.Up
}

// reportState is up when the agent is heard and every device that it should report was heard of.
func (n *network) reportState(name string) kpi.State {
	if n.silent == nil || name != unnamed && n.agents[name].At == 0 {
		return kpi.Unknown
	}
	return kpi.Up
}

func local(sec int64) time.Time { return time.Unix(sec, 0).In(model.Local) }
