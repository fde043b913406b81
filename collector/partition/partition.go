// Package partition owns the state of the network. A partition is one goroutine that holds the lease of
// its part of the devices, applies the batches of its part of the log to the observations of open days,
// saves both in one transaction, and closes days. There are no locks: whoever wants to see the state
// asks the owner.
package partition

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/store"
)

// Config says how one partition is owned, saved and closed.
type Config struct {
	ID              int
	Owner           string        // name in the lease; no two processes share one
	Lease           time.Duration // the lease's length; it is renewed every third of that
	CheckpointEvery time.Duration
	CloseAfter      time.Duration // a day closes this long after its end …
	CloseIdle       time.Duration // … and this long after its last point
	DaysInMemory    int
	KeepDays        int // observations of closed days are kept for late points this long
	MaxUnknown      int // devices outside of the inventory that are kept
}

// Deps are what a partition works with.
type Deps struct {
	Store     *store.Store
	Queue     *log.Log
	Inventory func() *inventory.Index // the present one: a reload swaps it
	Now       func() time.Time
	Log       zerolog.Logger
	Metrics   *Metrics
	Changes   *Changes // told at once what changes; nil: nobody listens
}

// Partition is one partition as this process sees it: owned by it, or waiting to be.
type Partition struct {
	Config
	Deps
	m        meters
	requests chan request
	ended    chan struct{} // closed when Run returns
}

// request runs in the owner's goroutine.
type request struct {
	do   func(context.Context, *owner) error
	done chan error
}

// ErrNotOwner says that another process owns the partition: ask the store instead.
var ErrNotOwner = errors.New("the partition is owned by another process")

// New makes a partition; Run brings it to life.
func New(c Config, d Deps) *Partition {
	d.Log = d.Log.With().Int("partition", c.ID).Logger()
	return &Partition{Config: c, Deps: d, m: d.Metrics.of(c.ID), requests: make(chan request), ended: make(chan struct{})}
}

// Run takes the partition's lease whenever it is free and works until it is lost. It returns when ctx
// ends, after a last checkpoint. A failure costs what was not committed, which is replayed. It is called
// once.
func (p *Partition) Run(ctx context.Context) error {
	defer close(p.ended)
	for ctx.Err() == nil {
		lease, ok, err := p.Store.Acquire(ctx, p.ID, p.Owner, p.Lease)
		if err == nil && ok {
			err = p.own(ctx, lease)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			p.m.failure.Inc()
			p.Log.Error().Err(err).Msg("partition given up: what was not committed is applied again")
		}
		p.wait(ctx, p.Lease/6)
	}
	return ctx.Err()
}

// wait answers requests of those who do not know yet that nobody here owns the partition.
func (p *Partition) wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	for {
		select {
		case r := <-p.requests:
			r.done <- ErrNotOwner
		case <-timer.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// own works under the lease until it is lost, something fails, or ctx ends.
func (p *Partition) own(ctx context.Context, lease store.Lease) error {
	o, err := newOwner(ctx, p, lease)
	if err != nil {
		return err
	}
	p.m.owned.Set(1)
	p.owned(true)
	defer o.disown()
	p.Log.Info().Uint64("epoch", lease.Epoch).Uint64("log_sequence", o.seq).Msg("partition taken over")
	err = o.run(ctx)
	// The stop must not be cut short by the very cancellation that asked for it.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.Lease)
	defer cancel()
	if err == nil { // asked to stop
		err = o.commit(last, store.Checkpoint{})
	}
	if errors.Is(err, store.ErrFenced) {
		return fmt.Errorf("lost the lease: %w", err)
	}
	return errors.Join(err, p.Store.Release(last, lease))
}

// Open returns the chunks of those of the days that are open or stale, as of now. They are the caller's
// to keep and nobody's to change. Without ports the traffic is left out, which is most of the work.
func (p *Partition) Open(ctx context.Context, days Days, ports bool) (chunks []*kpi.DayChunk, err error) {
	err = p.ask(ctx, func(ctx context.Context, o *owner) (err error) {
		chunks, err = o.openChunks(ctx, days, ports)
		return err
	})
	return chunks, err
}

// Seen is Open; of a partition that another process owns it is what the store has.
func (p *Partition) Seen(ctx context.Context, days Days, ports bool) ([]*kpi.DayChunk, error) {
	chunks, err := p.Open(ctx, days, ports)
	if errors.Is(err, ErrNotOwner) {
		err = p.Store.View(ctx, func(v *store.View) error {
			chunks, err = OpenFromStore(v, days, p.ID)
			return err
		})
	}
	return chunks, err
}

// Checkpoint makes durable what is applied so far, without waiting for the next regular checkpoint.
func (p *Partition) Checkpoint(ctx context.Context) error {
	return p.ask(ctx, func(ctx context.Context, o *owner) error { return o.commit(ctx, store.Checkpoint{}) })
}

func (p *Partition) ask(ctx context.Context, do func(context.Context, *owner) error) error {
	r := request{do, make(chan error, 1)}
	select {
	case p.requests <- r:
	case <-p.ended:
		return ErrNotOwner
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
