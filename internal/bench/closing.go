package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/bench/stored"
)

// closing measures what it takes to close a day: the observations of every device and port, as the store has them, made
// time lines and rates, joined to the month, written, and added to the month's sums.
func (c Config) closing() (Part, error) {
	p := Part{Title: "Closing a day", Columns: []string{"seconds", "CPU s", "RSS MB"}}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	month := model.MonthOf(model.MonthOf(time.Now().Unix()).Start() - 1)
	inv, err := c.operator(dir, c.scaled(monthDevices))
	if err != nil {
		return p, err
	}
	first := month.First() + 2
	path := filepath.Join(dir, "data", "store.db")
	c.say("closing: make the store")
	if err := openDays(path, inv, month, first); err != nil {
		return p, err
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%d devices, %d links.", len(inv.Devices), len(inv.Links)))
	q := ClosingQuestion{Dir: dir, Configs: c.Configs, Day: first}
	entities := len(inv.Devices) + len(inv.Links)
	if err := c.closed(&p, q, "", entities); err != nil {
		return p, err
	}
	if err := openHours(path, inv, first+1, 6, 24); err != nil {
		return p, err
	}
	if err := openHours(path, inv, first+2, 0, 6); err != nil {
		return p, err
	}
	c.say("closing: the year before")
	if err := stored.Earlier(context.Background(), path, inv, month, monthsBefore); err != nil {
		return p, err
	}
	q.Day++
	return p, c.closed(&p, q, ", 13 months in the store", entities)
}

// openDays makes the days before first, which are closed, and first and six hours of the next day, which are open.
func openDays(path string, inv *inventory.Index, month model.Month, first model.Day) error {
	if err := stored.Begun(context.Background(), path, inv, month, first-1); err != nil {
		return err
	}
	if err := openHours(path, inv, first, 0, 24); err != nil {
		return err
	}
	return openHours(path, inv, first+1, 0, 6)
}

func openHours(path string, inv *inventory.Index, d model.Day, from, to int) error {
	return stored.Open(context.Background(), path, inv, d, from, to)
}

// closed has a day closed by a process of its own.
func (c Config) closed(p *Part, q ClosingQuestion, with string, entities int) error {
	c.say("closing: %s%s", q.Day, with)
	a, err := q.apart()
	if err != nil {
		return err
	}
	for _, row := range []struct {
		name string
		took Took
		rss  float64
	}{
		{"read an open day's observations" + with, a.Read, a.ReadMB},
		{"close it" + with, a.Close, a.CloseMB},
		{"add it to the sums of the month" + with, a.Sum, a.SumMB},
	} {
		p.Rows = append(p.Rows, Row{Name: row.name, Values: []float64{row.took.Seconds, row.took.CPU, row.rss}})
	}
	p.Notes = append(p.Notes, fmt.Sprintf("%s%s: %.3f GB of observations, %.0f bytes for each device and link, became %.3f GB of time lines and rates, %.0f bytes.", q.Day, with,
		float64(a.Open)/1e9, float64(a.Open)/float64(entities), float64(a.Kept)/1e9, float64(a.Kept)/float64(entities)))
	return nil
}

// ClosingQuestion is what a process of its own is asked: to close a day whose observations are in the store.
type ClosingQuestion struct {
	Dir, Configs string
	Day          model.Day
}

// ClosingAnswer says what each step took, and the process' greatest memory up to its end.
type ClosingAnswer struct {
	Read, Close, Sum       Took
	ReadMB, CloseMB, SumMB float64
	Open, Kept             int64 // bytes of the day's blocks, and of its closed form
}

// Ask answers the question and prints the ClosingAnswer.
func (q ClosingQuestion) Ask(ctx context.Context, to io.Writer) error {
	r, err := q.rig(ctx)
	if err != nil {
		return err
	}
	defer r.store.Close()
	var a ClosingAnswer
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for _, p := range r.partitions {
		go p.Run(ctx) //nolint:errcheck // it ends with the process
	}
	for _, step := range []struct {
		took *Took
		mb   *float64
		do   func(context.Context) error
	}{{&a.Read, &a.ReadMB, r.read}, {&a.Close, &a.CloseMB, r.close}, {&a.Sum, &a.SumMB, r.sum}} {
		if err := timing(step.took, func() error { return step.do(ctx) }); err != nil {
			return err
		}
		peak, err := proc.PeakRSS(os.Getpid())
		if err != nil {
			return err
		}
		*step.mb = float64(peak) / 1e6
	}
	if a.Open, a.Kept, err = r.sizes(ctx); err != nil {
		return err
	}
	return json.NewEncoder(to).Encode(a)
}

// rig is a collector without faces: its store, its log and its partitions, at an instant that can be set.
type rig struct {
	day        model.Day
	now        atomic.Int64
	inv        *inventory.Index
	store      *store.Store
	partitions []*partition.Partition
}

// rig stands at five hours after the day's end, when the day is still open.
func (q ClosingQuestion) rig(ctx context.Context) (*rig, error) {
	r := &rig{day: q.Day}
	r.now.Store(q.Day.End() + 5*3600)
	var err error
	if r.inv, err = inventory.Load(Question{Dir: q.Dir, Configs: q.Configs}.files()); err != nil {
		return nil, err
	}
	if r.store, err = store.Open(ctx, store.Config{Path: filepath.Join(q.Dir, "data", "store.db")}, nil); err != nil {
		return nil, err
	}
	positions := make([]uint64, r.store.Partitions())
	for p := range positions {
		if positions[p], _, err = r.store.Load(ctx, p); err != nil {
			return nil, err
		}
	}
	queue, err := log.Open(ctx, log.Config{Partitions: len(positions), MaxBytes: 1 << 30, Dir: filepath.Join(q.Dir, "data", "log"), Positions: positions}, zerolog.Nop(), nil)
	if err != nil {
		return nil, err
	}
	metrics, err := partition.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		return nil, err
	}
	for p := range positions {
		r.partitions = append(r.partitions, partition.New(partition.Config{ID: p, Owner: "bench", Lease: time.Hour, CheckpointEvery: 50 * time.Millisecond,
			CloseAfter: 6 * time.Hour, CloseIdle: 30 * time.Second, DaysInMemory: 4, KeepDays: 45},
			partition.Deps{Store: r.store, Queue: queue, Inventory: func() *inventory.Index { return r.inv },
				Now: func() time.Time { return time.Unix(r.now.Load(), 0) }, Log: zerolog.Nop(), Metrics: metrics}))
	}
	return r, nil
}

// read has every partition read its open day, as a collector does that was started anew.
func (r *rig) read(ctx context.Context) error {
	for _, p := range r.partitions {
		err := until(ctx, func() (bool, error) {
			_, err := p.Open(ctx, partition.Days{From: r.day, To: r.day + 1}, false)
			if errors.Is(err, partition.ErrNotOwner) { // not yet
				return false, nil
			}
			return true, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// close lets the hour come, and waits until every partition has closed the day.
func (r *rig) close(ctx context.Context) error {
	r.now.Store(r.day.End() + 6*3600)
	return until(ctx, func() (closed bool, err error) {
		err = r.store.View(ctx, func(v *store.View) error {
			states, err := v.Days(int32(r.day), int32(r.day)+1)
			n := 0
			for _, s := range states {
				if s.Closed {
					n++
				}
			}
			closed = n == len(r.partitions)
			return err
		})
		return closed, err
	})
}

// sum computes the month up to the day's end, which adds the day to what is kept.
func (r *rig) sum(ctx context.Context) error {
	_, err := view.Month(ctx, r.store, kpi.MonthInput{Plan: kpi.NewPlan(r.inv.Inventory), Month: model.MonthOf(r.day.Start()), End: r.day.End(), Listed: true})
	return err
}

// sizes are the bytes of the day's observations, and of what it was made.
func (r *rig) sizes(ctx context.Context) (open, kept int64, err error) {
	err = r.store.View(ctx, func(v *store.View) error {
		err := v.Blocks(int32(r.day), int32(r.day)+1, func(b store.Block) error { open += int64(len(b.Data)); return nil })
		if err != nil {
			return err
		}
		parts, err := v.Digests(int32(r.day), int32(r.day)+1)
		if err != nil {
			return err
		}
		for _, p := range parts {
			data, err := v.Part(p.Day, p.Partition, p.Shard)
			if err != nil {
				return err
			}
			kept += int64(len(data))
		}
		return v.Chunks(int32(r.day), int32(r.day)+1, func(c store.DayChunk) error { kept += int64(len(c.Data)); return nil })
	})
	return open, kept, err
}

// apart asks in a process of its own, for it to be measured alone.
func (q ClosingQuestion) apart() (a ClosingAnswer, err error) {
	self, err := os.Executable()
	if err != nil {
		return a, err
	}
	cmd := exec.Command(self, "closing", q.Dir, fmt.Sprint(int(q.Day)), "--configs", q.Configs)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return a, fmt.Errorf("closing: %w: %.500s", err, said.Bytes())
	}
	return a, json.Unmarshal(out, &a)
}

// until asks again and again, as nothing tells when it is so.
func until(ctx context.Context, done func() (bool, error)) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
