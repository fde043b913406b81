package kpi

import (
	"slices"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

// Each limit at its exact value and beside it: what "at most", "more than half" or "below" say.

var always = model.Validity{To: model.Forever}

// statedDevice is November of one device that was otherwise UP, against 99.5 %.
func statedDevice(test string, windows []model.Window, not ...Interval) Availability {
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: always}},
		Windows: windows,
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(995, 1000), Test: test}}, MaxUnknownMonth: ratio(5, 100)},
	}
	chunk := &DayChunk{Day: november.First(), Days: 30, Entities: []EntityDay{{Device: "d", NonUp: not}}}
	return Month(MonthInput{Month: november, Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}}).Availability[0]
}

func TestUnknownTimeAtItsLimit(t *testing.T) {
	const limit = 30 * daySeconds / 20 // 5 %
	for seconds, want := range map[int64]Status{limit: OK, limit + 1: Insufficient} {
		a := statedDevice("", nil, Interval{From: november.Start(), To: november.Start() + seconds, State: Unknown})
		if a.Status != want || a.Meets != (want == OK) {
			t.Errorf("%d s unknown of 30 days: %s, meets %v; want %s", seconds, a.Status, a.Meets, want)
		}
	}
}

// Where planned work counts as down it spends the budget, too.
func TestPlannedWorkSpendsAGrossBudget(t *testing.T) {
	start := november.Start()
	window := model.Window{ID: "w", Kind: model.ScopeDevice, Key: "d", Start: start, End: start + 7200, ApprovedAt: start - 1}
	down := Interval{From: start, To: start + 10_800, State: Down} // two hours of work, one after it
	gross, net := statedDevice("gross", []model.Window{window}, down), statedDevice("net", []model.Window{window}, down)
	wantText(t, "gross budget", gross.Budget.Format(0), "12960")
	wantText(t, "left of it", gross.Left.Format(0), "2160")
	wantText(t, "net budget", net.Budget.Format(0), "12924")
	wantText(t, "left of it", net.Left.Format(0), "9324")
	down.To = start + 12_961
	if lost := statedDevice("gross", []model.Window{window}, down); !lost.Lost || lost.Meets {
		t.Errorf("a second more than a month may have: %+v", lost)
	}
}

func TestPlannedWorkBurnsAGrossBudget(t *testing.T) {
	end := november.Start() + daySeconds
	for test, want := range map[string]string{"gross": "50.0", "net": "0.0"} {
		inv := &model.Inventory{
			Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: always}},
			Windows: []model.Window{{ID: "w", Kind: model.ScopeDevice, Key: "d", Start: end - 90, End: end, ApprovedAt: 1}},
			Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(9995, 10000), Test: test}}},
		}
		chunk := &DayChunk{Day: november.First(), Entities: []EntityDay{{Device: "d", NonUp: []Interval{{From: end - 90, To: end, State: Down}}}}}
		got := Burns(MonthInput{Month: november, End: end, Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}}, []int64{3600})
		wantText(t, "burn of "+test, got[0].Rate.Format(1), want)
	}
}

// lossyLink is a link of 1 Gbit/s under a rule.
func lossyLink(rule model.ClassRule, windows ...model.Window) *model.Inventory {
	return &model.Inventory{
		Links:   []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "1"}, Class: model.Transport, CapacityMbps: 1000, Validity: always}},
		Windows: windows,
		Targets: model.Targets{Congestion: map[model.LinkClass]model.ClassRule{model.Transport: rule}},
	}
}

// sending is a day of the link's port, which sends the same in the given hours and nothing in all others.
func sending(kbps uint32, hours ...int) PortDay {
	p := PortDay{Device: "a", IfName: "1", Day: day0, In: make([]uint32, SlotsPerDay), Out: make([]uint32, SlotsPerDay)}
	for _, h := range hours {
		for i := h * slotsPerHour; i < (h+1)*slotsPerHour; i++ {
			p.Out[i] = kbps
		}
	}
	return p
}

// Of two hours of the same load the earlier one is the day's busy hour, whose drops count.
func TestTheEarliestOfEqualHoursIsBusy(t *testing.T) {
	rule := model.ClassRule{DropPerMillion: 1000, DropDays: 1}
	for hour, want := range map[int]int32{3: 1, 9: 0} {
		p := sending(500_000, 3, 9)
		p.Loss = []SlotLoss{{Slot: uint16(hour * slotsPerHour), Pkts: 10, Drops: 10}}
		if got := dayOfLink(NewPlan(lossyLink(rule)), p).DropDays; got != want {
			t.Errorf("drops at %d:00: %d days, want %d", hour, got, want)
		}
	}
}

// What was dropped was meant to be sent: 1 of 999 + 1 is exactly 0.1 %, which is not above it.
func TestDropsAreOfAllThatWasToBeSent(t *testing.T) {
	rule := model.ClassRule{DropPerMillion: 1000, DropDays: 1}
	for pkts, want := range map[uint64]int32{999: 0, 998: 1} {
		p := sending(500_000, 3)
		p.Loss = []SlotLoss{{Slot: 36, Pkts: pkts, Drops: 1}}
		if got := dayOfLink(NewPlan(lossyLink(rule)), p).DropDays; got != want {
			t.Errorf("1 dropped beside %d: %d days, want %d", pkts, got, want)
		}
	}
}

// A link that is down for more than half of a slot carried nothing in it.
func TestHalfASlotDown(t *testing.T) {
	for seconds, want := range map[int64]int32{150: 0, 151: 1} {
		p := NewPlan(lossyLink(model.ClassRule{}))
		chunk := &DayChunk{Day: day0, Entities: []EntityDay{{Device: "a", IfName: "1", NonUp: []Interval{{From: day0.Start() + 300, To: day0.Start() + 300 + seconds, State: Down}}}}}
		s := p.Lines(model.MonthOf(day0.Start()), 0, []*DayChunk{chunk}).Sum(ShardOf("a"), nil)
		s.Add(day0, 0)
		if got := s.Traffic().Links[0].In.Slots; got != want {
			t.Errorf("%d s down: %d slots have a sample, want %d", seconds, got, want)
		}
	}
}

// Above 1.05 a sample is suspect, also where the class has no rule that says so.
func TestTheOverflowOfNoRule(t *testing.T) {
	p := sending(1_050_999, 3)
	p.Out[0] = 1_051_000
	got := dayOfLink(NewPlan(lossyLink(model.ClassRule{})), p).Out
	if got.Suspect != 1 || got.Slots != SlotsPerDay-1 || got.p95() != 0 || len(got.Counts) != 1051 {
		t.Errorf("%d suspect, %d samples up to %d per mille; want 1, 287, 1050", got.Suspect, got.Slots, len(got.Counts)-1)
	}
}

// Fifteen days in service are enough.
func TestServiceOfExactlyTheDaysAsked(t *testing.T) {
	for short, want := range map[int64]Reason{0: LowCoverage, 1: ShortService} {
		inv := lossyLink(model.ClassRule{MinServiceDays: 15, MinCoverage: ratio(9, 10)})
		inv.Links[0].From = november.End() - 15*daySeconds + short
		r := Month(MonthInput{Month: november, Plan: NewPlan(inv)})
		if got := r.Links[0].NotEvaluated; got != want {
			t.Errorf("%d s less than 15 days: %s, want %s", short, got, want)
		}
	}
}

// The ratio by capacity warns at the limit, the one by count must stay below it.
func TestCongestionAtTheLimit(t *testing.T) {
	for capacity, want := range map[int64]bool{3: true, 2: false} {
		c := Congestion{Evaluated: 200, Congested: 5, CapEvaluated: 100, CapCongested: capacity}
		if c.judge(ratio(3, 100)); c.CapWarn != want || !c.Meets {
			t.Errorf("%d of 100 Gbit/s: %+v", capacity, c)
		}
	}
}

// What is left without the largest cable is loaded to exactly 90 %.
func TestNMinusOneAtTheta(t *testing.T) {
	for peak, want := range map[int64]bool{3600: true, 3598: false} {
		if c := cablesOf([]int64{3000, 4000}, []int64{0, 0}, peak*3/4); c.Capacity.Congested != want {
			t.Errorf("%d of 3000 Gbit/s: %+v", peak*3/4, c.Capacity.Out)
		}
	}
}

// A freeze of the province of one end takes a window from a link.
func TestAFreezeOfALinksEnd(t *testing.T) {
	start := november.Start()
	inv := lossyLink(model.ClassRule{}, model.Window{ID: "w", Kind: model.ScopeLink, Key: "l", Start: start, End: start + 3600, ApprovedAt: 1})
	inv.Devices = []model.Device{{Name: "a", Province: "01", Validity: always}, {Name: "b", Province: "02", Validity: always}}
	inv.Links[0].B = model.Port{Device: "b", IfName: "1"}
	inv.Freezes = []model.Freeze{{ID: "f", Start: start + 600, End: start + 1800, Changes: true, Scopes: []model.Scope{{Kind: model.ScopeProvince, Key: "02"}}}}
	chunk := &DayChunk{Day: november.First(), Entities: []EntityDay{{Device: "a", IfName: "1", NonUp: []Interval{{From: start, To: start + 3600, State: Down}}}}}
	r := Month(MonthInput{Month: november, Plan: NewPlan(inv), Chunks: []*DayChunk{chunk}})
	i := slices.IndexFunc(r.Entities, func(e EntityMonth) bool { return e.Level == LevelLink })
	if s := r.Entities[i].Sums; s.MaintDown != 2400 || s.Down != 1200 || len(r.VoidWindows) != 1 || r.VoidWindows[0].Freeze != "f" {
		t.Errorf("%+v, void %v; want 2400 s planned and the frozen 1200 s down", s, r.VoidWindows)
	}
}

// An interval of more than an hour counts as one: an answer is good for 2.5 hours at most.
func TestTheLongestInterval(t *testing.T) {
	var s Series
	s.Add(0, ObsUp, 86_400)
	day := Machine{}.Fold(day0, &s, nil)
	if len(day.NonUp) != 1 || day.NonUp[0].From != day0.Start()+9000 || day.NonUp[0].State != Unknown {
		t.Errorf("%+v, want UNKNOWN from 02:30 on", day.NonUp)
	}
	if m := (Machine{}).Step(day0.Start(), ObsUp, 86_400); m.Until != day0.Start()+9000 {
		t.Errorf("stepped: %+v", m)
	}
}
