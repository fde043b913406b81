package view

import (
	"context"
	"fmt"
	"maps"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

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

// liveDays are the days that count as they are now, not as they were closed.
type liveDays map[dayOf]*kpi.DayChunk

// live asks every partition for its open days, with the ports' traffic if asked for. Of one that another
// process owns, the store knows the days as of that owner's last checkpoint.
func (v *View) live(ctx context.Context, days partition.Days, ports bool) (liveDays, error) {
	live := liveDays{}
	for _, p := range v.Partitions {
		chunks, err := p.Seen(ctx, days, ports)
		if err != nil {
			return nil, fmt.Errorf("partition %d: %w", p.ID, err)
		}
		for _, c := range chunks {
			live[dayOf{p.ID, c.Day}] = c
		}
	}
	return live, nil
}

// closedDays are the time lines of the closed days around a month, joined: a month of quiet entities costs one
// row each. They are read anew when a day closes, is revised or is opened again.
type closedDays struct {
	made   string // of what chunks was made
	chunks []*kpi.DayChunk
}

// monthDays are the days around a month: each is live, or as it was closed, or not there.
type monthDays struct {
	live   liveDays
	closed []store.DayState // by day and partition
}

func around(v *store.View, m model.Month, live liveDays) (monthDays, error) {
	days := partition.Around(m)
	states, err := v.Days(int32(days.From), int32(days.To))
	return monthDays{live, slices.DeleteFunc(states, func(s store.DayState) bool {
		return !s.Closed || live[dayOf{s.Partition, model.Day(s.Day)}] != nil
	})}, err
}

// of are the chunks of one partition.
func (l liveDays) of(p int) (out []*kpi.DayChunk) {
	for key, chunk := range l {
		if key.partition == p {
			out = append(out, chunk)
		}
	}
	return out
}

// join adds the live days to the closed ones. counted is the last day whose counts belong to the period.
func (c *closedDays) join(v *store.View, m model.Month, counted model.Day, live liveDays) ([]*kpi.DayChunk, error) {
	days, err := around(v, m, live)
	if err != nil {
		return nil, err
	}
	if made := fmt.Sprint(m, counted, days.closed); made != c.made {
		c.made = ""
		var all sync.Mutex
		c.chunks = nil
		err := readClosed(v, m, counted, days, func(_ int, chunks []*kpi.DayChunk) {
			all.Lock()
			defer all.Unlock()
			for _, chunk := range chunks {
				kept := *chunk
				kept.Entities = slices.Clone(chunk.Entities)
				c.chunks = append(c.chunks, &kept)
			}
		})
		if err != nil {
			return nil, err
		}
		c.made = made
	}
	all := slices.Clone(c.chunks)
	for _, chunk := range live {
		all = append(all, chunk)
	}
	return all, nil
}

// readClosed reads every partition's days, several partitions at a time. take must not keep the chunks: the next
// ones take their place.
func readClosed(v *store.View, m model.Month, counted model.Day, days monthDays, take func(p int, chunks []*kpi.DayChunk)) error {
	if n := len(days.closed); n == 0 || model.Day(days.closed[n-1].Day) <= counted || counted >= m.Next().First()-1 {
		counted = never
	}
	byPartition := map[int][]store.DayState{}
	for _, s := range days.closed {
		byPartition[s.Partition] = append(byPartition[s.Partition], s)
	}
	partitions := slices.Sorted(maps.Keys(byPartition))
	one := sync.Mutex{} // a database connection does one thing at a time
	return spread(len(partitions), func(next func() (int, bool)) error {
		decode, err := partition.NewClosed()
		if err != nil {
			return err
		}
		r := lineReader{view: v, one: &one, month: m, decode: decode}
		for i, ok := next(); ok; i, ok = next() {
			p := partitions[i]
			chunks, err := r.partition(p, byPartition[p], runsOf(p, byPartition[p], counted, days.live))
			if err != nil {
				return err
			}
			take(p, chunks)
		}
		return nil
	})
}

// never is after all days.
const never = model.Day(1 << 30)

// lineReader reads the time lines of partitions, for one goroutine.
type lineReader struct {
	view   *store.View
	one    *sync.Mutex // guards view
	month  model.Month
	decode partition.Closed
	chunk  kpi.DayChunk // what was read last
}

// partition reads what was joined before, if it is of these days, or else the days.
func (r *lineReader) partition(p int, days []store.DayState, runs [][]store.DayState) (out []*kpi.DayChunk, err error) {
	if len(runs) == 1 {
		r.one.Lock()
		line, err := r.view.MonthLine(int32(r.month.First()), p)
		r.one.Unlock()
		if err != nil {
			return nil, err
		}
		if line.Made == partition.Made(days) {
			if err := r.decode.Lines(line.Data, &r.chunk); err != nil {
				return nil, fmt.Errorf("partition %d: time lines of %s: %w", p, r.month, err)
			}
			return []*kpi.DayChunk{&r.chunk}, nil
		}
	}
	for _, run := range runs {
		chunk, err := r.joined(run)
		if err != nil {
			return nil, err
		}
		out = append(out, chunk)
	}
	return out, nil
}

// runsOf cuts a partition's closed days where a live one lies between them, and behind the last one counted.
func runsOf(p int, days []store.DayState, counted model.Day, live liveDays) (out [][]store.DayState) {
	from := 0
	for i := 1; i <= len(days); i++ {
		cut := i == len(days) || model.Day(days[i-1].Day) <= counted && model.Day(days[i].Day) > counted
		for d := model.Day(days[i-1].Day); !cut && d < model.Day(days[i].Day); d++ {
			cut = live[dayOf{p, d}] != nil
		}
		if cut {
			out, from = append(out, days[from:i]), i
		}
	}
	return out
}

// joined reads days one after the other and joins them.
func (r *lineReader) joined(days []store.DayState) (*kpi.DayChunk, error) {
	merging := kpi.Merging{Month: r.month}
	for _, d := range days {
		r.one.Lock()
		row, _, err := r.view.Chunk(d.Day, d.Partition)
		r.one.Unlock()
		if err != nil {
			return nil, err
		}
		chunk, err := r.decode.Decode(row)
		if err != nil {
			return nil, err
		}
		merging.Add(chunk)
	}
	return merging.Lines(), nil
}

// spread has n pieces of work done by as many goroutines as may run at once; each asks for the next piece until
// there is none. It ends when all have, with the first one's error.
func spread(n int, work func(next func() (int, bool)) error) error {
	var taken atomic.Int64
	next := func() (int, bool) {
		i := int(taken.Add(1)) - 1
		return i, i < n
	}
	failed := make(chan error, runtime.GOMAXPROCS(0))
	for range cap(failed) {
		go func() { failed <- work(next) }()
	}
	var err error
	for range cap(failed) {
		if one := <-failed; err == nil {
			err = one
		}
	}
	return err
}
