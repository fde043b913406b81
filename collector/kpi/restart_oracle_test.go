package kpi

import (
	"cmp"
	"slices"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// uptime is one reading: at that second the entity had been up for so many centiseconds, modulo 2^32.
type uptime struct {
	at int64
	cs uint64
}

// uptimeTurns is after how many seconds a 32-bit counter of centiseconds begins anew.
const uptimeTurns = 42_949_672

// anyUptimes are what the good polls of an entity tell that starts now and then. No start lies so near another, the
// counter's turn or a poll that a clock a second or two off would make one thing of two.
func anyUptimes(t *rapid.T, polls []seen, from, to model.Day) (out []uptime) {
	polls = oneASecond(polls)
	old := from.Start() - rapid.SampledFrom([]int64{5000, uptimeTurns - 200_000, uptimeTurns - 300_000}).Draw(t, "up since")
	starts := []int64{old}
	begins := from.Start()
	if rapid.Bool().Draw(t, "turns first") {
		begins = max(begins, old+uptimeTurns)
	}
	for at := begins; len(starts) < 6; {
		if at += rapid.Int64Range(200, 90_000).Draw(t, "starts after"); at >= to.Start() {
			break
		}
		unclear := func(o seen) bool { return abs(o.at-at) <= 3 }
		if len(starts) == 1 && abs(at-old-uptimeTurns) <= 200 || slices.ContainsFunc(polls, unclear) {
			continue
		}
		starts = append(starts, at)
	}
	for i, start := range append(starts, to.Start())[:len(starts)] {
		until := append(starts, to.Start())[i+1]
		good := slices.DeleteFunc(slices.Clone(polls), func(o seen) bool {
			late := i > 0 && o.at > start+80_000 // what nobody asks for until the day after next
			return o.obs != ObsUp || o.at < start+3 || o.at >= until || late
		})
		out = append(out, toldBy(t, good, start, i == 0)...)
	}
	return out
}

// toldBy are readings at some of the good polls; those of the first start begin with the first poll.
func toldBy(t *rapid.T, good []seen, start int64, first bool) (out []uptime) {
	if len(good) == 0 {
		return nil
	}
	times := rapid.SliceOfN(rapid.SampledFrom(good), 0, 3).Draw(t, "told at")
	if first {
		times = append(times, good[0])
	}
	for _, o := range times {
		up := (o.at-start+rapid.Int64Range(-1, 1).Draw(t, "clock off"))*100 + rapid.Int64Range(0, 99).Draw(t, "cs")
		out = append(out, uptime{o.at, uint64(up) % (1 << 32)})
	}
	return out
}

// restarts counts the starts told on days of the period that lie between two good polls, without those of which an
// earlier one is just as long ago as the counter takes to turn.
func (o *oracleMonth) restarts(device string) (n int64) {
	var starts []int64
	for _, u := range o.w.uptimes[device] {
		starts = append(starts, u.at-int64(u.cs)/100)
	}
	slices.Sort(starts)
	first, last := model.DayOf(o.w.start), model.DayOf(o.w.end-1)
	for i, at := range starts {
		if i > 0 && at-starts[i-1] <= 60 {
			continue // told before
		}
		turned := slices.ContainsFunc(starts, func(old int64) bool { return abs(at-old-uptimeTurns) <= 60 })
		day := model.DayOf(at)
		if !turned && day >= first && day <= last && o.goodAround(device, at) {
			n++
		}
	}
	return n
}

// goodAround says that the polls before and after t were answered.
func (o *oracleMonth) goodAround(device string, t int64) bool {
	before, after := ObsUnknown, ObsUnknown
	for _, p := range oneASecond(o.w.seen[model.Port{Device: device}]) {
		if p.at < t {
			before = p.obs
		} else {
			after = p.obs
			break
		}
	}
	return before == ObsUp && after == ObsUp
}

// anyMethods has devices reached in one or two ways, and tell when they started.
func (w *world) anyMethods(t *rapid.T) {
	w.primary = rapid.SampledFrom([]string{"", "icmp", "snmp"}).Draw(t, "primary")
	for i := range w.inv.Devices {
		w.inv.Devices[i].PrimaryMethod = w.primary
	}
	for _, d := range []string{"d0", "d1", "d2", "stranger"} {
		w.uptimes[d] = anyUptimes(t, w.seen[model.Port{Device: d}], w.from, w.to)
		if d != "stranger" && rapid.Bool().Draw(t, "another method") {
			w.advisory[d] = []seen{{w.from.Start() + 9, ObsUp, 300}, {w.from.Start() + 70_000, ObsDownNow, 3600}, {w.month.Start() + 9, ObsUp, 300}, {w.month.Start() + 40_009, ObsUp, 3600}}
		}
	}
}

// methods are how an entity is reached, in order.
func (w *world) methods(key model.Port) []string {
	switch {
	case key.IfName != "" || key.Device == "stranger":
		return []string{""}
	case w.advisory[key.Device] != nil:
		return []string{"icmp", "snmp"}
	}
	return []string{w.primary}
}

// days are an entity's by one method. What only advises has an outage and starts every day.
func (w *world) days(key model.Port, method string) []EntityDay {
	polls, uptimes := w.seen[key], w.uptimes[key.Device]
	if key.IfName != "" {
		uptimes = nil
	}
	if len(w.methods(key)) > 1 && method != cmp.Or(w.primary, "icmp") {
		polls, uptimes = w.advisory[key.Device], nil
		for _, o := range polls {
			uptimes = append(uptimes, uptime{o.at, 500})
		}
	}
	series := seriesOf(polls)
	for _, u := range uptimes {
		series[model.DayOf(u.at)].AddUptime(u.at, u.cs)
	}
	return foldDays(series, w.from, w.to)
}
