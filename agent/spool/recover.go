package spool

import (
	"errors"
	"io"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// recover takes up what an earlier run left. First it makes sure that no sequence can come back, durably;
// only then it cuts and deletes.
func (s *Spool) recover() error {
	pos, known, err := openPosition(s.disk, os.O_CREATE|os.O_RDWR)
	if err != nil {
		return err
	}
	s.pos, s.committed, s.next = pos, pos.committed, pos.next
	if err := s.restore(known); err != nil {
		return errors.Join(err, pos.close())
	}
	return nil
}

func (s *Spool) restore(known bool) (err error) {
	if s.id, err = identity(s.disk, known); err != nil {
		return err
	}
	left, err := s.survey()
	if err != nil {
		return err
	}
	s.advance(left)
	if err := s.pos.save(s.committed, s.next); err != nil {
		return err
	}
	if err := s.adopt(left); err != nil {
		return err
	}
	return s.disk.SyncDir("")
}

// survey looks at every segment of the folder, oldest first.
func (s *Spool) survey() ([]*leftover, error) {
	names, err := s.disk.List("")
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	names = slices.DeleteFunc(names, func(name string) bool { _, ok := parseSegmentName(name); return !ok })
	left := make([]*leftover, len(names))
	for i, name := range names {
		if left[i], err = s.look(name, i == len(names)-1); err != nil {
			return nil, err
		}
	}
	for i, l := range left {
		successor := s.next // as last saved
		if i+1 < len(left) {
			successor = left[i+1].first
		}
		l.judgeEnd(successor)
	}
	return left, nil
}

// leftover is a segment as a start finds it.
type leftover struct {
	*segment
	file int64 // the file's length; what lies behind segment.size is no record
	lost int   // sequences that are missing where damage is
}

// look walks a segment's headers. Of the newest one it reads the data as well, because power can go between
// the two, and syncs it: after kill -9 only the kernel has its last records, and they are about to be handed out.
// The data of all others is checked when it is shipped.
func (s *Spool) look(name string, newest bool) (*leftover, error) {
	first, _ := parseSegmentName(name)
	l := &leftover{segment: &segment{first: first, last: first - 1}}
	f, err := s.disk.Open(name, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // its Sync is what matters
	if l.file, err = f.Size(); err != nil {
		return nil, err
	}
	err = l.walk(&scanner{file: f, end: l.file, last: l.last}, s.committed, newest)
	if unreadable(err) {
		l.damaged, err = true, nil
	}
	if err == nil && newest {
		err = f.Sync()
	}
	return l, err
}

// walk fills l in, up to the last record that counts: with deep, one whose data is intact.
func (l *leftover) walk(sc *scanner, committed uint64, deep bool) error {
	seen, lost := *l.segment, 0
	for {
		f, err := sc.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if f.skipped > 0 {
			seen.damaged = true
			lost += gap(max(seen.last, committed), f.sequence)
		}
		seen.last, seen.size = f.sequence, sc.off
		if f.sequence > committed {
			seen.pending = seen.pending.plus(tally{1, f.points})
		}
		ok := true
		if deep {
			if _, ok, err = sc.read(f); err != nil {
				return err
			}
		}
		if ok {
			*l.segment, l.lost = seen, lost
		}
	}
}

// gap counts the sequences between two.
func gap(before, after uint64) int {
	if after <= before+1 {
		return 0
	}
	return int(after - before - 1)
}

// torn is how many bytes behind the last record are no record.
func (l *leftover) torn() int64 { return l.file - l.size }

// judgeEnd decides about the end of a segment, given a sequence that all its records are below: bytes that are no record
// are the trace of an unfinished write, unless sequences are missing, too.
func (l *leftover) judgeEnd(successor uint64) {
	if missing := gap(l.last, successor); l.torn() > 0 && missing > 0 {
		l.damaged = true
		l.lost += missing
	}
}

// beyond is a sequence that no record of this segment can have had. The torn bytes may have been records,
// and handed out, before the disk lost them.
func (l *leftover) beyond() uint64 {
	next := l.last + 1
	if l.torn() > 0 {
		next += uint64(l.torn()/headerBytes) + 1
	}
	return next
}

// advance moves the next sequence past all that the segments show.
func (s *Spool) advance(left []*leftover) {
	s.next = max(s.next, s.committed+1)
	for _, l := range left {
		s.next = max(s.next, l.beyond())
	}
}

// adopt takes over the segments with something to ship, cut to whole records, and clears the others away.
func (s *Spool) adopt(left []*leftover) error {
	for _, l := range left {
		if l.damaged {
			s.reportDamage(l.segment)
		}
		s.metrics.lost(reasonDamage, tally{batches: l.lost})
		if l.torn() > 0 && !l.damaged {
			if err := s.cut(l); err != nil {
				return err
			}
		}
		s.bytes += l.size
		s.segments = append(s.segments, l.segment)
		if l.pending == (tally{}) {
			s.discard(l.segment)
		}
	}
	return nil
}

// cut takes a torn end off, so that the file is whole records again.
func (s *Spool) cut(l *leftover) error {
	s.metrics.tornBytes.Add(float64(l.torn()))
	s.log.Warn().Str("segment", l.name()).Int64("bytes", l.torn()).Msg("torn end of a segment cut off")
	f, err := s.disk.Open(l.name(), os.O_RDWR)
	if err != nil {
		return err
	}
	return errors.Join(f.Truncate(l.size), f.Sync(), f.Close())
}

// reportDamage is called once for each damaged segment.
func (s *Spool) reportDamage(seg *segment) {
	s.metrics.damagedSegments.Inc()
	s.log.Error().Str("segment", seg.name()).
		Msg("segment damaged: what is whole in it will be shipped, then it goes to quarantine")
}

// unreadable says that the medium itself cannot give the bytes back; trying again does not help.
func unreadable(err error) bool {
	return errors.Is(err, unix.EIO) || errors.Is(err, io.ErrUnexpectedEOF)
}
