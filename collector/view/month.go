package view

import (
	"context"
	"fmt"
	"os"
	"runtime"
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

// Sparing has this process, which has read what it works with, take as much memory again and a little more, and
// collect no garbage as long as that is enough. It is for commands, which run beside the collector; GOGC and GOMEMLIMIT
// in the environment say what is wanted instead.
func Sparing() {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return
	}
	const little = 64 << 20
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(int64(2*m.HeapAlloc) + little)
}

func fromStore(ctx context.Context, s *store.Store, in kpi.MonthInput) (r kpi.MonthResult, err error) {
	in.End = min(max(in.End, in.Month.Start()), in.Month.End())
	err = s.View(ctx, func(v *store.View) error {
		live, err := liveFrom(v, s.Partitions(), in)
		if err != nil {
			return err
		}
		days, err := around(v, in.Month, live)
		if err != nil {
			return err
		}
		if in.Lines, err = linesFrom(v, in, days); err != nil {
			return err
		}
		in.Traffic, err = traffic(ctx, s, v, in, days, &closedReports{})
		return err
	})
	if err != nil {
		return r, err
	}
	return kpi.Month(in), nil
}

// liveFrom are the live days of all partitions, as the store has them.
func liveFrom(v *store.View, partitions int, in kpi.MonthInput) (liveDays, error) {
	live, days := liveDays{}, partition.Around(in.Month)
	days.LinesFrom = model.DayOf(in.End-1) + 1
	for p := range partitions {
		chunks, err := partition.OpenFromStore(v, days, p)
		if err != nil {
			return nil, err
		}
		for _, c := range chunks {
			live[dayOf{p, c.Day}] = c
		}
	}
	return live, nil
}

// linesFrom are the time lines of all days. Each partition's are joined as they are read, and not kept.
func linesFrom(v *store.View, in kpi.MonthInput, days monthDays) (*kpi.Lines, error) {
	lines, done := in.Plan.Join(in.Month, in.End), map[int]bool{}
	for _, s := range days.closed {
		done[s.Partition] = true
	}
	for key := range days.live {
		if !done[key.partition] { // it has no closed days
			done[key.partition] = true
			lines.Add(days.live.of(key.partition))
		}
	}
	err := readClosed(v, in.Month, model.DayOf(in.End-1), days, func(p int, chunks []*kpi.DayChunk) {
		lines.Add(append(chunks, days.live.of(p)...))
	})
	return lines.Lines(), err
}

// traffic adds up the month's traffic and reports.
func traffic(ctx context.Context, s *store.Store, v *store.View, in kpi.MonthInput, days monthDays, kept *closedReports) (*kpi.MonthTraffic, error) {
	sums, err := newSumming(v, in, days)
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
