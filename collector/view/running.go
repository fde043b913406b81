package view

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// running is the traffic of the running month. It moves by slots of five minutes, so it is added up once a
// slot, and when other days are open or closed or the plan has changed.
type running struct {
	made    string
	traffic *kpi.MonthTraffic
	reports closedReports
}

func (v *View) measure(ctx context.Context, in kpi.MonthInput, live liveDays) (*kpi.MonthTraffic, error) {
	keys := slices.SortedFunc(maps.Keys(live), func(a, b dayOf) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.partition, b.partition))
	})
	made := fmt.Sprint(in.End/kpi.SlotSeconds, v.plan.Hash(), v.closed.made, keys)
	if made == v.running.made {
		return v.running.traffic, nil
	}
	measured, err := v.live(ctx, partition.Around(in.Month), true)
	if err != nil {
		return nil, err
	}
	err = v.Store.View(ctx, func(s *store.View) error {
		days, err := around(s, in.Month, measured)
		if err != nil {
			return err
		}
		v.running.traffic, err = traffic(ctx, v.Store, s, in, days, &v.running.reports)
		return err
	})
	if err != nil {
		return nil, err
	}
	v.running.made = made
	return v.running.traffic, nil
}
