package kpi

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

// The worked examples of docs/kpi.md, with their numbers.

func ratio(num, den int64) model.Ratio { return model.Ratio{Num: num, Den: den} }

func wantText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s = %s, want %s", what, got, want)
	}
}

// A1: a month of one entity.
func TestExampleA1(t *testing.T) {
	s := Sums{Up: 2_586_204, Down: 1_296, MaintDown: 3_600, Unknown: 900}
	if sum := s.Up + s.Down + s.MaintDown + s.Unknown; sum != 2_592_000 {
		t.Errorf("the month has %d seconds", sum)
	}
	wantText(t, "A_net", s.Net().Percent(4), "99.9499")
	wantText(t, "A_gross", s.Gross().Percent(4), "99.8110")
	wantText(t, "A_lo", s.Lo().Percent(4), "99.9152")
	wantText(t, "A_hi", s.Hi().Percent(4), "99.9499")
	wantText(t, "unknown", s.UnknownShare().Percent(4), "0.0348")
}

// A2: 99.9499 rounds to 99.95 and misses it all the same.
func TestExampleA2(t *testing.T) {
	target := ratio(9995, 10000)
	s := Sums{Up: 2_586_204, Down: 1_296, MaintDown: 3_600, Unknown: 900}
	budget, left := Budget(target, s.Up, s.Down)
	wantText(t, "budget", budget.Format(2), "1293.75")
	wantText(t, "left", left.Format(2), "-2.25")
	wantText(t, "A_net printed too short", s.Net().Percent(2), "99.95")
	if st, meets := s.Judge(target, ratio(5, 100), false); st != OK || meets {
		t.Errorf("verdict %s %v, want ok, not met", st, meets)
	}
	if Lost(target, s.Down, 2_592_000) {
		t.Error("1296 s are exactly what the target allows in the month's 2 592 000 s: not lost yet")
	}
	if !Lost(target, s.Down+1, 2_592_000) {
		t.Error("1297 s cannot be made good")
	}
}

// A3: 90 s of the last hour.
func TestExampleA3(t *testing.T) {
	wantText(t, "burn", Burn(ratio(9995, 10000), 3600-90, 90).Format(1), "50.0")
}

// A4: three OLTs, unweighted below 99.5 %, weighted by subscribers above.
func TestExampleA4(t *testing.T) {
	const month = 2_592_000
	var all Sums
	var weighted WSums
	for _, olt := range []struct{ subscribers, down int64 }{{8000, 0}, {3000, 3600}, {1000, 36000}} {
		s := Sums{Up: month - olt.down, Down: olt.down}
		all.merge(s)
		weighted.add(s, olt.subscribers)
	}
	wantText(t, "unweighted", all.Net().Percent(4), "99.4907")
	wantText(t, "weighted", weighted.Net().Percent(4), "99.8495")
	if all.Net().Cmp(ratio(995, 1000)) >= 0 || weighted.Net().Cmp(ratio(995, 1000)) < 0 {
		t.Error("only the weighted one reaches 99.5 %")
	}
	for weighs, meets := range map[bool]bool{false: false, true: true} {
		a := Availability{Level: LevelDevice, System: "olt", Sums: all, Weighted: weighted, Expected: 3 * month, WExpected: mul(12_000, month)}
		a.judge(&model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(995, 1000), Weighted: weighs}}})
		if a.Status != OK || a.Meets != meets || a.Lost == meets || (a.Left.Float() >= 0) != meets {
			t.Errorf("by subscribers %v: %s, meets %v, lost %v, left %v s", weighs, a.Status, a.Meets, a.Lost, a.Left.Float())
		}
		// 46 800 000 of 12 000 subscribers are 11 700 s of one of three OLTs.
		wantText(t, "consumed", a.Consumed().Format(0), map[bool]string{false: "39600", true: "11700"}[weighs])
		wantText(t, "left", a.Left.Format(0), map[bool]string{false: "-720", true: "27180"}[weighs])
		wantText(t, "left of the month", a.MonthLeft().Format(0), map[bool]string{false: "-720", true: "27180"}[weighs])
	}
	none := Availability{Level: LevelDevice, System: "olt", Sums: all, Expected: 3 * month}
	none.judge(&model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(995, 1000), Weighted: true}}})
	if none.Status != OK || none.Test.Weighted {
		t.Errorf("nothing has subscribers: %s by %s, want all alike", none.Status, none.Test)
	}
}

// A5: two arms that fail one after the other; the ring is down while both are.
func TestExampleA5(t *testing.T) {
	ring := ringOf([][2]int64{{0, 3600}}, [][2]int64{{1800, 2400}})
	if ring.Sums.Down != 600 || ring.Degraded != 3000 || ring.Sums.Outages != 1 || len(ring.Outages) != 1 {
		t.Errorf("%+v", ring)
	}
	wantText(t, "A", ring.Net.Percent(4), "99.3056")
}

// A6, C5: what three cables offer when one is cut for a day, and whether two could carry the peak.
func TestExampleA6AndC5(t *testing.T) {
	cut := cablesOf([]int64{2200, 1500, 3145}, []int64{86400, 0, 0}, 0)
	wantText(t, "capacity availability", cut.Net.Percent(4), "98.9287")
	if cut.Degraded != 86400 || cut.Sums.Down != 0 {
		t.Errorf("the system is up all month, degraded for a day: %+v", cut.Sums)
	}
	peak := cablesOf([]int64{2200, 1545, 1600, 1500}, []int64{0, 0, 0, 0}, 4500).Capacity
	wantText(t, "normal", peak.Out.Util.Percent(1), "65.7")
	wantText(t, "after losing the largest", peak.Out.N1.Percent(1), "96.9")
	if !peak.Congested || peak.Status != OK {
		t.Errorf("%+v", peak)
	}
}

// C1: 262.5 GB in 300 s on 10 Gbit/s are 70 %.
func TestExampleC1(t *testing.T) {
	if u := utilisationOf(262_500_000_000, 300, 10_000); u != 700 {
		t.Errorf("utilisation %d per mille, want 700", u)
	}
}

// utilisationOf takes octets in dt seconds on mbps all the way from the counters.
func utilisationOf(octets, dt, mbps int64) int32 {
	start := day0.Start() * 1e9
	var c CounterDay
	c.Add(0, Counters{Time: start, Has: HasOctets})
	c.Add(1, Counters{Time: start + dt*1e9, Has: HasOctets, InOctets: uint64(octets), SpeedMbps: uint32(mbps)})
	p := c.Fold(nil, nil)
	p.Device, p.IfName, p.Day = "a", "1", day0
	inv := &model.Inventory{Links: []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "1"}, Validity: model.Validity{To: model.Forever}}}}
	t := dayOfLink(NewPlan(inv), p)
	return t.In.p95()
}

// dayOfLink is the traffic of the plan's only link on day0.
func dayOfLink(p *Plan, ports ...PortDay) LinkTraffic {
	shard := ShardOf(p.links[0].rows[0].A.Device)
	s := p.Lines(model.MonthOf(day0.Start()), 0, nil).Sum(shard, nil)
	s.Add(day0, 0, ports)
	return s.Traffic().Links[0]
}

// samplesOf is a direction that saw these utilisations, over several days.
func samplesOf(perMille ...uint16) DirTraffic {
	var d DirTraffic
	for _, v := range perMille {
		d.room(int32(v))
		d.Counts[v]++
		d.Slots++
		d.Sum += int64(v)
	}
	return d
}

// C2: 20 samples; the 19th in order is the P95.
func TestExampleC2(t *testing.T) {
	d := samplesOf(520, 550, 570, 580, 600, 610, 620, 630, 640, 660, 670, 680, 690, 700, 720, 740, 770, 790, 830, 910)
	total := d.total()
	m := total.month()
	if m.P95 != 830 || m.Max != 910 {
		t.Errorf("P95 %d, max %d; want 830, 910", m.P95, m.Max)
	}
	wantText(t, "occupancy", m.Occ.Format(1), "674.0")
	if !congested(model.ClassRule{ThetaPerMille: 800}, m.P95, 0) {
		t.Error("83 % is congested although the mean is 67.4 %")
	}
}

// C3: 5 of 200 links meets the 3 % limit, 6 of 200 does not; by capacity it is another picture.
func TestExampleC3(t *testing.T) {
	ratioOf := func(congested int) Congestion {
		var c Congestion
		for i := range 200 {
			mbps := int64(10_000)
			if i >= 150 {
				mbps = 100_000
			}
			c.add(&LinkMonth{CapacityMbps: mbps, Congested: i >= 200-congested})
		}
		c.judge(ratio(3, 100))
		return c
	}
	five, six := ratioOf(5), ratioOf(6)
	wantText(t, "5 of 200", five.Ratio.Percent(2), "2.50")
	wantText(t, "by capacity", five.CapRatio.Percent(2), "7.69")
	if !five.Meets || !five.CapWarn || five.CapEvaluated != 6_500_000 || five.CapCongested != 500_000 {
		t.Errorf("5 of 200: %+v", five)
	}
	wantText(t, "6 of 200", six.Ratio.Percent(2), "3.00")
	if six.Meets || six.Status != OK {
		t.Error("exactly 3 % does not meet a limit that must be stayed below")
	}
}

// C6: a GPON port at exactly 80 % of its rate is congested.
func TestExampleC6(t *testing.T) {
	u := utilisationOf(74_640_000_000, 300, 2488)
	if u != 800 || !congested(model.ClassRule{ThetaPerMille: 800}, u, 0) {
		t.Errorf("utilisation %d per mille, want 800, congested", u)
	}
}

// N2: a 32-bit counter wraps once.
func TestExampleN2(t *testing.T) {
	c := Counters{Has: Is32Bit}
	if d, wrapped, ok := (pair{a: &c, b: &c}).delta(4_294_967_000, 704); d != 1000 || !wrapped || !ok {
		t.Errorf("delta %d wrapped %v ok %v, want 1000", d, wrapped, ok)
	}
}

// N3: sysUpTime wraps after 42 949 672.96 s, which is no reset.
func TestExampleN3(t *testing.T) {
	const wrapMs = 42_949_672_960
	ms, ok := uptimeAdvance(4_294_967_295-9_999, 20_000)
	if want := int64(10_000+20_000) * 10; !ok || ms != want {
		t.Errorf("advance %d ms ok %v, want %d", ms, ok, want)
	}
	if full := int64(1<<32) * 10; full != wrapMs || uptimeWrap != wrapMs/1000 {
		t.Errorf("wrap after %d ms, want %d", full, int64(wrapMs))
	}
}
