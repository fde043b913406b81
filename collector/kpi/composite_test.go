package kpi

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/model"
)

var november = model.Month{Year: 2026, Month: time.November} // 30 days

// spanning is a composite of links, each down in the given spans (seconds since the month's start),
// over the first days of November 2026.
func spanning(rule model.CompositeRule, mbps []int64, down [][][2]int64, days model.Day, more func(*model.Inventory, *DayChunk)) Composite {
	always := model.Validity{To: model.Forever}
	c := model.Composite{Name: "c", Rule: rule, Validity: always}
	inv := &model.Inventory{Targets: model.Targets{N1PerMille: 900}}
	chunk := &DayChunk{Day: november.First(), Days: int(days)}
	for i, m := range mbps {
		l := model.Link{Name: fmt.Sprint("l", i), A: model.Port{Device: fmt.Sprint("d", i), IfName: "p"}, CapacityMbps: m, Validity: always}
		inv.Links = append(inv.Links, l)
		c.Members = append(c.Members, model.CompositeMember{Scope: model.Scope{Kind: model.ScopeLink, Key: l.Name}})
		e := EntityDay{Device: l.A.Device, IfName: "p"}
		for _, s := range down[i] {
			e.NonUp = append(e.NonUp, Interval{From: november.Start() + s[0], To: november.Start() + s[1], State: Down})
		}
		chunk.Entities = append(chunk.Entities, e)
	}
	inv.Composites = []model.Composite{c}
	if more != nil {
		more(inv, chunk)
	}
	in := MonthInput{Month: november, End: (november.First() + days).Start(), Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}}
	return Month(in).Composites[0]
}

// ringOf is a day of a ring of two arms.
func ringOf(one, two [][2]int64) Composite {
	return spanning(model.Ring, []int64{1, 1}, [][][2]int64{one, two}, 1, nil)
}

// cablesOf is a month of cables, each down from the start for some seconds, which in one slot of the
// month carry peak Gbit/s together.
func cablesOf(gbits, down []int64, peak int64) Composite {
	mbps, failures := make([]int64, len(gbits)), make([][][2]int64, len(gbits))
	for i := range gbits {
		mbps[i] = gbits[i] * 1000
		if down[i] > 0 {
			failures[i] = [][2]int64{{0, down[i]}}
		}
	}
	return spanning(model.Capacity, mbps, failures, 30, func(_ *model.Inventory, c *DayChunk) {
		for i := range gbits {
			for d := range model.Day(30) {
				p := PortDay{Device: fmt.Sprint("d", i), IfName: "p", Day: c.Day + d, In: make([]uint32, SlotsPerDay), Out: make([]uint32, SlotsPerDay)}
				if d == 17 {
					p.Out[250] = uint32(peak * 1e6 / int64(len(gbits)))
				}
				c.Ports = append(c.Ports, p)
			}
		}
	})
}

// Each rule against every combination of two or three states.
func TestRules(t *testing.T) {
	states := map[byte]State{'U': Up, 'D': Down, '?': Unknown, 'x': Excluded}
	for rule, cases := range map[model.CompositeRule]map[string]State{
		model.Series:   {"UU": Up, "UD": Down, "U?": Unknown, "D?": Down, "Ux": Up, "xx": Excluded},
		model.Parallel: {"UU": Up, "UD": Up, "U?": Up, "D?": Unknown, "DD": Down, "Dx": Down, "xx": Excluded},
		model.KofN:     {"UUD": Up, "UDD": Down, "UU?": Up, "U?D": Unknown, "U?x": Unknown, "UDx": Down, "Uxx": Up},
		model.Ring:     {"UUU": Up, "UUD": Up, "U?U": Up, "UDD": Down, "U??": Unknown, "UD?": Unknown, "UD": Up, "DD": Down, "Dx": Down, "?x": Unknown},
		model.Capacity: {"UD": Up, "DD": Down, "??": Unknown},
	} {
		r := compositeRow{Composite: &model.Composite{Rule: rule, Need: 2}}
		for text, want := range cases {
			var count tally
			for _, c := range []byte(text) {
				count.add(segment{span: span{0, 1}, base: states[c]}, 1)
			}
			if got := state(r.Needed(count.in), count.in, count.up, count.down); got != want {
				t.Errorf("%s of %s is %s, want %s", rule, text, got, want)
			}
		}
	}
}

// A window on an arm makes its failure protection lost, not an outage; together with a failure of the
// other arm the ring is under maintenance, since it would be up without the window.
func TestARingUnderMaintenance(t *testing.T) {
	window := model.Window{ID: "w", Kind: model.ScopeLink, Key: "l0", Start: november.Start(), End: november.Start() + 3600, ApprovedAt: 1}
	withWindow := func(w model.Window) func(*model.Inventory, *DayChunk) {
		return func(inv *model.Inventory, _ *DayChunk) { inv.Windows = []model.Window{w} }
	}
	down := [][][2]int64{{{0, 3600}}, {{1800, 2400}}}
	got := spanning(model.Ring, []int64{1, 1}, down, 1, withWindow(window))
	if got.Sums.Down != 0 || got.Sums.MaintDown != 600 || got.Degraded != 3000 || len(got.Outages) != 0 {
		t.Errorf("%+v", got)
	}
	window.ApprovedAt = window.Start
	if late := spanning(model.Ring, []int64{1, 1}, down, 1, withWindow(window)); late.Sums.Down != 600 || late.Sums.MaintDown != 0 {
		t.Errorf("approved too late: %+v", late.Sums)
	}
}

// A window on a province is one on those members of a composite that are there; one on a system is one on all.
func TestAWindowOnAProvinceLeavesOtherMembersAlone(t *testing.T) {
	at, always := november.Start(), model.Validity{To: model.Forever}
	for scope, want := range map[model.Scope]Sums{
		{Kind: model.ScopeProvince, Key: "48"}:  {MaintDown: 600, Down: 600},
		{Kind: model.ScopeProvince, Key: "01"}:  {MaintDown: 600, Down: 600},
		{Kind: model.ScopeSystem, Key: "ring"}:  {MaintDown: 1200},
		{Kind: model.ScopeComposite, Key: "c"}:  {MaintDown: 1200},
		{Kind: model.ScopeProvince, Key: "79"}:  {Down: 1200},
		{Kind: model.ScopeSystem, Key: "man-e"}: {MaintDown: 1200}, // of the members
	} {
		got := spanning(model.Series, nil, nil, 1, func(inv *model.Inventory, c *DayChunk) {
			for i, province := range []string{"48", "01"} {
				name := fmt.Sprint("r", i)
				inv.Devices = append(inv.Devices, model.Device{Name: name, Province: province, System: "man-e", Validity: always})
				inv.Composites[0].Members = append(inv.Composites[0].Members, model.CompositeMember{Scope: model.Scope{Kind: model.ScopeDevice, Key: name}})
				from := at + int64(i)*1000
				c.Entities = append(c.Entities, EntityDay{Device: name, NonUp: []Interval{{From: from, To: from + 600, State: Down}}})
			}
			inv.Composites[0].Province, inv.Composites[0].System = "48", "ring"
			inv.Windows = []model.Window{{ID: "w", Kind: scope.Kind, Key: scope.Key, Start: at, End: at + 3600, ApprovedAt: 1}}
		})
		if s := got.Sums; s.Down != want.Down || s.MaintDown != want.MaintDown {
			t.Errorf("%s: %+v, want down %d, in the window %d", scope, s, want.Down, want.MaintDown)
		}
	}
}

// What a change freeze takes of a window counts as down, and is listed.
func TestAFreezeMakesAWindowVoid(t *testing.T) {
	at := november.Start()
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "48", System: "olt", Validity: model.Validity{To: model.Forever}}},
		Windows: []model.Window{
			{ID: "w", Kind: model.ScopeProvince, Key: "48", Start: at, End: at + 3600, ApprovedAt: 1},
			{ID: "urgent", Kind: model.ScopeDevice, Key: "d", Start: at + 1000, End: at + 1200, ApprovedAt: 1, Override: "đứt cáp"}},
		Freezes: []model.Freeze{
			{ID: "apec", Start: at + 600, End: at + 1800, Scopes: []model.Scope{{Kind: model.ScopeProvince, Key: "48"}}, Changes: true, NoteVI: "Tuần lễ cấp cao"},
			{ID: "open", Start: at, End: at + 9000, Scopes: []model.Scope{{Kind: model.ScopeNation}}}},
	}
	chunk := &DayChunk{Day: november.First(), Entities: []EntityDay{{Device: "d", NonUp: []Interval{{From: at, To: at + 7200, State: Down}}}}}
	r := Month(MonthInput{Month: november, End: at + 86400, Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}})
	if s := r.Entities[0].Sums; s.MaintDown != 600+200+1800 || s.Down != 7200-s.MaintDown {
		t.Errorf("%+v", s)
	}
	want := []VoidWindow{{ID: "w", Scope: model.Scope{Kind: model.ScopeProvince, Key: "48"}, Freeze: "apec", From: at + 600, To: at + 1800}}
	if diff := cmp.Diff(want, r.VoidWindows); diff != "" {
		t.Errorf("void windows (-want +got):\n%s", diff)
	}
	if len(r.Notes) != 1 || r.Notes[0].ID != "apec" {
		t.Errorf("notes: %+v", r.Notes)
	}
}

// A target may name a composite, net or gross; the numbers of a capacity composite are those of its
// Mbit/s.
func TestCompositeTargets(t *testing.T) {
	target := func(test model.CompositeTarget, windows ...model.Window) func(*model.Inventory, *DayChunk) {
		return func(inv *model.Inventory, _ *DayChunk) {
			inv.Targets.Composites, inv.Windows = map[string]model.CompositeTarget{"c": test}, windows
		}
	}
	down := [][][2]int64{{{0, 864}}, nil}
	series := spanning(model.Series, []int64{1, 1}, down, 1, target(model.CompositeTarget{Target: ratio(99, 100)}))
	if series.Status != OK || !series.Meets {
		t.Errorf("99 %% exactly: %s %v", series.Status, series.Meets)
	}
	w := model.Window{ID: "w", Kind: model.ScopeComposite, Key: "c", Start: november.Start(), End: november.Start() + 1000, ApprovedAt: 1}
	gross := spanning(model.Series, []int64{1, 1}, down, 1, target(model.CompositeTarget{Target: ratio(991, 1000), Gross: true}, w))
	if gross.Meets || gross.Net.Percent(1) != "100.0" || gross.Outages != nil {
		t.Errorf("gross: %v, net %s", gross.Meets, gross.Net.Percent(4))
	}
	capacity := spanning(model.Capacity, []int64{100, 300}, down, 1, target(model.CompositeTarget{Target: ratio(9975, 10000)}))
	if !capacity.Meets || capacity.Net.Percent(2) != "99.75" {
		t.Errorf("capacity: %v %s", capacity.Meets, capacity.Net.Percent(4))
	}
}

// A LAG that loses members counts with those it had in the peak's slot, whatever is left of it in the evening.
func TestPeakHasTheCapacityOfItsSlot(t *testing.T) {
	c := spanning(model.Capacity, []int64{0, 1000}, make([][][2]int64, 2), 1, func(_ *model.Inventory, c *DayChunk) {
		for i, kbps := range []uint32{1_400_000, 600_000} {
			p := PortDay{Device: fmt.Sprint("d", i), IfName: "p", Day: c.Day, In: make([]uint32, SlotsPerDay), Out: make([]uint32, SlotsPerDay)}
			p.Out[3] = kbps
			c.Ports = append(c.Ports, p)
		}
		c.Ports[0].Speed = []SpeedStep{{Slot: 0, Mbps: 2000}, {Slot: 4, Mbps: 1000}}
	})
	out := c.Capacity.Out
	if out.Kbps != 2_000_000 || out.Mbps != 3000 || out.Largest != 2000 {
		t.Errorf("%+v", out)
	}
	wantText(t, "utilisation", out.Util.Percent(1), "66.7")
}
