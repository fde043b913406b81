// Package partitiontest runs real partitions over a real store and a real embedded log, for tests.
package partitiontest

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/point"
)

// Month is the month of the tests' points; the clock stands three weeks after it.
func Month() model.Month { return model.Month{Year: 2026, Month: time.October} }

// Spool is an id for batches that count once.
const Spool = "0123456789abcdef0123456789abcdef"

// Site is a collector without its HTTP face. What is set before Start holds until Stop.
type Site struct {
	Partitions int
	QueueBytes int64
	Inventory  atomic.Pointer[inventory.Index]
	Now        time.Time
	CloseIdle  time.Duration
	KeepDays   int
	Changes    *partition.Changes // told what changes; nil: nobody listens

	Store    *store.Store
	Queue    *log.Log
	Parts    []*partition.Partition
	Registry *prometheus.Registry

	t      testing.TB
	dir    string
	cancel context.CancelFunc
	done   chan error
}

// New makes a site in a folder of the test's.
func New(t testing.TB, partitions int) *Site {
	s := &Site{t: t, dir: t.TempDir(), Partitions: partitions, QueueBytes: 1 << 30,
		Now: time.Unix(Month().End(), 0).AddDate(0, 0, 20), CloseIdle: time.Hour, KeepDays: 400}
	s.Reload(func(*Inventory) {})
	return s
}

// Inventory is what a test may change of it.
type Inventory = model.Inventory

// Reload puts a changed inventory in the place of the present one.
func (s *Site) Reload(change func(*Inventory)) {
	inv := nation()
	change(inv)
	s.Inventory.Store(inventory.NewIndex(inv))
}

// nation is three devices and one link between two of them.
func nation() *model.Inventory {
	all := model.Validity{From: 0, To: model.Forever}
	inv := &model.Inventory{Hash: "test"}
	for _, name := range []string{"r1", "r2", "r3"} {
		inv.Devices = append(inv.Devices, model.Device{Name: name, Province: "01", System: "man-e", PrimaryMethod: "snmp", Agent: "a1", Validity: all})
	}
	inv.Links = []model.Link{{Name: "l1", A: model.Port{Device: "r1", IfName: "ge0"}, B: model.Port{Device: "r2", IfName: "ge0"},
		Class: model.Transport, CapacityMbps: 1000, Validity: all}}
	inv.Cells = []model.RadioCell{{Name: "c1", Device: "r1", Object: "Cell=1", Technology: "lte", RBs: 50, Validity: all}}
	return inv
}

// Start opens everything and runs the partitions.
func (s *Site) Start() {
	s.t.Helper()
	s.Open()
	s.Run()
}

// Open opens store and log.
func (s *Site) Open() {
	s.t.Helper()
	var err error
	s.Store, err = store.Open(s.t.Context(), store.Config{Path: filepath.Join(s.dir, "store.db"), Partitions: s.Partitions}, nil)
	s.Must(err)
	positions := make([]uint64, 0, s.Partitions)
	for p := range s.Partitions {
		seq, _, err := s.Store.Load(s.t.Context(), p)
		s.Must(err)
		positions = append(positions, seq)
	}
	s.Queue, err = log.Open(s.t.Context(), log.Config{Partitions: s.Partitions, MaxBytes: s.QueueBytes, Dir: filepath.Join(s.dir, "log"),
		Positions: positions}, zerolog.Nop(), nil)
	s.Must(err)
}

// Run runs the partitions.
func (s *Site) Run() {
	s.t.Helper()
	s.Registry = prometheus.NewRegistry()
	m, err := partition.NewMetrics(s.Registry)
	s.Must(err)
	ctx, cancel := context.WithCancel(context.Background())
	s.Parts, s.cancel, s.done = nil, cancel, make(chan error, s.Partitions)
	for id := range s.Partitions {
		p := partition.New(partition.Config{ID: id, Owner: "test", Lease: 5 * time.Second, CheckpointEvery: 20 * time.Millisecond,
			CloseAfter: 6 * time.Hour, CloseIdle: s.CloseIdle, DaysInMemory: 3, KeepDays: s.KeepDays, MaxUnknown: 10},
			partition.Deps{Store: s.Store, Queue: s.Queue, Inventory: s.Inventory.Load,
				Now: func() time.Time { return s.Now }, Log: zerolog.Nop(), Metrics: m, Changes: s.Changes})
		s.Parts = append(s.Parts, p)
		go func() { s.done <- p.Run(ctx) }()
	}
}

// Must ends the test on an error.
func (s *Site) Must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// Stop ends the partitions as a signal would.
func (s *Site) Stop() {
	s.t.Helper()
	s.cancel()
	for range s.Parts {
		<-s.done
	}
	s.Must(s.Queue.Close())
	s.Must(s.Store.Close())
}

// Crash ends them without their last checkpoint: the store is gone before they can commit.
func (s *Site) Crash() {
	s.t.Helper()
	s.Must(s.Store.Close())
	s.cancel()
	for range s.Parts {
		<-s.done
	}
	s.Must(s.Queue.Close())
}

// Send puts lines into the log as one batch, when there is room.
func (s *Site) Send(p int, id string, lines []string) {
	s.t.Helper()
	packer, err := point.NewPacker()
	s.Must(err)
	s.Must(packer.Add([]byte(strings.Join(lines, "\n")+"\n"), len(lines)))
	batch := packer.Take()
	s.Until(func() bool {
		err := s.Queue.Publish(s.t.Context(), p, log.Message{ID: id, Principal: "a1", Batch: batch})
		if errors.Is(err, log.ErrFull) {
			return false
		}
		s.Must(err)
		return true
	})
}

// Settle waits until every partition has committed all that is in the log, passed on lines included.
func (s *Site) Settle() {
	s.t.Helper()
	for id := range s.Parts {
		last, err := s.Queue.Last(s.t.Context(), id)
		s.Must(err)
		s.Until(func() bool {
			seq, _, err := s.Store.Load(s.t.Context(), id)
			s.Must(err)
			return seq >= last
		})
	}
	for id := range s.Parts { // what the first round passed on
		s.Until(func() bool {
			relays, err := s.Queue.State(s.t.Context(), s.Queue.Relays(id))
			s.Must(err)
			return relays.Messages == 0
		})
	}
}

// Until waits for something to become true.
func (s *Site) Until(done func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(5 * time.Minute)
	defer deadline.Stop()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatal("waited five minutes in vain")
		}
	}
}

// Chunks is what the store says of the month, partitions joined, in a form that can be compared.
func (s *Site) Chunks() []string {
	s.t.Helper()
	all := make([]int, s.Partitions)
	for p := range all {
		all[p] = p
	}
	var out []string
	for _, c := range s.Stored(partition.Days{From: Month().First() - 1, To: Month().Next().First() + 1}, all...) {
		for _, e := range c.Entities {
			out = append(out, fmt.Sprintf("%s %+v", c.Day, e))
		}
		for _, p := range c.Ports {
			out = append(out, fmt.Sprintf("%s %+v", c.Day, p))
		}
		ran.Trim(c.Day, c.Reports, func(*report.Day) bool { return false }) // as closed days are
		for _, r := range c.Reports {
			out = append(out, fmt.Sprintf("%s %+v", c.Day, r))
		}
	}
	slices.Sort(out)
	return out
}

// Stored are the chunks of days and partitions by partition and day, as the store has them.
func (s *Site) Stored(days partition.Days, partitions ...int) (out []*kpi.DayChunk) {
	s.t.Helper()
	closed, err := partition.NewClosed()
	s.Must(err)
	for _, p := range partitions {
		var chunks []*kpi.DayChunk
		s.Must(s.Store.View(s.t.Context(), func(v *store.View) (err error) {
			if chunks, err = partition.OpenFromStore(v, days, p); err != nil {
				return err
			}
			return v.Chunks(int32(days.From), int32(days.To), func(row store.DayChunk) error {
				open := slices.ContainsFunc(chunks, func(c *kpi.DayChunk) bool { return c.Day == model.Day(row.Day) })
				if open || row.Partition != p {
					return nil
				}
				chunk, err := closed.Whole(v, row)
				chunks = append(chunks, chunk)
				return err
			})
		}))
		slices.SortFunc(chunks, func(a, b *kpi.DayChunk) int { return int(a.Day) - int(b.Day) })
		out = append(out, chunks...)
	}
	return out
}

// Unsplit makes every closed day of partition 0 what programs before there were parts left: one piece. The site must
// not be running.
func (s *Site) Unsplit() (days int) {
	s.t.Helper()
	var err error
	s.Store, err = store.Open(s.t.Context(), store.Config{Path: filepath.Join(s.dir, "store.db"), Partitions: s.Partitions}, nil)
	s.Must(err)
	lease, ok, err := s.Store.Acquire(s.t.Context(), 0, "older", time.Minute)
	if !ok {
		s.t.Fatal("somebody has partition 0:", err)
	}
	seq, spools, err := s.Store.Load(s.t.Context(), 0)
	s.Must(err)
	closed, err := partition.NewClosed()
	s.Must(err)
	var rows []store.DayChunk
	s.Must(s.Store.View(s.t.Context(), func(v *store.View) error {
		return v.Chunks(0, 1<<30, func(row store.DayChunk) error {
			if row.Partition != 0 {
				return nil
			}
			chunk, err := closed.Whole(v, row)
			if err == nil {
				row.Data, row.Split = closed.One(chunk), false
				rows = append(rows, row)
			}
			return err
		})
	}))
	s.Must(s.Store.Commit(s.t.Context(), store.Checkpoint{Lease: lease, LogSeq: seq, Spools: spools, Days: rows}))
	s.Must(s.Store.Release(s.t.Context(), lease))
	return len(rows)
}

// Split is how many closed days of partition 0 are in parts.
func (s *Site) Split() (n int) {
	s.t.Helper()
	s.Must(s.Store.View(s.t.Context(), func(v *store.View) error {
		days, err := v.DaysOf(0)
		for _, d := range days {
			if d.Split {
				n++
			}
		}
		return err
	}))
	return n
}

// Live is the same as the partitions themselves see it now.
func (s *Site) Live(days partition.Days) []*kpi.DayChunk {
	s.t.Helper()
	var out []*kpi.DayChunk
	for _, p := range s.Parts {
		chunks, err := p.Open(s.t.Context(), days, true)
		s.Must(err)
		out = append(out, chunks...)
	}
	return out
}

// Revision is how often a day was closed.
func (s *Site) Revision(day model.Day) (n int) {
	s.t.Helper()
	s.Must(s.Store.View(s.t.Context(), func(v *store.View) error {
		states, err := v.Days(int32(day), int32(day+1))
		for _, d := range states {
			n = max(n, d.Revision)
		}
		return err
	}))
	return n
}

// Value is the sum of a metric's children that have the label value, or of all if it is empty.
func (s *Site) Value(name, label string) (sum float64) {
	s.t.Helper()
	families, err := s.Registry.Gather()
	s.Must(err)
	for _, f := range families {
		if f.GetName() != name {
			continue
		}
		for _, m := range f.GetMetric() {
			counts := label == ""
			for _, l := range m.GetLabel() {
				counts = counts || l.GetValue() == label
			}
			if counts {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}
