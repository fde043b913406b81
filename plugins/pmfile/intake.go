package pmfile

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
)

// sink is where lines go: what of sdk.Output is used here.
type sink struct {
	write func(ctx context.Context, lines []byte, points int) error
	sync  func(ctx context.Context) error
}

// What is done with files that were dealt with.
const (
	keepDone   = "keep"
	removeDone = "delete"
	moveDone   = "move"
)

type disposal struct{ what, folder string }

// intake takes the files of one source. It is for one goroutine.
type intake struct {
	name   string
	vendor string
	open   func(ctx context.Context) (source.Place, error)
	notify func(ctx context.Context, wake chan<- struct{}) error // nil: nobody tells of files
	done   disposal
	set    *settings

	reader     *meas.Reader
	writer     *writer
	settling   source.Settling
	ledger     *ledger.Ledger
	quarantine *quarantine
	coverage   *coverage
	metrics    *metrics
	out        sink
	log        *slog.Logger
	clock      func() time.Time

	truncated int                    // files of this round that end too early
	fresh     map[ledger.Digest]bool // contents of this batch, which are not in the ledger yet
}

// The pauses after a source has failed.
const (
	firstPause   = time.Second
	longestPause = 5 * time.Minute
)

// run takes files until ctx is done (then it returns nil), or the input fails. A source that cannot be read is tried again, ever
// later, and delays no other.
func (in *intake) run(ctx context.Context) error {
	for rest := firstPause; ; rest = min(2*rest, longestPause) {
		begun := in.clock()
		err := in.session(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if errors.Is(err, errStop) {
			return err
		}
		in.metrics.up.WithLabelValues(in.name).Set(0)
		in.fail("read", "", err)
		if in.clock().Sub(begun) > longestPause {
			rest = firstPause // it went well for a while
		}
		if !pause.For(ctx, rest/2+rand.N(rest/2)) { //nolint:gosec // no secret
			return nil
		}
	}
}

// fail counts and tells what went wrong at the source.
func (in *intake) fail(step, path string, err error) {
	in.metrics.failures.WithLabelValues(in.name, step).Inc()
	in.log.Warn("source: "+step, "source", in.name, "path", path, "error", err)
}

// session takes files until something fails.
func (in *intake) session(ctx context.Context) error {
	place, err := in.open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = place.Close() }() // all that matters was synced
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	wake := make(chan struct{}, 1)
	if in.notify != nil {
		go func() {
			if err := in.notify(ctx, wake); err != nil {
				in.log.Warn("the folder is listed at intervals only", "source", in.name, "error", err)
			}
		}()
	}
	for {
		waiting, err := in.round(ctx, place)
		if err != nil {
			return err
		}
		in.metrics.up.WithLabelValues(in.name).Set(1)
		in.metrics.waiting.WithLabelValues(in.name).Set(float64(waiting))
		if err := in.wait(ctx, wake, waiting > 0); err != nil {
			return err
		}
	}
}

// wait waits for the next round: until the source is to be listed again, until files that wait may be complete, or, if there is
// something new, so long that not each of many new files costs a listing.
func (in *intake) wait(ctx context.Context, wake <-chan struct{}, waiting bool) error {
	rest := in.set.Scan.D()
	if waiting {
		rest = min(rest, in.set.Settle.D())
	}
	timer := time.NewTimer(rest)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
		pause.For(ctx, min(rest, in.set.Settle.D()/4))
	case <-ctx.Done():
	}
	return ctx.Err()
}

// together is how many files at most share a sync of spool and ledger.
const together = 64

// round lists the source and takes what is complete and was not dealt with. It tells how many files wait.
func (in *intake) round(ctx context.Context, place source.Place) (waiting int, err error) {
	files, err := place.List(ctx, &in.set.filter)
	if err != nil {
		return 0, err
	}
	files = slices.DeleteFunc(files, func(f source.File) bool { return in.dealtWith(place, f) })
	ready, waiting := in.settling.Ready(files, in.clock())
	slices.SortFunc(ready, func(a, b source.File) int { return cmp.Or(a.Time.Compare(b.Time), cmp.Compare(a.Path, b.Path)) })
	in.truncated = 0
	for some := range slices.Chunk(ready, together) {
		if err := in.batch(ctx, place, some); err != nil {
			return 0, err
		}
	}
	return waiting + in.truncated, nil
}

// dealtWith says whether a file is in the ledger. One that should be gone is removed, if a crash or a failure came between.
func (in *intake) dealtWith(place source.Place, f source.File) bool {
	id := in.identity(f)
	if !in.ledger.Knows(id) {
		return false
	}
	in.ledger.StillThere(id, in.clock())
	in.dispose(place, f.Path)
	return true
}
