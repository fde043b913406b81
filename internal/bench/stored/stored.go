// Package stored makes a collector's store that holds a month of a nation, as if the collector had taken
// it in and closed its days: what reports cost can be measured without polling for a month.
package stored

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// partitions is what a collector has by default.
const partitions = 4

// What fails: one device and one link in a hundred has an outage a month.
const (
	failing  = 100
	downtime = 1800
)

// Month fills a new store at path with the days of a month and one either side of it.
func Month(ctx context.Context, path string, inv *inventory.Index, month model.Month) error {
	return Begun(ctx, path, inv, month, month.Next().First())
}

// Begun fills a new store at path with the day before a month and its days up to last.
func Begun(ctx context.Context, path string, inv *inventory.Index, month model.Month, last model.Day) error {
	return write(ctx, path, func(s *store.Store, p int) error {
		w, err := newWriter(ctx, s, month, p)
		if err != nil {
			return err
		}
		w.choose(inv, p)
		return errors.Join(w.days(ctx, last), s.Release(ctx, w.lease))
	})
}

// Earlier adds the months before: their time lines, and the sums of month under their names. Rates, by far the
// most of a month, they have none, as nothing reads those of a month that is added up.
func Earlier(ctx context.Context, path string, inv *inventory.Index, month model.Month, months int) error {
	before := make([]model.Month, months)
	for i, m := months-1, month; i >= 0; i-- {
		m = model.MonthOf(m.Start() - 1)
		before[i] = m
	}
	err := write(ctx, path, func(s *store.Store, p int) error {
		w, err := newWriter(ctx, s, month, p)
		if err != nil {
			return err
		}
		w.choose(inv, p)
		w.bare = true
		for _, w.month = range before {
			if err := w.days(ctx, min(w.month.Next().First(), month.First()-2)); err != nil { // up to the days that are there
				return err
			}
		}
		return s.Release(ctx, w.lease)
	})
	if err != nil {
		return err
	}
	return repeatSums(ctx, path, month, before)
}

// write has every partition written, as many at a time as there are processors.
func write(ctx context.Context, path string, partition func(s *store.Store, p int) error) error {
	s, err := store.Open(ctx, store.Config{Path: path, Partitions: partitions}, nil)
	if err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for p := range partitions {
		all.Go(func() error { return partition(s, p) })
	}
	return errors.Join(all.Wait(), s.Close())
}

func repeatSums(ctx context.Context, path string, month model.Month, before []model.Month) error {
	s, err := store.Open(ctx, store.Config{Path: path}, nil)
	if err != nil {
		return err
	}
	err = s.View(ctx, func(v *store.View) error {
		return v.MonthSums(int32(month.First()), func(sum store.MonthSum) (err error) {
			if sum.State, err = v.MonthState(sum.Month, sum.Shard); err != nil {
				return err
			}
			for _, m := range before {
				sum.Month = int32(m.First())
				if err := s.PutMonthSum(ctx, sum); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return errors.Join(err, s.Close())
}

// days writes the month and a day either side, up to last.
func (w *writer) days(ctx context.Context, last model.Day) error {
	w.joined, w.sofar, w.last = nil, kpi.Merging{Month: w.month}, last
	for d := w.month.First() - 1; d <= last; d++ {
		if err := w.day(ctx, d); err != nil {
			return fmt.Errorf("stored: %s: %w", d, err)
		}
	}
	return nil
}

func newWriter(ctx context.Context, s *store.Store, month model.Month, p int) (*writer, error) {
	lease, ok, err := s.Acquire(ctx, p, "bench", time.Hour)
	if err != nil || !ok {
		return nil, fmt.Errorf("stored: lease of partition %d: %v %w", p, ok, err)
	}
	written, _, err := s.Load(ctx, p)
	if err != nil {
		return nil, err
	}
	closed, err := partition.NewClosed()
	return &writer{store: s, closed: closed, lease: lease, month: month, last: month.Next().First(), written: written, sofar: kpi.Merging{Month: month}}, err
}

// writer makes the days of one partition.
type writer struct {
	store    *store.Store
	closed   partition.Closed
	lease    store.Lease
	month    model.Month
	entities []entity // by device and interface
	rates    []uint32 // of a day, written over by the next
	written  uint64
	bare     bool      // without rates
	last     model.Day // with which the time lines of the month are joined
	joined   []store.DayState
	sofar    kpi.Merging // time lines
}

type entity struct {
	device, ifName string
	seed           uint64
	kbps           float64 // mean load of a port; 0: no port
}

// choose takes the devices of partition p, and the ports at their links' measured ends.
func (w *writer) choose(inv *inventory.Index, p int) {
	for i := range inv.Devices {
		if d := inv.Devices[i].Name; home(d) == p {
			w.entities = append(w.entities, entity{device: d, seed: hash(d)})
		}
	}
	for i := range inv.Links {
		l := &inv.Links[i]
		if home(l.A.Device) == p {
			seed := hash(l.Name)
			// Most links are used by a third at most; one in two hundred is full.
			load := 0.05 + 0.3*float64(seed%1000)/1000
			if seed%200 == 0 {
				load = 0.75
			}
			w.entities = append(w.entities, entity{device: l.A.Device, ifName: l.A.IfName, seed: seed, kbps: load * 1000 * float64(max(l.CapacityMbps, 1000))})
		}
		if l.B.Device != "" && home(l.B.Device) == p {
			w.entities = append(w.entities, entity{device: l.B.Device, ifName: l.B.IfName, seed: hash(l.Name + "/b")})
		}
	}
	slices.SortFunc(w.entities, func(a, b entity) int { return compare(a.device, b.device, a.ifName, b.ifName) })
	w.entities = slices.CompactFunc(w.entities, func(a, b entity) bool { return a.device == b.device && a.ifName == b.ifName })
}

func compare(deviceA, deviceB, ifNameA, ifNameB string) int {
	if c := strings.Compare(deviceA, deviceB); c != 0 {
		return c
	}
	return strings.Compare(ifNameA, ifNameB)
}

func home(device string) int { return int(hash(device) % partitions) }

func hash(s string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(s)) // never fails
	return h.Sum64()
}

// room is where a day's rates stand.
func (w *writer) room() []uint32 {
	if w.rates == nil {
		ports := 0
		for i := range w.entities {
			if w.entities[i].kbps > 0 {
				ports++
			}
		}
		w.rates = make([]uint32, ports*2*kpi.SlotsPerDay)
	}
	return w.rates
}

func (w *writer) day(ctx context.Context, d model.Day) error {
	chunk := &kpi.DayChunk{Day: d, Entities: make([]kpi.EntityDay, 0, len(w.entities))}
	rates := w.room()
	defer func() { w.rates = rates }()
	up := kpi.Machine{Since: d.Start() - model.DaySeconds, Until: d.End() + 150, Poll: 60, LastPoll: 60, State: kpi.Up, Last: kpi.ObsUp}
	for i := range w.entities {
		e := &w.entities[i]
		row := kpi.EntityDay{Device: e.device, IfName: e.ifName, Carry: up}
		if e.ifName == "" {
			row.Method = "snmp"
		}
		if e.seed%failing == 0 && int(e.seed/failing%30) == int(d-w.month.First()) {
			from := d.Start() + int64(e.seed%80_000)
			row.NonUp = []kpi.Interval{{From: from, To: from + downtime, State: kpi.Down, Poll: 60}}
		}
		chunk.Entities = append(chunk.Entities, row)
		if e.kbps > 0 && !w.bare {
			chunk.Ports = append(chunk.Ports, w.traffic(e, d))
		}
	}
	return w.commit(ctx, chunk)
}

func (w *writer) commit(ctx context.Context, chunk *kpi.DayChunk) error {
	row := w.closed.Pack(chunk)
	row.Revision, row.ClosedAt = 1, chunk.Day.End()+6*3600
	w.written++
	return w.store.Commit(ctx, store.Checkpoint{Lease: w.lease, LogSeq: w.written, Days: []store.DayChunk{row}, Lines: w.join(chunk)})
}

// join adds a day to the month's time lines, which are complete with the last day.
func (w *writer) join(chunk *kpi.DayChunk) []store.MonthLine {
	w.joined = append(w.joined, store.DayState{Day: int32(chunk.Day), Revision: 1})
	w.sofar.Add(chunk)
	if chunk.Day != w.last {
		return nil
	}
	return []store.MonthLine{{Month: int32(w.month.First()), Made: partition.Made(w.joined), Data: w.closed.One(w.sofar.Lines())}}
}

// traffic rises and falls with the hours and has noise upon it, as that of a real port has.
func (w *writer) traffic(e *entity, d model.Day) kpi.PortDay {
	p := kpi.PortDay{Device: e.device, IfName: e.ifName, Day: d, In: w.rates[:kpi.SlotsPerDay], Out: w.rates[kpi.SlotsPerDay : 2*kpi.SlotsPerDay]}
	w.rates = w.rates[2*kpi.SlotsPerDay:]
	noise := e.seed ^ uint64(d)*0x9e3779b97f4a7c15
	for i := range p.In {
		noise ^= noise << 13
		noise ^= noise >> 7
		noise ^= noise << 17
		level := e.kbps * (1 + 0.4*curve[i] + 0.1*float64(noise%1024)/1024)
		p.In[i], p.Out[i] = uint32(level), uint32(level*0.3)
	}
	p.Speed = []kpi.SpeedStep{{Slot: 0, Mbps: 10_000}}
	return p
}

// curve is the course of a day: least at four in the morning.
var curve = func() (c [kpi.SlotsPerDay]float64) { //nolint:gochecknoglobals // a table
	for i := range c {
		c[i] = -math.Cos(2 * math.Pi * (float64(i)/kpi.SlotsPerDay - 4.0/24))
	}
	return c
}()
