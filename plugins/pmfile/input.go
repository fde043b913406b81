// Package pmfile is the input for 3GPP measurement files: the counters of radio cells, as element managers write them every 15
// minutes, become points of the measurement pm.
package pmfile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// Input is the input for measurement files (sdk.Input).
type Input struct {
	config sdk.Config
	setup  *setup
	reg    *prometheus.Registry
}

// New returns an input that is not configured yet.
func New() *Input { return &Input{} }

// Configure reads the input's section.
func (in *Input) Configure(c sdk.Config) error {
	s, err := read(c)
	if err != nil {
		return err
	}
	c.Log = c.Logger()
	in.config, in.setup, in.reg = c, s, prometheus.NewRegistry()
	return nil
}

// forgetEvery is how often old files are forgotten.
const forgetEvery = 10 * time.Minute

// Run takes files until ctx is done.
func (in *Input) Run(ctx context.Context, out *sdk.Output) error {
	return in.run(ctx, sink{out.Write, out.Sync}, time.Now)
}

func (in *Input) run(ctx context.Context, out sink, clock func() time.Time) (err error) {
	p, err := in.build(out, clock)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.ledger.Close()) }()
	if err := in.config.Show(in.reg); err != nil {
		return fmt.Errorf("pmfile: %w", err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	for _, one := range p.intakes {
		all.Go(func() {
			if err := one.run(ctx); err != nil {
				cancel(err)
			}
		})
	}
	all.Go(func() {
		for pause.For(ctx, forgetEvery) {
			p.coverage.forget(clock().Add(-in.setup.Remember.For.D()))
			if err := p.ledger.Forget(clock()); err != nil {
				in.config.Log.Warn("nothing was forgotten", "error", err)
			}
		}
	})
	all.Wait()
	if cause := context.Cause(ctx); errors.Is(cause, errStop) {
		return cause
	}
	return nil
}

// parts are the input put together.
type parts struct {
	ledger   *ledger.Ledger
	coverage *coverage
	intakes  []*intake
}

func (in *Input) build(out sink, clock func() time.Time) (*parts, error) {
	s := in.setup
	m := newMetrics(in.reg)
	c := newCoverage(s.Due.D(), clock)
	in.reg.MustRegister(c)
	for _, o := range s.places.owners {
		c.expect(o.device, span{o.from, o.to})
	}
	for _, device := range s.Expect {
		c.expect(device, span{math.MinInt64, math.MaxInt64})
	}
	l, err := ledger.Open(s.State, ledger.Options{Keep: s.Remember.For.D(), Max: s.Remember.Files},
		func(e *ledger.Entry) { c.remember(e.At, e.Reported) })
	if err != nil {
		return nil, fmt.Errorf("pmfile: %w", err)
	}
	watchLedger(in.reg, l)
	showMaps(in.reg, s.maps)
	q := &quarantine{dir: s.Quarantine.Dir, octets: int64(s.Quarantine.Size), files: s.Quarantine.Files, discarded: m.discarded.Inc}
	p := &parts{ledger: l, coverage: c}
	for _, from := range s.from {
		one := in.intake(from, m)
		one.ledger, one.quarantine, one.coverage, one.out, one.clock = l, q, c, out, clock
		p.intakes = append(p.intakes, one)
	}
	return p, nil
}

// intake is what takes the files of one source, without what all sources share.
func (in *Input) intake(from place, m *metrics) *intake {
	s := in.setup
	one := &intake{
		name: from.Name, vendor: from.Vendor, open: from.open, done: disposal{from.Done, from.MoveTo}, set: &s.settings,
		reader:   meas.NewReader(meas.Options{MaxSize: int64(s.MaxSize), Local: s.local}),
		writer:   &writer{key: in.config.Key, maps: s.maps, places: s.places, vectors: s.Vectors, metrics: m, taken: map[string]bool{}},
		settling: source.Settling{After: s.Settle.D()}, metrics: m, log: in.config.Log, fresh: map[ledger.Digest]bool{},
	}
	if from.SFTP == nil {
		one.notify = func(ctx context.Context, wake chan<- struct{}) error {
			return source.Notify(ctx, from.Dir, s.Depth, wake)
		}
	}
	return one
}

// Once writes the lines of all files that lie in the sources now. It changes nothing: no file is removed or remembered.
func (in *Input) Once(ctx context.Context, out *sdk.Output) error {
	m := newMetrics(in.reg)
	var all error
	for _, from := range in.setup.from {
		one := in.intake(from, m)
		one.clock = time.Now
		if err := one.look(ctx, out); err != nil {
			all = errors.Join(all, fmt.Errorf("pmfile: %s: %w", from.Name, err))
		}
	}
	return all
}

// look writes the lines of all files of the source.
func (in *intake) look(ctx context.Context, out *sdk.Output) error {
	place, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = place.Close() }() // it was only read
	files, err := place.List(ctx, &in.set.filter)
	if err != nil {
		return err
	}
	var all error
	for _, f := range files {
		content, err := in.read(place, f, io.Discard)
		if err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", f.Path, err))
			continue
		}
		in.writer.file(content, origin{in.vendor, revision(f), in.clock()})
		if err := out.Write(ctx, in.writer.lines.Bytes(), in.writer.lines.Lines()); err != nil {
			return err
		}
	}
	return all
}
