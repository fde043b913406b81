// Package syslog is the input for syslog messages over UDP, TCP and TLS. Those that tell the state of an interface or of a part of
// a device become the points that a trap or a poll would make of it; all known ones, and a sample of the others, are written
// readable.
package syslog

import (
	"context"
	"fmt"
	"net"
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

// opened is an endpoint that is listened at.
type opened struct {
	datagrams *net.UDPConn // one of the two
	streams   net.Listener
	scheme    string
}

// open opens all endpoints or none.
func (in *Input) open(t *intake) (all []opened, err error) {
	for _, e := range in.setup.endpoints {
		o := opened{scheme: e.Scheme}
		var addr net.Addr
		if e.Scheme == "udp" {
			if o.datagrams, err = listen.UDP(e.Addr, int(in.setup.Buffer)); err == nil {
				addr = o.datagrams.LocalAddr()
			}
		} else if o.streams, err = t.streams(e); err == nil {
			addr = o.streams.Addr()
		}
		if err != nil {
			for _, o := range all {
				o.close()
			}
			return nil, fmt.Errorf("syslog: %s: %w", e, err)
		}
		all = append(all, o)
		in.config.Log.Info("taking messages", "endpoint", e.Scheme+"://"+addr.String())
	}
	return all, nil
}

func (o opened) close() {
	if o.datagrams != nil {
		_ = o.datagrams.Close()
	} else {
		_ = o.streams.Close()
	}
}

func (o opened) run(ctx context.Context, t *intake) error {
	if o.datagrams != nil {
		return listen.Receive(ctx, o.datagrams, t)
	}
	return t.serve(ctx, o.streams, o.scheme)
}

// listen opens the endpoints and takes what comes until ctx is done.
func (in *Input) listen(ctx context.Context, write sdk.Write) error {
	t, err := in.build()
	if err != nil {
		return err
	}
	all, err := in.open(t)
	if err != nil {
		return err
	}
	sources := []func(context.Context) error{gate.NewDrops(in.reg, in.config.Log, droppedName).Run}
	for _, o := range all {
		sources = append(sources, func(ctx context.Context) error {
			defer o.close()
			return o.run(ctx, t)
		})
	}
	if err := t.backlog.Serve(ctx, sources, write); err != nil {
		return fmt.Errorf("syslog: %w", err)
	}
	return nil
}
