package view

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// Month computes in.Month up to in.End, as in.Plan has it, from the store alone: closed days as they were closed, open
// ones as far as the collector's last checkpoints reach. What the closed days' traffic comes to is read as it was added up
// before; what has to be added up is read one shard after the other, so that a month needs little memory, and is kept
// if the store may be written.
func Month(ctx context.Context, s *store.Store, in kpi.MonthInput) (kpi.MonthResult, error) {
	r, err := fromStore(ctx, s, in)
	if err != nil {
		return kpi.MonthResult{}, fmt.Errorf("month %s: %w", in.Month, err)
	}
	return r, nil
}

// Sparing has this process take less memory and more of the processor, unless the environment's GOGC says what is wanted.
// It is for commands, which run beside the collector.
func Sparing() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50)
	}
}

func fromStore(ctx context.Context, s *store.Store, in kpi.MonthInput) (r kpi.MonthResult, err error) {
	in.End = min(max(in.End, in.Month.Start()), in.Month.End())
	live, days := liveDays{}, partition.Around(in.Month)
	days.LinesFrom = model.DayOf(in.End-1) + 1
	for p := range s.Partitions() {
		chunks, err := partition.OpenFromStore(ctx, s, days, []int{p})
		if err != nil {
			return r, err
		}
		for _, c := range chunks {
			live[dayOf{p, c.Day}] = c
		}
	}
	err = s.View(ctx, func(v *store.View) error {
		if in.Lines, err = linesFrom(v, in, live); err != nil {
			return err
		}
		in.Traffic, err = traffic(ctx, s, v, in, live, &closedReports{})
		return err
	})
	if err != nil {
		return r, err
	}
	return kpi.Month(in), nil
}

// linesFrom are the time lines of all days. Each partition's are joined as they are read, and not kept.
func linesFrom(v *store.View, in kpi.MonthInput, live liveDays) (*kpi.Lines, error) {
	states, err := closedOf(v, in.Month, live)
	if err != nil {
		return nil, err
	}
	lines, done := in.Plan.Join(in.Month, in.End), map[int]bool{}
	for _, s := range states {
		done[s.Partition] = true
	}
	for key := range live {
		if !done[key.partition] { // it has no closed days
			done[key.partition] = true
			lines.Add(live.of(key.partition))
		}
	}
	err = readClosed(v, in.Month, model.DayOf(in.End-1), states, live, func(p int, chunks []*kpi.DayChunk) {
		lines.Add(append(chunks, live.of(p)...))
	})
	return lines.Lines(), err
}

// traffic adds up the month's traffic and reports.
func traffic(ctx context.Context, s *store.Store, v *store.View, in kpi.MonthInput, live liveDays, kept *closedReports) (*kpi.MonthTraffic, error) {
	sums, err := newSumming(v, in.Plan, in.Lines, in.Month, in.End, live)
	if err != nil {
		return nil, err
	}
	if !s.ReadOnly() {
		sums.save = func(m store.MonthSum) error { return s.PutMonthSum(ctx, m) }
	}
	out, err := sums.run(ctx)
	if err != nil {
		return nil, err
	}
	out.Reports, err = sums.addReports(kept)
	return out, err
}
