// Package spool keeps batches on disk from the moment an input hands them over until the collector has them.
//
// Promises. Append returns nil only after its batch is synced (sync: always). Next returns synced batches
// only, in sequence order, and deletes nothing; Commit frees. A sequence that was handed out never comes
// back with another batch, whatever was deleted, damaged or restored by a crash in between, so that
// <spool-id>/<sequence> names one batch for ever. When the byte cap forces the oldest segment out, its
// uncommitted batches and points are counted; so is whatever damage costs.
//
// In the folder:
//
//	spool-id                   128 random bits in hex, made with the spool
//	position                   what is committed, and the next sequence; two slots, written in turn
//	lock                       held while an agent uses the folder
//	00000000000000000042.zst   a segment, named by its first sequence: records as in record.go. Its text: zstdcat
//	quarantine/                damaged segments, after what was readable in them has been shipped
//	rejected/                  batches that the collector will never take, each with the reason
//
// Every segment is written once from front to back; a start never appends to an old one. The newest segment stays even
// when all of it is committed, until there is a newer one or the next start: its name keeps the sequence from going back.
package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"
)

// ErrClosed is returned by a closed spool.
var ErrClosed = errors.New("spool: closed")

// Config says where the spool is and how much it may hold.
type Config struct {
	Dir          string        `yaml:"dir"`
	MaxBytes     conf.Bytes    `yaml:"max_bytes"`      // of all segments; above it the oldest segment goes
	SegmentBytes conf.Bytes    `yaml:"segment_bytes"`  // of one segment; what a drop costs at a time
	MinFree      conf.Bytes    `yaml:"min_free_bytes"` // of the file system; below it Append fails
	Sync         string        `yaml:"sync"`           // always | interval
	SyncInterval conf.Duration `yaml:"sync_interval"`  // how often Run saves the position, and syncs if asked to
}

// The values of Config.Sync. With SyncInterval a batch is acknowledged when the kernel has it: it survives
// kill -9 of the agent, but a power cut may cost the batches of the last interval.
const (
	SyncAlways   = "always"
	SyncInterval = "interval"
)

// DefaultConfig is what an absent key means; Dir has no default.
func DefaultConfig() Config {
	return Config{
		MaxBytes: 8 << 30, SegmentBytes: 32 << 20, MinFree: 512 << 20,
		Sync: SyncAlways, SyncInterval: conf.Duration(time.Second),
	}
}

// Validate checks what the types cannot.
func (c Config) Validate() error {
	switch {
	case c.Dir == "":
		return errors.New("spool.dir: missing: want the folder that the spool owns")
	case c.Sync != SyncAlways && c.Sync != SyncInterval:
		return fmt.Errorf("spool.sync: %q: want always or interval", c.Sync)
	case c.SyncInterval <= 0:
		return errors.New("spool.sync_interval: 0s: want more, for example 1s")
	case c.SegmentBytes < headerBytes || c.MaxBytes/2 < c.SegmentBytes:
		return fmt.Errorf("spool.segment_bytes: %d: want at most half of max_bytes (%d)", c.SegmentBytes, c.MaxBytes)
	}
	return nil
}

// Check says whether the folder can be written or, if it is not there yet, made. It changes nothing.
func (c Config) Check() error {
	dir := c.Dir
	info, err := os.Stat(dir)
	for errors.Is(err, fs.ErrNotExist) && dir != filepath.Dir(dir) {
		dir = filepath.Dir(dir)
		info, err = os.Stat(dir)
	}
	switch {
	case err != nil:
		return fmt.Errorf("spool.dir: %w", err)
	case !info.IsDir():
		return fmt.Errorf("spool.dir: %s is not a folder", dir)
	}
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return fmt.Errorf("spool.dir: %s cannot be written by this user: %w", dir, err)
	}
	return nil
}

// Deps is what the spool is given.
type Deps struct {
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Record is one batch as it came, and what it is called for ever.
type Record struct {
	Sequence uint64
	Time     time.Time // when it was appended
	Batch    point.Batch
}

// Spool is safe for concurrent use, except that one goroutine at a time may call Next.
type Spool struct {
	cfg     Config
	log     zerolog.Logger
	metrics *metrics
	disk    disk
	lock    io.Closer
	id      string
	pos     *position
	cursor  cursor // belongs to the caller of Next

	aside sync.Mutex // one Reject at a time

	mu        sync.Mutex
	changed   chan struct{} // closed and replaced at every news: a sync, an end
	segments  []*segment    // oldest first; the tail's, if any, is the last
	tail      *tail         // what Append writes to; nil until the first record
	handed    []handed      // given out by Next, not committed, in order
	committed uint64
	next      uint64 // the sequence of the next record
	bytes     int64  // in all segments, unsynced ones included
	scratch   []byte
	closed    bool
}

// handed is a record that Next gave out.
type handed struct {
	segment  *segment
	sequence uint64
	points   int
}

// Open takes the folder and recovers what an earlier run left in it. It fails when another agent has it.
func Open(cfg Config, deps Deps) (*Spool, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return open(cfg, deps, folder(cfg.Dir))
}

func open(cfg Config, deps Deps, d disk) (_ *Spool, err error) {
	s := &Spool{cfg: cfg, log: deps.Log, disk: d, changed: make(chan struct{})}
	if s.metrics, err = newMetrics(deps.Registerer, s); err != nil {
		return nil, fmt.Errorf("spool: open: %w", err)
	}
	for _, dir := range []string{"", quarantine, rejected} {
		if err := d.MkdirAll(dir); err != nil {
			return nil, fmt.Errorf("spool: open: %w", err)
		}
	}
	if s.lock, err = d.Lock("lock"); err != nil {
		return nil, fmt.Errorf("spool: open: %w", err)
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(fmt.Errorf("spool: open: %w", err), s.lock.Close())
	}
	return s, nil
}

// ID names the spool; together with a sequence it names a batch for ever.
func (s *Spool) ID() string { return s.id }

// Run saves the position and, with sync: interval, syncs, every sync_interval until ctx is done.
// Close does both once more.
func (s *Spool) Run(ctx context.Context) error {
	tick := time.NewTicker(s.cfg.SyncInterval.D())
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			s.upkeep()
		}
	}
}

func (s *Spool) upkeep() {
	s.mu.Lock()
	if t := s.tail; t != nil {
		_ = s.flush(t, t.written) // abandon has logged and counted what a failure cost
	}
	s.mu.Unlock()
	if err := s.savePosition(); err != nil {
		s.log.Error().Err(err).Msg("the spool's position is not saved; after a crash some batches are sent again")
	}
}

// savePosition makes the commits so far durable. After a crash without it the batches since the last one
// are sent again under their old names.
func (s *Spool) savePosition() error {
	s.mu.Lock()
	committed, next := s.committed, s.next
	if t := s.tail; t != nil && t.size < t.written {
		next = t.last + 1 // what is not synced may be written by the next run: nobody has seen it
	}
	s.mu.Unlock()
	if err := s.pos.save(committed, next); err != nil {
		return fmt.Errorf("spool: save position: %w", err)
	}
	return nil
}

// Close syncs what is written, saves the position and gives the folder back. Next and Append then return ErrClosed.
func (s *Spool) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	var flushed error
	if t := s.tail; t != nil {
		flushed = s.flush(t, t.written)
	}
	if t := s.tail; t != nil {
		s.seal(t)
	}
	s.broadcast()
	s.mu.Unlock()
	return errors.Join(flushed, s.savePosition(), s.pos.close(), s.lock.Close())
}

// broadcast tells everybody who waits to look again. The caller holds the lock.
func (s *Spool) broadcast() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// wait gives the lock up until the next broadcast. The caller holds the lock.
func (s *Spool) wait() {
	changed := s.changed
	s.mu.Unlock()
	<-changed
	s.mu.Lock()
}

// Stats is a picture of the spool for the heartbeat; counters begin at zero with the process.
type Stats struct {
	Bytes          int64 // in all segments
	PendingBatches int   // synced, not committed
	PendingPoints  int
	DroppedBatches uint64
	DroppedPoints  uint64
}

// Stats looks at the spool now.
func (s *Spool) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Stats{Bytes: s.bytes, DroppedBatches: s.metrics.lostBatches, DroppedPoints: s.metrics.lostPoints}
	for _, seg := range s.segments {
		st.PendingBatches += seg.pending.batches
		st.PendingPoints += seg.pending.points
	}
	return st
}

// isMissing says that a file is not there.
func isMissing(err error) bool { return errors.Is(err, os.ErrNotExist) }
