package snmp_test

import (
	"context"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Everybody asks the same thousand devices for the same, taking turns; the engine once as the floor does, without limits,
// and once held to those that it has by default. Figures are medians over the iterations,
// in processor seconds per million values, and ratios of them.
func BenchmarkBeside(b *testing.B) {
	all := startNation(b, 1000).all
	want := 0
	for _, s := range all {
		want += s.values()
	}
	engine, polite := ours(b, all, engine.Limits{}), ours(b, all, politeLimits())
	engine.round(b) // learns
	polite.round(b)
	plain, lines := newFloor(b, all, nil), newFloor(b, all, new(point.Encoder))
	turns := []struct {
		name string
		poll func() int
	}{
		{"ours", func() int { engine.round(b); return want }},
		{"polite", func() int { polite.round(b); return want }},
		{"floor", func() int { return plain.round(b) }},
		{"floor-lines", func() int { return lines.round(b) }},
		{"walk", func() int { return walkWithGosnmp(b, all) }},
	}
	cost := map[string][]float64{}
	for b.Loop() {
		for _, turn := range turns {
			before := cpuSeconds()
			if got := turn.poll(); got != want {
				b.Fatalf("%s: %d values, want %d", turn.name, got, want)
			}
			cost[turn.name] = append(cost[turn.name], (cpuSeconds()-before)/float64(want)*1e6)
		}
	}
	median := func(name string) float64 {
		c := slices.Clone(cost[name])
		slices.Sort(c)
		return c[len(c)/2]
	}
	for _, turn := range turns {
		b.ReportMetric(median(turn.name), turn.name)
	}
	b.ReportMetric(median("ours")/median("floor-lines"), "ours/floor-lines")
	b.ReportMetric(median("polite")/median("floor-lines"), "polite/floor-lines")
	b.ReportMetric(median("walk")/median("ours"), "walk/ours")
}

// Five thousand devices that take 20 ms to answer, all at once: a round is two requests to each, one after the other.
func BenchmarkRoundOf5000At20ms(b *testing.B) {
	n := startNation(b, 5000)
	all := n.all
	n.slow(b, all, 20*time.Millisecond)
	engine := ours(b, all, politeLimits())
	engine.round(b) // learns
	perRound := int64(2 * len(all))
	for _, s := range all {
		perRound += int64(len(s.rows))
	}
	for b.Loop() {
		engine.round(b)
	}
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for tries := 100; engine.lines.Load() < int64(b.N+1)*perRound; tries-- {
		if tries == 0 {
			b.Fatalf("%d lines, want %d", engine.lines.Load(), int64(b.N+1)*perRound)
		}
		<-again.C
	}
}

// walkWithGosnmp walks column after column, as most pollers do.
func walkWithGosnmp(b *testing.B, all []*subject) (values int) {
	var n atomic.Int64
	eachOf(b, all, func(s *subject) error {
		if _, err := s.snmp.Get([]string{"1.3.6.1.2.1.1.3.0"}); err != nil {
			return err
		}
		n.Add(1)
		for _, column := range besideColumns {
			if err := s.snmp.BulkWalk(column, func(gosnmp.SnmpPDU) error { n.Add(1); return nil }); err != nil {
				return err
			}
		}
		return nil
	})
	return int(n.Load())
}

// ours polls the same with the engine.
type contender struct {
	engine  *engine.Engine
	targets []poll.Target
	lines   atomic.Int64
}

func ours(b *testing.B, all []*subject, limits engine.Limits) *contender {
	b.Helper()
	box, reg := outbox.New(), prometheus.NewRegistry()
	e, err := engine.New(engine.Config{Timeout: 2 * time.Second, Window: 2 * len(all), Lanes: 1, Limits: limits, Pause: box.Full}, reg)
	if err != nil {
		b.Fatal(err)
	}
	devices := ifmib.New(ifmib.Config{Interval: time.Minute, Relearn: time.Hour, Retries: 1, MaxPDU: 1472, MaxInterfaces: 100,
		Key: sdk.Config{Agent: "a"}.Key, Box: box, Log: slog.New(slog.DiscardHandler)}, reg)
	c := &contender{engine: e, targets: make([]poll.Target, len(all))}
	for i, s := range all {
		c.targets[i] = poll.Target{Device: s.name, Addr: s.addr, Dialog: devices.Device(s.name, "public")}
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- box.Run(ctx, outbox.Sink{Write: func(_ context.Context, _ []byte, points int) error {
			c.lines.Add(int64(points))
			return nil
		}})
	}()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return c
}

// politeLimits are the input's by default. All at once, they make the devices of a subnet wait for each other.
func politeLimits() engine.Limits {
	return engine.Limits{Device: engine.Limit{PerSecond: 100, InFlight: 1}, Subnet: engine.Limit{PerSecond: 1000, InFlight: 256}, V4: 24, V6: 64}
}

// round polls everybody once.
func (c *contender) round(b *testing.B) {
	if err := c.engine.Once(b.Context(), c.targets); err != nil {
		b.Fatal(err)
	}
}
