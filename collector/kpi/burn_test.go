package kpi

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

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
