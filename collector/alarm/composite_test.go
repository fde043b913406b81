package alarm

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

var always = model.Validity{To: model.Forever}

func ring(name string, members ...model.Scope) model.Composite {
	c := model.Composite{Name: name, System: "ring-north", Rule: model.Ring, Validity: always}
	for _, m := range members {
		c.Members = append(c.Members, model.CompositeMember{Scope: m})
	}
	return c
}

func of(kind model.ScopeKind, names ...string) (out []model.Scope) {
	for _, n := range names {
		out = append(out, model.Scope{Kind: kind, Key: n})
	}
	return out
}

// The rule against its meaning: what would be lost if one more failed, with unknown members up for the
// worse and down for the better.
func TestCompositeRule(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := &model.Composite{Rule: rapid.SampledFrom([]model.CompositeRule{model.Series, model.Parallel, model.KofN, model.Ring, model.Capacity}).Draw(t, "rule"),
			Need: rapid.IntRange(1, 4).Draw(t, "need")}
		up, down, unknown := rapid.IntRange(0, 4).Draw(t, "up"), rapid.IntRange(0, 4).Draw(t, "down"), rapid.IntRange(0, 4).Draw(t, "unknown")
		c := composed{row: row}
		for i := range down {
			c.down = append(c.down, lostMember{thing: thing{LinkDown, name(i)}, since: int64(i + 1)})
		}
		in := up + down + unknown
		c.rule(in, up)
		need := row.Needed(in)
		holds := func(up int) bool { return up >= need }
		secure := func(up, lost int) bool {
			if row.Rule == model.Capacity {
				return lost == 0
			}
			return holds(up) && (lost == 0 || holds(up-1))
		}
		want := unjudged
		switch {
		case in == 0:
			want = idle
		case !holds(up + unknown):
			want = failed
		case !secure(up+unknown, down):
			want = unprotected
		case secure(up, down+unknown):
			want = whole
		}
		if c.state != want {
			t.Fatalf("%s of %d up, %d down, %d unknown: %d, want %d", row.Rule, up, down, unknown, c.state, want)
		}
		for n := 1; c.affected() && n <= down; n++ { // the members fell one after the other
			before := composed{row: row, down: slices.Clone(c.down[:n])}
			before.rule(in, up+down-n)
			if was := before.affected(); was != (int64(n) >= c.since) || (before.state == failed) != (c.state == failed && int64(n) >= c.fell) {
				t.Fatalf("%s: with %d down it is %d; since %d, fell %d", row.Rule, n, before.state, c.since, c.fell)
			}
		}
	})
}

// A ring that loses an arm is one alarm, with the arm beneath it; the second arm makes it worse, not more.
func TestRingIsOneAlarm(t *testing.T) {
	w := newWorld([]int{-1, 0, 0, 0}, 1, ring("ring", of(model.ScopeLink, "l-d00001", "l-d00002", "l-d00003")...))
	w.pass(7)
	w.cut[1] = true
	w.pass(7)
	a := w.only(t, "ring")
	if a.Severity != Major || a.Protection != "unprotected" || a.Beneath != (Dependants{Links: 1, Most: 1}) || a.Kind != Composite {
		t.Errorf("%+v", a)
	}
	w.cut[2] = true
	w.pass(7)
	if a = w.only(t, "ring"); a.Severity != Critical || a.Protection != "down" || a.Beneath.Links != 2 || a.Occurrences != 1 {
		t.Errorf("%+v", a)
	}
	w.restart()
	clear(w.cut)
	w.cut[3] = true
	w.pass(7)
	if a = w.only(t, "ring"); a.Severity != Major || a.Protection != "unprotected" {
		t.Errorf("%+v", a)
	}
	clear(w.cut)
	w.pass(7)
	if len(w.book.open) > 0 {
		t.Errorf("%v", w.book.open)
	}
}

// What had an alarm of its own goes beneath the composite's, and comes forth when that is cleared.
func TestMembersGoBeneathAndEmerge(t *testing.T) {
	c := ring("backbone", of(model.ScopeLink, "l-d00001", "l-d00002", "l-d00003")...)
	c.Rule, c.Need = model.KofN, 1
	w := newWorld([]int{-1, 0, 0, 0}, 1, c)
	w.pass(7)
	w.cut[1] = true
	w.pass(7)
	single := w.only(t, "l-d00001")
	w.cut[2] = true
	w.pass(7)
	w.only(t, "backbone")
	if a := w.book.find(single.ID); a.State != Suppressed || a.Root == 0 {
		t.Errorf("%+v", a)
	}
	delete(w.cut, 2)
	w.pass(7)
	if a := w.only(t, "l-d00001"); a.ID != single.ID || a.State != Active {
		t.Errorf("%+v", a)
	}
}

// A dead node that takes several lines along is the root, whatever composites they belong to; if it is a
// member itself, the composite is.
func TestDeadNodeExplainsItsLines(t *testing.T) {
	lines := ring("lines", of(model.ScopeLink, "l-d00001", "l-d00004")...)
	nodes := ring("nodes", of(model.ScopeDevice, "d00001", "d00004")...)
	nodes.Rule = model.Parallel
	w := newWorld([]int{-1, 0, 1, 1, 0}, 1, lines)
	w.pass(7)
	w.dead[1] = true
	w.pass(7)
	if a := w.only(t, "d00001"); a.Beneath.Composites != 1 {
		t.Errorf("%+v", a)
	}
	w = newWorld([]int{-1, 0, 1, 1, 0}, 1, lines, nodes)
	w.pass(7)
	w.dead[1] = true
	w.pass(7)
	if a := w.only(t, "nodes"); a.Protection != "unprotected" || a.Beneath.Composites != 1 || a.Beneath.Devices != 3 {
		t.Errorf("%+v", a)
	}
}

// Planned work on all that is down mutes a composite; on a part of it does not.
func TestCompositeUnderPlannedWork(t *testing.T) {
	w := newWorld([]int{-1, 0, 0}, 1, ring("ring", of(model.ScopeLink, "l-d00001", "l-d00002")...))
	w.inv.Windows = []model.Window{{ID: "W1", Kind: model.ScopeLink, Key: "l-d00001", Start: began, End: began + 3600, ApprovedAt: began - 1}}
	w.inv = w.inv.WithWindows(w.inv.Windows)
	w.restart()
	w.pass(7)
	w.cut[1] = true
	w.pass(7)
	if a := w.only(t, "ring"); a.Maintenance != "W1" {
		t.Errorf("%+v", a)
	}
	w.book.ClearAfter = minutes(60)
	w.cut[1] = false
	w.pass(7)
	if a := w.only(t, "ring"); a.UpSince.IsZero() || w.net.judged(a.thing()) {
		t.Errorf("up again and still muted by %s: whether it is, is asked again", a.Maintenance)
	}
	w.cut[1], w.cut[2] = true, true
	w.pass(7)
	if !w.net.judged(thing{RedundancyLost, "ring"}) {
		t.Error("it is not asked whether planned work covers what is down")
	}
	w.book.mute(w.only(t, "ring"), w.net.window(thing{RedundancyLost, "ring"}, w.now), time.Unix(w.now, 0))
	if a := w.only(t, "ring"); a.Maintenance != "" {
		t.Errorf("%+v", a)
	}
}

// While raise_after holds the composite's alarm back, nobody forgets what was told before.
func TestHeldBackCompositeHidesNothing(t *testing.T) {
	c := ring("backbone", of(model.ScopeLink, "l-d00001", "l-d00002", "l-d00003")...)
	c.Rule, c.Need = model.KofN, 1
	w := newWorld([]int{-1, 0, 0, 0}, 1, c)
	w.book.RaiseAfter = minutes(4)
	w.pass(7)
	w.cut[1] = true
	w.pass(7)
	w.only(t, "l-d00001")
	w.cut[2] = true
	w.pass(4)
	w.only(t, "l-d00001")
	w.pass(5)
	w.only(t, "backbone")
}

// only is the one alarm that is told.
func (w *world) only(t *testing.T, name string) *Alarm {
	t.Helper()
	if diff := cmp.Diff([]string{name}, w.roots()); diff != "" {
		t.Fatal(diff)
	}
	for _, a := range w.book.open {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// composites draws some over links, devices and each other.
func composites(t *rapid.T, n int) (out []model.Composite) {
	for i := range rapid.IntRange(0, 3).Draw(t, "composites") {
		c := ring(fmt.Sprint("c", i))
		c.Rule = rapid.SampledFrom([]model.CompositeRule{model.Series, model.Parallel, model.KofN, model.Ring, model.Capacity}).Draw(t, "rule")
		c.Need = rapid.IntRange(1, 3).Draw(t, "need")
		seen := map[model.Scope]bool{}
		for range rapid.IntRange(1, 4).Draw(t, "members") {
			d := name(rapid.IntRange(0, n-1).Draw(t, "member"))
			s := rapid.SampledFrom([]model.Scope{{Kind: model.ScopeDevice, Key: d}, {Kind: model.ScopeLink, Key: "l-" + d}, {Kind: model.ScopeComposite, Key: fmt.Sprint("c", i-1)}}).Draw(t, "kind")
			if !seen[s] && (s.Kind != model.ScopeComposite || i > 0) {
				c.Members = append(c.Members, model.CompositeMember{Scope: s})
			}
			seen[s] = true
		}
		if len(c.Members) == 0 {
			break // the next one must not name it
		}
		out = append(out, c)
	}
	return out
}

// With composites over a random tree, random faults, old news and crashes: what is broken is told or beneath
// something that is, nothing else is told; a fresh engine finds the same; and when all is up again, nothing
// is left open.
func TestCompositesTellOnceAndAreCleared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parents := tree(t, 8)
		w := newWorld(parents, rapid.Uint64().Draw(t, "seed"), composites(t, len(parents))...)
		o := &oracle{w, map[int]bool{}, map[int]bool{}}
		w.pass(3)
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			i := rapid.IntRange(0, len(parents)-1).Draw(t, "device")
			if rapid.Bool().Draw(t, "link") {
				w.cut[i] = !w.cut[i]
			} else {
				w.dead[i] = !w.dead[i]
			}
			for range rapid.IntRange(0, 200).Draw(t, "until the crash") {
				w.second()
			}
			if rapid.Bool().Draw(t, "crash") {
				w.restart()
			}
			w.pass(7)
			w.findings = w.judge(true)
			o.accounted(t)
			w.sameAgain(t)
		}
		clear(w.dead)
		clear(w.cut)
		w.pass(7)
		if len(w.book.open) > 0 {
			t.Fatalf("still open: %v", w.book.open)
		}
		everyAlarmEnds(t, w)
	})
}

// accounted: every root of the oracle is told, or beneath an alarm that is; what is told is one of them, or a
// composite that lost its protection and was not seen whole since; and of those that are without it each is
// told or beneath something.
func (o *oracle) accounted(t *rapid.T) {
	broken := map[string]bool{}
	for _, n := range o.settle() {
		broken[n] = true
	}
	for _, c := range o.net.composed {
		if c.affected() {
			broken[c.row.Name] = true
		}
	}
	for _, n := range o.roots() {
		if c := o.net.composed[n]; !broken[n] && (c == nil || c.state == whole) {
			t.Fatalf("%v dead %v cut %v: %s is told", o.parents, o.dead, o.cut, n)
		}
		delete(broken, n)
	}
	for _, f := range o.findings {
		if f.verdict == symptom && o.book.told(f.root) {
			delete(broken, f.Name)
		}
	}
	if len(broken) > 0 {
		t.Fatalf("%v dead %v cut %v: nobody is told of %v; told is %v, found %+v", o.parents, o.dead, o.cut, broken, o.roots(), o.findings)
	}
}

// sameAgain: an engine that begins now, and hears of everything in another order, judges the composites the same.
func (w *world) sameAgain(t *rapid.T) {
	n := newNetwork(w.inv, w.now, nil)
	for _, s := range w.machines {
		n.learn(*s, func(*model.Link) bool { return false })
	}
	n.diagnose(func(thing) bool { return true })
	for name, c := range w.net.composed {
		if d := n.composed[name]; d.state != c.state || d.since != c.since || d.cause != c.cause {
			t.Fatalf("%s is %+v, to a fresh engine %+v", name, c, d)
		}
	}
}

// A member of which nothing was ever heard is not down, but keeps an alarm open.
func TestUnheardMembersKeepACompositeOpen(t *testing.T) {
	w := newWorld([]int{-1, 0, 0}, 1, ring("ring", of(model.ScopeDevice, "d00001", "d00002")...))
	w.now += 600
	w.net.learn(status("d00001", polled(began, "+--")), w.wanted)
	w.judge(true)
	w.only(t, "ring")
	w.net = newNetwork(w.inv, w.now, nil)
	w.net.learn(status("d00001", polled(began, "+--+")), w.wanted)
	w.judge(true)
	if state, _ := w.net.stateOf(thing{RedundancyLost, "ring"}); state != kpi.Unknown {
		t.Errorf("it is %v", state)
	}
	w.only(t, "ring")
	w.net.learn(status("d00002", polled(began, "+")), w.wanted)
	w.judge(true)
	if len(w.book.open) > 0 {
		t.Errorf("%v", w.book.open)
	}
}
