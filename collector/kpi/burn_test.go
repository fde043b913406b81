package kpi

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// The burn of a window is that of the month from where the window begins.
func TestBurnIsThatOfTheWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := anyWorld(t)
		in := w.input(w.chunks())
		windows := []int64{300, 3600, rapid.Int64Range(3600, 2*daySeconds).Draw(t, "longest")}
		for _, b := range Burns(in, windows) {
			part := in
			part.Day, part.From = true, in.End-b.Window
			if part.From <= w.month.Start() {
				continue // Month does not look over the month's start
			}
			want := inMonth(Month(part), b)
			down := want.Sums.Down
			if want.Test.Gross {
				down += want.Sums.MaintDown
			}
			if b.Up != want.Sums.Up || b.Down != down {
				t.Fatalf("%+v: want %d up, %d down", b, want.Sums.Up, down)
			}
			if tested := want.Tested(); tested.Valid() && b.Rate.rat(1).Cmp(new(big.Rat).Mul(big.NewRat(10, 1), new(big.Rat).Sub(big.NewRat(1, 1), tested.rat(1)))) != 0 {
				t.Fatalf("%+v: %s of 0.9 available", b, tested.Format(9))
			}
		}
	})
}

// inMonth is what a month says of the group or composite that burned.
func inMonth(r MonthResult, b Burned) Availability {
	for i := range r.Composites {
		if r.Composites[i].Name == b.Composite {
			return r.Composites[i].Availability
		}
	}
	for _, a := range r.Availability {
		if b.Composite == "" && a.group() == (group{b.Province, b.Level, b.System, ""}) {
			return a
		}
	}
	return Availability{}
}

// Three minutes into the month the last hour still is an hour.
func TestBurnLooksOverTheMonthsStart(t *testing.T) {
	at := november.Start()
	inv := &model.Inventory{
		Devices: []model.Device{{Name: "d", Province: "01", System: "olt", Validity: model.Validity{To: model.Forever}}},
		Targets: model.Targets{Availability: map[model.System]model.SystemTarget{"olt": {Target: ratio(9995, 10000)}}},
	}
	var chunks []*DayChunk
	for _, d := range []model.Day{november.First() - 1, november.First()} {
		chunks = append(chunks, &DayChunk{Day: d, Entities: []EntityDay{{Device: "d", NonUp: clipIntervals([]Interval{{From: at - 60, To: at + 30, State: Down}}, span{d.Start(), d.End()})}}})
	}
	got := Burns(MonthInput{Month: november, End: at + 180, Plan: NewPlan(inv), Chunks: chunks}, []int64{300, 3600})
	if len(got) != 4 { // the nation and the province
		t.Fatalf("%+v", got)
	}
	wantText(t, "burn of an hour", got[1].Rate.Format(1), "50.0")
	if got[0].Down != 90 || got[0].Up != 210 {
		t.Errorf("five minutes: %+v", got[0])
	}
}
