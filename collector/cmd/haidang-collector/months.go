package main

import (
	"cmp"
	"context"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// months computes months from the store, as far as the collector's last checkpoints reach.
type months struct {
	store *store.Store // only read
	files inventory.Config
	inv   *model.Inventory
	plan  *kpi.Plan
	whole bool // with what no scorecard lists
}

// openMonths reads the operator's files and opens the store. units is another unit set than the configured one,
// unless it is empty: the numbers of a merged unit are then those of its members' devices, at any time.
// The caller closes the store.
func openMonths(ctx context.Context, file, units string) (*months, error) {
	cfg, err := config.Load(file)
	if err != nil {
		return nil, err
	}
	cfg.Inventory.UnitSet = cmp.Or(units, cfg.Inventory.UnitSet)
	index, err := inventory.Load(cfg.Inventory)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(ctx, store.Config{Path: storePath(cfg), ReadOnly: true}, nil)
	if err != nil {
		return nil, err
	}
	windows, err := maintenance.Windows(ctx, s)
	if err != nil {
		_ = s.Close() // it was only read
		return nil, err
	}
	inv := index.WithWindows(windows).Inventory
	out := &months{store: s, files: cfg.Inventory, inv: inv, plan: kpi.NewPlan(inv)}
	view.Sparing()
	return out, nil
}

// evaluate computes a month up to an instant.
func (m *months) evaluate(ctx context.Context, month model.Month, until int64) (kpi.MonthResult, error) {
	return view.Month(ctx, m.store, kpi.MonthInput{Plan: m.plan, Month: month, End: until, Listed: !m.whole})
}
