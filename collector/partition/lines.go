package partition

import (
	"context"
	"slices"
	"strconv"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
)

// Around is the month and one day either side: outages are followed over its edges.
func Around(m model.Month) Days {
	return Days{From: m.First() - 1, To: m.Next().First() + 1}
}

// Made names closed days in their revisions, in order: what a month's joined time lines are made of.
func Made(days []store.DayState) string {
	var text []byte
	for _, d := range days {
		text = strconv.AppendInt(text, int64(d.Day), 10)
		text = append(text, ':')
		text = strconv.AppendInt(text, int64(d.Revision), 10)
		text = append(text, ' ')
	}
	return string(text)
}

// commitDay writes a closed day, with its months' time lines.
func (o *owner) commitDay(ctx context.Context, row store.DayChunk, c *kpi.DayChunk, done chunk) error {
	row.Revision, row.ClosedAt = done.revision, done.closedAt
	lines, err := o.monthLines(ctx, c, done)
	if err != nil {
		return err
	}
	return o.commit(ctx, store.Checkpoint{Days: []store.DayChunk{row}, Lines: lines})
}

// monthLines joins a day that is being closed to the months that it is in or beside.
func (o *owner) monthLines(ctx context.Context, c *kpi.DayChunk, done chunk) (out []store.MonthLine, err error) {
	months := []model.Month{model.MonthOf((c.Day - 1).Start()), model.MonthOf(c.Day.Start()), model.MonthOf((c.Day + 1).Start())}
	err = o.Store.View(ctx, func(v *store.View) error {
		for _, m := range slices.Compact(months) {
			if o.inOnePiece(Around(m), c.Day) {
				continue
			}
			days := o.joinable(Around(m), c.Day, done)
			joined, err := o.joined(v, m, days, c)
			if err != nil {
				return err
			}
			lines := *joined
			lines.Ports, lines.Reports = nil, nil
			out = append(out, store.MonthLine{Month: int32(m.First()), Made: Made(days), Data: Closed{o.codec}.One(&lines)})
		}
		return nil
	})
	return out, err
}

// joinable are the closed days of a month whose chunks match their observations, the one just closed included.
func (o *owner) joinable(days Days, date model.Day, done chunk) (out []store.DayState) {
	for d := days.From; d < days.To; d++ {
		c, closed := o.chunks[d]
		switch {
		case d == date:
			out = append(out, store.DayState{Day: int32(d), Revision: done.revision})
		case closed && d < o.staleFrom:
			out = append(out, store.DayState{Day: int32(d), Revision: c.revision})
		}
	}
	return out
}

// joined adds the day to the month so far, or, unless it is the next one, joins all of them anew.
func (o *owner) joined(v *store.View, m model.Month, days []store.DayState, c *kpi.DayChunk) (*kpi.DayChunk, error) {
	last := len(days) - 1
	if days[last].Day == int32(c.Day) {
		sofar, err := v.MonthLine(int32(m.First()), o.ID)
		if err != nil {
			return nil, err
		}
		if last > 0 && sofar.Made == Made(days[:last]) {
			chunk, err := Closed{o.codec}.Unpack(sofar.Data)
			if err != nil {
				return nil, err
			}
			return kpi.MergeMonth(m, chunk, c), nil
		}
	}
	merging := kpi.Merging{Month: m}
	for _, d := range days {
		chunk := c
		if d.Day != int32(c.Day) {
			var err error
			if chunk, err = chunkAt(v, o.codec, o.ID, model.Day(d.Day)); err != nil {
				return nil, err
			}
		}
		merging.Add(chunk)
	}
	return merging.Lines(), nil
}

// inOnePiece says whether some other day has to be put into parts first: joined without it, the month would be of
// no use to anybody.
func (o *owner) inOnePiece(days Days, but model.Day) bool {
	for d := days.From; d < days.To; d++ {
		if c, closed := o.chunks[d]; closed && !c.split && d != but && d < o.staleFrom {
			return true
		}
	}
	return false
}

// splitOne rewrites one closed day that an earlier program wrote in one piece, the first one. A store is brought
// up to date that way day by day, while the partition goes on working.
func (o *owner) splitOne(ctx context.Context) error {
	first := never
	for date, c := range o.chunks {
		if !c.split && date < min(first, o.staleFrom) {
			first = date
		}
	}
	if first == never {
		return nil
	}
	var whole *kpi.DayChunk
	err := o.Store.View(ctx, func(v *store.View) (err error) {
		whole, err = chunkAt(v, o.codec, o.ID, first)
		return err
	})
	if err != nil {
		return err
	}
	done := o.chunks[first]
	done.split = true
	if err := o.commitDay(ctx, Closed{o.codec}.Pack(whole), whole, done); err != nil {
		return err
	}
	o.chunks[first] = done
	return nil
}
