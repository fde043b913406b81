package kpi

import (
	"math/big"
	"slices"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// tested are what a target of 9 in 10 tests of a group or a composite: up, down, and what the inventory expects, in
// seconds and by weight. Down holds what windows took out, if the target tests gross.
type tested struct {
	up, down, expected    int64
	wup, wdown, wexpected int64
	weighted              bool
}

func (o *oracleMonth) tested(g *oracleGroup, target model.SystemTarget) tested {
	x := tested{g.sums.Up, g.sums.Down, g.expected, g.weighted[0], g.weighted[1], g.wexpected, target.Weighted && g.weighs}
	if target.Test == "gross" {
		x.down, x.wdown = x.down+g.sums.MaintDown, x.wdown+g.weighted[3]
	}
	return x
}

// check holds a budget against the rule: a tenth of what was observed may be down, of the month a tenth of what is
// expected. By weight all of it is seconds of a device of mean weight: shares of the plain seconds.
func (x tested) check(t *rapid.T, what string, a *Availability) {
	up, down, expected := x.up, x.down, x.expected
	if x.weighted {
		up, down, expected = x.wup, x.wdown, x.wexpected
	}
	seconds := func(num, den, of int64) *big.Rat { // num/den of a stretch of so many seconds
		if den == 0 {
			return nil
		}
		return new(big.Rat).Mul(big.NewRat(num, den), big.NewRat(of, 1))
	}
	all := x.up + x.down
	for name, pair := range map[string]struct {
		got  Number
		want *big.Rat
	}{
		"budget": {a.Budget, big.NewRat(all, 10)}, "left": {a.Left, seconds(up-9*down, 10*(up+down), all)},
		"consumed": {a.Consumed(), seconds(down, up+down, all)}, "left of the month": {a.MonthLeft(), seconds(expected-10*down, 10*expected, x.expected)},
	} {
		if !same(pair.got, pair.want) {
			t.Fatalf("%s: %s is %s, want %v of %+v", what, name, pair.got.Format(3), pair.want, x)
		}
	}
	if a.Lost != (10*down > expected) || a.Test.Weighted != x.weighted {
		t.Fatalf("%s: lost %v, tests %s; %+v", what, a.Lost, a.Test, x)
	}
}

// same says whether a number is want, or none where that is nil.
func same(n Number, want *big.Rat) bool {
	if want == nil || !n.Valid() {
		return want == nil && !n.Valid()
	}
	return n.rat(1).Cmp(want) == 0
}

// windowsOf are the windows of burn rates: they end with the period, and may begin on the day before it.
func (o *oracleMonth) windowsOf(t *rapid.T) {
	earliest := (model.DayOf(o.w.start) - 1).Start()
	o.windows = []int64{300, 3600, rapid.Int64Range(3601, o.w.end-earliest).Draw(t, "burning since")}
}

type burnKey struct {
	group
	composite string
	window    int64
}

// checkBurns adds up the seconds of each window.
func checkBurns(t *rapid.T, o *oracleMonth, in MonthInput) {
	want := map[burnKey]*tested{}
	for _, row := range o.w.inv.Devices {
		for _, seconds := range o.windows {
			for _, province := range []string{"", row.Province} {
				if row.System == "olt" {
					want[burnKey{group{province: province, level: LevelDevice, system: "olt"}, "", seconds}] = &tested{}
				}
			}
		}
	}
	for i, seconds := range o.windows {
		for _, name := range []string{"d0", "d1", "d2"} {
			o.burnDevice(want, name, seconds)
		}
		for _, name := range []string{"c0", "c2"} {
			if key, x := o.burnComposite(name, i); x != nil {
				want[key] = x
			}
		}
	}
	got := Burns(in, o.windows)
	for _, b := range got {
		x := want[burnKey{group{b.Province, b.Level, b.System, ""}, b.Composite, b.Window}]
		if x == nil {
			t.Fatalf("nobody asked for %+v", b)
		}
		up, down := x.up, x.down
		if x.weighted {
			up, down = x.wup, x.wdown
		}
		if b.Up != x.up || b.Down != x.down || !is(b.Rate, 10*down, up+down) {
			t.Fatalf("%+v: %s; want %+v", b, b.Rate.Format(6), *x)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%d burn rates, want %d", len(got), len(want))
	}
}

func (o *oracleMonth) burnDevice(want map[burnKey]*tested, name string, seconds int64) {
	target, weight := o.w.inv.Targets.Availability["olt"], o.weight(LevelDevice, name)
	for _, x := range o.stretches(o.w.end-seconds, o.w.end) {
		var s Sums
		for at := x.from; at < x.to; at++ {
			s.tick(o.devices[name][at-o.from])
		}
		if target.Test == "gross" {
			s.Down += s.MaintDown
		}
		for _, g := range o.groupsAt(LevelDevice, name, x.from) {
			if w := want[burnKey{g, "", seconds}]; w != nil {
				w.up, w.down, w.wup, w.wdown = w.up+s.Up, w.down+s.Down, w.wup+s.Up*weight, w.wdown+s.Down*weight
			}
		}
	}
	for key, w := range want {
		if g := o.groups[key.group]; g != nil {
			w.weighted = target.Weighted && g.weighs
		}
	}
}

// burnComposite is that of a composite that is in service in the longest window; of capacity by its Mbit/s.
func (o *oracleMonth) burnComposite(name string, i int) (burnKey, *tested) {
	seconds, longest := o.windows[i], slices.Max(o.windows)
	c := o.compositeRow(name, o.w.end-longest)
	target := o.w.inv.Targets.Composites[name]
	var s Sums
	for at := o.w.end - seconds; at < o.w.end; at++ {
		s.tick(o.made[name].line[at-o.from])
	}
	w := o.made[name].burnt[i]
	x := &tested{up: s.Up, down: s.Down, wup: w[0], wdown: w[1], weighted: c.Rule == model.Capacity}
	if target.Gross {
		x.down, x.wdown = x.down+s.MaintDown, x.wdown+w[3]
	}
	return burnKey{group{c.Province, LevelComposite, c.System, ""}, name, seconds}, x
}
