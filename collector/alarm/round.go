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
		under := int64(0)
		if above := r.open[f.root]; above != nil {
			under = above.ID
		}
		r.hide(a, under, r.now)
	}
	if f.Cause == DevicesSilent {
		return
	}
	d := r.beneath[f.root]
	if f.Cause == LinkDown {
		d.Links++
	} else {
		d.Devices++
	}
	r.beneath[f.root] = d
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
	case kpi.Unknown, kpi.Down: // a link that is down has a finding
	}
}

// gone is the state of what the inventory does not hold.
const gone = kpi.Maint

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
	case AgentLost:
		return n.agentState(t.Name), 0
	default:
		return n.reportState(t.Name), 0
	}
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
