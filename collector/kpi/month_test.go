package kpi

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// Stage 2 is, number by number, what the rules say second by second.
func TestMonthIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		moreRules(t, w.inv)
		in := w.input(w.chunks())
		got := Month(in)
		o := newOracle(w)
		o.windowsOf(t)
		ratios := congestionOracle{o: o, groups: map[group]*[6]int64{}}
		for _, name := range []string{"l0", "l1"} {
			line := o.link(name)
			o.count(o.linkThing(name), line)
			if !w.day { // a part of a month has no congestion
				x := o.traffic(name, line)
				checkLink(t, o, x, name, got)
				ratios.link(t, name, x, got)
			}
		}
		if !w.day {
			ratios.check(t, got)
		}
		checkComposites(t, o, got)
		checkEntities(t, o, got)
		checkGroups(t, o, got)
		checkOutages(t, o, got)
		checkVerdicts(t, o, got)
		checkBurns(t, o, in)
	})
}

func checkEntities(t *rapid.T, o *oracleMonth, got MonthResult) {
	for _, e := range got.Entities {
		if e.Province == UnknownProvince {
			continue
		}
		if diff := cmp.Diff(o.sums[e.Name], e.Sums); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", e.Name, diff)
		}
	}
}

func checkGroups(t *rapid.T, o *oracleMonth, got MonthResult) {
	found := 0
	for _, a := range got.Availability {
		if a.Province == UnknownProvince {
			continue
		}
		found++
		want := o.groups[group{a.Province, a.Level, a.System, a.Class}]
		if want == nil {
			t.Fatalf("unexpected group %s %s %s %s", a.Province, a.Level, a.System, a.Class)
		}
		if diff := cmp.Diff(want.sums, a.Sums); diff != "" || a.Entities != want.entities || a.Expected != want.expected {
			t.Fatalf("%s %s%s: %d entities, %d expected; want %d, %d (-want +got):\n%s", a.Province, a.System, a.Class,
				a.Entities, a.Expected, want.entities, want.expected, diff)
		}
		weighted := WSums{Int(want.weighted[0]), Int(want.weighted[1]), Int(want.weighted[2]), Int(want.weighted[3])}
		if a.Weighted != weighted {
			t.Fatalf("%s %s%s: weighted %v, want %v", a.Province, a.System, a.Class, a.Weighted, weighted)
		}
		if status, meets := o.verdict(want, a.System); a.Status != status || a.Meets != meets {
			t.Fatalf("%s %s%s: %s, meets %v; want %s, %v", a.Province, a.System, a.Class, a.Status, a.Meets, status, meets)
		}
	}
	for _, g := range o.groups {
		if g.entities > 0 {
			found--
		}
	}
	if found != 0 {
		t.Fatalf("%d groups too many", found)
	}
}

func checkOutages(t *rapid.T, o *oracleMonth, got MonthResult) {
	var list []Outage
	for _, x := range got.Outages {
		if x.Province != UnknownProvince {
			list = append(list, x)
		}
	}
	slices.SortFunc(o.outages, byStart)
	if diff := cmp.Diff(o.outages, list, cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("outages (-want +got):\n%s", diff)
	}
}

func checkLink(t *rapid.T, o *oracleMonth, want *oracleLink, name string, got MonthResult) {
	i := slices.IndexFunc(got.Links, func(l LinkMonth) bool { return l.Link == name })
	if i < 0 {
		if want.expected > 0 {
			t.Fatalf("%s is missing", name)
		}
		return
	}
	l := got.Links[i]
	rule := o.w.inv.Targets.Congestion[l.Class]
	if rule.DropDays == 0 {
		l.DropDays = want.dropDays(1000)
	}
	type numbers struct {
		Expected, InSlots, OutSlots, InSuspect, OutSuspect, InP95, OutP95, Hours, DropDays, Resets int32
		InSum, OutSum                                                                              string
		InBusy, OutBusy                                                                            int8
	}
	sum := func(dir int) string { return Quo(total(want.samples[dir]), int64(len(want.samples[dir]))).Format(6) }
	a := numbers{want.expected, int32(len(want.samples[0])), int32(len(want.samples[1])), want.suspect[0], want.suspect[1],
		want.p95(0), want.p95(1), want.congestedHours(int64(rule.ThetaPerMille)), want.dropDays(1000), o.resets(name), sum(0), sum(1), want.busyHour(0, o.w), want.busyHour(1, o.w)}
	b := numbers{l.Expected, l.In.Slots, l.Out.Slots, l.In.Suspect, l.Out.Suspect,
		l.In.P95, l.Out.P95, l.CongestedHours, l.DropDays, l.Resets, l.In.Occ.Format(6), l.Out.Occ.Format(6), l.In.BusyHour, l.Out.BusyHour}
	if diff := cmp.Diff(a, b); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", name, diff)
	}
	if weight := o.weight(LevelLink, name); weight > 0 && l.CapacityMbps != weight {
		t.Fatalf("%s weighs %d Mbit/s, want %d", name, l.CapacityMbps, weight)
	}
	checkVerdict(t, o, l, rule)
}

func checkVerdict(t *rapid.T, o *oracleMonth, l LinkMonth, rule model.ClassRule) {
	s := o.sums[l.Link]
	period, whole := o.w.end-o.w.month.Start(), o.w.month.End()-o.w.month.Start()
	service := float64(period-s.Excluded) / float64(period) * float64(whole)
	want, congested := Reason(""), false
	switch slots := min(l.In.Slots, l.Out.Slots); {
	case service < 15*daySeconds:
		want = ShortService
	case l.Expected == 0, int64(slots)*rule.MinCoverage.Den < int64(l.Expected)*rule.MinCoverage.Num:
		want = LowCoverage
	default:
		congested = int(max(l.In.P95, l.Out.P95)) >= rule.ThetaPerMille || rule.DropDays > 0 && int(l.DropDays) >= rule.DropDays
	}
	if l.NotEvaluated != want || l.Congested != congested {
		t.Fatalf("%s: %q congested=%v, want %q %v", l.Link, l.NotEvaluated, l.Congested, want, congested)
	}
}

// The way the chunks were cut, merged, encoded and ordered cannot be told from the result, nor can
// traffic that was added up day by day before.
func TestMonthForgetsItsParts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		chunks := w.chunks()
		in := w.input(chunks)
		want := Month(in)
		same := func(what string, in MonthInput) {
			if diff := cmp.Diff(want, Month(in)); diff != "" {
				t.Fatalf("%s changes the result (-want +got):\n%s", what, diff)
			}
		}
		same("running it again", in)
		same("the chunks' order", w.input(rapid.Permutation(chunks).Draw(t, "order")))
		var coded []*DayChunk
		for _, c := range chunks {
			d, err := DecodeDayChunk(c.AppendTo(nil))
			if err != nil {
				t.Fatal(err)
			}
			coded = append(coded, d)
		}
		same("the encoding", w.input(coded))
		same("merging days", w.input(mergePartitions(w, chunks)))
		if w.day {
			return // availability only
		}
		in.Lines = in.Plan.Lines(w.month, w.end, chunks)
		in.Traffic = addedUp(t, w, in, chunks)
		same("traffic added up before", in)
	})
}

// mergePartitions makes one chunk of the closed days of each partition.
func mergePartitions(w *world, chunks []*DayChunk) []*DayChunk {
	var out []*DayChunk
	for p := range 2 {
		var month []*DayChunk
		for i, c := range chunks {
			switch {
			case i%2 != p:
			case c.Day < w.month.First()-1: // nobody asks for it
			case c.Day >= model.DayOf(w.end-1): // not closed
				out = append(out, c)
			default:
				month = append(month, c)
			}
		}
		out = append(out, MergeMonth(w.month, month...))
	}
	return out
}

// addedUp sums shard by shard, and puts what it has so far away and back now and then.
func addedUp(t *rapid.T, w *world, in MonthInput, chunks []*DayChunk) *MonthTraffic {
	sum, again := in.Plan.NewMonthTraffic(), in.Plan.NewMonthTraffic()
	first, last := w.month.First(), model.DayOf(w.end-1)
	for shard := range Shards + 1 {
		var ports [][]PortDay
		for _, c := range chunks {
			for _, need := range in.Plan.Needs(shard) {
				ports = append(ports, SplitPorts(c.Ports)[need])
			}
		}
		s := in.Lines.Sum(shard, nil)
		for d := first; d <= last; d++ {
			s.Add(d, min(w.end, d.End()), ports...)
			if rapid.Bool().Draw(t, "put away") {
				kept, err := DecodeTraffic(s.Traffic().AppendTo(nil))
				if err != nil {
					t.Fatal(err)
				}
				s = in.Lines.Sum(shard, kept)
			}
		}
		s.Finish(sum)
		if err := again.DecodeTotals(sum.AppendTotals(nil, in.Plan, shard), in.Plan, shard); err != nil {
			t.Fatal(err)
		}
	}
	for d := first; d <= last; d++ {
		again.Reports = again.Plus(in.Plan.Reports(d, min(w.end, d.End()), chunks))
	}
	return again
}

// Days of the same inputs and rates have the same sums, whatever was edited; those that an edit touches have others.
func TestInputsTellTheSums(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		chunks := w.chunks()
		before := NewPlan(w.inv)
		w.inv = edited(t, w)
		after := NewPlan(w.inv)
		if len(before.links) != len(after.links) {
			return
		}
		a, b := before.Lines(w.month, 0, chunks), after.Lines(w.month, 0, chunks)
		for shard := range Shards + 1 {
			x, y := a.Inputs(shard, 3), b.Inputs(shard, 3)
			for i := range x {
				d := w.month.First() + model.Day(i)
				same := cmp.Equal(a.dayOf(shard, d, chunks), b.dayOf(shard, d, chunks))
				if x[i] == y[i] && !same {
					t.Fatalf("shard %d, %s: the inputs are the same, the sums are not", shard, d)
				}
			}
		}
	})
}

// A day on which nothing happens to a link is the day that its plan knows beforehand.
func TestQuietDaysNeedNoHash(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		p := NewPlan(w.inv)
		lines, h := p.Lines(w.month, 0, w.chunks()), linkInputs{plan: p}
		for i := range p.links {
			link := &p.links[i]
			ln := link.line(lines.seen)
			for d := w.month.First(); d < w.month.Next().First(); d++ {
				if link.quietIn(&ln, span{d.Start(), d.End()}) && h.day(link, &ln, d) != link.inputs {
					t.Fatalf("link %s, %s: quiet, but not made of the same", link.name(), d)
				}
			}
		}
	})
}

func (l *Lines) dayOf(shard int, d model.Day, chunks []*DayChunk) *Traffic {
	var ports [][]PortDay
	for _, c := range chunks {
		ports = append(ports, c.Ports)
	}
	s := l.Sum(shard, nil)
	s.Add(d, 0, ports...)
	return s.Traffic()
}

// edited is the world's inventory with some part of another one's.
func edited(t *rapid.T, w *world) *model.Inventory {
	inv, other := *w.inv, anyInventory(t, w.month.First())
	switch rapid.IntRange(0, 5).Draw(t, "edited") {
	case 0:
		inv.Windows = other.Windows
	case 1:
		inv.Links = other.Links
	case 2:
		inv.Targets = other.Targets
	case 3:
		inv.Composites = other.Composites
	case 4:
		inv.Freezes = other.Freezes
	case 5:
		inv.Holidays = other.Holidays
	}
	return &inv
}
