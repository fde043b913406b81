package partition

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// due are the days to close now, in order: over since close_after, quiet since close_idle, and either
// not closed yet or stale. Days close in order, since each hands its state to the next; a day that
// must wait holds up those after it.
func (o *owner) due(now time.Time) (out []model.Day) {
	for _, date := range o.observed() {
		if _, closed := o.chunks[date]; closed && date < o.staleFrom || o.sealed(date) {
			continue
		}
		if !o.ripe(date, now) {
			return out
		}
		out = append(out, date)
	}
	return out
}

func (o *owner) ripe(date model.Day, now time.Time) bool {
	if now.Unix() < date.End()+int64(o.CloseAfter/time.Second) {
		return false
	}
	for near := date - 1; near <= date+1; near++ {
		touched := o.evicted[near]
		if d := o.days[near]; d != nil {
			touched = d.touched
		}
		if now.Sub(touched) < o.CloseIdle {
			return false
		}
	}
	return true
}

// observed are the days of which there are observations, in order.
func (o *owner) observed() []model.Day {
	out := make([]model.Day, 0, len(o.stored)+len(o.days))
	for date := range o.stored {
		out = append(out, date)
	}
	for date := range o.days {
		if !o.stored[date] {
			out = append(out, date)
		}
	}
	slices.Sort(out)
	return out
}

// closeDays closes what is due, a checkpoint each, so that a month of them does not pile up in memory.
func (o *owner) closeDays(ctx context.Context) error {
	for _, date := range o.due(o.Now()) {
		if err := o.closeDay(ctx, date); err != nil {
			return fmt.Errorf("close %s: %w", date, err)
		}
		o.evict()
	}
	if err := o.splitOne(ctx); err != nil {
		return err
	}
	return o.forget(ctx)
}

func (o *owner) closeDay(ctx context.Context, date model.Day) error {
	c, row, err := o.closedForm(ctx, date)
	if err != nil {
		return err
	}
	done := chunk{o.chunks[date].revision + 1, o.Now().Unix(), true}
	stale := o.staleFrom
	if date >= o.staleFrom {
		o.staleFrom = date + 1
	}
	if o.staleFrom > o.closedTo {
		o.staleFrom = never
	}
	if err := o.commitDay(ctx, row, c, done); err != nil {
		o.staleFrom = stale
		return err
	}
	o.chunks[date] = done
	o.base = baseChunk{date, done.revision, c}
	delete(o.open, date)
	delete(o.evicted, date-1) // not asked for any more
	o.closedTo = max(o.closedTo, date)
	o.m.closed.Inc()
	o.Log.Info().Stringer("day", date).Int("revision", done.revision).Msg("day closed")
	return nil
}

// closedForm folds one day, with what the chunk before it carries over: time lines and reports, and the store's row of
// all. Rates are folded and packed a shard at a time: those of all ports would take many times the room of what becomes
// of them.
func (o *owner) closedForm(ctx context.Context, date model.Day) (*kpi.DayChunk, store.DayChunk, error) {
	before, err := o.chunkBefore(ctx, date)
	if err != nil {
		return nil, store.DayChunk{}, err
	}
	lines, err := o.openChunk(ctx, date, before, false)
	if err != nil {
		return nil, store.DayChunk{}, err
	}
	around, err := o.around(ctx, date)
	if err != nil {
		return nil, store.DayChunk{}, err
	}
	c := *lines
	c.Reports = o.foldReports(date, around[1])
	shards := o.byShard(around[1])
	row := Closed{o.codec}.pack(o.trimmed(&c), func(shard int) []kpi.PortDay { return o.foldPorts(date, around, shards[shard]) })
	c.Reports = nil
	return &c, row, nil
}

// chunkBefore is the closed chunk of the day before, or nil.
func (o *owner) chunkBefore(ctx context.Context, date model.Day) (before *kpi.DayChunk, err error) {
	closed, ok := o.chunks[date-1]
	if !ok {
		return nil, nil
	}
	if o.base.day == date-1 && o.base.revision == closed.revision {
		return o.base.chunk, nil
	}
	err = o.Store.View(ctx, func(v *store.View) error {
		before, err = chunkAt(v, o.codec, o.ID, date-1)
		return err
	})
	if err == nil {
		o.base = baseChunk{date - 1, closed.revision, before}
	}
	return before, err
}

// peek is the day's observations for reading: in memory, or read back from the store; nil if there
// are none.
func (o *owner) peek(ctx context.Context, date model.Day) (*day, error) {
	if d, ok := o.days[date]; ok {
		return d, nil
	}
	if !o.stored[date] {
		return nil, nil
	}
	d, err := o.load(ctx, date)
	if err == nil {
		o.days[date] = d
	}
	return d, err
}

// around is the day and what its fold needs of those beside it.
func (o *owner) around(ctx context.Context, date model.Day) (out [3]*day, err error) {
	for i := range out {
		near, read := date+model.Day(i-1), o.edge
		if near == date {
			read = o.peek
		}
		if out[i], err = read(ctx, near); err != nil {
			return out, err
		}
	}
	for kept := range o.edges {
		if o.days[kept-1] == nil && o.days[kept+1] == nil {
			delete(o.edges, kept)
		}
	}
	return out, nil
}

// edge is a day for the folds of its neighbours: in memory, or its edges read back from the store. Nothing may be added
// to it.
func (o *owner) edge(ctx context.Context, date model.Day) (d *day, err error) {
	switch d, known := o.days[date], o.edges[date]; {
	case d != nil:
		return d, nil
	case known != nil:
		return known, nil
	case !o.stored[date]:
		return nil, nil
	}
	if d, err = o.readDay(ctx, date, true); err == nil {
		o.edges[date] = d
	}
	return d, err
}

// forget drops from the store the observations of days that were closed keep_days ago: from then on
// they are sealed.
func (o *owner) forget(ctx context.Context) error {
	limit := o.Now().Unix() - int64(o.KeepDays)*model.DaySeconds
	var old []int32
	for date, c := range o.chunks {
		if c.closedAt < limit && o.stored[date] && date < o.staleFrom {
			old = append(old, int32(date))
		}
	}
	if len(old) == 0 {
		return nil
	}
	slices.Sort(old)
	if err := o.commit(ctx, store.Checkpoint{Drop: old}); err != nil {
		return err
	}
	o.last = nil
	for _, date := range old {
		delete(o.days, model.Day(date))
		delete(o.stored, model.Day(date))
	}
	return nil
}
