package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Burned is how fast a group or a composite spent its error budget in a window that ends at the period's end: 1
// spends exactly the month's budget in a month. The window may reach back over the month's start, as
// far as the chunks do.
type Burned struct {
	Province  string
	Level     Level
	System    model.System
	Composite string // its name; "" of a group
	Window    int64  // seconds
	Up, Down  int64  // Down with what windows took out, if the target tests gross
	Rate      Number // of what the target tests: by weight, if it does
}

// Burns computes the burn of every group and every composite that has a target, in each of the windows, shortest
// first. Like Month it is a pure function; in.From is not used.
func Burns(in MonthInput, windows []int64) []Burned {
	e := begin(in)
	longest := windows[len(windows)-1]
	e.period.from, e.day = e.period.to-longest, true
	e.see(in)
	b := burning{e: e, windows: windows, groups: make([]burnt, len(windows)*len(e.plan.groups)), weighs: make([]bool, len(e.plan.groups))}
	for i := range e.plan.devices {
		d := &e.plan.devices[i]
		weight := d.rowAt(e.whole.from).Subscribers
		b.weigh(d.members, weight)
		if secondsIn(d.service, e.period) > 0 {
			l := e.deviceLine(i)
			b.add(&l, d.members, weight)
		}
	}
	return append(b.rates(), b.composites()...)
}

// burning adds up groups in windows.
type burning struct {
	e       *evaluation
	windows []int64
	groups  []burnt // by group, then window
	weighs  []bool  // by group: something in it has a weight in the month
}

type burnt struct {
	Sums
	weighted WSums
}

func (b *burning) weigh(members []member, weight int64) {
	for _, m := range members {
		if weight > 0 && secondsIn(m.spans, b.e.whole) > 0 {
			b.weighs[m.group] = true
		}
	}
}

func (b *burning) add(l *line, members []member, weight int64) {
	for _, m := range members {
		for i := range b.windows {
			sum := &b.groups[int(m.group)*len(b.windows)+i]
			for _, s := range m.spans {
				if part := s.clip(b.window(i)); part.from < part.to {
					seen := l.sums(part)
					sum.merge(seen)
					sum.weighted.add(seen, weight)
				}
			}
		}
	}
}

func (b *burning) window(i int) span { return span{b.e.period.to - b.windows[i], b.e.period.to} }

func (b *burning) rates() []Burned {
	var out []Burned
	targets := &b.e.plan.inv.Targets
	for g, group := range b.e.plan.groups {
		target, test := targets.Availability[group.system].Target, targets.Tests(group.system)
		if target.Den == 0 || group.level != LevelDevice {
			continue
		}
		test.Weighted = test.Weighted && b.weighs[g]
		for i, seconds := range b.windows {
			one := Burned{Province: group.province, Level: group.level, System: group.system, Window: seconds}
			out = append(out, one.of(&b.groups[g*len(b.windows)+i], target, test))
		}
	}
	return out
}

// composites are the rates of composites; of capacity those of their Mbit/s.
func (b *burning) composites() []Burned {
	var out []Burned
	b.e.weave()
	for i := range b.e.plan.composites {
		c := &b.e.plan.composites[i]
		target := b.e.plan.inv.Targets.Composites[c.name]
		if target.Target.Den == 0 || secondsIn(c.service, b.e.period) == 0 {
			continue
		}
		made, last := &b.e.made[i], c.lastRow(b.e.period)
		l := line{base: made.base, service: c.service, windows: made.spared}
		for k, seconds := range b.windows {
			sum := burnt{l.sums(b.window(k)), b.e.carrying(c, b.window(k))}
			one := Burned{Province: last.Province, Level: LevelComposite, System: last.System, Composite: c.name, Window: seconds}
			out = append(out, one.of(&sum, target.Target, model.Test{Gross: target.Gross, Weighted: last.Rule == model.Capacity}))
		}
	}
	return out
}

// of is b with its sums and its rate.
func (b Burned) of(sum *burnt, target model.Ratio, test model.Test) Burned {
	s, w := sum.Sums, sum.weighted
	if test.Gross {
		s.Down += s.MaintDown
		w.Down = w.Down.Add(w.MaintDown)
	}
	b.Up, b.Down, b.Rate = s.Up, s.Down, Burn(target, s.Up, s.Down)
	if test.Weighted {
		b.Rate = burn(target, w.Up, w.Down)
	}
	return b
}
