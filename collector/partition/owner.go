package partition

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/point"
)

// owner is the partition while this process holds its lease. Everything in it belongs to run's
// goroutine; three others feed it: two read and unpack its streams of the log, one renews the lease.
type owner struct {
	*Partition
	*state
	lease  store.Lease
	live   *live // nil: nobody asked
	codec  *codec
	packer *point.Packer
	pick   pickers
	in     reading

	inv       *inventory.Index
	radio     *ran.Plan         // the cells of inv, made when a day closes; nil: not yet
	targets   map[string]uint32 // raw series key to its route
	routes    []route
	keyBytes  int              // that targets and routes take
	strangers map[string]bool  // devices that no inventory row names
	agents    map[string]int64 // time of the last heartbeat

	foreign  map[int][]byte          // lines of other partitions' devices in the present batch, if there are any
	last     *day                    // the day of the last point
	now      time.Time               // of the present batch
	failed   error                   // what ended applying the present batch
	saved    uint64                  // log sequence of the last checkpoint
	relay    uint64                  // sequence of the last relay applied
	purged   uint64                  // sequence of the last relay that a checkpoint covered
	evicted  map[model.Day]time.Time // when a point last changed a day that is not in memory
	edges    map[model.Day]*day      // of days that are not in memory, for the folds of those beside them
	open     map[model.Day]openChunk
	base     baseChunk
	feed     chan batch // what was sent to the partition
	passed   chan batch // what others passed on to it
	recycled chan []byte
}

// newOwner loads what the last checkpoint says.
func newOwner(ctx context.Context, p *Partition, lease store.Lease) (*owner, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	packer, err := point.NewPacker()
	if err != nil {
		return nil, err
	}
	o := &owner{Partition: p, lease: lease, codec: c, packer: packer, pick: newPickers(), in: newReading(), foreign: map[int][]byte{}, agents: map[string]int64{},
		evicted: map[model.Day]time.Time{}, edges: map[model.Day]*day{}, open: map[model.Day]openChunk{}, feed: make(chan batch, 2), passed: make(chan batch, 2), recycled: make(chan []byte, 4)}
	if o.state, err = loadState(ctx, p.Store, p.ID); err != nil {
		return nil, err
	}
	o.forgetRoutes()
	o.saved = o.seq
	o.m.applied.Set(float64(o.seq))
	o.m.committed.Set(float64(o.seq))
	return o, nil
}

// loadState reads position, progress and which days there are, but no observations yet.
func loadState(ctx context.Context, s *store.Store, partition int) (st *state, err error) {
	err = s.View(ctx, func(v *store.View) error {
		st, err = viewState(v, partition)
		return err
	})
	return st, err
}

func viewState(v *store.View, partition int) (*state, error) {
	s := newState()
	seq, data, err := v.Position(partition)
	if err != nil {
		return nil, err
	}
	s.seq = seq
	if s.progress, err = decodeProgress(data); err != nil {
		return nil, err
	}
	days, err := v.DaysOf(partition)
	if err != nil {
		return nil, err
	}
	for _, d := range days {
		s.note(d)
	}
	return s, nil
}

func (s *state) note(d store.DayState) {
	date := model.Day(d.Day)
	if d.Open {
		s.stored[date] = true
	}
	if d.Closed {
		s.chunks[date] = chunk{d.Revision, d.ClosedAt, d.Split}
		s.closedTo = max(s.closedTo, date)
	}
}

// run works until ctx ends, which is no error, or something fails.
//
//	own stream ─► reader ─► feed ───┬─► run ─► checkpoint      renew ─► the lease
//	relays ─────► reader ─► passed ─┘
func (o *owner) run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	var feeders sync.WaitGroup
	for _, feeder := range []func(context.Context) error{o.readOwn, o.readRelays, o.renew} {
		feeders.Go(func() { cancel(feeder(ctx)) })
	}
	err := o.loop(ctx)
	cancel(err)
	feeders.Wait()
	if cause := context.Cause(ctx); !errors.Is(cause, context.Canceled) {
		return cause // what came first: the others failed because of it
	}
	return nil
}

func (o *owner) loop(ctx context.Context) error {
	checkpoint := time.NewTicker(o.CheckpointEvery)
	defer checkpoint.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case b := <-o.feed:
			if err := o.take(ctx, b); err != nil {
				return err
			}
		case b := <-o.passed:
			if err := o.take(ctx, b); err != nil {
				return err
			}
		case <-checkpoint.C:
			if err := o.checkpoint(ctx); err != nil {
				return err
			}
		case r := <-o.requests:
			r.done <- r.do(ctx, o)
		}
	}
}

func (o *owner) take(ctx context.Context, b batch) error {
	if o.Inventory() != o.inv || o.keyBytes > maxKeyBytes {
		o.forgetRoutes()
	}
	err := o.apply(ctx, b)
	select {
	case o.recycled <- b.text:
	default:
	}
	return err
}

// forgetRoutes makes every series be routed anew, by the present inventory.
func (o *owner) forgetRoutes() {
	o.inv, o.radio = o.Inventory(), nil
	o.targets, o.routes, o.keyBytes, o.strangers = map[string]uint32{}, nil, 0, map[string]bool{}
	o.m.unknown.Set(0)
	o.noteStrangers(0)
	o.expectAgents()
}

// renew keeps the lease until ctx ends or it is lost. One that could not be renewed for its whole
// length is given up, whatever the reason.
func (o *owner) renew(ctx context.Context) error {
	tick := time.NewTicker(o.Lease / 3)
	defer tick.Stop()
	good := time.Now()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		err := o.Store.Renew(ctx, o.lease, o.Lease)
		switch {
		case err == nil:
			good = time.Now()
		case errors.Is(err, store.ErrFenced), time.Since(good) > o.Lease:
			return fmt.Errorf("renew the lease: %w", err)
		}
	}
}

// checkpoint is the regular work besides applying: save, close, and give memory back.
func (o *owner) checkpoint(ctx context.Context) error {
	if o.unsaved() {
		if err := o.commit(ctx, store.Checkpoint{}); err != nil {
			return err
		}
	}
	if err := o.closeDays(ctx); err != nil {
		return err
	}
	o.evict()
	return nil
}

// unsaved says whether a batch was applied that no checkpoint covers.
func (o *owner) unsaved() bool { return o.seq != o.saved || o.relay != o.purged }

// commit saves the log position and everything applied up to it in one transaction, together with what c
// holds: closed days, the months that they belong to, and the days whose observations go.
func (o *owner) commit(ctx context.Context, c store.Checkpoint) error {
	c.Lease, c.LogSeq, c.Spools = o.lease, o.seq, o.encode()
	ids := o.sorted()
	for _, d := range o.days {
		c.Blocks = append(c.Blocks, o.blocks(o.codec, d, ids)...)
	}
	if err := o.Store.Commit(ctx, c); err != nil {
		return err
	}
	for _, d := range o.days {
		if d.dirty != 0 {
			d.dirty = 0
			o.stored[d.date] = true
		}
	}
	o.m.committed.Set(float64(o.seq))
	if o.saved != o.seq {
		o.saved = o.seq
		o.purge(ctx, o.ID, o.seq)
	}
	if o.purged != o.relay {
		o.purged = o.relay
		o.purge(ctx, o.relays(), o.relay)
	}
	return nil
}

// purge gives back the room of what a checkpoint covers.
func (o *owner) purge(ctx context.Context, stream int, covered uint64) {
	if err := o.Queue.Purge(ctx, stream, covered+1); err != nil { // the next checkpoint's purge does it, too
		o.Log.Warn().Err(err).Msg("the log keeps what is applied for now")
	}
}

// load reads a day's observations back from the store; a day without any is empty.
func (o *owner) load(ctx context.Context, date model.Day) (*day, error) {
	delete(o.edges, date) // the day may change from now on
	return o.readDay(ctx, date, false)
}

// readDay reads a day's observations, or of its counters the edges only, back from the store.
func (o *owner) readDay(ctx context.Context, date model.Day, edge bool) (*day, error) {
	o.clock++
	d := &day{date: date, version: o.clock, touched: o.evicted[date], edge: edge}
	if !o.stored[date] {
		return d, nil
	}
	known := len(o.entities)
	err := o.Store.View(ctx, func(v *store.View) error {
		return v.BlocksOf(o.ID, int32(date), func(b store.Block) error { return o.merge(o.codec, d, b) })
	})
	o.noteStrangers(known)
	return d, err
}

// evict forgets saved days beyond the number that may be in memory, those untouched longest first.
func (o *owner) evict() {
	for len(o.days) > o.DaysInMemory {
		var oldest *day
		for _, d := range o.days {
			if d.dirty == 0 && (oldest == nil || d.touched.Before(oldest.touched)) {
				oldest = d
			}
		}
		if oldest == nil {
			break
		}
		delete(o.days, oldest.date)
		o.evicted[oldest.date] = oldest.touched
		o.last = nil
	}
	o.m.days.Set(float64(len(o.days)))
}
