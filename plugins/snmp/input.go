// Package snmp is the SNMP input: it polls any number of devices over SNMPv2c and
// SNMPv3 and writes the measurements reach, system, interface, and what the profiles of the devices say.
package snmp

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/outbox"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
	"github.com/haidang-noc/haidang/plugins/snmp/tables"
)

// Input is the SNMP input (sdk.Input).
type Input struct {
	config   sdk.Config
	settings settings
	targets  []target
	profiles *profile.Set
}

// New returns an input that is not configured yet.
func New() *Input { return &Input{} }

// Configure reads the input's section.
func (in *Input) Configure(c sdk.Config) error {
	s, targets, err := read(c)
	if err != nil {
		return err
	}
	in.config, in.settings, in.targets = c, s, targets
	in.profiles, err = s.readProfiles(c)
	return err
}

// Run polls every target at its interval until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error {
	return in.collect(ctx, out, (*engine.Engine).Run)
}

// Once polls one round of every target.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	return in.collect(ctx, out, (*engine.Engine).Once)
}

// collect runs the engine and the outbox. When the engine has ended, the outbox writes what is left; when
// one of them fails, the other ends.
func (in *Input) collect(ctx context.Context, out *sdk.Output, run func(*engine.Engine, context.Context, []poll.Target) error) error {
	p, err := in.build()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	writing, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()

	var box sync.WaitGroup
	var unwritten error
	box.Go(func() {
		if unwritten = p.box.Run(writing, out.Write); unwritten != nil {
			cancel()
		}
	})
	err = run(p.engine, ctx, p.targets)
	stop()
	box.Wait()
	return errors.Join(err, unwritten)
}

// poller is the input put together.
type poller struct {
	engine  *engine.Engine
	box     *outbox.Box
	targets []poll.Target
}

func (in *Input) build() (*poller, error) {
	s, reg := &in.settings, in.config.Metrics
	box := outbox.New()
	e, err := engine.New(engine.Config{
		Timeout: s.Timeout.D(), Window: s.Window, Lanes: s.Sockets, Limits: s.Limits.engine(), Pause: box.Full, Log: in.log(),
	}, reg)
	if err != nil {
		return nil, err
	}
	p := &poller{engine: e, box: box}
	devices, families := ifmib.New(in.deviceConfig(box), reg), tables.New(in.tablesConfig(box), reg)
	for _, t := range in.targets {
		interfaces := devices.Device(t.device, t.credential.community)
		d := families.Device(t.device, t.credential.community, t.profile, interfaces)
		target := poll.Target{Device: t.device, Addr: t.addr, Every: s.Interval.D(), Dialog: between{d, t.from, t.to}, AcceptFrom: t.others}
		if u := t.credential.user; u != nil {
			target.Remote = usm.NewRemote(u, t.credential.context)
		}
		p.targets = append(p.targets, target)
	}
	return p, nil
}

func (in *Input) deviceConfig(box *outbox.Box) ifmib.Config {
	s := &in.settings
	return ifmib.Config{
		Interval: s.Interval.D(), Relearn: s.Relearn.D(), Retries: s.Retries, MaxPDU: int(s.MaxPDU),
		MaxInterfaces: s.MaxInterfaces, Filter: s.Interfaces.filter(), Key: in.config.Key, Box: box, Log: in.log(),
	}
}

func (in *Input) tablesConfig(box *outbox.Box) tables.Config {
	s := &in.settings
	return tables.Config{
		Profiles: in.profiles, Round: s.Interval.D(), Retries: s.Retries, MaxPDU: int(s.MaxPDU),
		Key: in.config.Key, Box: box, Log: in.log(),
	}
}

func (in *Input) log() *slog.Logger {
	if in.config.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return in.config.Log
}

// between is a dialog that begins rounds only while its row of the inventory is valid.
type between struct {
	poll.Dialog
	from, to time.Time
}

// Begin starts a round if the device is to be polled now.
func (b between) Begin(now time.Time) *ber.Request {
	if now.Before(b.from) || !b.to.IsZero() && !now.Before(b.to) {
		return nil
	}
	return b.Dialog.Begin(now)
}
