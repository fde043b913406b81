package view

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

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

// live asks every partition for its open days, with the ports' traffic if asked for. Of one that another
// process owns, the store knows the days as of that owner's last checkpoint.
func (v *View) live(ctx context.Context, days partition.Days, ports bool) (map[dayOf]*kpi.DayChunk, error) {
	live := map[dayOf]*kpi.DayChunk{}
	for _, p := range v.Partitions {
		chunks, err := p.Open(ctx, days, ports)
		if errors.Is(err, partition.ErrNotOwner) {
			chunks, err = partition.OpenFromStore(ctx, v.Store, days, []int{p.ID})
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

// closedDays keeps the closed days of the present range, joined: a month of quiet entities costs one row
// each, and the traffic of a day that every partition has closed is added up, its slots not kept. Both are
// made anew when a day closes or is revised, and when the plan changes.
type closedDays struct {
	store   *store.Store
	until   int64 // what comes later is left out; 0: nothing is
	decode  partition.Closed
	made    string // of what the rest was made
	chunks  []*kpi.DayChunk
	traffic []*kpi.Traffic
}

func newClosedDays(s *store.Store) (*closedDays, error) {
	decode, err := partition.NewClosed()
	return &closedDays{store: s, decode: decode}, err
}

// join adds the closed days to the live ones, which count where both have a day.
func (c *closedDays) join(ctx context.Context, days partition.Days, plan *kpi.Plan, live map[dayOf]*kpi.DayChunk) ([]*kpi.DayChunk, []*kpi.Traffic, error) {
	open := map[model.Day]bool{}
	for key := range live {
		open[key.day] = true
	}
	err := c.store.View(ctx, func(v *store.View) error {
		states, err := v.Days(int32(days.From), int32(days.To))
		if err != nil {
			return err
		}
		closed := slices.DeleteFunc(states, func(s store.DayState) bool {
			return !s.Closed || live[dayOf{s.Partition, model.Day(s.Day)}] != nil
		})
		made := fmt.Sprint(plan.Hash(), closed, open) // maps are printed sorted
		if made == c.made {
			return nil
		}
		c.made = ""
		if err := c.build(v, days, plan, closed, open); err != nil {
			return err
		}
		c.made = made
		return nil
	})
	all := slices.Clone(c.chunks)
	for _, chunk := range live {
		all = append(all, chunk)
	}
	return all, c.traffic, err
}

// build reads the closed days of Around a month in order. Their traffic needs the day before as well.
func (c *closedDays) build(v *store.View, days partition.Days, plan *kpi.Plan, closed []store.DayState, open map[model.Day]bool) error {
	wanted := map[dayOf]bool{}
	for _, s := range closed {
		wanted[dayOf{s.Partition, model.Day(s.Day)}] = true
	}
	if c.until > 0 {
		for d := model.DayOf(c.until); d < days.To; d++ {
			open[d] = true // a day's traffic is cut at an instant only while it is not added up
		}
	}
	b := builder{plan: plan, month: partition.Days{From: days.From + 1, To: days.To - 1}, open: open, runs: map[int][]*kpi.DayChunk{}}
	err := v.Chunks(int32(days.From), int32(days.To), func(row store.DayChunk) error {
		if !wanted[dayOf{row.Partition, model.Day(row.Day)}] {
			return nil
		}
		chunk, err := c.decode.Decode(row)
		if err != nil {
			return err
		}
		b.add(row.Partition, chunk)
		return nil
	})
	if err != nil {
		return err
	}
	b.endDay()
	for p := range b.runs {
		b.endRun(p)
	}
	c.chunks, c.traffic = b.chunks, b.traffic
	return nil
}

// builder joins closed days that come by day and partition.
type builder struct {
	plan      *kpi.Plan
	month     partition.Days // whose traffic is wanted
	open      map[model.Day]bool
	yesterday []*kpi.DayChunk // without traffic
	today     []*kpi.DayChunk
	runs      map[int][]*kpi.DayChunk // by partition: consecutive days of one month
	chunks    []*kpi.DayChunk
	traffic   []*kpi.Traffic // one for each run of days: one day's is as large as a month's
}

func (b *builder) add(p int, chunk *kpi.DayChunk) {
	if len(b.today) > 0 && b.today[0].Day != chunk.Day {
		b.endDay()
	}
	b.today = append(b.today, chunk)
	if !b.open[chunk.Day] { // its traffic is added up
		chunk = slim(chunk)
	}
	if run := b.runs[p]; len(run) > 0 {
		end := run[len(run)-1].End()
		if end != chunk.Day || model.MonthOf(end.Start()-1) != model.MonthOf(chunk.Day.Start()) {
			b.endRun(p)
		}
	}
	b.runs[p] = append(b.runs[p], chunk)
	if len(b.runs[p]) == joinAtOnce {
		b.runs[p] = []*kpi.DayChunk{kpi.MergeDays(b.runs[p]...)}
	}
}

// joinAtOnce is how many days wait to be joined: each takes as much memory as those joined before.
const joinAtOnce = 8

// slim leaves out the ports' traffic and the reports.
func slim(chunk *kpi.DayChunk) *kpi.DayChunk {
	out := *chunk
	out.Ports, out.Reports = nil, nil
	return &out
}

func (b *builder) endDay() {
	if len(b.today) == 0 {
		return
	}
	if day := b.today[0].Day; !b.open[day] && b.month.From <= day && day < b.month.To {
		sum := b.plan.Traffic(day, 0, slices.Concat(b.yesterday, b.today))
		if n := len(b.traffic); n > 0 && b.traffic[n-1].To == day {
			b.traffic[n-1] = kpi.MergeTraffic(b.traffic[n-1], sum)
		} else {
			b.traffic = append(b.traffic, sum)
		}
	}
	b.yesterday = b.yesterday[:0]
	for _, chunk := range b.today {
		b.yesterday = append(b.yesterday, slim(chunk))
	}
	b.today = nil
}

func (b *builder) endRun(p int) {
	if run := b.runs[p]; len(run) > 0 {
		b.chunks = append(b.chunks, kpi.MergeDays(run...))
		b.runs[p] = nil
	}
}

// running is the traffic of the days that are still open. It moves by slots of five minutes, so it is added
// up once a slot, and when other days are open or the plan has changed.
type running struct {
	made string
	sums []*kpi.Traffic
}

func (v *View) measure(ctx context.Context, days partition.Days, live map[dayOf]*kpi.DayChunk, now time.Time) error {
	keys := slices.SortedFunc(maps.Keys(live), func(a, b dayOf) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.partition, b.partition))
	})
	made := fmt.Sprint(now.Unix()/kpi.SlotSeconds, v.plan.Hash(), v.closed.made, keys)
	if made == v.running.made {
		return nil
	}
	measured, err := v.live(ctx, days, true)
	if err != nil {
		return err
	}
	chunks := slices.Concat(v.closed.chunks, slices.Collect(maps.Values(measured)))
	v.running = running{made: made}
	for _, key := range keys {
		if n := len(v.running.sums); n > 0 && v.running.sums[n-1].From == key.day || key.day.Start() >= now.Unix() {
			continue // another partition's share of the same day, or a clock that is ahead
		}
		v.running.sums = append(v.running.sums, v.plan.Traffic(key.day, min(now.Unix(), key.day.End()), chunks))
	}
	return nil
}
