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
	s, err := store.Open(ctx, store.Config{Path: path, Partitions: partitions}, nil)
	if err != nil {
		return err
	}
	var all errgroup.Group
	all.SetLimit(runtime.GOMAXPROCS(0))
	for p := range partitions {
		all.Go(func() error { return fill(ctx, s, inv, month, p) })
	}
	return errors.Join(all.Wait(), s.Close())
}

// fill makes the days of one partition.
func fill(ctx context.Context, s *store.Store, inv *inventory.Index, month model.Month, p int) error {
	lease, ok, err := s.Acquire(ctx, p, "bench", time.Hour)
	if err != nil || !ok {
		return fmt.Errorf("stored: lease of partition %d: %v %w", p, ok, err)
	}
	closed, err := partition.NewClosed()
	if err != nil {
		return err
	}
	w := writer{store: s, closed: closed, lease: lease, month: month}
	w.choose(inv, p)
	for d := month.First() - 1; d <= month.Next().First(); d++ {
		if err := w.day(ctx, d); err != nil {
			return fmt.Errorf("stored: %s: %w", d, err)
		}
	}
	return s.Release(ctx, lease)
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
	days     []store.DayState
	sofar    []*kpi.DayChunk // time lines to join
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
	slices.SortFunc(w.entities, func(a, b entity) int {
		if c := strings.Compare(a.device, b.device); c != 0 {
			return c
		}
		return strings.Compare(a.ifName, b.ifName)
	})
	w.entities = slices.CompactFunc(w.entities, func(a, b entity) bool { return a.device == b.device && a.ifName == b.ifName })
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
		if e.kbps > 0 {
			chunk.Ports = append(chunk.Ports, w.traffic(e, d))
		}
	}
	row := w.closed.Pack(chunk)
	row.Revision, row.ClosedAt = 1, d.End()+6*3600
	w.written++
	return w.store.Commit(ctx, store.Checkpoint{Lease: w.lease, LogSeq: w.written, Days: []store.DayChunk{row}, Lines: w.join(chunk)})
}

// join adds a day to the month's time lines, which are complete with the last day.
func (w *writer) join(chunk *kpi.DayChunk) []store.MonthLine {
	const atOnce = 8
	lines := *chunk
	lines.Ports = nil
	w.days = append(w.days, store.DayState{Day: int32(chunk.Day), Revision: 1})
	w.sofar = append(w.sofar, &lines)
	last := chunk.Day == w.month.Next().First()
	if !last && len(w.sofar) < atOnce {
		return nil
	}
	w.sofar = []*kpi.DayChunk{kpi.MergeMonth(w.month, w.sofar...)}
	if !last {
		return nil
	}
	return []store.MonthLine{{Month: int32(w.month.First()), Made: partition.Made(w.days), Data: w.closed.Pack(w.sofar[0]).Data}}
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
