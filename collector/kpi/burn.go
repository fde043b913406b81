package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Burned is how fast a group spent its error budget in a window that ends at the period's end: 1
// spends exactly the month's budget in a month. The window may reach back over the month's start, as
// far as the chunks do.
type Burned struct {
	Province string
	Level    Level
	System   model.System
	Window   int64 // seconds
	Up, Down int64 // Down with what windows took out, if the target tests gross
	Rate     Number
}

// Burns computes the burn of every group that has a target, in each of the windows, shortest first.
// Like Month it is a pure function; in.From is not used.
func Burns(in MonthInput, windows []int64) []Burned {
	e := begin(in)
	longest := windows[len(windows)-1]
	e.period.from, e.day = e.period.to-longest, true
	e.see(in)
	b := burning{e: e, windows: windows, sums: make([]Sums, len(windows)*len(e.plan.groups))}
	for i := range e.plan.devices {
		d := &e.plan.devices[i]
		if secondsIn(d.service, e.period) > 0 {
			l := e.deviceLine(i)
			b.add(&l, d.members)
		}
	}
	return b.rates()
}

// burning adds up groups in windows.
type burning struct {
	e       *evaluation
	windows []int64
	sums    []Sums // by group, then window
}

func (b *burning) add(l *line, members []member) {
	for _, m := range members {
		for i, seconds := range b.windows {
			w := span{b.e.period.to - seconds, b.e.period.to}
			for _, s := range m.spans {
				if part := s.clip(w); part.from < part.to {
					b.sums[int(m.group)*len(b.windows)+i].merge(l.sums(part))
				}
			}
		}
	}
}

func (b *burning) rates() []Burned {
	var out []Burned
	targets := &b.e.plan.inv.Targets
	for g, group := range b.e.plan.groups {
		target := targets.Availability[group.system].Target
		if target.Den == 0 {
			continue
		}
		for i, seconds := range b.windows {
			s := b.sums[g*len(b.windows)+i]
			if targets.Gross(group.system) {
				s.Down += s.MaintDown
			}
			out = append(out, Burned{group.province, group.level, group.system, seconds, s.Up, s.Down, Burn(target, s.Up, s.Down)})
		}
	}
	return out
}
