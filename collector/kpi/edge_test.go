package kpi

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

// oneDevice is a month of one device that was down from..to (seconds since the month's start) and
// UP otherwise.
func oneDevice(windows []model.Window, down ...[2]int64) MonthResult {
	month := model.Month{Year: 2026, Month: 10}
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: model.Validity{To: model.Forever}}},
		Windows: windows,
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(995, 1000)}}, MinOutage: 10},
	}
	var chunks []*DayChunk
	for d := month.First() - 1; d <= month.Next().First(); d++ {
		e := EntityDay{Device: "d", Carry: Machine{State: Up, Until: d.End()}}
		for _, x := range down {
			e.NonUp = append(e.NonUp, clipIntervals([]Interval{{month.Start() + x[0], month.Start() + x[1], Down, 60}}, span{d.Start(), d.End()})...)
		}
		chunks = append(chunks, &DayChunk{Day: d, Entities: []EntityDay{e}})
	}
	return Month(MonthInput{Month: month, Plan: NewPlan(inv), Chunks: chunks})
}

func TestOutagesAtTheEdges(t *testing.T) {
	const month = 31 * daySeconds
	tests := []struct {
		name                   string
		from, to               int64
		outages, flaps, inside int64
		open                   bool
	}{
		{"begins with the month", 0, 100, 1, 0, 100, false},
		{"born a second earlier", -1, 100, 0, 0, 100, false},
		{"as long as min_outage", 500, 510, 1, 0, 10, false},
		{"a second shorter: a flap", 500, 509, 0, 1, 9, false},
		{"crosses midnight", daySeconds - 50, daySeconds + 50, 1, 0, 100, false},
		{"ends with the month", month - 100, month, 1, 0, 100, false},
		{"lasts past the month", month - 5, month + 100, 1, 0, 5, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := oneDevice(nil, [2]int64{tt.from, tt.to})
			s := r.Entities[0].Sums
			if s.Outages != tt.outages || s.Flaps != tt.flaps || s.Down != tt.inside {
				t.Errorf("%d outages, %d flaps, %d s; want %d, %d, %d", s.Outages, s.Flaps, s.Down, tt.outages, tt.flaps, tt.inside)
			}
			if o := r.Outages[0]; o.From != r.From+tt.from || o.Open != tt.open || o.Seconds != tt.inside || o.Province != "01" {
				t.Errorf("outage %+v", o)
			}
			if nation := r.Availability[0]; nation.Sums.Outages != tt.outages || nation.Status != OK || !nation.Meets {
				t.Errorf("nation %+v", nation)
			}
		})
	}
}

// A planned window in the middle makes two outages of one failure and is shown beside both.
func TestWindowSplitsAnOutage(t *testing.T) {
	start := model.Month{Year: 2026, Month: 10}.Start()
	window := model.Window{ID: "w1", Kind: model.ScopeDevice, Key: "d", Start: start + 1000, End: start + 2000, ApprovedAt: start - 1}
	late := window
	late.ID, late.ApprovedAt = "w2", late.Start
	r := oneDevice([]model.Window{window, late}, [2]int64{500, 2600})
	if s := r.Entities[0].Sums; s.Outages != 2 || s.Down != 1100 || s.MaintDown != 1000 {
		t.Errorf("sums %+v, want 2 outages, 1100 s down, 1000 s planned", s)
	}
	for _, o := range r.Outages {
		if o.Planned != 1000 || len(o.Windows) != 1 || o.Windows[0] != "w1" {
			t.Errorf("outage %+v, want 1000 s planned by w1", o)
		}
	}
	if len(r.LateWindows) != 1 || r.LateWindows[0].ID != "w2" {
		t.Errorf("late windows %v, want w2", r.LateWindows)
	}
}

// A slot leaves the expected ones only when more than half of it is out.
func TestHalfASlotStays(t *testing.T) {
	for _, tt := range []struct {
		seconds int64
		want    int32
	}{{150, 288}, {151, 287}} {
		inv := &model.Inventory{
			Devices: []model.Device{{Name: "a", Validity: model.Validity{To: model.Forever}}},
			Links:   []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "1"}, Validity: model.Validity{To: model.Forever}}},
			Windows: []model.Window{{ID: "w", Kind: model.ScopeDevice, Key: "a", Start: day0.Start() + 300, End: day0.Start() + 300 + tt.seconds, ApprovedAt: 1}},
		}
		if got := dayOfLink(NewPlan(inv)).Expected; got != tt.want {
			t.Errorf("%d s of window: %d slots expected, want %d", tt.seconds, got, tt.want)
		}
	}
}

// Without a single observation there is no value, which meets nothing.
func TestNothingObserved(t *testing.T) {
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: model.Validity{To: model.Forever}}},
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(1, 100)}}},
	}
	r := Month(MonthInput{Month: model.Month{Year: 2026, Month: 10}, Plan: NewPlan(inv)})
	if a := r.Availability[0]; a.Net.Valid() || a.Status != NoData || a.Meets || a.Sums.Unknown != 31*daySeconds {
		t.Errorf("%+v", a)
	}
}

// A device without an inventory row is listed apart and in nobody's sums.
func TestStrangers(t *testing.T) {
	month := model.Month{Year: 2026, Month: 10}
	c := &DayChunk{Day: month.First(), Entities: []EntityDay{{Device: "who", Carry: Machine{State: Up}}}}
	r := Month(MonthInput{Month: month, Plan: NewPlan(&model.Inventory{}), Chunks: []*DayChunk{c}})
	if len(r.Availability) != 1 || r.Availability[0].Province != UnknownProvince || r.Availability[0].Status != NoTarget {
		t.Errorf("availability %+v, want only the group of unknown devices", r.Availability)
	}
	if r.Entities[0].Province != UnknownProvince || r.Entities[0].Sums.Up != daySeconds {
		t.Errorf("entity %+v", r.Entities[0])
	}
}

// The reach method that the inventory names decides; the others are advisory.
func TestPrimaryMethod(t *testing.T) {
	month := model.Month{Year: 2026, Month: 10}
	day := func(method string, s State) EntityDay {
		e := EntityDay{Device: "d", Method: method}
		if s != Up {
			e.NonUp = []Interval{{month.Start(), month.Start() + daySeconds, s, 60}}
		}
		return e
	}
	for _, tt := range []struct {
		primary string
		down    int64
	}{{"snmp", 0}, {"icmp", daySeconds}, {"", daySeconds}} {
		inv := &model.Inventory{Devices: []model.Device{{Name: "d", PrimaryMethod: tt.primary, Validity: model.Validity{To: model.Forever}}}}
		c := &DayChunk{Day: month.First(), Entities: []EntityDay{day("icmp", Down), day("snmp", Up)}}
		r := Month(MonthInput{Month: month, End: month.Start() + daySeconds, Plan: NewPlan(inv), Chunks: []*DayChunk{c}})
		if s := r.Entities[0].Sums; s.Down != tt.down || s.Up != daySeconds-tt.down {
			t.Errorf("primary %q: %+v, want %d s down", tt.primary, s, tt.down)
		}
	}
}
