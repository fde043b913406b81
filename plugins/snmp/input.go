// Package snmp is the SNMP input: it polls any number of devices over SNMPv2c and
// SNMPv3 and writes the measurements reach, system, interface, and what the profiles of the devices say.
package snmp

import (
	"context"
	"log/slog"
	"net/netip"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/profile"
	"github.com/haidang-noc/haidang/plugins/snmp/tables"
)

// Input is the SNMP input (sdk.Input).
type Input struct {
	config   sdk.Config
	settings settings
	targets  []target
	others   map[string][]netip.Addr // by device, see resolver
	profiles *profile.Set
}

// New returns an input that is not configured yet.
func New() *Input { return &Input{} }

// Configure reads the input's section.
func (in *Input) Configure(c sdk.Config) error {
	s, r, err := read(c)
	if err != nil {
		return err
	}
	in.config, in.settings, in.targets, in.others = c, s, slices.Clone(r.targets), r.others
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

// collect runs the engine, and writes what it gathers.
func (in *Input) collect(ctx context.Context, out *sdk.Output, run func(*engine.Engine, context.Context, []poll.Target) error) error {
	box := outbox.New()
	e, err := in.engine(box)
	if err != nil {
		return err
	}
	return box.Around(ctx, outbox.Sink{Write: out.Write, Sync: out.Sync}, func(ctx context.Context) error {
		return run(e, ctx, in.dialogs(box))
	})
}

func (in *Input) engine(box *outbox.Box) (*engine.Engine, error) {
	s := &in.settings
	return engine.New(engine.Config{
		Timeout: s.Timeout.D(), Window: s.Window, Lanes: s.Sockets, Limits: s.Limits.engine(), Pause: box.Full, Log: in.log(),
	}, in.config.Metrics)
}

// dialogs makes what the engine polls. What it keeps of a device is all that is kept: there are very many of them.
func (in *Input) dialogs(box *outbox.Box) []poll.Target {
	devices, families := ifmib.New(in.deviceConfig(box), in.config.Metrics), tables.New(in.tablesConfig(box), in.config.Metrics)
	targets := make([]poll.Target, len(in.targets))
	for i, t := range in.targets {
		d := families.Device(t.profile, devices.Device(t.device, t.credential.community))
		targets[i] = poll.Target{Device: t.device, Addr: t.addr, Every: in.settings.Interval.D(), Dialog: d, AcceptFrom: in.others[t.device]}
		if t.valid != nil {
			targets[i].Dialog = during{d, t.valid}
		}
		if u := t.credential.user; u != nil {
			targets[i].Remote = usm.NewRemote(u, t.credential.context)
		}
	}
	return targets
}

func (in *Input) deviceConfig(box *outbox.Box) ifmib.Config {
	s := &in.settings
	return ifmib.Config{
		Interval: s.Interval.D(), Relearn: s.Relearn.D(), Retries: s.Retries, MaxPDU: int(s.MaxPDU),
		MaxInterfaces: s.MaxInterfaces, Filter: s.Interfaces.filter(), AllPackets: s.Interfaces.AllPackets, Key: in.config.Key, Box: box, Log: in.log(),
	}
}

func (in *Input) tablesConfig(box *outbox.Box) tables.Config {
	s := &in.settings
	return tables.Config{
		Profiles: in.profiles, Round: s.Interval.D(), Retries: s.Retries, MaxPDU: int(s.MaxPDU), Box: box, Log: in.log(),
	}
}

func (in *Input) log() *slog.Logger {
	if in.config.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return in.config.Log
}

// during is a dialog that begins rounds only while its row of the inventory is valid.
type during struct {
	poll.Dialog
	valid *period
}

// Begin starts a round if the device is to be polled now.
func (d during) Begin(now time.Time) *ber.Request {
	if !d.valid.has(now) {
		return nil
	}
	return d.Dialog.Begin(now)
}
