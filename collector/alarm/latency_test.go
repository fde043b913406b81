package alarm_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/point"
)

// nation is a collector without its HTTP face, as it is configured by default, under the polls of 83,000
// devices a minute.
type nation struct {
	b       *testing.B
	queue   *log.Log
	engine  *alarm.Engine
	devices int
	packer  *point.Packer
}

const parts = 4

func newNation(b *testing.B, devices int) *nation {
	n := &nation{b: b, devices: devices}
	always := model.Validity{To: model.Forever}
	inv := &model.Inventory{}
	for i := range devices {
		inv.Devices = append(inv.Devices, model.Device{Name: fmt.Sprintf("d%05d", i), Province: "01", System: "man-e", PrimaryMethod: "snmp", Validity: always})
	}
	index := inventory.NewIndex(inv)
	dir := b.TempDir()
	s, err := store.Open(b.Context(), store.Config{Path: filepath.Join(dir, "store.db"), Partitions: parts}, nil)
	n.must(err)
	n.queue, err = log.Open(b.Context(), log.Config{Partitions: parts, MaxBytes: 1 << 30, Dir: filepath.Join(dir, "log"), Positions: make([]uint64, parts)}, zerolog.Nop(), nil)
	n.must(err)
	m, err := partition.NewMetrics(prometheus.NewRegistry())
	n.must(err)
	n.packer, err = point.NewPacker()
	n.must(err)
	changes := partition.NewChanges()
	all := make([]*partition.Partition, 0, parts)
	runs := make([]func(context.Context) error, 0, parts+1)
	for id := range parts {
		p := partition.New(partition.Config{ID: id, Owner: "bench", Lease: 6 * time.Second, CheckpointEvery: 5 * time.Second, CloseAfter: 6 * time.Hour,
			CloseIdle: time.Minute, DaysInMemory: 4, KeepDays: 45, MaxUnknown: 10}, partition.Deps{Store: s, Queue: n.queue,
			Inventory: func() *inventory.Index { return index }, Now: time.Now, Log: zerolog.Nop(), Metrics: m, Changes: changes})
		all, runs = append(all, p), append(runs, p.Run)
	}
	n.engine, err = alarm.New(alarm.DefaultConfig(), alarm.Deps{Store: s, Partitions: all, Changes: changes,
		Inventory: func() *inventory.Index { return index }, Now: time.Now, Log: zerolog.Nop(), Registerer: prometheus.NewRegistry()})
	n.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error)
	runs = append(runs, n.engine.Run)
	for _, run := range runs {
		go func() { ended <- run(ctx) }()
	}
	b.Cleanup(func() {
		cancel()
		for range runs {
			<-ended
		}
		n.must(errors.Join(n.queue.Close(), s.Close()))
	})
	return n
}

func (n *nation) must(err error) {
	n.b.Helper()
	if err != nil {
		n.b.Fatal(err)
	}
}

// poll sends one answer of each of the devices.
func (n *nation) poll(at time.Time, up bool, devices ...int) {
	n.b.Helper()
	var text []byte
	for _, i := range devices {
		text = fmt.Appendf(text, "reach,agent=a%d,device=d%05d,method=snmp up=%t,interval_s=60i %d\n", i%parts, i, up, at.UnixNano())
	}
	n.must(n.packer.Add(text, len(devices)))
	n.must(n.queue.Publish(n.b.Context(), devices[0]%parts, log.Message{Principal: "bench", Received: at.UnixNano(), Batch: n.packer.Take()}))
}

// slice are the devices that are polled in one of n parts of a minute, those of one partition.
func (n *nation) slice(k, of, home int) (out []int) {
	for i := range n.devices {
		if i%parts == home && i/parts%of == k {
			out = append(out, i)
		}
	}
	return out
}

// fault lets a device fail twice, and waits for its alarm.
func (n *nation) fault(sub *alarm.Subscription, victim int, now time.Time) time.Duration {
	n.b.Helper()
	n.poll(now.Add(-30*time.Second), false, victim)
	start := time.Now()
	n.poll(now, false, victim)
	for ev := range sub.C {
		if ev.Kind == alarm.Raised && ev.Alarm.Name == fmt.Sprintf("d%05d", victim) {
			return time.Since(start)
		}
	}
	n.b.Fatal("the stream has ended")
	return 0
}

// The time from accepting the second failed poll of a device to the alarm at a listener, while 83,000
// devices are polled every minute and checkpoints are made.
func BenchmarkFaultToAlarm(b *testing.B) {
	n := newNation(b, 83_000)
	sub, err := n.engine.Subscribe(b.Context(), 0)
	n.must(err)
	defer sub.Close()
	begin := time.Now().Add(-time.Minute)
	for home := range parts {
		for k := range 10 {
			n.poll(begin, true, n.slice(k, 10, home)...)
		}
	}
	n.fault(sub, 7, time.Now()) // all is applied
	var took []time.Duration
	tick := time.NewTicker(100 * time.Millisecond) // a batch of each partition ten times a second
	defer tick.Stop()
	step := 0
	for b.Loop() {
		<-tick.C
		now := time.Now()
		victim := n.slice((step+300)%600, 600, step%parts)[0] // whose turn is in half a minute
		for home := range parts {
			n.poll(now, true, n.slice(step%600, 600, home)...)
		}
		took = append(took, n.fault(sub, victim, now))
		step++
	}
	slices.Sort(took)
	for name, q := range map[string]float64{"p50-ms": .5, "p99-ms": .99, "max-ms": 1} {
		b.ReportMetric(float64(took[min(int(q*float64(len(took))), len(took)-1)].Microseconds())/1000, name)
	}
}
