package spool

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// tail is the segment being written. What lies between size and written is not synced yet.
type tail struct {
	*segment
	file     file
	written  int64
	unsynced tally
	newest   uint64 // the last sequence written
	syncing  bool   // one of the waiters is in fsync
	err      error  // why the rest of this segment was given up
}

// Append stores b and returns its sequence when it is synced (with sync: interval, when it is written).
// Any number of goroutines may call it; those that wait at the same time share one fsync. It keeps
// nothing of b. After an error b is not stored and may be given again; its number is not used again.
func (s *Spool) Append(b point.Batch) (uint64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	seq, err := s.append(b)
	if err != nil {
		s.metrics.appendErrors.Inc()
		return 0, fmt.Errorf("spool: append: %w", err)
	}
	s.metrics.appended(b)
	return seq, nil
}

func (s *Spool) append(b point.Batch) (uint64, error) {
	need := int64(headerBytes + len(b.Frames))
	if len(b.Frames) > maxData || need > int64(s.cfg.SegmentBytes) {
		return 0, fmt.Errorf("a batch of %d bytes: want at most %d", len(b.Frames), min(maxData, int64(s.cfg.SegmentBytes)-headerBytes))
	}
	t, err := s.room(need)
	if err != nil {
		return 0, err
	}
	seq, err := s.write(t, b)
	if err != nil || s.cfg.Sync == SyncInterval {
		return seq, err
	}
	return seq, s.flush(t, t.written)
}

// room returns a tail that takes need bytes more, after dropping what the cap does not allow to stay. It
// never drops the newest segment, whose name keeps the sequence from going back.
func (s *Spool) room(need int64) (*tail, error) {
	for {
		if s.closed {
			return nil, ErrClosed
		}
		for s.bytes+need > int64(s.cfg.MaxBytes) && len(s.segments) > 1 {
			s.dropOldest()
		}
		if err := s.checkFree(need); err != nil {
			return nil, err
		}
		t := s.tail
		switch {
		case t == nil:
			if err := s.create(); err != nil {
				return nil, err
			}
		case t.written+need <= int64(s.cfg.SegmentBytes):
			return t, nil
		case t.size == t.written:
			s.seal(t)
		default:
			_ = s.flush(t, t.written) // its writers hear of a failure; here it only means that t is gone
		}
	}
}

// checkFree keeps need bytes from being the last ones of the file system. The check is advisory: a full
// disk is an error of the write, too.
func (s *Spool) checkFree(need int64) error {
	if s.cfg.MinFree == 0 {
		return nil
	}
	free, err := s.disk.Free()
	if err != nil {
		return err
	}
	if free-need < int64(s.cfg.MinFree) {
		return fmt.Errorf("%s: %d bytes free on the file system: want min_free_bytes (%d) left", s.cfg.Dir, free, s.cfg.MinFree)
	}
	return nil
}

// create begins a segment. Its directory entry becomes durable with its first sync.
func (s *Spool) create() error {
	seg := &segment{first: s.next, last: s.next - 1}
	f, err := s.disk.Open(seg.name(), os.O_CREATE|os.O_EXCL|os.O_RDWR)
	if err != nil {
		s.next++ // a file of that name may be there all the same
		return err
	}
	s.tail = &tail{segment: seg, file: f, newest: seg.last}
	s.segments = append(s.segments, seg)
	return nil
}

// write puts b behind what is written. A failed write leaves the tail as it was: the next one
// overwrites its traces.
func (s *Spool) write(t *tail, b point.Batch) (uint64, error) {
	h := header{sequence: s.next, time: time.Now(), points: b.Points, raw: b.Raw, length: len(b.Frames)}
	s.next++
	s.scratch = append(encodeHeader(s.scratch[:0], h, b.Frames), b.Frames...)
	if _, err := t.file.WriteAt(s.scratch, t.written); err != nil {
		return 0, errors.Join(err, t.file.Truncate(t.written))
	}
	t.written += h.span()
	t.newest = h.sequence
	t.unsynced = t.unsynced.plus(tally{1, b.Points})
	s.bytes += h.span()
	return h.sequence, nil
}

// flush returns when the first end bytes of t are durable, or never will be. The caller holds the lock;
// it is given up meanwhile.
func (s *Spool) flush(t *tail, end int64) error {
	for t.size < end && t.err == nil {
		if t.syncing {
			s.wait()
		} else {
			s.sync(t)
		}
	}
	if t.size < end {
		return t.err
	}
	return nil
}

// sync makes durable all that is written now, with the lock given up, and tells all who wait for it.
func (s *Spool) sync(t *tail) {
	written, unsynced, newest, fresh := t.written, t.unsynced, t.newest, t.size == 0
	t.syncing = true
	s.mu.Unlock()
	start := time.Now()
	err := t.file.Sync()
	if err == nil && fresh {
		err = s.disk.SyncDir("")
	}
	s.metrics.syncSeconds.Observe(time.Since(start).Seconds())
	s.mu.Lock()
	t.syncing = false
	if err != nil {
		s.abandon(t, err)
	} else {
		t.size, t.last = written, newest
		t.unsynced = t.unsynced.minus(unsynced)
		t.pending = t.pending.plus(unsynced)
	}
	s.broadcast()
}

// abandon ends t at its last synced byte: after a failed fsync nobody knows what the kernel still has, and
// a second one would report success. Every writer that waits is told; batches that were
// acknowledged unsynced (sync: interval) are lost and counted.
func (s *Spool) abandon(t *tail, cause error) {
	t.err = fmt.Errorf("sync %s: %w", t.name(), cause)
	if s.cfg.Sync == SyncInterval {
		s.metrics.lost(reasonSync, t.unsynced)
	}
	s.log.Error().Err(t.err).Int("batches", t.unsynced.batches).Msg("segment given up behind its last synced byte")
	s.seal(t)
}

// seal ends the tail. What was written behind its last synced byte is cut off.
func (s *Spool) seal(t *tail) {
	s.bytes -= t.written - t.size
	t.written = t.size
	if err := errors.Join(t.file.Truncate(t.size), t.file.Close()); err != nil {
		s.log.Warn().Err(err).Str("segment", t.name()).Msg("segment not ended cleanly; the next start does it")
	}
	s.tail = nil
	if t.size == 0 {
		s.discard(t.segment)
	}
}
