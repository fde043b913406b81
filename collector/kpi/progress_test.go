package kpi

import (
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

func TestProgress(t *testing.T) {
	since := func(month time.Month) model.Validity {
		return model.Validity{From: model.Month{Year: 2026, Month: month}.Start(), To: model.Forever}
	}
	old := model.Validity{To: model.Forever}
	start, given := int64(100), int64(1630)
	inv := &model.Inventory{
		Devices: []model.Device{
			{Name: "a", System: "ran-4g", Site: "s1", Subscribers: 10, Validity: old},
			{Name: "b", System: "ran-4g", Site: "s2", Subscribers: 20, Validity: since(time.March)},
			{Name: "c", System: "ran-4g", Site: "s2", Validity: since(time.March)},
			{Name: "r", System: "ring-north", Validity: old},
			{Name: "u", System: "olt", Site: "s3", Validity: model.Validity{To: model.Month{Year: 2026, Month: time.May}.Start()}},
		},
		Links: []model.Link{
			{Name: "l1", A: model.Port{Device: "r"}, CapacityMbps: 400_000, Validity: old},
			{Name: "l2", A: model.Port{Device: "r"}, CapacityMbps: 100_000, Validity: since(time.June)},
			{Name: "l3", A: model.Port{Device: "a"}, CapacityMbps: 7, Validity: since(time.June)}},
		Goals: []model.Goal{
			{ID: "sites", Year: 2026, Measure: model.CountSites, Systems: []model.System{"ran-4g"}, Planned: 4},
			{ID: "units", Year: 2026, Measure: model.CountDevices, Systems: []model.System{"ran-4g"}, Planned: 4},
			{ID: "all", Year: 2026, Measure: model.CountDevices, Planned: 2, Start: &start},
			{ID: "subscribers", Year: 2026, Measure: model.CountSubscribers, Planned: 40},
			{ID: "ring", Year: 2026, Measure: model.CountCapacity, Systems: []model.System{"ring-north"}, Planned: 200_000},
			{ID: "fibre", Year: 2026, Measure: model.Given, Planned: 1930, Start: &given, Now: 2000},
			{ID: "coverage", Year: 2026, Measure: model.Given, Planned: 10, Now: 5},
			{ID: "other year", Year: 2025, Measure: model.CountSites, Planned: 1}},
	}
	at := model.Month{Year: 2026, Month: time.July}.Start()
	want := map[string]string{"sites": "25.0", "units": "50.0", "all": "-4800.0", "subscribers": "50.0", "ring": "50.0", "fibre": "19.2", "coverage": ""}
	got := ProgressOf(inv, at)
	if len(got) != len(want) {
		t.Fatalf("%d goals of the year, want %d", len(got), len(want))
	}
	for _, p := range got {
		wantText(t, p.Goal.ID, p.Ratio.Percent(1), want[p.Goal.ID])
		if (p.Status == NoBaseline) != (p.Goal.ID == "coverage") {
			t.Errorf("%s: %s", p.Goal.ID, p.Status)
		}
	}
	inv.Devices = inv.Devices[1:3] // nothing is known of the year's start
	for _, p := range ProgressOf(inv, at) {
		if p.Goal.Start == nil && (p.Status != NoBaseline || p.Ratio.Valid()) {
			t.Errorf("%s has a baseline", p.Goal.ID)
		}
	}
}
