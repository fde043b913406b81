// Package view keeps the KPIs of the running month computed: every few seconds it asks the partitions
// for their open days, adds the closed ones, and evaluates the month. Metrics and pages show its latest
// result; nobody waits for it.
package view

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// Deps are what a View works with.
type Deps struct {
	Every      time.Duration
	Store      *store.Store
	Partitions []*partition.Partition
	Inventory  func() *inventory.Index
	Now        func() time.Time
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Result is one evaluation.
type Result struct {
	kpi.MonthResult
	Today     []kpi.Availability // of the local day that holds At, so far
	Burns     []kpi.Burned       // how fast error budgets are spent, by group and window
	Unseen    map[string]int     // by province, "" the nation: devices in service of which nothing was heard
	Inventory *inventory.Index
	At        time.Time
}

// View evaluates the running month again and again.
type View struct {
	Deps
	closed  closedDays
	running running
	plan    *kpi.Plan
	planOf  *inventory.Index
	latest  atomic.Pointer[Result]
	last    prometheus.Gauge
	seconds prometheus.Gauge
	failed  prometheus.Counter
}

// New makes a View; Run starts it.
func New(d Deps) (*View, error) {
	v := &View{Deps: d,
		last: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_view_last_success_timestamp_seconds",
			Help: "When the KPIs shown here were computed last."}),
		seconds: prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_view_duration_seconds",
			Help: "Time that computing the KPIs took last."}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_view_failures_total",
			Help: "Times that the KPIs could not be computed; the old ones stay."}),
	}
	for _, c := range []prometheus.Collector{v.last, v.seconds, v.failed} {
		if err := d.Registerer.Register(c); err != nil {
			return nil, fmt.Errorf("view: %w", err)
		}
	}
	return v, nil
}

// Latest is the newest result, nil before the first one.
func (v *View) Latest() *Result { return v.latest.Load() }

// Run evaluates until ctx ends.
func (v *View) Run(ctx context.Context) error {
	tick := time.NewTicker(v.Every)
	defer tick.Stop()
	for {
		start := time.Now()
		r, err := v.evaluate(ctx, v.Now())
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			v.failed.Inc()
			v.Log.Error().Err(err).Msg("the KPIs could not be computed, the old ones stay")
		default:
			v.latest.Store(r)
			v.last.Set(float64(r.At.UnixNano()) / 1e9)
			v.seconds.Set(time.Since(start).Seconds())
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// evaluate computes the month that holds now, as of now.
func (v *View) evaluate(ctx context.Context, now time.Time) (*Result, error) {
	inv := v.Inventory()
	if inv != v.planOf {
		v.plan, v.planOf = kpi.NewPlan(inv.Inventory), inv
	}
	month := model.MonthOf(now.Unix())
	live, err := v.live(ctx, partition.Around(month), false)
	if err != nil {
		return nil, err
	}
	in := kpi.MonthInput{Month: month, End: now.Unix(), Plan: v.plan}
	err = v.Store.View(ctx, func(s *store.View) (err error) {
		in.Chunks, err = v.closed.join(s, month, model.DayOf(in.End-1), live)
		return err
	})
	if err != nil {
		return nil, err
	}
	whole := in
	whole.Lines = v.plan.Lines(month, in.End, in.Chunks)
	if whole.Traffic, err = v.measure(ctx, whole, live); err != nil {
		return nil, err
	}
	result := &Result{MonthResult: kpi.Month(whole), Inventory: inv, At: now}
	result.Unseen = unseen(result.Entities)
	result.Today = today(in)
	result.Burns = kpi.Burns(in, burnWindows())
	return result, nil
}

// burnWindows are those of the usual alert pairs, in seconds.
func burnWindows() []int64 { return []int64{300, 1800, 3600, 6 * 3600, 3 * 86400} }

// today is the availability of the last day of the input.
func today(in kpi.MonthInput) []kpi.Availability {
	day := model.DayOf(in.End)
	in.Day, in.From, in.Listed = true, day.Start(), true
	in.Chunks = slices.DeleteFunc(slices.Clone(in.Chunks), func(c *kpi.DayChunk) bool { return c.End() < day })
	return kpi.Month(in).Availability
}

func unseen(entities []kpi.EntityMonth) map[string]int {
	out := map[string]int{"": 0}
	for i := range entities {
		e := &entities[i]
		if e.Level != kpi.LevelDevice || e.Province == kpi.UnknownProvince {
			continue
		}
		s := e.Sums
		n := 0
		if s.Up+s.Down+s.MaintDown == 0 && s.Unknown+s.MaintUnknown > 0 {
			n = 1
		}
		out[""] += n
		if e.Province != "" {
			out[e.Province] += n
		}
	}
	return out
}
