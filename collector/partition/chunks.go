package partition

import (
	"context"
	"fmt"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// openChunk is an open day's chunk, kept while nothing that it was made of changes.
type openChunk struct {
	made  [3]uint64 // versions of the day before, the day and the day after
	carry *kpi.DayChunk
	chunk *kpi.DayChunk
}

// baseChunk is the closed chunk that was used last to start an open day from.
type baseChunk struct {
	day      model.Day
	revision int
	chunk    *kpi.DayChunk
}

// openChunks folds the days that are open or stale. The first one starts from the chunk of the day
// before it, each later one from the fold before.
func (o *owner) openChunks(ctx context.Context, from, to model.Day) (out []*kpi.DayChunk, err error) {
	var before *kpi.DayChunk
	ids := o.sorted()
	for _, date := range o.observed() {
		if date >= to || o.sealed(date) || o.current(date) {
			continue
		}
		if before == nil || before.Day != date-1 {
			if before, err = o.chunkBefore(ctx, date); err != nil {
				return nil, err
			}
		}
		if before, err = o.openChunk(ctx, date, before, ids); err != nil {
			return nil, err
		}
		if date >= from {
			out = append(out, before)
		}
	}
	return out, nil
}

// current says that the day is closed and its chunk matches its observations.
func (s *state) current(date model.Day) bool {
	_, closed := s.chunks[date]
	return closed && date < s.staleFrom
}

func (o *owner) openChunk(ctx context.Context, date model.Day, before *kpi.DayChunk, ids []uint32) (*kpi.DayChunk, error) {
	var around [3]*day
	var made [3]uint64
	for i := range around {
		d, err := o.peek(ctx, date+model.Day(i-1))
		if err != nil {
			return nil, err
		}
		if around[i] = d; d != nil {
			made[i] = d.version
		}
	}
	if kept, ok := o.open[date]; ok && kept.made == made && kept.carry == before {
		return kept.chunk, nil
	}
	chunk := o.fold(date, carryOf(before), around[0], around[1], around[2], ids)
	o.open[date] = openChunk{made, before, chunk}
	return chunk, nil
}

// Snapshot is what a store holds of some days, of all partitions, at one instant.
type Snapshot struct {
	Chunks    []*kpi.DayChunk
	Revisions map[model.Day]int // the highest of the partitions' closed chunks
	Open      int               // days and partitions that are not closed, or stale
}

// FromStore computes the chunks of the days from, inclusive, to to, exclusive, from one view of the
// store: closed days as they were closed, the others from their observations. It is what a process
// that owns no partition sees, up to the owners' last checkpoints.
func FromStore(ctx context.Context, s *store.Store, from, to model.Day) (snap Snapshot, err error) {
	c, err := newCodec()
	if err != nil {
		return snap, err
	}
	snap.Revisions = map[model.Day]int{}
	err = s.View(ctx, func(v *store.View) error {
		closed, err := chunksOf(v, c, from-1, to)
		if err != nil {
			return err
		}
		for p := range s.Partitions() {
			if err := snap.add(v, c, p, closed, [2]model.Day{from, to}); err != nil {
				return fmt.Errorf("partition %d: %w", p, err)
			}
		}
		return nil
	})
	return snap, err
}

type chunkKey struct {
	partition int
	day       model.Day
}

func chunksOf(v *store.View, c *codec, from, to model.Day) (map[chunkKey]*kpi.DayChunk, error) {
	out := map[chunkKey]*kpi.DayChunk{}
	err := v.Chunks(int32(from), int32(to), func(row store.DayChunk) error {
		chunk, err := decodeChunk(c, row)
		out[chunkKey{row.Partition, model.Day(row.Day)}] = chunk
		return err
	})
	return out, err
}

// add folds one partition's days in order. Days before from are folded, too, as long as they are not
// closed, since each hands its state to the next.
func (snap *Snapshot) add(v *store.View, c *codec, partition int, closed map[chunkKey]*kpi.DayChunk, days [2]model.Day) error {
	s, err := viewState(v, partition)
	if err != nil {
		return err
	}
	first := days[0] - 1
	for first > always && s.stored[first] && !s.current(first) {
		first--
	}
	r := rolling{state: s, view: v, codec: c, partition: partition}
	var before *kpi.DayChunk
	for date := first; date < days[1]; date++ {
		chunk := closed[chunkKey{partition, date}]
		if !s.current(date) && s.stored[date] {
			if chunk, err = r.fold(date, before); err != nil {
				return err
			}
			snap.Open++
		}
		before = chunk
		if date < days[0] || chunk == nil {
			continue
		}
		snap.Chunks = append(snap.Chunks, chunk)
		snap.Revisions[date] = max(snap.Revisions[date], s.chunks[date].revision)
	}
	return nil
}

// rolling reads days one after another and keeps the last three.
type rolling struct {
	*state
	view      *store.View
	codec     *codec
	partition int
}

func (r *rolling) fold(date model.Day, before *kpi.DayChunk) (*kpi.DayChunk, error) {
	for old := range r.days {
		if old < date-1 {
			delete(r.days, old)
		}
	}
	for near := date - 1; near <= date+1; near++ {
		if err := r.read(near); err != nil {
			return nil, err
		}
	}
	return r.state.fold(date, carryOf(before), r.days[date-1], r.days[date], r.days[date+1], r.sorted()), nil
}

func (r *rolling) read(date model.Day) error {
	if _, ok := r.days[date]; ok || !r.stored[date] {
		return nil
	}
	d := &day{date: date}
	err := r.view.Blocks(int32(date), int32(date+1), func(b store.Block) error {
		if b.Partition != r.partition {
			return nil
		}
		return r.merge(r.codec, d, b)
	})
	r.days[date] = d
	return err
}
