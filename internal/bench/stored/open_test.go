package stored_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/bench/stored"
)

// What is measured must be what a collector would have: every device and port up all day, every slot with a rate.
func TestAnOpenDayIsQuietAndWhole(t *testing.T) {
	ctx := context.Background()
	always := model.Validity{To: model.Forever}
	inv := inventory.NewIndex(&model.Inventory{
		Devices: []model.Device{{Name: "a", Validity: always}, {Name: "b", Validity: always}},
		Links: []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "1"}, B: model.Port{Device: "b", IfName: "1"},
			Class: model.Transport, CapacityMbps: 10_000, Validity: always}},
	})
	month := model.Month{Year: 2026, Month: 10}
	path, d := filepath.Join(t.TempDir(), "store.db"), month.First()+1
	if err := stored.Begun(ctx, path, inv, month, d-1); err != nil {
		t.Fatal(err)
	}
	for i, hours := range []int{24, 1} {
		if err := stored.Open(ctx, path, inv, d+model.Day(i), 0, hours); err != nil {
			t.Fatal(err)
		}
	}
	s, err := store.Open(ctx, store.Config{Path: path, ReadOnly: true}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	entities, ports := 0, 0
	for p := range s.Partitions() {
		var chunks []*kpi.DayChunk
		err := s.View(ctx, func(v *store.View) (err error) {
			chunks, err = partition.OpenFromStore(v, partition.Days{From: d, To: d + 1}, p)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range chunks {
			entities, ports = entities+len(c.Entities), ports+len(c.Ports)
			for _, e := range c.Entities {
				if len(e.NonUp) > 0 {
					t.Errorf("%s %s is not up: %v", e.Device, e.IfName, e.NonUp)
				}
			}
			for _, port := range c.Ports {
				if len(port.In) != kpi.SlotsPerDay || slices.Contains(port.In, kpi.NoRate) || slices.Contains(port.Out, kpi.NoRate) {
					t.Errorf("%s %s lacks slots: %v", port.Device, port.IfName, port.In)
				}
			}
		}
	}
	if entities != 4 || ports != 1 {
		t.Errorf("%d entities and %d ports, want 4 and 1", entities, ports)
	}
}
