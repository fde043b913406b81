package snmp_test

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	model "github.com/haidang-noc/haidang/internal/simnet/nation"
	agents "github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// simulated is a small simulated network that answers while the test runs.
type simulated struct {
	*model.Network
	overlay atomic.Pointer[model.Overlay]
	port    int
}

func simulate(t *testing.T) *simulated {
	t.Helper()
	cfg := model.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Only = "../../configs/provinces/provinces-34.csv", 20, []string{"01"}
	cfg.Address = netip.MustParseAddr("127.78.1.1")
	n, err := model.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &simulated{Network: n}
	s.faults(t)
	face, err := mib.NewFace(&s.overlay, mib.Access{Community: "public"}, 1472)
	if err != nil {
		t.Fatal(err)
	}
	server, err := agents.Listen(0, 1472, face, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	s.port = server.Port()
	background(t, server.Run, context.Canceled)
	return s
}

// background runs something until the test ends, and expects that it ends then as it should.
func background(t *testing.T, run func(context.Context) error, want error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, want) {
			t.Error(err)
		}
	})
}

func (s *simulated) faults(t *testing.T, faults ...fault.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].From = fault.Time{Time: time.Now().Add(-time.Hour)}
	}
	o, err := s.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	s.overlay.Store(o)
}

// Six targets are at one address, and what answers there has one thread. It is found out, and forgotten when it is mended.
func TestTheSimulatorsOneThreadIsLearnedAndForgotten(t *testing.T) {
	s := simulate(t)
	name := s.Devices[0].Name
	s.faults(t, fault.Fault{Kind: fault.SingleThreaded, Device: name, Delay: conf.Duration(5 * time.Millisecond)})
	box, reg := outbox.New(), prometheus.NewRegistry()
	background(t, func(ctx context.Context) error {
		return box.Run(ctx, outbox.Sink{Write: func(context.Context, []byte, int) error { return nil }})
	}, nil)
	e, err := engine.New(engine.Config{Timeout: 40 * time.Millisecond, Window: 100, Lanes: 1, Limits: engine.Limits{Device: engine.Limit{InFlight: 4}}}, reg)
	if err != nil {
		t.Fatal(err)
	}
	devices := ifmib.New(ifmib.Config{Interval: time.Second, Relearn: time.Hour, Retries: 3, MaxPDU: 1472, MaxInterfaces: 100,
		Key: sdk.Config{Agent: "a"}.Key, Box: box, Log: slog.New(slog.DiscardHandler)}, reg)
	targets := make([]poll.Target, 6)
	for i := range targets {
		targets[i] = poll.Target{Device: strings.Repeat("x", i+1), Addr: netip.AddrPortFrom(s.Address(0), uint16(s.port)), Every: 200 * time.Millisecond,
			Dialog: devices.Device(name, "public")}
	}
	background(t, func(ctx context.Context) error { return e.Run(ctx, targets) }, nil)

	serial := func(want float64) {
		t.Helper()
		again := time.NewTicker(20 * time.Millisecond)
		defer again.Stop()
		for tries := 3000; gauge(t, reg, "haidang_snmp_devices_serial") != want; tries-- {
			if tries == 0 {
				t.Fatalf("haidang_snmp_devices_serial does not become %v", want)
			}
			<-again.C
		}
	}
	serial(1)
	s.faults(t)
	serial(0)
}

func gauge(t *testing.T, reg *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}
