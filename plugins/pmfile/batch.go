package pmfile

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/haidang-noc/haidang/plugins/pmfile/ledger"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/pmfile/source"
)

// errStop means that not the source but the input has failed: it ends, and its host starts it again.
var errStop = errors.New("pmfile")

// outcome is what becomes of a file.
type outcome string

const (
	taken     outcome = "taken"
	duplicate outcome = "duplicate"
	rejected  outcome = "rejected"
	later     outcome = "" // it is not complete, or gone: the next round sees
)

// finished is a file whose lines are on their way.
type finished struct {
	file    source.File
	outcome outcome
	entry   ledger.Entry
}

// batch deals with files in three steps, each of which begins when the one before is safe on disk: their lines are in the agent's
// spool, then the files are in the ledger, then they are removed. A crash between any two repeats the steps that are not safe: lines
// that the collector has already, or a removal.
func (in *intake) batch(ctx context.Context, place source.Place, files []source.File) error {
	var done []finished
	var failed error
	clear(in.fresh)
	longer, end := outlive(ctx)
	defer end()
	for _, f := range files {
		if ctx.Err() != nil {
			break // what was begun is finished
		}
		one, err := in.one(longer, place, f)
		if err != nil {
			failed = err // of the source or the input; what was done before is done
			break
		}
		if one.outcome != later {
			done = append(done, one)
		}
	}
	if len(done) == 0 || errors.Is(failed, errStop) {
		return failed
	}
	if err := in.out.sync(longer); err != nil {
		return fmt.Errorf("%w: %w", errStop, err)
	}
	entries := make([]ledger.Entry, len(done))
	for i := range done {
		entries[i] = done[i].entry
	}
	if err := in.ledger.Add(entries...); err != nil {
		return fmt.Errorf("%w: %w", errStop, err)
	}
	for i := range done {
		in.settled(&done[i])
		in.dispose(place, done[i].file.Path)
	}
	return failed
}

// drainTimeout is how long what was begun may take after the input was told to end.
const drainTimeout = 5 * time.Second

// outlive is a context that ends drainTimeout after ctx does, or when end is called.
func outlive(ctx context.Context) (longer context.Context, end func()) {
	longer, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(drainTimeout, cancel) })
	return longer, func() {
		stop()
		cancel()
	}
}

// settled counts a file that is safe.
func (in *intake) settled(f *finished) {
	m := in.metrics
	m.files.WithLabelValues(in.name, string(f.outcome)).Inc()
	if f.outcome == rejected {
		m.rejected.WithLabelValues(f.entry.Refused).Inc()
	}
	if f.outcome != taken {
		return
	}
	in.coverage.note(f.entry.Reported)
	last := int64(0)
	for _, ends := range f.entry.Reported {
		for _, end := range ends {
			last = max(last, end)
		}
	}
	if last == 0 {
		return
	}
	lateness := in.clock().Sub(time.Unix(last, 0))
	m.lateness.Observe(lateness.Seconds())
	switch {
	case lateness > in.set.Late.D():
		m.late.Inc()
	case lateness < -skew:
		m.clockSuspect.Inc()
	}
}

// one reads a file and writes its lines. An error is the source's, or errStop; the file's own mistakes are its outcome.
func (in *intake) one(ctx context.Context, place source.Place, f source.File) (finished, error) {
	done := finished{file: f, entry: ledger.Entry{File: in.identity(f), At: in.clock().Unix()}}
	sum := sha256.New()
	content, err := in.read(place, f, sum)
	var refusal *meas.Refusal
	switch {
	case errors.As(err, &refusal):
		return in.refuse(place, done, refusal)
	case errors.Is(err, fs.ErrNotExist):
		return done, nil
	case err != nil:
		return done, in.skip(place, f.Path, err)
	}
	if same, err := in.unchanged(place, f); err != nil || !same {
		return done, err // changed or gone: the next round sees
	}
	done.entry.Content = ledger.Sum([sha256.Size]byte(sum.Sum(nil)))
	if in.fresh[done.entry.Content] || in.ledger.Has(done.entry.Content) {
		done.outcome = duplicate
		return done, nil
	}
	in.writer.file(content, origin{in.vendor, revision(f), in.clock()})
	in.metrics.merged.Add(float64(content.Merged))
	if err := in.out.write(ctx, in.writer.lines.Bytes(), in.writer.lines.Lines()); err != nil {
		return done, fmt.Errorf("%w: %w", errStop, err)
	}
	in.fresh[done.entry.Content] = true
	done.outcome, done.entry.Reported = taken, in.writer.reported
	return done, nil
}

// revision tells which of two files about one period is the later one.
func revision(f source.File) uint64 { return uint64(max(0, f.Time.UnixMilli())) }

// skip leaves a file that cannot be read to the next round. If nothing else can be read either, the error is the source's.
func (in *intake) skip(place source.Place, path string, err error) error {
	if _, gone := place.Stat("."); gone != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	in.fail("open", path, err)
	return nil
}

func (in *intake) identity(f source.File) ledger.File {
	return ledger.File{Source: in.name, Path: f.Path, Size: f.Size, Time: f.Time.UnixMilli()}
}

// read reads a file; sum gets its text.
func (in *intake) read(place source.Place, f source.File, sum io.Writer) (*meas.File, error) {
	src, err := place.Open(f.Path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }() // it was only read
	plain, err := meas.Plain(src)
	if err != nil {
		return nil, err
	}
	return in.reader.Read(io.TeeReader(plain, io.MultiWriter(sum, octets{in.metrics.octets.Add})))
}

// octets counts what is written.
type octets struct{ add func(float64) }

func (o octets) Write(p []byte) (int, error) {
	o.add(float64(len(p)))
	return len(p), nil
}

// unchanged says whether a file that was read is still the one that was listed.
func (in *intake) unchanged(place source.Place, f source.File) (bool, error) {
	now, err := place.Stat(f.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil && now.Size == f.Size && now.Time.Equal(f.Time), err
}

// refuse puts a file into quarantine. One that ends too early may be still on its way, and gets some time.
func (in *intake) refuse(place source.Place, done finished, why *meas.Refusal) (finished, error) {
	if why.Reason == meas.Truncated && in.settling.Unchanged(done.file.Path, in.clock()) < in.set.Patience.D() {
		in.truncated++
		return done, nil
	}
	open := func() (io.ReadCloser, error) { return place.Open(done.file.Path) }
	if err := in.quarantine.put(done.entry.File, why, in.clock(), open); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return done, nil
		}
		return done, err
	}
	in.log.Warn("a file is in quarantine", "source", in.name, "path", done.file.Path, "error", why)
	done.outcome, done.entry.Refused = rejected, string(why.Reason)
	return done, nil
}

// dispose does with a file that was dealt with what the configuration says. If that fails, the next round tries again.
func (in *intake) dispose(place source.Place, path string) {
	var err error
	switch in.done.what {
	case removeDone:
		err = place.Remove(path)
	case moveDone:
		err = place.Move(path, in.done.folder)
	default:
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		in.fail("remove", path, err)
	}
}
