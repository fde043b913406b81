package kpi

import (
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// What follows from the sums, seconds and samples: the published quotients, verdicts and ratios, and what is told
// beside them, by the words of the rules and in plain integers.
func checkVerdicts(t *rapid.T, o *oracleMonth, got MonthResult) {
	checkDevices(t, o, got)
	for i := range got.Availability {
		checkQuotients(t, o, &got.Availability[i])
	}
	for i := range got.Composites {
		checkStatus(t, o, &got.Composites[i])
	}
	checkLate(t, o, got)
}

// moreRules makes l0 international now and then, and has capacity composites judged.
func moreRules(t *rapid.T, inv *model.Inventory) {
	rule := inv.Targets.Congestion[model.Transport]
	rule.ThetaPerMille = 900
	inv.Targets.Congestion[model.International] = rule
	inv.Targets.N1PerMille = rapid.SampledFrom([]int{0, 300, 900}).Draw(t, "N-1")
	inv.Targets.MaxUnknownDay = ratio(1, 4)
	if rapid.Bool().Draw(t, "international") {
		for i := range inv.Links {
			if inv.Links[i].Name == "l0" {
				inv.Links[i].Class = model.International
			}
		}
	}
}

// is says whether a number is num/den, or none where den is 0.
func is(n Number, num, den int64) bool {
	if den == 0 || !n.Valid() {
		return den == 0 && !n.Valid()
	}
	return n.rat(1).Cmp(big.NewRat(num, den)) == 0
}

// instants are one of each stretch of the period in which the files say the same.
func (o *oracleMonth) instants() (out []int64) {
	for _, x := range o.stretches(o.w.start, o.w.end) {
		out = append(out, x.from)
	}
	return out
}

// unconfirmed counts the lonely failures of the period's days.
func (o *oracleMonth) unconfirmed(device string) (n int64) {
	for d := model.DayOf(o.w.start); d <= model.DayOf(o.w.end-1); d++ {
		n += int64(lonely(oneASecond(o.w.seen[model.Port{Device: device}]), d))
	}
	return n
}

func checkDevices(t *rapid.T, o *oracleMonth, got MonthResult) {
	for _, e := range got.Entities {
		if e.Level != LevelDevice {
			continue
		}
		if want, starts := o.unconfirmed(e.Name), o.restarts(e.Name); e.Unconfirmed != want || e.Restarts != starts {
			t.Fatalf("%s: %d failures unconfirmed, %d restarts; want %d, %d", e.Name, e.Unconfirmed, e.Restarts, want, starts)
		}
		row := o.lastRowOf(e.Name)
		if row == nil {
			continue
		}
		province := row.Province
		if row.System == "vn2" {
			province = ""
		}
		if e.Province != province || e.System != row.System || e.Weight != o.weight(LevelDevice, e.Name) {
			t.Fatalf("%s: %q %s, weight %d; want %q %s, %d", e.Name, e.Province, e.System, e.Weight, province, row.System, o.weight(LevelDevice, e.Name))
		}
	}
}

// lastRowOf is the last row of a device within the period, nil if it has none there.
func (o *oracleMonth) lastRowOf(name string) (row *model.Device) {
	for _, at := range o.instants() {
		if r := o.rowOf(name, at); r != nil {
			row = r
		}
	}
	return row
}

func checkQuotients(t *rapid.T, o *oracleMonth, a *Availability) {
	up, down, unknown, planned := a.Sums.Up, a.Sums.Down, a.Sums.Unknown, a.Sums.MaintDown
	w := [4]int64{int64(a.Weighted.Up.Lo), int64(a.Weighted.Down.Lo), int64(a.Weighted.Unknown.Lo), int64(a.Weighted.MaintDown.Lo)}
	good := is(a.Net, up, up+down) && is(a.Gross, up, up+down+planned) && is(a.Lo, up, up+down+unknown) && is(a.Hi, up+unknown, up+down+unknown) &&
		is(a.UnknownShare, unknown, up+down+unknown) && is(a.MTTR, down, a.Sums.Outages) && is(a.MTBO, up, a.Sums.Outages)
	weighted := is(a.WNet, w[0], w[0]+w[1]) && is(a.WGross, w[0], w[0]+w[1]+w[3]) && is(a.WLo, w[0], w[0]+w[1]+w[2]) &&
		is(a.WHi, w[0]+w[2], w[0]+w[1]+w[2]) && is(a.WUnknownShare, w[2], w[0]+w[1]+w[2])
	if !good || !weighted {
		t.Fatalf("%q %s%s: quotients of %+v and %v: %+v", a.Province, a.System, a.Class, a.Sums, w, a)
	}
	lonely, starts := int64(0), int64(0)
	for _, name := range []string{"d0", "d1", "d2"} {
		in := func(at int64) bool {
			return slices.Contains(o.groupsAt(LevelDevice, name, at), group{province: a.Province, level: a.Level, system: a.System})
		}
		if slices.ContainsFunc(o.instants(), in) {
			lonely, starts = lonely+o.unconfirmed(name), starts+o.restarts(name)
		}
	}
	if a.Province == UnknownProvince {
		lonely, starts = o.unconfirmed("stranger"), o.restarts("stranger")
	}
	if a.Unconfirmed != lonely || a.Restarts != starts {
		t.Fatalf("%q %s: %d failures unconfirmed, %d restarts; want %d, %d", a.Province, a.System, a.Unconfirmed, a.Restarts, lonely, starts)
	}
	if target := o.w.inv.Targets.Availability[a.System]; a.Level == LevelDevice && target.Target.Den > 0 && a.Province != UnknownProvince {
		o.tested(o.groups[group{a.Province, a.Level, a.System, ""}], target).check(t, a.Province+" "+string(a.System), a)
	}
}

// checkStatus judges a composite: one of capacity by its Mbit/s.
func checkStatus(t *rapid.T, o *oracleMonth, c *Composite) {
	up, down, unknown, planned := c.Sums.Up, c.Sums.Down, c.Sums.Unknown, c.Sums.MaintDown
	if c.Rule == model.Capacity {
		up, down, unknown, planned = int64(c.Weighted.Up.Lo), int64(c.Weighted.Down.Lo), int64(c.Weighted.Unknown.Lo), int64(c.Weighted.MaintDown.Lo)
	}
	if !is(c.Net, up, up+down) || !is(c.Gross, up, up+down+planned) || !is(c.Lo, up, up+down+unknown) || !is(c.Hi, up+unknown, up+down+unknown) {
		t.Fatalf("%s %s: quotients of %+v: %+v", c.Name, c.Rule, c.Sums, c)
	}
	target, limit := o.w.inv.Targets.Composites[c.Name], o.w.inv.Targets.MaxUnknownMonth
	if o.w.day {
		limit = o.w.inv.Targets.MaxUnknownDay
	}
	if target.Gross {
		down += planned
	}
	all := up + unknown + c.downOf()
	status, meets := OK, false
	switch {
	case up+down == 0:
		status = NoData
	case unknown*limit.Den > limit.Num*all:
		status = Insufficient
	case target.Target.Den == 0:
		status = NoTarget
	default:
		meets = up*target.Target.Den >= target.Target.Num*(up+down)
	}
	if c.Status != status || c.Meets != meets {
		t.Fatalf("%s %s: %s, meets %v; want %s, %v: %+v", c.Name, c.Rule, c.Status, c.Meets, status, meets, c)
	}
	if target.Target.Den > 0 && c.Rule != model.Capacity {
		tested{up: up, down: down, expected: c.Expected}.check(t, c.Name, &c.Availability)
	}
	if m := c.Capacity; m != nil {
		checkNMinusOne(t, o, m)
	}
}

// downOf are the seconds outside windows that the unknown share is of.
func (c *Composite) downOf() int64 {
	if c.Rule == model.Capacity {
		return int64(c.Weighted.Down.Lo)
	}
	return c.Sums.Down
}

func checkNMinusOne(t *rapid.T, o *oracleMonth, m *CapacityMonth) {
	theta := int64(o.w.inv.Targets.N1PerMille)
	least := o.w.inv.Targets.Congestion[model.International].MinCoverage
	slots := int64(min(m.In.Slots, m.Out.Slots))
	status, congested := OK, false
	switch {
	case m.In.Slots == 0 && m.Out.Slots == 0:
		status = NoData
	case slots*least.Den < least.Num*int64(m.Expected):
		status = Insufficient
	case theta == 0:
		status = NoTarget
	default:
		for _, p := range []PeakLoad{m.In, m.Out} {
			left := p.Mbps - p.Largest
			congested = congested || left > 0 && p.Kbps >= theta*left // kbit/s of Mbit/s are per mille
			if !is(p.Util, p.Kbps, p.Mbps*1000) || !is(p.N1, p.Kbps, left*1000) {
				t.Fatalf("%+v", p)
			}
		}
	}
	if m.Status != status || m.Congested != congested || !is(m.Coverage, slots, int64(m.Expected)) {
		t.Fatalf("N-1: %s, congested %v; want %s, %v: %+v", m.Status, m.Congested, status, congested, m)
	}
}

func checkLate(t *rapid.T, o *oracleMonth, got MonthResult) {
	var want []string
	for _, w := range o.w.inv.Windows {
		if w.ApprovedAt >= w.Start && w.Start < o.w.end && w.End > o.w.start {
			want = append(want, w.ID)
		}
	}
	var ids []string
	for _, w := range got.LateWindows {
		ids = append(ids, w.ID)
	}
	if !slices.Equal(ids, want) {
		t.Fatalf("windows approved too late %v, want %v", ids, want)
	}
}

// congestionOracle counts links by group: in scope, evaluated, congested, not evaluated, Mbit/s evaluated and congested.
type congestionOracle struct {
	o      *oracleMonth
	groups map[group]*[6]int64
}

func (c *congestionOracle) link(t *rapid.T, name string, x *oracleLink, got MonthResult) {
	o := c.o
	groups, class := []group(nil), model.LinkClass("")
	for _, at := range o.instants() {
		for _, g := range o.linkGroupsAt(name, at) {
			class = g.class
			if !slices.Contains(groups, g) {
				groups = append(groups, g)
			}
		}
	}
	if len(groups) == 0 {
		return
	}
	l := got.Links[slices.IndexFunc(got.Links, func(l LinkMonth) bool { return l.Link == name })]
	mbps := c.capacity(name)
	slots := int64(min(len(x.samples[0]), len(x.samples[1])))
	if l.CapacityMbps != mbps || l.Class != class || !is(l.Coverage, slots, int64(x.expected)) || l.P95 != max(x.p95(0), x.p95(1)) || len(l.Provinces) != len(groups)-1 {
		t.Fatalf("%s: %d Mbit/s, %s, coverage %s, P95 %d, %v; want %d, %s, %d of %d, %d, %v", name, l.CapacityMbps, l.Class, l.Coverage.Format(6), l.P95, l.Provinces, mbps, class, slots, x.expected, max(x.p95(0), x.p95(1)), groups)
	}
	for dir, d := range []DirMonth{l.In, l.Out} {
		x.checkDirection(t, name, dir, d, o.w)
	}
	evaluated, congested, inScope := c.verdict(name, class, x, slots)
	if !inScope {
		mbps = 0
	}
	for _, g := range groups {
		if c.groups[g] == nil {
			c.groups[g] = &[6]int64{}
		}
		n := c.groups[g]
		n[0] += one(inScope)
		n[1] += one(evaluated)
		n[2] += one(congested)
		n[3] += one(inScope && !evaluated)
		n[4] += mbps * one(evaluated)
		n[5] += mbps * one(congested)
	}
}

func one(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// checkDirection looks for the greatest sample and the mean of the busy hour.
func (x *oracleLink) checkDirection(t *rapid.T, name string, dir int, d DirMonth, w *world) {
	most := -1
	for _, u := range x.samples[dir] {
		most = max(most, u)
	}
	sum, n := int64(0), int64(0)
	for hour, u := range x.hours[dir] {
		day := w.month.First() + model.Day(hour/24)
		weekday := day.Time().Weekday()
		if hour%24 == int64(d.BusyHour) && len(u) >= 9 && weekday != 0 && weekday != 6 && !slices.Contains(w.inv.Holidays, day) {
			sum, n = sum+total(u), n+int64(len(u))
		}
	}
	if d.Max != int32(most) || !is(d.BusyMean, sum, n) {
		t.Fatalf("%s, direction %d: at most %d, mean of %d:00 %s; want %d, %d/%d", name, dir, d.Max, d.BusyHour, d.BusyMean.Format(3), most, sum, n)
	}
}

// capacity is the inventory's of the month's start or of the first row after that names one, else the last speed
// that was read of a port on a day on which the link was measured there.
func (c *congestionOracle) capacity(name string) int64 {
	o := c.o
	if mbps := o.weight(LevelLink, name); mbps > 0 {
		return mbps
	}
	mbps := int64(0)
	for d := o.w.month.First(); d <= model.DayOf(o.w.end-1); d++ {
		for _, l := range o.w.inv.Links {
			if l.Name == name && l.From < d.End() && l.To > d.Start() {
				if speed := o.speedAt(oracleReadings(o.w.counts[l.A]), d.End()-300); speed > 0 {
					mbps = speed
				}
			}
		}
	}
	return mbps
}

func (c *congestionOracle) verdict(name string, class model.LinkClass, x *oracleLink, slots int64) (evaluated, congested, inScope bool) {
	o, rule := c.o, c.o.w.inv.Targets.Congestion[class]
	period, whole := o.w.end-o.w.start, o.w.month.End()-o.w.month.Start()
	inScope = (period-o.sums[name].Excluded)*whole >= 15*daySeconds*period
	evaluated = inScope && x.expected > 0 && slots*rule.MinCoverage.Den >= int64(x.expected)*rule.MinCoverage.Num
	drops := rule.DropDays > 0 && int(x.dropDays(1000)) >= rule.DropDays
	congested = evaluated && (int(max(x.p95(0), x.p95(1))) >= rule.ThetaPerMille || drops)
	return evaluated, congested, inScope
}

func (c *congestionOracle) check(t *rapid.T, got MonthResult) {
	if len(got.Congestion) != len(c.groups) {
		t.Fatalf("%d groups of links, want %d: %+v", len(got.Congestion), len(c.groups), got.Congestion)
	}
	for _, g := range got.Congestion {
		n := c.groups[group{province: g.Province, level: LevelLink, class: g.Class}]
		if n == nil {
			t.Fatalf("unexpected ratio of %q %s", g.Province, g.Class)
		}
		counts := [6]int64{int64(g.Links), int64(g.Evaluated), int64(g.Congested), int64(g.NotEvaluated), g.CapEvaluated, g.CapCongested}
		if counts != *n {
			t.Fatalf("%q %s: %v, want %v", g.Province, g.Class, counts, *n)
		}
		status, meets, warns := OK, 100*n[2] < 3*n[1], n[4] > 0 && 100*n[5] >= 3*n[4]
		if n[1] == 0 {
			status, meets, warns = NoData, false, false
		}
		if !is(g.Ratio, n[2], n[1]) || !is(g.CapRatio, n[5], n[4]) || g.Status != status || g.Meets != meets || g.CapWarn != warns {
			t.Fatalf("%q %s: %+v; want %v, %s, meets %v, warns %v", g.Province, g.Class, g, *n, status, meets, warns)
		}
	}
}
