// Package mdt is the input for telemetry that devices dial out with: Cisco's over TCP and gRPC, Huawei's over gRPC, Juniper's over UDP.
// What of it is written, and as what, tables say (package sensor).
package mdt

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/backlog"
	"github.com/haidang-noc/haidang/internal/gate"
	"github.com/haidang-noc/haidang/internal/listen"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Input is the input for dial-out telemetry (sdk.Input).
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

// Run takes telemetry until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error { return in.listen(ctx, out.Write) }

// Once waits for the first rows that are written, at most two minutes.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	return sdk.First(ctx, out, 2*time.Minute, in.listen)
}

// maxStrangers is how many sources that no inventory names are told apart.
const maxStrangers = 4096

func (in *Input) build() (*intake, error) {
	s := in.setup
	g := gate.New(gate.Config{Memory: int(s.Memory), SourceMemory: int(s.SourceMemory), Strangers: maxStrangers})
	m := newMetrics(in.reg, func() float64 { return float64(g.Held()) })
	if err := in.config.Show(in.reg); err != nil {
		return nil, fmt.Errorf("mdt: %w", err)
	}
	return &intake{setup: s, gate: g, metrics: m, backlog: backlog.New(g), unknown: newUnknown(in.config.Log),
		lines: &lines{key: in.config.Key, setup: s, metrics: m}}, nil
}

// open opens an endpoint.
func (t *intake) open(e listen.Endpoint) (listen.Opened, error) {
	if e.Scheme == "jti" {
		conn, err := listen.UDP(e.Addr, int(t.setup.Buffer))
		if err != nil {
			return listen.Opened{}, err //nolint:wrapcheck // by the caller
		}
		return listen.Opened{Run: func(ctx context.Context) error { return listen.Receive(ctx, conn, datagrams{t}) }, Close: conn.Close, Addr: conn.LocalAddr()}, nil
	}
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(e.Addr))
	if err != nil {
		return listen.Opened{}, err //nolint:wrapcheck // by the caller
	}
	bounded := listen.Limit(l, listen.Bounds{Connections: t.setup.Connections, Source: t.connections, Refused: t.refused})
	serve := t.serve
	if e.Scheme == "grpc" || e.Scheme == "grpcs" {
		serve = t.serveGRPC
	}
	return listen.Opened{Run: func(ctx context.Context) error { return serve(ctx, bounded, e.Scheme) }, Close: bounded.Close, Addr: l.Addr()}, nil
}

// connections is how many a source may have: only devices have any.
func (t *intake) connections(a netip.Addr) int {
	if !t.setup.devices.Knows(a) {
		return 0
	}
	return t.setup.SourceConnections
}

func (t *intake) refused(reason string, from netip.Addr) {
	t.metrics.refused.WithLabelValues(reason).Inc()
	if reason == "unknown_source" {
		t.metrics.strangers.Inc()
		t.unknown.source(from)
	}
}

// listen opens the endpoints and takes what comes until ctx is done.
func (in *Input) listen(ctx context.Context, write sdk.Write) error {
	t, err := in.build()
	if err != nil {
		return err
	}
	sources, err := listen.Open(in.setup.endpoints, in.config.Log, t.open)
	if err != nil {
		return fmt.Errorf("mdt: %w", err)
	}
	sources = append(sources, gate.NewDrops(in.reg, in.config.Log, droppedName).Run)
	if err := t.backlog.Serve(ctx, sources, write); err != nil {
		return fmt.Errorf("mdt: %w", err)
	}
	return nil
}
