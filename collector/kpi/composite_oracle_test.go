package kpi

import (
	"cmp"
	"slices"

	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	diff "github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/model"
)

// oracleComposite is a composite's month, second by second.
type oracleComposite struct {
	line     []second
	degraded []bool
	weighted [4]int64    // capacity: up, down, unknown, down in windows; seconds by Mbit/s
	burnt    [3][4]int64 // the same of the windows of burn rates
}

func checkComposites(t *rapid.T, o *oracleMonth, got MonthResult) {
	links := map[string][]second{"l0": o.link("l0"), "l1": o.link("l1")}
	o.made = map[string]*oracleComposite{}
	made := o.made
	for _, name := range []string{"c0", "c1", "c2"} {
		made[name] = o.composite(name, links, made)
	}
	for _, c := range got.Composites {
		want := made[c.Name]
		var sums Sums
		degraded := int64(0)
		for i := o.w.start - o.from; i < o.w.end-o.from; i++ {
			sums.tick(want.line[i])
			if want.degraded[i] {
				degraded++
			}
		}
		outages := o.outagesOf(o.compositeThing(c.Name), want.line)
		for _, x := range outages {
			switch {
			case x.Counted:
				sums.Outages++
			case x.From >= o.w.start:
				sums.Flaps++
			}
		}
		if end := o.w.end - 1 - o.from; c.Last != want.line[end].final || c.Unprotected != want.degraded[end] {
			t.Fatalf("%s ends %s, unprotected %v; want %s, %v", c.Name, c.Last, c.Unprotected, want.line[end].final, want.degraded[end])
		}
		if d := diff.Diff(sums, c.Sums); d != "" || c.Degraded != degraded {
			t.Fatalf("%s %s: degraded %d, want %d (-want +got):\n%s", c.Name, c.Rule, c.Degraded, degraded, d)
		}
		if d := diff.Diff(outages, c.Outages, cmpopts.EquateEmpty()); d != "" {
			t.Fatalf("%s: outages (-want +got):\n%s", c.Name, d)
		}
		o.checkLosses(t, c, want, o.linesOf(links, made))
		w := WSums{Int(want.weighted[0]), Int(want.weighted[1]), Int(want.weighted[2]), Int(want.weighted[3])}
		if c.Weighted != w {
			t.Fatalf("%s: weighted %v, want %v", c.Name, c.Weighted, w)
		}
		if c.Name == "c2" && !o.w.day {
			o.checkCapacity(t, c, links)
		}
	}
}

// rowAt is the composite's row at t.
func (o *oracleMonth) compositeRow(name string, t int64) *model.Composite {
	for i := range o.w.inv.Composites {
		if c := &o.w.inv.Composites[i]; c.Name == name && c.From <= t && t < c.To {
			return c
		}
	}
	return nil
}

func (o *oracleMonth) composite(name string, links map[string][]second, made map[string]*oracleComposite) *oracleComposite {
	n := o.to - o.from
	out := &oracleComposite{line: make([]second, n), degraded: make([]bool, n)}
	for _, x := range o.stretches(o.from, o.to) {
		c := o.compositeRow(name, x.from)
		own := c != nil && len(o.ownWindows(c, x.from)) > 0
		var before, members []second
		lines := o.memberLines(c, links, made)
		for t := x.from; t < x.to; t++ {
			i := t - o.from
			switch {
			case c == nil:
				out.line[i] = second{out: true}
			case t < (model.DayOf(o.w.start) - 1).Start(): // before all that the engine looks at
			default:
				before, members = members, membersAt(before[:0], lines, i, own)
				if slices.Equal(before, members) {
					out.line[i], out.degraded[i] = out.line[i-1], out.degraded[i-1]
				} else {
					out.line[i], out.degraded[i] = ruled(c, members)
				}
				if t < o.w.end {
					out.weigh(c, members, o, t)
				}
			}
			out.line[i].decide()
		}
	}
	return out
}

// memberLines are the members' seconds; nil for one that nobody knows.
func (o *oracleMonth) memberLines(c *model.Composite, links map[string][]second, made map[string]*oracleComposite) [][]second {
	if c == nil {
		return nil
	}
	var out [][]second
	for _, m := range c.Members {
		switch m.Kind {
		case model.ScopeDevice:
			out = append(out, o.devices[m.Key])
		case model.ScopeLink:
			out = append(out, links[m.Key])
		default:
			out = append(out, made[m.Key].line)
		}
	}
	return out
}

// membersAt are what the members are in second i; a window on the composite is one on each of them.
func membersAt(out []second, lines [][]second, i int64, own bool) []second {
	for _, line := range lines {
		s := second{base: Unknown, final: Unknown}
		if line != nil {
			s = line[i]
		}
		if own {
			s.planned = true
			s.decide()
		}
		out = append(out, s)
	}
	return out
}

// ruled is the composite's second by the words of its rule.
func ruled(c *model.Composite, members []second) (second, bool) {
	var in []second
	for _, m := range members {
		if m.final != Excluded {
			in = append(in, m)
		}
	}
	if len(in) == 0 {
		return second{base: Excluded}, false
	}
	asSeen, spared := make([]State, len(in)), make([]State, len(in))
	ups, gone := 0, 0
	for i, m := range in {
		asSeen[i], spared[i] = m.base, m.base
		if m.planned {
			spared[i] = Up
		}
		if m.base == Up {
			ups++
		}
		if m.final == Down || m.final == Maint {
			gone++
		}
	}
	now := byRule(c, asSeen)
	degraded := false
	switch c.Rule {
	case model.Ring:
		degraded = len(in) > 1 && gone == 1 && ups == len(in)-1
	case model.Parallel:
		degraded = ups == 1 && gone > 0 && gone == len(in)-1
	case model.KofN:
		degraded = ups == min(c.Need, len(in)) && gone > 0 && ups+gone == len(in)
	case model.Capacity:
		degraded = gone > 0
	}
	return second{base: now, planned: now != Up && byRule(c, spared) == Up}, now == Up && degraded
}

func byRule(c *model.Composite, in []State) State {
	count := map[State]int{}
	for _, s := range in {
		count[s]++
	}
	up, down, n := count[Up], count[Down], len(in)
	decide := func(isUp, isDown bool) State {
		switch {
		case isUp:
			return Up
		case isDown:
			return Down
		}
		return Unknown
	}
	switch {
	case c.Rule == model.Series, n == 1:
		return decide(up == n, down > 0)
	case c.Rule == model.KofN:
		k := min(c.Need, n)
		return decide(up >= k, down > n-k)
	case c.Rule == model.Ring:
		return decide(n-up <= 1, down >= 2)
	}
	return decide(up > 0, down == n)
}

func (x *oracleComposite) weigh(c *model.Composite, members []second, o *oracleMonth, t int64) {
	for i := 0; i < len(members) && c.Rule == model.Capacity; i++ {
		mbps := c.Members[i].CapacityMbps
		if mbps == 0 && c.Members[i].Kind == model.ScopeLink {
			mbps = o.weight(LevelLink, c.Members[i].Key)
		}
		var s Sums
		s.tick(members[i])
		for k, n := range [...]int64{s.Up, s.Down, s.Unknown, s.MaintDown} {
			if t >= o.w.start {
				x.weighted[k] += n * mbps
			}
			for i, seconds := range o.windows {
				if t >= o.w.end-seconds {
					x.burnt[i][k] += n * mbps
				}
			}
		}
	}
}

// checkCapacity adds up the cables' slots one by one.
func (o *oracleMonth) checkCapacity(t *rapid.T, c Composite, links map[string][]second) {
	row := o.compositeRow(c.Name, o.w.start)
	readings := map[model.Port][]Counters{}
	for p, r := range o.w.counts {
		readings[p] = oracleReadings(r)
	}
	var want CapacityMonth
	for s := o.w.start; s+300 <= o.w.end; s += 300 {
		peak := [2]PeakLoad{{Slots: 1, At: s}, {Slots: 1, At: s}}
		for _, m := range row.Members {
			o.cable(m, s, links[m.Key], readings, &peak)
		}
		if peak[0].Mbps == 0 {
			continue
		}
		want.Expected++
		for dir, best := range []*PeakLoad{&want.In, &want.Out} {
			if peak[dir].Slots == 0 {
				continue
			}
			slots := best.Slots + 1
			if best.At == 0 || peak[dir].Kbps > best.Kbps {
				*best = peak[dir]
			}
			best.Slots = slots
		}
	}
	if c.Capacity == nil {
		c.Capacity = &CapacityMonth{}
	}
	ignore := cmpopts.IgnoreFields(PeakLoad{}, "Util", "N1")
	if d := diff.Diff(want, CapacityMonth{In: c.Capacity.In, Out: c.Capacity.Out, Expected: c.Capacity.Expected}, ignore); d != "" {
		t.Fatalf("%s: capacity (-want +got):\n%s", c.Name, d)
	}
}

// cable adds one cable's slot to both directions; without a sample the slot is no use.
func (o *oracleMonth) cable(m model.CompositeMember, s int64, line []second, readings map[model.Port][]Counters, peak *[2]PeakLoad) {
	excluded, void, down := 0, 0, 0
	for t := s; t < s+300; t++ {
		sec := line[t-o.from]
		if sec.final == Excluded {
			excluded++
		}
		if sec.final == Excluded || sec.planned {
			void++
		}
		if sec.base == Down {
			down++
		}
	}
	if excluded > 150 {
		return
	}
	l := o.linkRow(m.Key, s)
	for dir, octets := range []func(*Counters) uint64{inOctets, outOctets} {
		u, rate := o.sample(l, s, down > 150, octets, readings)
		p := &peak[dir]
		mbps := m.CapacityMbps
		if mbps == 0 && l != nil {
			mbps = cmp.Or(l.CapacityMbps, o.speedThen(l.A, readings[l.A], s))
		}
		p.Mbps += mbps
		p.Largest = max(p.Largest, mbps)
		if u < 0 || void > 150 {
			p.Slots = 0
		}
		one := CableLoad{Link: m.Key, Mbps: mbps}
		if rate != NoRate {
			one.Kbps = int64(rate)
		}
		p.Kbps += one.Kbps
		p.Cables = append(p.Cables, one)
		slices.SortFunc(p.Cables, func(a, b CableLoad) int { return cmp.Compare(a.Link, b.Link) })
	}
}

// speedThen is the speed at the slot's end, or the first one seen later on its local day.
func (o *oracleMonth) speedThen(p model.Port, readings []Counters, s int64) int64 {
	key := portAt{p, s}
	speed, known := o.speeds[key]
	for at, end := s, model.DayOf(s).End(); !known && speed == 0 && at < end; at += 300 {
		speed = o.speedAt(readings, at)
	}
	o.speeds[key] = speed
	return speed
}

type portAt struct {
	port model.Port
	at   int64
}
