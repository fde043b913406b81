package stored

import (
	"context"
	"errors"
	"fmt"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// How often it is polled, in seconds.
const (
	deviceEvery = 60
	portEvery   = kpi.SlotSeconds
)

// Open adds hours [from, to) of a day as a collector keeps them while the day is open: every poll of every device and
// port, and the ports' counters.
func Open(ctx context.Context, path string, inv *inventory.Index, d model.Day, from, to int) error {
	return write(ctx, path, func(s *store.Store, p int) error {
		w, err := newWriter(ctx, s, model.MonthOf(d.Start()), p)
		if err != nil {
			return err
		}
		w.choose(inv, p)
		for hour := from; hour < to; hour++ {
			if err := w.hour(ctx, d, hour); err != nil {
				return fmt.Errorf("stored: %s hour %d: %w", d, hour, err)
			}
		}
		return errors.Join(s.Release(ctx, w.lease))
	})
}

func (w *writer) hour(ctx context.Context, d model.Day, hour int) error {
	seen, err := partition.NewObserved(d)
	if err != nil {
		return err
	}
	for i := range w.entities {
		e := &w.entities[i]
		method, every := "", int64(portEvery)
		if e.ifName == "" {
			method, every = "snmp", deviceEvery
		}
		series := seen.Series(e.device, e.ifName, method)
		for second := int64(hour) * 3600; second < int64(hour+1)*3600; second += every {
			series.Add(second, kpi.ObsUp, every)
		}
		if e.kbps > 0 {
			e.count(seen.Counters(e.device, e.ifName), d, hour)
		}
	}
	w.written++
	return w.store.Commit(ctx, store.Checkpoint{Lease: w.lease, LogSeq: w.written, Blocks: []store.Block{seen.Block(hour)}})
}

// count reads the counters at each of an hour's boundaries. They have advanced with the load, and noise upon it, since a
// year ago.
func (e *entity) count(into *kpi.CounterDay, d model.Day, hour int) {
	const slots = kpi.SlotsPerDay / 24
	for slot := hour * slots; slot < (hour+1)*slots; slot++ {
		at := d.Start() + int64(slot)*kpi.SlotSeconds
		since := at % (366 * model.DaySeconds)
		octets := uint64(float64(since)*e.kbps*125) + (e.seed^uint64(at)*0x9e3779b97f4a7c15)%uint64(e.kbps*1000)
		into.Add(slot, kpi.Counters{Time: at * 1e9, Uptime: uint64(since) * 100, InOctets: octets, OutOctets: octets / 3, OutPkts: octets / 2400,
			SpeedMbps: 10_000, Has: kpi.HasUptime | kpi.HasOctets | kpi.HasPackets})
	}
}
