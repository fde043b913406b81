package month

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// FrozenWindow is what a change freeze made void of a planned window, wherever both cover something.
type FrozenWindow struct {
	Window string `json:"id"`
	Scope  string `json:"scope"`
	Freeze string `json:"freeze"`
	From   int64  `json:"from"` // Unix seconds, from the first to the last
	To     int64  `json:"to"`
}

// windows are when a device is in planned windows that no freeze makes void, in seconds of the month, disjoint.
func (w *witness) windows(d int32) []run { return w.planned(w.scopes(d)) }

// scopes are those that cover a device.
func (w *witness) scopes(d int32) []string {
	device := &w.Net.Devices[d]
	out := []string{"device:" + device.Name, "site:" + device.Site, "system:" + device.System}
	if device.Province != "" {
		out = append(out, "province:"+device.Province)
	}
	return out
}

// planned is the time that windows of any of the scopes cover and no freeze of them, or of the nation, takes away.
func (w *witness) planned(scopes []string) []run {
	var out []run
	for _, win := range w.Net.Config().Windows {
		if !win.Planned() || !slices.Contains(scopes, win.Scope) {
			continue
		}
		left := []run{w.within(win.Start.Unix(), win.End.Unix())}
		for _, f := range w.freezes(&win, scopes) {
			left = without(left, w.within(f.Start.Unix(), f.End.Unix()))
		}
		out = append(out, left...)
	}
	return union(out)
}

// freezes are those that make void what of the window they meet, where the scopes are.
func (w *witness) freezes(win *nation.Window, scopes []string) (out []nation.Freeze) {
	for _, f := range w.Net.Config().Freezes {
		covers := func(s string) bool { return s == "nation" || slices.Contains(scopes, s) }
		if win.Override == "" && !f.Open && slices.ContainsFunc(f.Scopes, covers) {
			out = append(out, f)
		}
	}
	return out
}

// within is a stretch of time in seconds of the month; what lies outside is cut off.
func (w *witness) within(from, to int64) run {
	cut := func(t int64) int { return int(min(max(t-w.start(), 0), int64(w.seconds))) }
	return run{cut(from), cut(to)}
}

// without takes a stretch away from others.
func without(all []run, gone run) (out []run) {
	for _, r := range all {
		out = append(out, run{r.from, min(r.to, gone.from)}, run{max(r.from, gone.to), r.to})
	}
	return slices.DeleteFunc(out, func(r run) bool { return r.from >= r.to })
}

// union sorts stretches and joins those that meet.
func union(all []run) (out []run) {
	slices.SortFunc(all, func(a, b run) int { return cmp.Compare(a.from, b.from) })
	for _, r := range all {
		if n := len(out); n > 0 && r.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, r.to)
		} else if r.from < r.to {
			out = append(out, r)
		}
	}
	return out
}

// frozen lists what freezes take of windows, of all devices and of all systems with redundancy.
func (w *witness) frozen() []FrozenWindow {
	taken := map[FrozenWindow][2]int64{} // without times
	note := func(scopes []string) {
		for _, win := range w.Net.Config().Windows {
			if !win.Planned() || !slices.Contains(scopes, win.Scope) {
				continue
			}
			for _, f := range w.freezes(&win, scopes) {
				from, to := max(win.Start.Unix(), f.Start.Unix()), min(win.End.Unix(), f.End.Unix())
				if from < to && from < w.start()+int64(w.seconds) && to > w.start() {
					taken[FrozenWindow{Window: win.ID, Scope: win.Scope, Freeze: f.ID}] = [2]int64{from, to}
				}
			}
		}
	}
	for d := range w.Net.Devices {
		note(w.scopes(int32(d)))
	}
	for _, c := range w.Net.Composites() {
		note(scopesOf(c))
	}
	out := make([]FrozenWindow, 0, len(taken))
	for f, at := range taken {
		f.From, f.To = at[0], at[1]
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b FrozenWindow) int {
		return cmp.Or(cmp.Compare(a.From, b.From), strings.Compare(a.Window, b.Window), strings.Compare(a.Freeze, b.Freeze))
	})
	return out
}

// scopesOf are those that cover a system with redundancy as a whole.
func scopesOf(c nation.Composite) []string {
	return []string{"composite:" + c.Name, "system:" + c.System}
}
