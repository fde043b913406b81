package stored

import (
	"context"
	"errors"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// Reach fills a new store at path with devices of which it was asked every minute of a month, and a day
// either side, whether they answer.
func Reach(ctx context.Context, path string, month model.Month, devices []string, up func(device int, at int64) bool) error {
	s, err := store.Open(ctx, store.Config{Path: path, Partitions: 1}, nil)
	if err != nil {
		return err
	}
	return errors.Join(reach(ctx, s, month, devices, up), s.Close())
}

func reach(ctx context.Context, s *store.Store, month model.Month, devices []string, up func(int, int64) bool) error {
	w, err := newWriter(ctx, s, month, 0)
	if err != nil {
		return err
	}
	states := make([]kpi.Machine, len(devices))
	for d := month.First() - 1; d <= month.Next().First(); d++ {
		chunk := &kpi.DayChunk{Day: d}
		for i, name := range devices {
			e := states[i].Fold(d, minutes(d, i, up), nil)
			e.Device, e.Method, states[i] = name, "snmp", e.Carry
			chunk.Entities = append(chunk.Entities, e)
		}
		slices.SortFunc(chunk.Entities, func(a, b kpi.EntityDay) int { return compare(a.Device, b.Device, a.IfName, b.IfName) })
		if err := w.commit(ctx, chunk); err != nil {
			return err
		}
	}
	return s.Release(ctx, w.lease)
}

// minutes are a device's observations of a day.
func minutes(d model.Day, device int, up func(int, int64) bool) *kpi.Series {
	var series kpi.Series
	for at := d.Start(); at < d.End(); at += 60 {
		obs := kpi.ObsDown
		if up(device, at) {
			obs = kpi.ObsUp
		}
		series.Add(at-d.Start(), obs, 60)
	}
	return &series
}
