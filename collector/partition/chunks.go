package partition

import (
	"context"
	"fmt"
	"maps"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// openChunk is an open day's chunk, kept while nothing that it was made of changes.
type openChunk struct {
	made  [3]uint64 // versions of the day before, the day and the day after
	carry *kpi.DayChunk
	ports bool
	chunk *kpi.DayChunk
}

// baseChunk is the closed chunk that was used last to start an open day from.
type baseChunk struct {
	day      model.Day
	revision int
	chunk    *kpi.DayChunk
}

// openChunks folds the days that are open or stale, with the ports' traffic if asked for. The first one
// starts from the chunk of the day before it, each later one from the fold before.
func (o *owner) openChunks(ctx context.Context, days Days, ports bool) (out []*kpi.DayChunk, err error) {
	var before *kpi.DayChunk
	for _, date := range o.observed() {
		if date >= days.To || o.sealed(date) || o.current(date) {
			continue
		}
		if before == nil || before.Day != date-1 {
			if before, err = o.chunkBefore(ctx, date); err != nil {
				return nil, err
			}
		}
		if before, err = o.openChunk(ctx, date, before, ports); err != nil {
			return nil, err
		}
		o.evict()
		if date >= days.From {
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

func (o *owner) openChunk(ctx context.Context, date model.Day, before *kpi.DayChunk, ports bool) (*kpi.DayChunk, error) {
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
	if kept, ok := o.open[date]; ok && kept.made == made && kept.carry == before && (kept.ports || !ports) {
		return kept.chunk, nil
	}
	chunk := o.fold(date, before, around, ports)
	o.open[date] = openChunk{made, before, ports, chunk}
	return chunk, nil
}

// Days is a run of days, From inclusive, To exclusive.
type Days struct{ From, To model.Day }

// FromStore computes the chunks of some days and partitions from one view of the store: closed days
// as they were closed, the others from their observations. It is what a process that does not own the
// partitions sees, up to the owners' last checkpoints.
func FromStore(ctx context.Context, s *store.Store, days Days, partitions []int) (out []*kpi.DayChunk, err error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	err = s.View(ctx, func(v *store.View) error {
		closed, err := chunksOf(v, c, days.From-1, days.To)
		if err != nil {
			return err
		}
		for _, p := range partitions {
			r := rolling{view: v, codec: c, partition: p, closed: closed}
			chunks, err := r.chunks(days)
			if err != nil {
				return fmt.Errorf("partition %d: %w", p, err)
			}
			out = append(out, chunks...)
		}
		return nil
	})
	return out, err
}

// Closed reads closed days from the store and decodes them.
type Closed struct{ codec *codec }

// NewClosed makes one, for one goroutine.
func NewClosed() (Closed, error) {
	c, err := newCodec()
	return Closed{c}, err
}

// Decode makes a chunk of the store's row.
func (c Closed) Decode(row store.DayChunk) (*kpi.DayChunk, error) { return decodeChunk(c.codec, row) }

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

// rolling goes through one partition's days in order and keeps the last three in memory.
type rolling struct {
	*state
	view      *store.View
	codec     *codec
	partition int
	closed    map[chunkKey]*kpi.DayChunk
}

// chunks are those of the days. Days before them are folded, too, as long as they are not closed,
// since each hands its state to the next.
func (r *rolling) chunks(days Days) (out []*kpi.DayChunk, err error) {
	if r.state, err = viewState(r.view, r.partition); err != nil {
		return nil, err
	}
	first := days.From - 1
	for r.stored[first] && !r.current(first) {
		first--
	}
	if first < days.From-1 {
		earlier, err := chunksOf(r.view, r.codec, first, days.From-1)
		if err != nil {
			return nil, err
		}
		maps.Copy(earlier, r.closed)
		r.closed = earlier
	}
	var before *kpi.DayChunk
	for date := first; date < days.To; date++ {
		chunk := r.closed[chunkKey{r.partition, date}]
		if r.stored[date] && !r.current(date) {
			if chunk, err = r.fold(date, before); err != nil {
				return nil, err
			}
		}
		if before = chunk; chunk != nil && date >= days.From {
			out = append(out, chunk)
		}
	}
	return out, nil
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
	return r.state.fold(date, before, [3]*day{r.days[date-1], r.days[date], r.days[date+1]}, true), nil
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
