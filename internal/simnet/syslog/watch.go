package syslog

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// state is what an interface shows.
type state struct{ admin, oper uint8 }

func up() state { return state{nation.StatusUp, nation.StatusUp} }

// watch notices what changes at the ends of links. Only links with a fault are looked at.
type watch struct {
	overlay *nation.Overlay
	links   []int32 // with a fault
	known   map[nation.Port]state
	last    fault.Tick
}

// change is an interface whose state became another one.
type change struct {
	overlay *nation.Overlay
	port    nation.Port
	to      state
	at      fault.Tick
}

// newWatch takes what is down already as known.
func newWatch(o *nation.Overlay, now fault.Tick) *watch {
	w := &watch{known: map[nation.Port]state{}}
	w.look(o, now)
	return w
}

// look is what has changed since the last time, in order. What a device without power or a way to it would have told is lost.
func (w *watch) look(o *nation.Overlay, now fault.Tick) (changes []change) {
	if o != w.overlay {
		w.overlay, w.links = o, nil
		for i := range o.Links {
			if o.Disturbed(int32(i)) {
				w.links = append(w.links, int32(i))
			}
		}
	}
	for _, link := range w.links {
		l := &o.Links[link]
		changes = w.port(changes, l.A, now)
		if l.HasB() {
			changes = w.port(changes, l.B, now)
		}
	}
	w.last = now
	slices.SortStableFunc(changes, func(a, b change) int { return cmp.Compare(a.at, b.at) })
	return changes
}

func (w *watch) port(changes []change, p nation.Port, now fault.Tick) []change {
	before, ok := w.known[p]
	if !ok {
		before = up()
	}
	to, answers := w.read(p, now)
	if to == before {
		return changes
	}
	w.known[p] = to
	if !answers {
		return changes
	}
	return append(changes, change{w.overlay, p, to, w.since(p, to, now)})
}

// since is the instant from which on the state held without a break, no earlier than the last look.
func (w *watch) since(p nation.Port, to state, now fault.Tick) fault.Tick {
	low, high := w.last, now
	for low < high {
		middle := low + (high-low)/2
		if s, _ := w.read(p, middle); s == to {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return high
}

func (w *watch) read(p nation.Port, at fault.Tick) (s state, answers bool) {
	var r nation.Reading
	clock := w.overlay.Clock(at)
	r.Read(w.overlay, p.Device, &clock)
	s.admin, s.oper = r.Status(p.Index)
	return s, r.Answers()
}
