package kpi

import (
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

func (o *oracleMonth) linkRow(name string, t int64) *model.Link {
	for i := range o.w.inv.Links {
		if l := &o.w.inv.Links[i]; l.Name == name && l.From <= t && t < l.To {
			return l
		}
	}
	return nil
}

func (o *oracleMonth) linkGroupsAt(name string, t int64) []group {
	l := o.linkRow(name, t)
	if l == nil {
		return nil
	}
	out := []group{{level: LevelLink, class: l.Class}}
	for _, end := range []model.Port{l.A, l.B} {
		row := o.rowOf(end.Device, t)
		if row == nil || row.System == "vn2" {
			continue
		}
		if g := (group{province: row.Province, level: LevelLink, class: l.Class}); !slices.Contains(out, g) {
			out = append(out, g)
		}
	}
	return out
}

// link is the link's time line, second by second.
func (o *oracleMonth) link(name string) []second {
	if o.links[name] != nil {
		return o.links[name]
	}
	out := make([]second, o.to-o.from)
	o.links[name] = out
	for _, x := range o.stretches(o.from, o.to) {
		l, planned := o.linkRow(name, x.from), len(o.linkWindows(name, x.from)) > 0
		var a, b *oracleLine
		if l != nil {
			a, b = o.ports[l.A], o.ports[l.B]
		}
		members := o.membersOf(l)
		for t := x.from; t < x.to; t++ {
			out[t-o.from] = second{base: o.aggregate(l, members, o.linkState(a, b, t), t), out: l == nil, planned: planned}
			out[t-o.from].decide()
		}
	}
	return out
}

// aggregate is what the link's state comes to with what the members of its A port say.
func (o *oracleMonth) aggregate(l *model.Link, members []*oracleLine, s State, t int64) State {
	if l == nil || l.LAG == nil || t < (model.DayOf(o.w.start)-1).Start() {
		return s
	}
	var n [Excluded + 1]int
	for _, m := range members {
		n[m.at(t)]++
	}
	switch all := len(members); {
	case s == Excluded || n[Excluded] == all:
		return Excluded
	case s == Down || n[Up]+n[Unknown] < l.LAG.MinLinks:
		return Down
	case s == Up || n[Up] >= l.LAG.MinLinks:
		return Up
	}
	return Unknown
}

// membersOf are the members of a link's aggregate, if it is one.
func (o *oracleMonth) membersOf(l *model.Link) (out []*oracleLine) {
	if l == nil || l.LAG == nil {
		return nil
	}
	for _, m := range l.LAG.Members {
		out = append(out, o.ports[model.Port{Device: l.A.Device, IfName: m}])
	}
	return out
}

// active is how many members may be active at t.
func (o *oracleMonth) active(l *model.Link, t int64) (n int64) {
	for _, m := range o.membersOf(l) {
		if s := m.at(t); s == Up || s == Unknown {
			n++
		}
	}
	return n
}

// linkState joins the ends. Of the time before the day before the period, all that is known
// of a port is since when it has been DOWN.
func (o *oracleMonth) linkState(a, b *oracleLine, t int64) State {
	is := func(s State) bool { return a != nil && a.at(t) == s || b != nil && b.at(t) == s }
	if known := (model.DayOf(o.w.start) - 1).Start(); t < known {
		if a != nil && a.lasting(known, t) || b != nil && b.lasting(known, t) {
			return Down
		}
		return Unknown
	}
	switch {
	case is(Excluded):
		return Excluded
	case is(Down):
		return Down
	case is(Up):
		return Up
	}
	return Unknown
}

// oracleLink is a link's month by the book: every sample kept.
type oracleLink struct {
	expected int32
	samples  [2][]int // per mille: in, out
	suspect  [2]int32
	hours    [2]map[int64][]int // by hour since the month's start
	drops    map[hourOfPort][2]uint64
}

// hourOfPort counts hours since the month's start.
type hourOfPort struct {
	hour int64
	port model.Port
}

func (o *oracleMonth) traffic(name string, line []second) *oracleLink {
	x := &oracleLink{hours: [2]map[int64][]int{{}, {}}, drops: map[hourOfPort][2]uint64{}}
	readings := map[model.Port][]Counters{}
	for p, r := range o.w.counts {
		readings[p] = oracleReadings(r)
	}
	start := o.w.month.Start()
	for s := start; s+300 <= o.w.end; s += 300 {
		void, down := 0, 0
		for t := s; t < s+300; t++ {
			sec := line[t-o.from]
			if sec.out || sec.base == Excluded || sec.planned {
				void++
			}
			if sec.base == Down {
				down++
			}
		}
		if void > 150 {
			continue
		}
		x.expected++
		o.slot(x, name, s, down > 150, readings)
	}
	return x
}

func (o *oracleMonth) slot(x *oracleLink, name string, s int64, down bool, readings map[model.Port][]Counters) {
	l := o.linkRow(name, s)
	hour := (s - o.w.month.Start()) / 3600
	for dir, octets := range []func(*Counters) uint64{inOctets, outOctets} {
		u, rate := o.sample(l, s, down, octets, readings)
		if u == tooMuch {
			x.suspect[dir]++
		}
		if u < 0 {
			continue
		}
		x.samples[dir] = append(x.samples[dir], u)
		x.hours[dir][hour] = append(x.hours[dir][hour], u)
		if dir == 1 && rate != NoRate {
			a, b := lastAt(readings[l.A], s), lastAt(readings[l.A], s+300)
			pkts, ok1 := oracleAdvance(a, a.OutPkts, b.OutPkts)
			lost, ok2 := oracleAdvance(a, a.OutDiscards, b.OutDiscards)
			if a.Has&b.Has&HasPackets != 0 && ok1 && ok2 {
				key := hourOfPort{hour, l.A}
				x.drops[key] = [2]uint64{x.drops[key][0] + pkts, x.drops[key][1] + lost}
			}
		}
	}
}

// resets are those of the ports on the days on which the link is measured there.
func (o *oracleMonth) resets(name string) (n int32) {
	for d := o.w.month.First(); d <= model.DayOf(o.w.end-1); d++ {
		at := map[model.Port]bool{}
		for _, l := range o.w.inv.Links {
			if l.Name == name && l.From < d.End() && l.To > d.Start() && !at[l.A] {
				at[l.A] = true
				n += int32(oracleResets(oracleReadings(o.w.counts[l.A]), d))
			}
		}
	}
	return n
}

// The samples that are none.
const (
	noSample = -1
	tooMuch  = -2
)

// sample is a direction's utilisation in a slot in per mille, and the rate it was made of, if any.
func (o *oracleMonth) sample(l *model.Link, s int64, down bool, octets func(*Counters) uint64, readings map[model.Port][]Counters) (int, uint32) {
	rate, capacity := uint32(NoRate), int64(0)
	if l != nil {
		rate = oracleRate(readings[l.A], s, octets)
		capacity = max(l.CapacityMbps, 0)
		if l.LAG != nil && l.Covers(s+299) {
			capacity = capacity * o.active(l, s+299) / int64(len(l.LAG.Members))
		}
		if l.CapacityMbps == 0 {
			capacity = o.speedAt(readings[l.A], s)
		}
	}
	switch {
	case rate != NoRate && capacity > 0 && int64(rate)*1000/(capacity*1000) > 1050:
		return tooMuch, rate
	case rate != NoRate && capacity > 0:
		return int(int64(rate) * 1000 / (capacity * 1000)), rate
	case down:
		return 0, rate
	}
	return noSample, rate
}

// oracleAdvance is how far a packet counter went; a fall is a wrap of a 32-bit one, if at most half
// its range.
func oracleAdvance(a *Counters, from, to uint64) (uint64, bool) {
	if to >= from {
		return to - from, true
	}
	n := to + 1<<32 - from
	return n, a.Has&Is32Bit != 0 && from < 1<<32 && n <= 1<<31
}

// speedAt is the last speed known on the slot's local day, at the slot's end.
func (o *oracleMonth) speedAt(readings []Counters, s int64) int64 {
	day := model.DayOf(s).Start()
	speed := int64(0)
	for b := day + 300; b <= s+300; b += 300 {
		if r := lastAt(readings, b); r != nil && r.Time > (b-300)*1e9 && r.SpeedMbps > 0 {
			speed = int64(r.SpeedMbps)
		}
	}
	return speed
}

// p95 by sorting everything.
func (x *oracleLink) p95(dir int) int32 {
	v := slices.Clone(x.samples[dir])
	slices.Sort(v)
	if len(v) == 0 {
		return -1
	}
	rank := (95*len(v) + 99) / 100
	return int32(v[rank-1])
}

func total(v []int) (n int64) {
	for _, u := range v {
		n += int64(u)
	}
	return n
}

// busyHour pools the slots of the working days' hours that have at least 9.
func (x *oracleLink) busyHour(dir int, w *world) int8 {
	best, hour := -1.0, int8(-1)
	for h := int64(0); h < 24; h++ {
		var pool []int
		for d := int64(0); d < 31; d++ {
			day := w.month.First() + model.Day(d)
			wd := day.Time().Weekday()
			if wd == 0 || wd == 6 || slices.Contains(w.inv.Holidays, day) {
				continue
			}
			if v := x.hours[dir][d*24+h]; len(v) >= 9 {
				pool = append(pool, v...)
			}
		}
		if len(pool) == 0 {
			continue
		}
		if mean := float64(total(pool)) / float64(len(pool)); mean > best {
			best, hour = mean, int8(h)
		}
	}
	return hour
}

func (x *oracleLink) congestedHours(theta int64) int32 {
	n := int32(0)
	for h := int64(0); h < 31*24; h++ {
		for dir := range 2 {
			if v := x.hours[dir][h]; len(v) >= 9 && total(v) >= theta*int64(len(v)) {
				n++
				break
			}
		}
	}
	return n
}

// dropDays counts the days whose busy hour (out) dropped more than limit in a million.
func (x *oracleLink) dropDays(limit float64) int32 {
	n := int32(0)
	for d := int64(0); d < 31; d++ {
		best, busy := -1.0, int64(-1)
		for h := d * 24; h < d*24+24; h++ {
			if v := x.hours[1][h]; len(v) >= 9 {
				if mean := float64(total(v)) / float64(len(v)); mean > best {
					best, busy = mean, h
				}
			}
		}
		if busy < 0 {
			continue
		}
		for key, c := range x.drops {
			if key.hour == busy && float64(c[1])*1e6 > limit*float64(c[0]+c[1]) {
				n++
				break
			}
		}
	}
	return n
}
