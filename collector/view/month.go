package view

import (
	"context"
	"fmt"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// Month computes a month up to an instant from the store alone: closed days as they were closed, open ones as far as the
// collector's last checkpoints reach. Closed days are read one after the other, so that a month needs little more memory
// than a day.
func Month(ctx context.Context, s *store.Store, plan *kpi.Plan, month model.Month, until int64) (kpi.MonthResult, error) {
	r, err := fromStore(ctx, s, plan, month, until)
	if err != nil {
		return kpi.MonthResult{}, fmt.Errorf("month %s: %w", month, err)
	}
	return r, nil
}

func fromStore(ctx context.Context, s *store.Store, plan *kpi.Plan, month model.Month, until int64) (r kpi.MonthResult, err error) {
	days := Around(month)
	live := map[dayOf]*kpi.DayChunk{}
	for p := range s.Partitions() {
		chunks, err := partition.OpenFromStore(ctx, s, days, []int{p})
		if err != nil {
			return r, err
		}
		for _, c := range chunks {
			live[dayOf{p, c.Day}] = c
		}
	}
	closed, err := newClosedDays(s)
	if err != nil {
		return r, err
	}
	closed.until = until
	chunks, traffic, err := closed.join(ctx, days, plan, live)
	if err != nil {
		return r, err
	}
	return kpi.Month(kpi.MonthInput{Month: month, End: until, Plan: plan, Chunks: chunks, Traffic: traffic}), nil
}
