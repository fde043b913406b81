package kpi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// day0 is 2026-10-05, a Monday.
const day0 = model.Day(20731)

// anyObservations draws stretches of polls over days [from, to): regular ones, with failures,
// silences, odd seconds and midnight crossings.
func anyObservations(t *rapid.T, label string, from, to model.Day) []seen {
	var out []seen
	intervals := rapid.SampledFrom([]int64{0, 1, 10, 60, 60, 300, 3600})
	kinds := rapid.SampledFrom([]Obs{ObsUp, ObsUp, ObsUp, ObsDown, ObsDown, ObsDownNow, ObsUnknown, ObsExcluded})
	at := from.Start() - rapid.Int64Range(0, 2000).Draw(t, label+" start")
	for n := rapid.IntRange(0, 40).Draw(t, label+" stretches"); n > 0 && at < to.Start(); n-- {
		iv, kind := intervals.Draw(t, "interval"), kinds.Draw(t, "kind")
		step := max(iv, 1)
		if rapid.IntRange(0, 5).Draw(t, "odd") == 0 {
			step = rapid.Int64Range(1, 3*max(iv, 30)).Draw(t, "step")
		}
		for k := rapid.IntRange(1, 60).Draw(t, "count"); k > 0; k-- {
			if at >= from.Start() && at < to.Start() {
				out = append(out, seen{at, kind, iv})
			}
			at += step
		}
		if rapid.IntRange(0, 4).Draw(t, "silence") == 0 {
			at += rapid.Int64Range(0, 20000).Draw(t, "gap")
		}
	}
	for n := rapid.IntRange(-6, 3).Draw(t, "twins"); n > 0 && len(out) > 0; n-- { // of one second
		o := rapid.SampledFrom(out).Draw(t, "twin of")
		out = append(out, seen{o.at, kinds.Draw(t, "says"), intervals.Draw(t, "every")})
	}
	return out
}

// seriesOf sorts observations into one Series per day.
func seriesOf(all []seen) map[model.Day]*Series {
	out := map[model.Day]*Series{}
	for _, o := range all {
		d := model.DayOf(o.at)
		if out[d] == nil {
			out[d] = new(Series)
		}
		out[d].Add(o.at-d.Start(), o.obs, o.interval)
	}
	return out
}

// foldDays folds days [from, to) one after another.
func foldDays(series map[model.Day]*Series, from, to model.Day) []EntityDay {
	var out []EntityDay
	var m Machine
	for d := from; d < to; d++ {
		e := m.Fold(d, series[d], series[d+1])
		out, m = append(out, e), e.Carry
	}
	return out
}

// Folding day by day gives, second by second, what the rules say of all observations at once.
func TestFoldIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyObservations(t, "o", day0, day0+3)
		days := foldDays(seriesOf(all), day0, day0+3)
		o := oneASecond(all)
		want := oracleTimeline(o, day0.Start(), (day0 + 3).Start())
		for i, e := range days {
			d := day0 + model.Day(i)
			if diff := cmp.Diff(want.intervals(d), e.NonUp); diff != "" {
				t.Fatalf("%s: intervals (-want +got):\n%s", d, diff)
			}
			if want := lonely(o, d); e.Unconfirmed != want {
				t.Fatalf("%s: %d unconfirmed failures, want %d", d, e.Unconfirmed, want)
			}
			since := int64(0)
			if d.Start() > want.from && want.at(d.Start()) == Down && want.start[d.Start()-want.from] < d.Start() {
				since = want.start[d.Start()-want.from]
			}
			if e.DownSince != since {
				t.Fatalf("%s: DOWN since %d, want %d", d, e.DownSince, since)
			}
		}
	})
}

// The state the live view asks for is the time line's.
func TestMachineAt(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyObservations(t, "o", day0, day0+1)
		e := Machine{}.Fold(day0, seriesOf(all)[day0], nil)
		o := oneASecond(all)
		if len(o) == 0 {
			return
		}
		at := o[len(o)-1].at + rapid.Int64Range(0, 10000).Draw(t, "later")
		want := oracleTimeline(o, day0.Start(), at+1).at(at)
		if got, _ := e.Carry.At(at); got != want {
			t.Fatalf("state at %d is %s, want %s", at-day0.Start(), got, want)
		}
	})
}

type step struct {
	at  int64
	obs Obs
	iv  int64
}

func seriesFrom(steps ...step) *Series {
	s := new(Series)
	for _, o := range steps {
		s.Add(o.at, o.obs, o.iv)
	}
	return s
}

func TestFoldRules(t *testing.T) {
	at := func(s int64) int64 { return day0.Start() + s }
	iv := func(from, to int64, s State, poll int32) Interval { return Interval{at(from), at(to), s, poll} }
	tests := []struct {
		name        string
		in          []step
		want        []Interval
		unconfirmed uint32
	}{
		{"nothing seen", nil, []Interval{iv(0, 86400, Unknown, 0)}, 0},
		{"up, then its hold ends", []step{{0, ObsUp, 60}}, []Interval{iv(150, 86400, Unknown, 0)}, 0},
		{"the hold is floored", []step{{0, ObsUp, 1}}, []Interval{iv(2, 86400, Unknown, 0)}, 0},
		{"one failure, then silence", []step{{0, ObsUp, 60}, {60, ObsDown, 60}}, []Interval{iv(150, 86400, Unknown, 0)}, 1},
		{"two failures", []step{{0, ObsUp, 60}, {60, ObsDown, 60}, {120, ObsDown, 60}, {180, ObsUp, 3600}},
			[]Interval{iv(60, 180, Down, 60), iv(9180, 86400, Unknown, 0)}, 0},
		{"second failure at the very end of the hold", []step{{0, ObsDown, 60}, {150, ObsDown, 60}},
			[]Interval{iv(0, 300, Down, 60), iv(300, 86400, Unknown, 0)}, 0},
		{"second failure too late", []step{{0, ObsDown, 60}, {151, ObsDown, 60}}, []Interval{iv(0, 86400, Unknown, 0)}, 2},
		{"an answer between resets the count", []step{{0, ObsDown, 60}, {60, ObsUp, 60}, {120, ObsDown, 60}, {180, ObsUp, 60}},
			[]Interval{iv(0, 60, Unknown, 0), iv(330, 86400, Unknown, 0)}, 2},
		{"a notification confirms at once", []step{{0, ObsUp, 60}, {60, ObsDown, 60}, {75, ObsDownNow, 60}, {100, ObsUp, 60}},
			[]Interval{iv(60, 100, Down, 60), iv(250, 86400, Unknown, 0)}, 0},
		{"a notification without interval lasts like the poll before", []step{{0, ObsUp, 300}, {10, ObsDownNow, 0}},
			[]Interval{iv(10, 760, Down, 300), iv(760, 86400, Unknown, 0)}, 0},
		{"admin down is excluded at once", []step{{0, ObsUp, 60}, {60, ObsExcluded, 60}},
			[]Interval{iv(60, 210, Excluded, 0), iv(210, 86400, Unknown, 0)}, 0},
		{"back-dated over unknown time", []step{{0, ObsUp, 60}, {200, ObsDown, 60}, {260, ObsDown, 60}, {320, ObsUp, 60}},
			[]Interval{iv(150, 200, Unknown, 0), iv(200, 320, Down, 60), iv(470, 86400, Unknown, 0)}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := Machine{}.Fold(day0, seriesFrom(tt.in...), nil)
			if diff := cmp.Diff(tt.want, e.NonUp); diff != "" {
				t.Errorf("intervals (-want +got):\n%s", diff)
			}
			if e.Unconfirmed != tt.unconfirmed {
				t.Errorf("unconfirmed %d, want %d", e.Unconfirmed, tt.unconfirmed)
			}
		})
	}
}

// A DOWN confirmed after midnight is back-dated into the day before.
func TestFoldAcrossMidnight(t *testing.T) {
	first := seriesFrom(step{86300, ObsUp, 60}, step{86360, ObsDown, 60})
	second := seriesFrom(step{20, ObsDown, 60}, step{80, ObsUp, 60})
	a := Machine{}.Fold(day0, first, second)
	b := a.Carry.Fold(day0+1, second, nil)
	wantA := Interval{day0.Start() + 86360, day0.End(), Down, 60}
	wantB := Interval{day0.End(), day0.End() + 80, Down, 60}
	if got := a.NonUp[len(a.NonUp)-1]; got != wantA {
		t.Errorf("first day ends with %v, want %v", got, wantA)
	}
	if b.NonUp[0] != wantB || b.DownSince != wantA.From || b.Unconfirmed+a.Unconfirmed != 0 {
		t.Errorf("second day begins with %v since %d, want %v since %d", b.NonUp[0], b.DownSince, wantB, wantA.From)
	}
}

func TestRestarts(t *testing.T) {
	const wrap = 42949672 // seconds
	long := func(at int64, o Obs) step { return step{at, o, 300} }
	tests := []struct {
		name   string
		obs    []step
		uptime map[int64]int64 // second: uptime in seconds
		want   uint32
	}{
		{"none", []step{long(0, ObsUp), long(300, ObsUp)}, map[int64]int64{0: 9_000_000, 300: 9_000_300}, 0},
		{"between two good polls", []step{long(0, ObsUp), long(300, ObsUp)}, map[int64]int64{0: 9_000_000, 300: 120}, 1},
		{"seen by a failed poll", []step{long(0, ObsUp), long(170, ObsDown), long(300, ObsUp)}, map[int64]int64{0: 9_000_000, 300: 120}, 0},
		{"twice", []step{long(0, ObsUp), long(300, ObsUp), long(600, ObsUp)}, map[int64]int64{0: 9_000_000, 300: 120, 600: 90}, 2},
		{"the uptime counter wrapped", []step{long(0, ObsUp), long(300, ObsUp)}, map[int64]int64{0: wrap - 100, 300: 199}, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := seriesFrom(tt.obs...)
			for at, up := range tt.uptime {
				s.AddUptime(day0.Start()+at, uint64(up)*100)
			}
			if got := (Machine{}).Fold(day0, s, nil).Restarts; got != tt.want {
				t.Errorf("%d restarts, want %d", got, tt.want)
			}
		})
	}
}
