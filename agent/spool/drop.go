package spool

import (
	"fmt"
	"slices"
)

// Folders for what is kept for people to look at. They do not count against max_bytes: each holds a bounded
// number of files and loses its oldest.
const (
	quarantine     = "quarantine"
	quarantineKeep = 4 // segments
	rejected       = "rejected"
	rejectedKeep   = 64 // batches
)

// dropOldest gives up the oldest segment. Batches of it that are under way count as dropped: nobody
// knows yet whether they arrive.
func (s *Spool) dropOldest() {
	seg := s.segments[0]
	s.metrics.lost(reasonCap, seg.pending)
	s.log.Warn().Str("segment", seg.name()).Int("batches", seg.pending.batches).Int("points", seg.pending.points).
		Int64("max_bytes", int64(s.cfg.MaxBytes)).Msg("spool full: oldest segment dropped")
	seg.pending = tally{}
	s.handed = slices.DeleteFunc(s.handed, func(h handed) bool { return h.segment == seg })
	s.committed = max(s.committed, seg.last)
	s.discard(seg)
}

// release deletes finished segments from the oldest on, but never the newest: its name keeps the
// sequence from going back.
func (s *Spool) release() {
	for len(s.segments) > 1 && s.segments[0].pending == (tally{}) {
		s.discard(s.segments[0])
	}
}

// discard takes seg out of the spool: to quarantine when it is damaged, else for good.
func (s *Spool) discard(seg *segment) {
	seg.gone = true
	s.bytes -= seg.size
	s.segments = slices.DeleteFunc(s.segments, func(x *segment) bool { return x == seg })
	var err error
	if seg.damaged {
		err = s.shelve(seg.name())
	} else {
		err = s.disk.Remove(seg.name())
	}
	if err != nil && !isMissing(err) {
		s.log.Error().Err(err).Str("segment", seg.name()).Msg("finished segment not removed; the next start does it")
	}
}

// shelve moves a segment into quarantine.
func (s *Spool) shelve(name string) error {
	if err := s.disk.Rename(name, quarantine+"/"+name); err != nil {
		return err
	}
	return s.prune(quarantine, quarantineKeep)
}

// prune deletes the oldest files of dir until keep are left. Names sort by age.
func (s *Spool) prune(dir string, keep int) error {
	names, err := s.disk.List(dir)
	if err != nil {
		return err
	}
	slices.Sort(names)
	for _, name := range names[:max(0, len(names)-keep)] {
		if err := s.disk.Remove(dir + "/" + name); err != nil {
			return fmt.Errorf("prune %s: %w", dir, err)
		}
	}
	return nil
}
