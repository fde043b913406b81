package spool

import (
	"encoding/binary"
	"fmt"
)

// noteMagic begins a second kind of skippable frame: text for people, behind a rejected record.
const noteMagic = skippable + 1

// Reject puts a record that the collector will never take into rejected/, with the reason; Commit stays the
// caller's. The file is a segment of one record, so zstdcat prints its lines. Any number of goroutines may call it.
func (s *Spool) Reject(r Record, reason string) error {
	h := header{sequence: r.Sequence, time: r.Time, points: r.Batch.Points, raw: r.Batch.Raw, length: len(r.Batch.Frames)}
	b := append(encodeHeader(nil, h, r.Batch.Frames), r.Batch.Frames...)
	b = binary.LittleEndian.AppendUint32(b, noteMagic)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(reason)))
	b = append(b, reason...)
	s.aside.Lock()
	defer s.aside.Unlock()
	err := writeFile(s.disk, rejected+"/"+segmentName(r.Sequence), b)
	if err == nil {
		err = s.disk.SyncDir(rejected)
	}
	if err == nil {
		err = s.prune(rejected, rejectedKeep)
	}
	if err != nil {
		return fmt.Errorf("spool: reject %d: %w", r.Sequence, err)
	}
	s.metrics.rejected.Inc()
	return nil
}
