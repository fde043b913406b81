// Package syslog is the input for syslog messages over UDP, TCP and TLS. Those that tell the state of an interface or of a part of
// a device become the points that a trap or a poll would make of it; all known ones, and a sample of the others, are written
// readable.
package syslog

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/backlog"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Input is the input for syslog messages (sdk.Input).
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

// Run takes messages until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error { return in.listen(ctx, out.Write) }

// Once waits for one message that is written, at most a minute.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	return sdk.First(ctx, out, time.Minute, in.listen)
}

// maxStrangers is how many sources that no inventory names are told apart.
const maxStrangers = 4096

func (in *Input) build() (*intake, error) {
	s := in.setup
	g := gate.New(gate.Config{Memory: int(s.Memory), SourceMemory: int(s.SourceMemory), Strangers: maxStrangers})
	m := newMetrics(in.reg, func() float64 { return float64(g.Held()) })
	if err := in.config.Show(in.reg); err != nil {
		return nil, fmt.Errorf("syslog: %w", err)
	}
	return &intake{setup: s, gate: g, metrics: m, backlog: backlog.New(g), lines: &lines{key: in.config.Key, metrics: m, maxText: int(s.MaxText)},
		samples: gate.New(gate.Config{Memory: 1, SourceMemory: 1, Strangers: maxStrangers})}, nil
}

// open opens an endpoint.
func (t *intake) open(e listen.Endpoint) (listen.Opened, error) {
	if e.Scheme == "udp" {
		conn, err := listen.UDP(e.Addr, int(t.setup.Buffer))
		if err != nil {
			return listen.Opened{}, err //nolint:wrapcheck // by the caller
		}
		return listen.Opened{Run: func(ctx context.Context) error { return listen.Receive(ctx, conn, t) }, Close: conn.Close, Addr: conn.LocalAddr()}, nil
	}
	l, err := t.streams(e)
	if err != nil {
		return listen.Opened{}, err
	}
	return listen.Opened{Run: func(ctx context.Context) error { return t.serve(ctx, l, e.Scheme) }, Close: l.Close, Addr: l.Addr()}, nil
}

// listen opens the endpoints and takes what comes until ctx is done.
func (in *Input) listen(ctx context.Context, write sdk.Write) error {
	t, err := in.build()
	if err != nil {
		return err
	}
	sources, err := listen.Open(in.setup.endpoints, in.config.Log, t.open)
	if err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	sources = append(sources, gate.NewDrops(in.reg, in.config.Log, droppedName).Run)
	if err := t.backlog.Serve(ctx, sources, write); err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	return nil
}
