package partition_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/point"
)

// site is a collector without its HTTP face: a real store, a real embedded log, real partitions.
type site struct {
	t          testing.TB
	dir        string
	partitions int
	inv        *inventory.Index
	now        time.Time
	closeIdle  time.Duration

	store  *store.Store
	queue  *log.Log
	parts  []*partition.Partition
	cancel context.CancelFunc
	done   chan error
}

// monthTested is the month of the tests' points; the clock stands three weeks after it.
var monthTested = model.Month{Year: 2026, Month: time.October}

func newSite(t testing.TB, partitions int) *site {
	return &site{t: t, dir: t.TempDir(), partitions: partitions, inv: inventory.NewIndex(nation()),
		now: time.Unix(monthTested.End(), 0).AddDate(0, 0, 20), closeIdle: time.Hour}
}

// nation is three devices and one link between two of them.
func nation() *model.Inventory {
	all := model.Validity{From: 0, To: model.Forever}
	inv := &model.Inventory{Hash: "test"}
	for _, name := range []string{"r1", "r2", "r3"} {
		inv.Devices = append(inv.Devices, model.Device{Name: name, Province: "01", System: "man-e", PrimaryMethod: "snmp", Validity: all})
	}
	inv.Links = []model.Link{{Name: "l1", A: model.Port{Device: "r1", IfName: "ge0"}, B: model.Port{Device: "r2", IfName: "ge0"},
		Class: model.Transport, CapacityMbps: 1000, Validity: all}}
	return inv
}

// start opens everything and runs the partitions.
func (s *site) start() {
	s.t.Helper()
	var err error
	s.store, err = store.Open(s.t.Context(), store.Config{Path: filepath.Join(s.dir, "store.db"), Partitions: s.partitions}, nil)
	s.must(err)
	var positions []uint64
	for p := range s.partitions {
		seq, _, err := s.store.Load(s.t.Context(), p)
		s.must(err)
		positions = append(positions, seq)
	}
	s.queue, err = log.Open(s.t.Context(), log.Config{Partitions: s.partitions, MaxBytes: 1 << 30, Dir: filepath.Join(s.dir, "log"),
		Positions: positions}, zerolog.Nop(), nil)
	s.must(err)
	m, err := partition.NewMetrics(prometheus.NewRegistry())
	s.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	s.parts, s.cancel, s.done = nil, cancel, make(chan error, s.partitions)
	for id := range s.partitions {
		p := partition.New(partition.Config{ID: id, Owner: "test", Lease: 5 * time.Second, CheckpointEvery: 20 * time.Millisecond,
			CloseAfter: 6 * time.Hour, CloseIdle: s.closeIdle, DaysInMemory: 3, KeepDays: 400, MaxUnknown: 10},
			partition.Deps{Store: s.store, Queue: s.queue, Inventory: func() *inventory.Index { return s.inv },
				Now: func() time.Time { return s.now }, Log: zerolog.Nop(), Metrics: m})
		s.parts = append(s.parts, p)
		go func() { s.done <- p.Run(ctx) }()
	}
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// stop ends the partitions as a signal would.
func (s *site) stop() {
	s.t.Helper()
	s.cancel()
	for range s.parts {
		<-s.done
	}
	s.must(s.queue.Close())
	s.must(s.store.Close())
}

// crash ends them without their last checkpoint: the store is gone before they can commit.
func (s *site) crash() {
	s.t.Helper()
	s.must(s.store.Close())
	s.cancel()
	for range s.parts {
		<-s.done
	}
	s.must(s.queue.Close())
}

// send puts lines into the log as one batch.
func (s *site) send(p int, id string, lines []string) {
	s.t.Helper()
	packer, err := point.NewPacker()
	s.must(err)
	s.must(packer.Add([]byte(strings.Join(lines, "\n")+"\n"), len(lines)))
	s.must(s.queue.Publish(s.t.Context(), p, log.Message{ID: id, Principal: "a1", Batch: packer.Take()}))
}

// settle waits until every partition has committed all that is in the log, passed on lines included.
func (s *site) settle() {
	s.t.Helper()
	for range 2 { // what the first round passed on is applied by the second
		for id := range s.parts {
			last, err := s.queue.Last(s.t.Context(), id)
			s.must(err)
			s.until(func() bool {
				seq, _, err := s.store.Load(s.t.Context(), id)
				s.must(err)
				return seq >= last
			})
		}
	}
}

func (s *site) until(done func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(30 * time.Second)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatal("waited 30 s in vain")
		}
	}
}

// chunks is what the store says of the month, partitions joined, in a form that can be compared.
func (s *site) chunks() []string {
	s.t.Helper()
	all := make([]int, s.partitions)
	for p := range all {
		all[p] = p
	}
	days := partition.Days{From: monthTested.First() - 1, To: monthTested.Next().First() + 1}
	chunks, err := partition.FromStore(s.t.Context(), s.store, days, all)
	s.must(err)
	var out []string
	for _, c := range chunks {
		for _, e := range c.Entities {
			out = append(out, fmt.Sprintf("%s %+v", c.Day, e))
		}
		for _, p := range c.Ports {
			out = append(out, fmt.Sprintf("%s %+v", c.Day, p))
		}
	}
	slices.Sort(out)
	return out
}

// live is the same as the partitions themselves see it now.
func (s *site) live(days partition.Days) []*kpi.DayChunk {
	s.t.Helper()
	var out []*kpi.DayChunk
	for _, p := range s.parts {
		chunks, err := p.Open(s.t.Context(), days)
		s.must(err)
		out = append(out, chunks...)
	}
	return out
}

// revision is how often a day was closed.
func (s *site) revision(day model.Day) (n int) {
	s.t.Helper()
	s.must(s.store.View(s.t.Context(), func(v *store.View) error {
		states, err := v.Days(int32(day), int32(day+1))
		for _, d := range states {
			n = max(n, d.Revision)
		}
		return err
	}))
	return n
}
