// Package probe is the input for active measurements: it sends packets, questions and requests to targets and writes the
// measurements probe and reach. What keeps it from measuring is never written as a failure of what it measures.
package probe

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/schedule"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Input is the input for probes (sdk.Input).
type Input struct {
	config sdk.Config
	setup  *setup
}

// New returns an input that is not configured yet.
func New() *Input { return &Input{} }

// Configure reads the input's section.
func (in *Input) Configure(c sdk.Config) error {
	s, err := read(c)
	if err != nil {
		return err
	}
	c.Log = c.Logger()
	in.config, in.setup = c, s
	return nil
}

// Run probes every target at its interval until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error {
	p, err := in.build(false)
	if err != nil {
		return err
	}
	return p.run(ctx, out.Write)
}

// Once probes every target once.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	p, err := in.build(true)
	if err != nil {
		return err
	}
	return p.run(ctx, out.Write)
}

// parts are the input put together.
type parts struct {
	clock     *clock
	metrics   *metrics
	writer    *writer
	judge     *judge
	budget    *budget
	lanes     *lanes
	pools     map[string]*pool
	turns     []schedule.Turn
	reflector []service
	log       *slog.Logger
	once      bool
	enc       sdk.Encoder // of the schedule's goroutine
}

// service runs until ctx is done.
type service func(ctx context.Context) error

func (in *Input) build(once bool) (p *parts, err error) {
	reg := prometheus.Registerer(prometheus.NewRegistry())
	if in.config.Metrics != nil { // none where no host gave the configuration
		reg = in.config.Metrics
	}
	s := in.setup
	p = &parts{clock: newClock(s.Clock), metrics: newMetrics(reg), log: in.config.Log, once: once, pools: map[string]*pool{}}
	p.writer = newWriter(p.metrics)
	p.judge = &judge{writer: p.writer, metrics: p.metrics, log: p.log}
	if p.budget, err = openBudget(s.State, int64(s.Limits.BulkOctetsPerDay)); err != nil {
		return nil, err
	}
	p.lanes = newLanes(&s.settings, p.clock, reg)
	defer func() {
		if err != nil {
			p.lanes.close()
		}
	}()
	for _, t := range s.trains {
		if err := p.addTrain(t, in.config); err != nil {
			return nil, err
		}
	}
	p.addJobs(s, in.config)
	if err := p.addAnchors(s.Anchors); err != nil {
		return nil, err
	}
	if s.reflector != nil && !once {
		p.reflector, err = s.reflector.open(p.clock, reg, in.config.Log)
	}
	return p, err
}

func (p *parts) addTrain(t *trainTest, c sdk.Config) error {
	lane, err := p.lanes.of(t)
	if err != nil {
		return fmt.Errorf("probe: test %s: %w", t.Name, err)
	}
	config := t.packets
	config.Once = p.once
	p.turns = append(p.turns, lane.Add(config, newReporter(t, c, p).round))
	return nil
}

// addAnchors has anchors watched, where a round is not the only one.
func (p *parts) addAnchors(all []netip.Addr) error {
	for _, a := range all {
		if p.once {
			return nil
		}
		c := anchorConfig(a)
		lane, err := p.lanes.of(&trainTest{method: methodICMP, packets: c})
		if err != nil {
			return fmt.Errorf("probe: anchor %v: %w", a, err)
		}
		p.judge.anchors++
		p.turns = append(p.turns, lane.Add(c, p.judge.anchor))
	}
	return nil
}

func (p *parts) addJobs(s *setup, c sdk.Config) {
	counts := map[string]int{}
	for _, j := range s.jobs {
		counts[j.pool]++
	}
	for kind, workers := range map[string]int{methodDNS: s.Workers.DNS, methodWeb: s.Workers.Web, poolBulk: s.Workers.Bulk} {
		p.pools[kind] = newPool(p, workers, counts[kind])
	}
	for _, j := range s.jobs {
		p.turns = append(p.turns, &job{jobTest: j, key: c.Key("probe", j.tags()...), pool: p.pools[j.pool], once: p.once})
	}
}

// run runs all parts until ctx is done or, once, until everything was probed. They end in the order of the data's way. When
// one fails, all end.
func (p *parts) run(ctx context.Context, write func(context.Context, []byte, int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	receiving, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	fail := func(err error) {
		if err != nil {
			cancel(err)
		}
	}
	var tail, head, workers sync.WaitGroup
	tail.Go(func() { fail(p.writer.run(writing, write)) })
	for _, receive := range append(p.lanes.services(), p.reflector...) {
		head.Go(func() { fail(receive(receiving)) })
	}
	for _, pool := range p.pools {
		workers.Go(func() { pool.run(ctx) })
	}
	if !p.once {
		workers.Go(func() { p.watchClock(ctx) })
	}
	schedule.New(p.turns, p.lanes.flush).Run(ctx)
	if !p.once {
		<-ctx.Done() // a reflector goes on without anything to probe
	}
	for _, pool := range p.pools {
		close(pool.queue)
	}
	workers.Wait()
	hangUp()
	head.Wait()
	stop()
	tail.Wait()
	if err := context.Cause(ctx); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// watchClock looks after the clock's error now and then.
func (p *parts) watchClock(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			p.clock.look()
		case <-ctx.Done():
			return
		}
	}
}
