package view

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// dayOf names one partition's day.
type dayOf struct {
	partition int
	day       model.Day
}

// live asks every partition for its open days. Of one that another process owns, the store knows the
// days as of that owner's last checkpoint.
func (v *View) live(ctx context.Context, days partition.Days) (map[dayOf]*kpi.DayChunk, error) {
	live := map[dayOf]*kpi.DayChunk{}
	for _, p := range v.Partitions {
		chunks, err := p.Open(ctx, days)
		if errors.Is(err, partition.ErrNotOwner) {
			chunks, err = partition.FromStore(ctx, v.Store, days, []int{p.ID})
		}
		if err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.ID, err)
		}
		for _, c := range chunks {
			live[dayOf{p.ID, c.Day}] = c
		}
	}
	return live, nil
}

// closedDays keeps what closed days were decoded to. The traffic of a day that every partition has
// closed is added up once, and its ports are not kept: they are what is large.
type closedDays struct {
	store   *store.Store
	decode  partition.Closed
	chunks  map[dayOf]closedDay
	traffic map[model.Day]dayTraffic
}

type closedDay struct {
	revision int
	chunk    *kpi.DayChunk
}

// dayTraffic is the traffic of one day, while the chunks and the plan that made it are the same.
type dayTraffic struct {
	made string
	sum  *kpi.Traffic
}

func newClosedDays(s *store.Store) (*closedDays, error) {
	decode, err := partition.NewClosed()
	return &closedDays{store: s, decode: decode, chunks: map[dayOf]closedDay{}, traffic: map[model.Day]dayTraffic{}}, err
}

// join adds the closed days to the live ones, which count where both have a day.
func (c *closedDays) join(ctx context.Context, days partition.Days, plan *kpi.Plan, live map[dayOf]*kpi.DayChunk) (all []*kpi.DayChunk, traffic []*kpi.Traffic, err error) {
	err = c.store.View(ctx, func(v *store.View) error {
		states, err := v.Days(int32(days.From), int32(days.To))
		if err != nil {
			return err
		}
		for day := days.From; day < days.To; day++ {
			chunks, sum, err := c.day(v, day, plan, states, live)
			if err != nil {
				return err
			}
			all = append(all, chunks...)
			if sum != nil {
				traffic = append(traffic, sum)
			}
		}
		return nil
	})
	c.forget(days)
	return all, traffic, err
}

// day returns the chunks of one day and, if no partition has it open, its traffic.
func (c *closedDays) day(v *store.View, day model.Day, plan *kpi.Plan, states []store.DayState, live map[dayOf]*kpi.DayChunk) ([]*kpi.DayChunk, *kpi.Traffic, error) {
	var out []*kpi.DayChunk
	var closed []store.DayState
	for _, s := range states {
		if model.Day(s.Day) == day && s.Closed && live[dayOf{s.Partition, day}] == nil {
			closed = append(closed, s)
		}
	}
	for key, chunk := range live {
		if key.day == day {
			out = append(out, chunk)
		}
	}
	made := fmt.Sprint(plan.Hash(), closed)
	if kept, ok := c.traffic[day]; ok && kept.made == made && len(out) == 0 {
		for _, s := range closed {
			out = append(out, c.chunks[dayOf{s.Partition, day}].chunk)
		}
		return out, kept.sum, nil
	}
	if len(closed) == 0 {
		return out, nil, nil
	}
	whole, err := c.read(v, day, closed)
	if err != nil || len(out) > 0 {
		return append(out, whole...), nil, err
	}
	sum := plan.Traffic(day, 0, whole)
	c.traffic[day] = dayTraffic{made, sum}
	for i, s := range closed {
		slim := *whole[i]
		slim.Ports = nil
		c.chunks[dayOf{s.Partition, day}] = closedDay{s.Revision, &slim}
		out = append(out, &slim)
	}
	return out, sum, nil
}

// read decodes the closed chunks of one day, in the order of closed.
func (c *closedDays) read(v *store.View, day model.Day, closed []store.DayState) ([]*kpi.DayChunk, error) {
	out := make([]*kpi.DayChunk, len(closed))
	err := v.Chunks(int32(day), int32(day+1), func(row store.DayChunk) (err error) {
		i := slices.IndexFunc(closed, func(s store.DayState) bool { return s.Partition == row.Partition })
		if i >= 0 {
			out[i], err = c.decode.Decode(row)
		}
		return err
	})
	return out, err
}

// forget drops what lies outside of the days.
func (c *closedDays) forget(days partition.Days) {
	for key := range c.chunks {
		if key.day < days.From || key.day >= days.To {
			delete(c.chunks, key)
		}
	}
	for day := range c.traffic {
		if day < days.From || day >= days.To {
			delete(c.traffic, day)
		}
	}
}
