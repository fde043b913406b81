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
	around, err := o.around(ctx, date)
	if err != nil {
		return nil, err
	}
	var made [3]uint64
	for i, d := range around {
		if d != nil {
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
type Days struct {
	From, To  model.Day
	LinesFrom model.Day // from this day on only time lines are needed; 0: all is, of all days
}

// whole says that more than the time lines of the day is needed.
func (d Days) whole(date model.Day) bool {
	return date >= d.From && (d.LinesFrom == 0 || date < d.LinesFrom)
}

// OpenFromStore computes the chunks of a partition's days that are open, or no longer as they were closed, from one
// view of the store. It is what a process that does not own the partition sees, up to the owner's last checkpoint.
func OpenFromStore(v *store.View, days Days, partition int) ([]*kpi.DayChunk, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	r := rolling{asked: days, view: v, codec: c, partition: partition}
	chunks, err := r.open()
	if err != nil {
		return nil, fmt.Errorf("partition %d: %w", partition, err)
	}
	return chunks, nil
}

// rolling goes through one partition's days in order and keeps the last three in memory.
type rolling struct {
	*state
	asked     Days
	view      *store.View
	codec     *codec
	partition int
}

// open are the chunks of those of the days that have to be folded. Open days before them are folded, too, since each
// hands its state to the next.
func (r *rolling) open() (out []*kpi.DayChunk, err error) {
	if r.state, err = viewState(r.view, r.partition); err != nil {
		return nil, err
	}
	first := r.asked.From - 1
	for r.folds(first) {
		first--
	}
	var before *kpi.DayChunk
	for date := first; date < r.asked.To; date++ {
		if !r.folds(date) {
			before = nil
			continue
		}
		if before == nil {
			if before, err = r.closed(date - 1); err != nil {
				return nil, err
			}
		}
		if before, err = r.fold(date, before); err != nil {
			return nil, err
		}
		if date >= r.asked.From {
			out = append(out, before)
		}
	}
	return out, nil
}

// folds says that the day's chunk has to be made of its observations.
func (r *rolling) folds(date model.Day) bool { return r.stored[date] && !r.current(date) }

// closed is the chunk of a closed day, nil if there is none.
func (r *rolling) closed(date model.Day) (*kpi.DayChunk, error) {
	return chunkAt(r.view, r.codec, r.partition, date)
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
	return r.state.fold(date, before, [3]*day{r.days[date-1], r.days[date], r.days[date+1]}, r.asked.whole(date)), nil
}

// read reads a day, or what time lines and its neighbours need of it.
func (r *rolling) read(date model.Day) error {
	if _, ok := r.days[date]; ok || !r.stored[date] {
		return nil
	}
	d := &day{date: date, edge: !r.folds(date) || !r.asked.whole(date)}
	err := r.view.BlocksOf(r.partition, int32(date), func(b store.Block) error { return r.merge(r.codec, d, b) })
	r.days[date] = d
	return err
}
