// Package stored makes a collector's store that holds a month of a nation, as if the collector had taken
// it in and closed its days: what reports cost can be measured without polling for a month.
package stored

import (
	"context"
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
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
func Month(ctx context.Context, path string, inv *inventory.Index, month model.Month) (err error) {
	s, err := store.Open(ctx, store.Config{Path: path, Partitions: partitions}, nil)
	if err != nil {
		return err
	}
	defer s.Close()
	for p := range partitions {
		lease, ok, err := s.Acquire(ctx, p, "bench", time.Hour)
		if err != nil || !ok {
			return fmt.Errorf("stored: lease of partition %d: %v %w", p, ok, err)
		}
		w := writer{store: s, lease: lease, month: month}
		w.choose(inv, p)
		for d := month.First() - 1; d <= month.Next().First(); d++ {
			if err := w.day(ctx, d); err != nil {
				return fmt.Errorf("stored: %s: %w", d, err)
			}
		}
		if err := s.Release(ctx, lease); err != nil {
			return err
		}
	}
	return nil
}

// writer makes the days of one partition.
type writer struct {
	store    *store.Store
	lease    store.Lease
	month    model.Month
	entities []entity // by device and interface
	written  uint64
	text     []byte
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

func (w *writer) day(ctx context.Context, d model.Day) error {
	chunk := &kpi.DayChunk{Day: d}
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
			chunk.Ports = append(chunk.Ports, e.traffic(d))
		}
	}
	w.text = chunk.AppendTo(w.text[:0])
	enc, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return err
	}
	defer enc.Close()
	w.written++
	row := store.DayChunk{Day: int32(d), Data: enc.EncodeAll(w.text, nil), Revision: 1, ClosedAt: d.End() + 6*3600}
	return w.store.Commit(ctx, store.Checkpoint{Lease: w.lease, LogSeq: w.written, Days: []store.DayChunk{row}})
}

// traffic rises and falls with the hours and has noise upon it, as that of a real port has.
func (e *entity) traffic(d model.Day) kpi.PortDay {
	p := kpi.PortDay{Device: e.device, IfName: e.ifName, Day: d, In: make([]uint32, kpi.SlotsPerDay), Out: make([]uint32, kpi.SlotsPerDay)}
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
