package alarm

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// oracle knows what happened, not what was polled: which alarms a wise operator would have open.
type oracle struct {
	*world
	told map[int]bool // devices
	down map[int]bool // links
}

// settle brings the alarms up to date some minutes after something happened: a device that answers has
// none; one that is dead has one, unless it died behind another dead one; who had one keeps it while it
// does not answer.
func (o *oracle) settle() []string {
	roots := []string{}
	for i, p := range o.parents {
		switch {
		case o.reachable(i):
			delete(o.told, i)
		case o.dead[i] && (p < 0 || o.reachable(p)):
			o.told[i] = true
		}
		if o.told[i] {
			roots = append(roots, name(i))
		}
		o.settleLink(i, p)
		if o.down[i] {
			roots = append(roots, "l-"+name(i))
		}
	}
	slices.Sort(roots)
	return roots
}

// settleLink: a link is told if it is cut while both its devices answer. It is kept, whoever dies later,
// until one of its ends sees it up and none says otherwise.
func (o *oracle) settleLink(i, p int) {
	switch {
	case p < 0 || !o.reachable(i) || !o.reachable(p):
	case o.cut[i]:
		o.down[i] = true
	default:
		delete(o.down, i)
	}
}

// tree draws parents of up to n devices.
func tree(t *rapid.T, n int) []int {
	parents := []int{-1}
	for i := 1; i < rapid.IntRange(2, n).Draw(t, "devices"); i++ {
		parents = append(parents, rapid.IntRange(-1, i-1).Draw(t, "parent"))
	}
	return parents
}

// For random trees and faults, polled at random phases, told in random order with old news mixed in, and
// with crashes before and after saving at any time: what is told is what the oracle says, and when all is
// up again nothing is left open.
func TestRootsAreTheOraclesAndEverythingIsCleared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(tree(t, 10), rapid.Uint64().Draw(t, "seed"))
		o := &oracle{w, map[int]bool{}, map[int]bool{}}
		w.pass(3)
		for range rapid.IntRange(1, 8).Draw(t, "changes") {
			i := rapid.IntRange(0, len(w.parents)-1).Draw(t, "device")
			if rapid.IntRange(0, 3).Draw(t, "link") == 0 {
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
			o.onlyTheBroken(t, i)
			if diff := cmp.Diff(o.settle(), w.roots()); diff != "" {
				t.Fatalf("%v dead %v cut %v (-oracle +engine):\n%s", w.parents, w.dead, w.cut, diff)
			}
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

// everyAlarmEnds looks at the events: of each alarm that was raised and not lost in a crash, one end.
func everyAlarmEnds(t *rapid.T, w *world) {
	for id, row := range w.rows {
		a, err := decode(row)
		if err != nil {
			t.Fatal(err)
		}
		if a.State != Over || a.ClearedAt.IsZero() || a.Reason != "up" {
			t.Fatalf("the store has alarm %d as %s (%s)", id, a.State, a.Reason)
		}
	}
}

// onlyTheBroken: while news trickles in, nobody is called for what is merely behind the broken thing; at
// most for what was broken all the time, and comes to light. It forgets the events.
func (o *oracle) onlyTheBroken(t *rapid.T, changed int) {
	broken := map[string]bool{name(changed): true, "l-" + name(changed): true}
	for i := range o.parents {
		broken[name(i)] = broken[name(i)] || o.dead[i]
		broken["l-"+name(i)] = broken["l-"+name(i)] || o.cut[i]
	}
	for _, ev := range o.events {
		if ev.Kind == Raised && !broken[ev.Alarm.Name] {
			t.Fatalf("%v dead %v cut %v: %s was raised at %d", o.parents, o.dead, o.cut, ev.Alarm.Name, ev.At.Unix()-began)
		}
	}
	o.events = nil
}
