package main

import (
	"context"
	"fmt"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
)

// publisher is who publishes what is published on its own.
const publisher = "haidang-collector"

// closing publishes months on its own: each when its data had time to arrive, and again when data that
// came later changed a number.
func (c *collector) closing(ctx context.Context) error {
	if !c.cfg.Closing.Publish {
		<-ctx.Done()
		return ctx.Err()
	}
	tick := time.NewTicker(c.cfg.Closing.Every.D())
	defer tick.Stop()
	for {
		select {
		case now := <-tick.C:
			c.closeMonths(ctx, now)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// closeMonths looks at every month that is due and that late points may still change.
func (c *collector) closeMonths(ctx context.Context, now time.Time) {
	oldest := now.Unix() - int64(c.cfg.Partitions.KeepDays+c.cfg.Closing.Day)*model.DaySeconds
	for m := model.MonthOf(oldest); m.End() < now.Unix(); m = m.Next() {
		if due := m.Next().First() + model.Day(c.cfg.Closing.Day-1); due.Start() > now.Unix() {
			return
		}
		if err := c.closeMonth(ctx, m); err != nil && ctx.Err() == nil {
			c.log.Error().Err(err).Stringer("month", m).Msg("the month's scorecards could not be published, will try again")
		}
	}
}

// closeMonth publishes the month's next revision if its data are others than at the last one. What was
// edited in the files since then makes no revision of its own: that is for people to decide.
func (c *collector) closeMonth(ctx context.Context, m model.Month) error {
	key := "published_data/" + m.String()
	data, err := dataOf(ctx, c.store, m)
	if err != nil || data == "" {
		return err
	}
	if known, _, err := c.store.Meta(ctx, key); err != nil || known == data {
		return err
	}
	inv := c.inventory.Load().Inventory
	result, err := view.Month(ctx, c.store, kpi.MonthInput{Plan: kpi.NewPlan(inv), Month: m, End: m.End(), Listed: true})
	if err != nil {
		return err
	}
	docs := scorecard.Build(&result, inv, 0)
	if err := recall(ctx, c.store, docs); err != nil {
		return err
	}
	p, changed, err := release(ctx, c.store, docs, publisher)
	if err != nil {
		return err
	}
	if changed {
		c.log.Info().Stringer("month", m).Int("revision", p.Revision).Int("cells", changes(docs)).Msg("scorecards published")
	}
	return c.store.SetMeta(ctx, key, data)
}

// dataOf names the closed days that a month is made of; none while there are no data, or a day is open.
func dataOf(ctx context.Context, s *store.Store, m model.Month) (data string, err error) {
	err = s.View(ctx, func(v *store.View) error {
		days, err := v.Days(int32(m.First()), int32(m.Next().First()))
		for _, d := range days {
			if !d.Closed {
				data = ""
				return nil
			}
			data += fmt.Sprintf("%d/%d:%d ", d.Day, d.Partition, d.Revision)
		}
		return err
	})
	return data, err
}
