// Package shipper sends the spool's batches to the collector, each as one request, and commits them in order.
//
// A batch is sent under the name <spool-id>/<sequence> until the collector has it, however often that takes, so the
// collector can tell a repetition. (One that is not taken while others are is sent after them, under a new name.) At most Config.InFlight requests run at a time, started in order, and none whose
// sequence is 64 or more above the oldest unacknowledged one. What an answer means is decided in judge.
package shipper

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/pause"
)

// Deps is what the shipper is given.
type Deps struct {
	Log        zerolog.Logger
	Registerer prometheus.Registerer
	Spool      *spool.Spool // the shipper is its only reader
}

// Shipper owns the connection to the collector.
type Shipper struct {
	cfg      Config
	log      zerolog.Logger
	rare     rareLogs
	spool    *spool.Spool
	metrics  *metrics
	gate     *gate
	endpoint string
	client   *http.Client
	token    token
	moved    moved
	taken    atomic.Int64 // batches that the collector has taken
	oldest   atomic.Int64 // Unix ns of the oldest unacknowledged batch, 0 for none
}

// New makes a shipper; it connects to nothing. It reads the TLS files, so that a mistake in them stops the start.
func New(cfg Config, deps Deps) (*Shipper, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("shipper: %w", err)
	}
	transport, err := cfg.transport()
	if err != nil {
		return nil, fmt.Errorf("shipper: %w", err)
	}
	endpoint, err := cfg.endpoint()
	if err != nil {
		return nil, fmt.Errorf("shipper: collector.url: %w", err)
	}
	s := &Shipper{
		cfg: cfg, log: deps.Log, spool: deps.Spool, endpoint: endpoint, token: token{secret: cfg.Token}, moved: moved{by: map[uint64]trouble{}},
		rare:   rareLogs{rare(deps.Log), rare(deps.Log), rare(deps.Log), rare(deps.Log)},
		gate:   newGate(cfg.RetryMin.D(), cfg.RetryMax.D()),
		client: &http.Client{Transport: transport, CheckRedirect: stay},
	}
	if s.metrics, err = newMetrics(deps.Registerer, s); err != nil {
		return nil, fmt.Errorf("shipper: %w", err)
	}
	return s, nil
}

// rareLogs are for what may come with every request; each of them lets a few lines a minute through.
type rareLogs struct{ disk, retry, partial, reject zerolog.Logger }

func rare(log zerolog.Logger) zerolog.Logger {
	return log.Sample(&zerolog.BurstSampler{Burst: 3, Period: time.Minute})
}

// stay refuses to follow redirects: a batch goes where the configuration says.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// Reachable is nil while the collector answers, or has not been asked yet.
func (s *Shipper) Reachable() error {
	if s.gate.open() {
		return nil
	}
	return fmt.Errorf("the collector at %s does not take batches", s.cfg.URL)
}

// Run ships until ctx is done. Batches under way are then given up; they stay in the spool and are sent again
// under their names by the next process. It is called once.
func (s *Shipper) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer s.client.CloseIdleConnections()
	d := &dispatch{ship: s, ended: make(chan uint64)}
	records := make(chan spool.Record)
	var reader sync.WaitGroup
	defer reader.Wait()
	reader.Go(func() { defer cancel(); s.read(ctx, records) })
	d.run(ctx, records)
	return context.Cause(ctx)
}

// read feeds the spool's records in order.
func (s *Shipper) read(ctx context.Context, records chan<- spool.Record) {
	for {
		r, err := s.spool.Next(ctx)
		switch {
		case errors.Is(err, spool.ErrClosed) || ctx.Err() != nil:
			return
		case err != nil:
			s.rare.disk.Error().Err(err).Msg("batch not readable, trying again")
			if !pause.For(ctx, s.cfg.RetryMin.D()) {
				return
			}
			continue
		}
		select {
		case records <- r:
		case <-ctx.Done():
			return
		}
	}
}

// dispatch starts requests and commits what is done. Only the goroutine in run touches it.
type dispatch struct {
	ship   *Shipper
	window []flight      // started and not committed, in order
	flying int           // requests that run
	held   *spool.Record // the next one, which may not start yet
	ended  chan uint64   // sequences whose batch is done; 0 for one that was given up
}

type flight struct {
	sequence uint64
	appended time.Time
	done     bool
}

func (d *dispatch) run(ctx context.Context, records <-chan spool.Record) {
	for ctx.Err() == nil {
		in := records
		if d.held != nil {
			in = nil
		}
		select {
		case r := <-in:
			d.held = &r
		case sequence := <-d.ended:
			d.land(sequence)
		case <-ctx.Done():
		}
		if d.held != nil && d.mayStart(d.held.Sequence) && ctx.Err() == nil {
			d.start(ctx, *d.held)
			d.held = nil
		}
		d.measure()
	}
	for d.flying > 0 {
		d.land(<-d.ended)
	}
	d.measure()
}

// mayStart holds a batch back while all requests are busy, or while it would be too far above the oldest one.
func (d *dispatch) mayStart(sequence uint64) bool {
	return d.flying < d.ship.cfg.InFlight && (len(d.window) == 0 || sequence-d.window[0].sequence < maxSpan)
}

func (d *dispatch) start(ctx context.Context, r spool.Record) {
	d.window = append(d.window, flight{sequence: r.Sequence, appended: r.Time})
	d.flying++
	go func() {
		if d.ship.ship(ctx, r) {
			d.ended <- r.Sequence
		} else {
			d.ended <- 0
		}
	}()
}

// land notes the end of a request and commits as far as there is no gap.
func (d *dispatch) land(sequence uint64) {
	d.flying--
	for i := range d.window {
		if d.window[i].sequence == sequence {
			d.window[i].done = true
		}
	}
	n := 0
	for n < len(d.window) && d.window[n].done {
		n++
	}
	if n > 0 {
		d.ship.spool.Commit(d.window[n-1].sequence)
		d.window = d.window[n:]
	}
}

func (d *dispatch) measure() {
	d.ship.metrics.inFlight.Set(float64(d.flying))
	oldest := int64(0)
	if len(d.window) > 0 {
		oldest = d.window[0].appended.UnixNano()
	}
	d.ship.oldest.Store(oldest)
}
