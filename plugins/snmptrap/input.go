// Package snmptrap is the input for SNMP notifications: traps and informs of versions 1, 2c and 3 become lines of the
// measurement trap, and those that tell the state of an interface lines of state too.
package snmptrap

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmptrap/engine"
)

// Input is the input for notifications (sdk.Input).
type Input struct {
	config sdk.Config
	setup  *setup
	reg    *prometheus.Registry
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
	in.config, in.setup, in.reg = c, s, prometheus.NewRegistry()
	return nil
}

// Run takes notifications until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error {
	return in.hear(ctx, sink{out.Write, out.Sync})
}

// Once waits for one notification, at most a minute.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	return sdk.First(ctx, out, time.Minute, func(ctx context.Context, write sdk.Write) error {
		return in.hear(ctx, sink{write, out.Sync})
	})
}

// sink is where lines go: what of sdk.Output is used here.
type sink struct {
	write sdk.Write
	sync  func(ctx context.Context) error
}

// hear opens the sockets and runs all parts. They end in the order of the data's way: the sockets when ctx is done, then
// the namer, then the writer and the answers, which have drainTimeout for what is left.
func (in *Input) hear(ctx context.Context, out sink) error {
	p, err := in.build()
	if err != nil {
		return err
	}
	conns, err := in.open()
	if err != nil {
		return err
	}
	return p.run(ctx, conns, out)
}

// open opens all sockets or none.
func (in *Input) open() (conns []*net.UDPConn, err error) {
	for _, addr := range in.setup.Listen {
		conn, err := listen.UDP(addr, int(in.setup.Buffer))
		if err != nil {
			for _, c := range conns {
				_ = c.Close()
			}
			return nil, err
		}
		conns = append(conns, conn)
		in.config.Log.Info("listening", "endpoint", conn.LocalAddr().String())
	}
	return conns, nil
}

// parts are the input put together.
type parts struct {
	intake *intake
	namer  *namer
	writer *writer
	events chan *event
	save   func()
	drops  *gate.Drops
}

func (in *Input) build() (*parts, error) {
	s := in.setup
	g := gate.New(gate.Config{Memory: int(s.Memory), SourceMemory: int(s.SourceMemory), Strangers: maxStrangers})
	m := newMetrics(in.reg, func() float64 { return float64(g.Held()) })
	if err := in.config.Show(in.reg); err != nil {
		return nil, fmt.Errorf("snmptrap: %w", err)
	}
	capacity := int(s.Memory)/overhead + len(s.Listen)
	events := make(chan *event, capacity)
	lookup := lookupConfig{workers: s.Lookup.Workers, keep: s.Lookup.Keep.D(), capacity: capacity, log: in.config.Log}
	if s.lookup != "" {
		lookup.ask = asker(s.Lookup, s.lookup)
	}
	p := &parts{events: events, save: func() {}, drops: gate.NewDrops(in.reg, in.config.Log, droppedName, usual)}
	p.namer = newNamer(lookup, m, func(e *event) { events <- e })
	answers := newInforms(g, m)
	p.writer = &writer{key: in.config.Key, gate: g, informs: answers, metrics: m}
	p.intake = &intake{setup: s, gate: g, informs: answers, namer: p.namer, metrics: m, events: events}
	return p, in.secure(p)
}

// maxStrangers is how many sources that no inventory names are told apart.
const maxStrangers = 4096

// secure gives the intake its engine, if there are users of version 3.
func (in *Input) secure(p *parts) error {
	s := in.setup
	if len(s.users) == 0 {
		return nil
	}
	self, err := engine.Boot(s.State, s.engineID)
	if err != nil {
		return fmt.Errorf("snmptrap: %w", err)
	}
	now := time.Now()
	p.intake.receiver = engine.New(self, s.users, now)
	if err := p.intake.receiver.Load(s.State, now); err != nil {
		in.config.Log.Warn("the clocks of engines are learned anew", "error", err)
	}
	p.save = func() {
		if err := p.intake.receiver.Save(s.State); err != nil {
			in.config.Log.Warn("the clocks of engines are not saved", "error", err)
		}
	}
	return nil
}

const (
	drainTimeout = 5 * time.Second
	saveEvery    = time.Minute
)

// run runs the parts. When one fails, all end.
func (p *parts) run(ctx context.Context, conns []*net.UDPConn, out sink) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	draining, abandon := context.WithCancel(context.WithoutCancel(ctx))
	defer abandon()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, abandon) })()

	head := p.start(ctx, conns, cancel)
	var tail, answers sync.WaitGroup
	stop := make(chan struct{})
	tail.Go(func() {
		if err := p.writer.run(draining, p.events, out.write); err != nil {
			cancel(err)
		}
	})
	answers.Go(func() { p.writer.informs.run(draining, stop, out.sync) })
	head.Wait()
	close(p.events)
	tail.Wait()
	close(stop)
	answers.Wait()
	for _, conn := range conns {
		_ = conn.Close()
	}
	p.save()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}

// start starts what brings events: the sockets, the namer, and the clock that saves and reports.
func (p *parts) start(ctx context.Context, conns []*net.UDPConn, fail context.CancelCauseFunc) *sync.WaitGroup {
	var sockets, all sync.WaitGroup
	naming, end := context.WithCancel(context.WithoutCancel(ctx))
	for _, conn := range conns {
		sockets.Go(func() {
			if err := listen.Receive(ctx, conn, hearing{p.intake, conn}); err != nil {
				fail(err)
			}
		})
	}
	all.Go(func() { p.namer.run(naming) })
	all.Go(func() {
		sockets.Wait()
		end()
	})
	all.Go(func() {
		tick := time.NewTicker(saveEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				p.save()
				p.drops.Report()
			case <-ctx.Done():
				return
			}
		}
	})
	return &all
}
