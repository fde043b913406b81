package bench_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/ingest"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/point"
)

// BenchmarkCollector is all of the collector but HTTP's own work, in this process, so that a profile of
// it shows the whole way of a batch:
//
//	go test -run '^$' -bench Collector/generic -cpuprofile cpu.out ./internal/bench
func BenchmarkCollector(b *testing.B) {
	for _, shape := range load.Shapes() {
		b.Run(shape.Name, func(b *testing.B) {
			l := load.Load{Shape: shape, Interfaces: 12_500, Rounds: 100, PerRequest: 5000, Senders: 4}
			l.Start = time.Now().Unix() - int64(l.Rounds)*60
			requests := packed(b, l.Requests())
			b.ReportAllocs()
			b.ResetTimer()
			var used time.Duration
			for range b.N {
				b.StopTimer()
				c := newCollector(b, l)
				start := processorTime(b)
				b.StartTimer()
				c.send(b, requests)
				c.settle(b)
				used += processorTime(b) - start
				b.StopTimer()
				c.close(b)
				b.StartTimer()
			}
			b.ReportMetric(float64(b.N)*float64(l.Lines()*load.Fields)/used.Seconds()/1e6, "Msamples/cpu-s")
		})
	}
}

func processorTime(b *testing.B) time.Duration {
	c, err := proc.Used(os.Getpid())
	if err != nil {
		b.Fatal(err)
	}
	return c.Total()
}

// packed is the requests with frames instead of text.
func packed(b *testing.B, requests []load.Request) []load.Request {
	p, err := point.NewPacker()
	if err != nil {
		b.Fatal(err)
	}
	for i := range requests {
		if err := p.Add(requests[i].Text, requests[i].Lines); err != nil {
			b.Fatal(err)
		}
		requests[i].Text = p.Take().Frames
	}
	return requests
}

// collector is what the daemon wires together, without its listener, views and watchdog.
type collector struct {
	store  *store.Store
	queue  *log.Log
	mux    *http.ServeMux
	cancel context.CancelFunc
	ended  sync.WaitGroup
}

const partitions = 4

func newCollector(b *testing.B, l load.Load) *collector {
	dir, c, reg := b.TempDir(), new(collector), prometheus.NewRegistry()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	must(l.Files(dir))
	in := func(name string) string { return filepath.Join(dir, name) }
	configs := func(name string) string { return filepath.Join("..", "..", "configs", name) }
	inv, err := inventory.Load(inventory.Config{Devices: in("devices.csv"), Links: in("links.csv"), Maintenance: in("maintenance.csv"),
		Targets: configs("targets.yaml"), Provinces: configs("provinces"), UnitSet: inventory.UnitsAuto})
	must(err)
	c.store, err = store.Open(b.Context(), store.Config{Path: in("store.db"), Partitions: partitions}, reg)
	must(err)
	c.queue, err = log.Open(b.Context(), log.Config{Partitions: partitions, MaxBytes: 8 << 30, Dir: in("log")}, zerolog.Nop(), reg)
	must(err)
	who, err := principal.Open(in("principals.yaml"), reg)
	must(err)
	handler, err := ingest.New(ingest.DefaultConfig(), ingest.Deps{Principals: who, Owner: func(device string) string {
		if d := inv.Device(device, l.Start); d != nil {
			return d.Agent
		}
		return ""
	}, Sink: c.accept, Log: zerolog.Nop(), Registerer: reg})
	must(err)
	c.mux = http.NewServeMux()
	handler.Register(c.mux)
	c.run(b, inv, reg)
	return c
}

func (c *collector) run(b *testing.B, inv *inventory.Index, reg *prometheus.Registry) {
	m, err := partition.NewMetrics(reg)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	for id := range partitions {
		p := partition.New(partition.Config{ID: id, Owner: "bench", Lease: 6 * time.Second, CheckpointEvery: 5 * time.Second,
			CloseAfter: 6 * time.Hour, CloseIdle: 30 * time.Second, DaysInMemory: 4, KeepDays: 45, MaxUnknown: 1000},
			partition.Deps{Store: c.store, Queue: c.queue, Inventory: func() *inventory.Index { return inv }, Now: time.Now, Log: zerolog.Nop(), Metrics: m})
		c.ended.Go(func() { _ = p.Run(ctx) })
	}
}

func (c *collector) accept(ctx context.Context, m ingest.Message) error {
	id := fmt.Sprintf("%s/%d", m.Spool, m.Sequence)
	return c.queue.Publish(ctx, int(m.Principal[len(m.Principal)-1]-'0')%partitions, log.Message{ID: id, Principal: m.Principal, Received: m.Received, Batch: m.Batch})
}

// send is two senders' work at a time.
func (c *collector) send(b *testing.B, requests []load.Request) {
	next := make(chan load.Request)
	var senders sync.WaitGroup
	for range 2 {
		senders.Go(func() {
			for r := range next {
				req := httptest.NewRequest("POST", "/api/v2/write", bytes.NewReader(r.Text))
				req.Header.Set("Authorization", "Token "+load.Token(r.Sender))
				req.Header.Set("Content-Encoding", "zstd")
				req.Header.Set("Haidang-Batch", load.Batch(r))
				w := httptest.NewRecorder()
				if c.mux.ServeHTTP(w, req); w.Code != http.StatusNoContent {
					b.Error(w.Code, w.Body)
				}
			}
		})
	}
	for _, r := range requests {
		next <- r
	}
	close(next)
	senders.Wait()
}

// settle waits until all that was accepted is committed.
func (c *collector) settle(b *testing.B) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for p := range partitions {
		last, err := c.queue.Last(b.Context(), p)
		if err != nil {
			b.Fatal(err)
		}
		for seq := uint64(0); seq < last; <-tick.C {
			if seq, _, err = c.store.Load(b.Context(), p); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func (c *collector) close(b *testing.B) {
	c.cancel()
	c.ended.Wait()
	if err := c.queue.Close(); err != nil {
		b.Fatal(err)
	}
	if err := c.store.Close(); err != nil {
		b.Fatal(err)
	}
}
