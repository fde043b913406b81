// Package gnmi is the gNMI input: it subscribes to any number of targets (dial-in) and writes the measurements reach, interface,
// state, and what else path sets say.
package gnmi

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/session"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Input is the gNMI input (sdk.Input).
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

// Run keeps a session with every target until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error {
	return in.collect(ctx, out, func(ctx context.Context, all []*session.Session) {
		var running sync.WaitGroup
		for _, s := range all {
			running.Go(func() { s.Run(ctx) })
		}
		tick(ctx, all)
		running.Wait()
	})
}

// Once asks every target once.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	return in.collect(ctx, out, func(ctx context.Context, all []*session.Session) {
		var running sync.WaitGroup
		for _, s := range all {
			running.Go(func() {
				limited, cancel := context.WithTimeoutCause(ctx, onceTimeout, fmt.Errorf("gnmi: not everything came within %v", onceTimeout))
				defer cancel()
				_ = s.Once(limited) // is written as reach, and logged
			})
		}
		running.Wait()
	})
}

// onceTimeout is how long Once waits for a target.
const onceTimeout = time.Minute

// every is how often sessions are looked after.
const every = 250 * time.Millisecond

// tick looks after all sessions until ctx is done.
func tick(ctx context.Context, all []*session.Session) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		select {
		case now := <-ticker.C:
			for _, s := range all {
				s.Tick(now)
			}
		case <-ctx.Done():
			return
		}
	}
}

// collect runs sessions, and writes what they gather.
func (in *Input) collect(ctx context.Context, out *sdk.Output, run func(context.Context, []*session.Session)) error {
	box := outbox.New()
	sessions, err := in.build(box)
	if err != nil {
		return err
	}
	return box.Around(ctx, outbox.Sink{Write: out.Write, Sync: out.Sync}, func(ctx context.Context) error {
		run(ctx, sessions)
		return nil
	})
}

// build makes the sessions.
func (in *Input) build(box *outbox.Box) ([]*session.Session, error) {
	reg := prometheus.NewRegistry()
	decoding, connecting := decode.NewMetrics(reg), session.NewMetrics(reg)
	reg.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "haidang_gnmi_waiting_octets",
		Help: "Lines on their way to the agent's spool."}, func() float64 { return float64(box.Octets()) }))
	if err := in.config.Show(reg); err != nil {
		return nil, fmt.Errorf("gnmi: %w", err)
	}
	if len(in.setup.targets) == 0 {
		in.config.Log.Info("no target is this agent's")
	}
	cfg := in.setup.session(in.config.Log, connecting)
	var all []*session.Session
	for _, t := range in.setup.targets {
		all = append(all, session.New(cfg, &session.Device{
			Address: t.address, Login: t.login(), Sets: t.credential.sets, From: t.from, To: t.to,
			Decode: decode.Config{
				Device: t.device, Target: t.target, Interval: cfg.Interval, Heartbeat: cfg.Heartbeat, MaxRows: in.setup.MaxRows,
				Key: in.config.Key, Box: box, Metrics: decoding, Log: in.config.Log,
			},
		}))
	}
	return all, nil
}

var errNoTargets = errors.New("nothing to subscribe to: want targets, an inventory, or both")
