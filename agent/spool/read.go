package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/haidang-noc/haidang/internal/point"
)

// cursor is where Next reads.
type cursor struct {
	segment *segment
	scan    scanner // scan.file is nil until the segment is opened
}

// Next returns the oldest record that it has not returned yet, beginning behind the committed position, and waits for one
// if there is none. Nothing is deleted. The caller owns the record. After an error that is neither ctx's nor
// ErrClosed the call may be repeated; it goes on at the same place.
func (s *Spool) Next(ctx context.Context) (Record, error) {
	for {
		changed, err := s.place()
		if err != nil {
			return Record{}, err
		}
		if changed != nil {
			select {
			case <-changed:
				continue
			case <-ctx.Done():
				return Record{}, ctx.Err()
			}
		}
		r, ok, err := s.take()
		if err != nil {
			return Record{}, fmt.Errorf("spool: read %s: %w", s.cursor.segment.name(), err)
		}
		if ok {
			return r, nil
		}
	}
}

// place moves the cursor to where something is left to read. When there is nothing it returns what to
// wait for.
func (s *Spool) place() (changed <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.cursor
	for !s.closed {
		if c.segment != nil && !c.segment.gone && c.scan.off < c.segment.size {
			c.scan.end = c.segment.size
			return nil, nil
		}
		if c.segment != nil && !c.segment.gone && s.tail != nil && s.tail.segment == c.segment {
			return s.changed, nil
		}
		if !s.turn() {
			return s.changed, nil
		}
	}
	c.close()
	return nil, ErrClosed
}

// turn moves the cursor to the next segment, if there is one. What the last one still has pending and did not
// hand out was unreadable.
func (s *Spool) turn() bool {
	c := &s.cursor
	for _, seg := range s.segments {
		if c.segment != nil && seg.first <= c.segment.first {
			continue
		}
		if c.segment != nil && !c.segment.gone {
			s.writeOff(c.segment)
		}
		c.close()
		s.cursor = cursor{segment: seg, scan: scanner{last: seg.first - 1}}
		return true
	}
	return false
}

// writeOff counts what is pending in seg and was not handed out as lost by damage.
func (s *Spool) writeOff(seg *segment) {
	lost := seg.pending
	for _, h := range s.handed {
		if h.segment == seg {
			lost = lost.minus(tally{1, h.points})
		}
	}
	s.metrics.lost(reasonDamage, lost)
	seg.pending = seg.pending.minus(lost)
	s.release()
}

// take reads one record at the cursor; ok is false when it was committed already, damaged or dropped meanwhile.
func (s *Spool) take() (_ Record, ok bool, err error) {
	c := &s.cursor
	if c.scan.file == nil {
		if c.scan.file, err = s.disk.Open(c.segment.name(), os.O_RDONLY); err != nil {
			return Record{}, false, s.unreadable(err)
		}
	}
	before := c.scan
	f, err := c.scan.next()
	if errors.Is(err, io.EOF) {
		c.scan.off = c.scan.end
		s.damage(c.segment)
		return Record{}, false, nil
	}
	if err != nil {
		return Record{}, false, s.unreadable(err)
	}
	if f.skipped > 0 {
		s.damage(c.segment)
	}
	data, intact, err := c.scan.read(f)
	if err != nil {
		c.scan = before
		return Record{}, false, s.unreadable(err)
	}
	if !intact {
		s.damage(c.segment)
		return Record{}, false, nil
	}
	return s.hand(f, data)
}

// hand gives a record out, unless the spool is past it.
func (s *Spool) hand(f found, data []byte) (Record, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cursor.segment.gone || f.sequence <= s.committed {
		return Record{}, false, nil
	}
	s.handed = append(s.handed, handed{s.cursor.segment, f.sequence, f.points})
	b := point.Batch{Frames: data, Points: f.points, Raw: f.raw}
	return Record{Sequence: f.sequence, Time: f.time, Batch: b}, true, nil
}

// damage marks a segment as one to keep for people to look at.
func (s *Spool) damage(seg *segment) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !seg.damaged && !seg.gone {
		seg.damaged = true
		s.reportDamage(seg)
	}
}

// unreadable gives the rest of the cursor's segment up when the medium or the directory has lost it. Any other error is the
// caller's, to try again. A segment that was dropped meanwhile is no error at all.
func (s *Spool) unreadable(err error) error {
	c := &s.cursor
	s.mu.Lock()
	gone := c.segment.gone
	s.mu.Unlock()
	if !gone && !unreadable(err) && !isMissing(err) {
		s.metrics.readErrors.Inc()
		return err
	}
	if !gone {
		s.damage(c.segment)
		c.scan.off = c.scan.end
	}
	return nil
}

// close gives the cursor's file back.
func (c *cursor) close() {
	if c.scan.file != nil {
		_ = c.scan.file.Close() // read-only
		c.scan.file = nil
	}
}

// Commit declares every record up to sequence done, of those that Next gave out: they may be deleted. It
// is durable within Config.SyncInterval, see savePosition.
func (s *Spool) Commit(sequence uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	done := 0
	for ; done < len(s.handed) && s.handed[done].sequence <= sequence; done++ {
		h := s.handed[done]
		h.segment.pending = h.segment.pending.minus(tally{1, h.points})
		s.committed = h.sequence
		s.metrics.committed.Inc()
	}
	s.handed = s.handed[done:]
	s.release()
}
