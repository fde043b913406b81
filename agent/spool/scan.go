package spool

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
)

// scanner walks the headers of a segment and steps over what is none.
type scanner struct {
	file file
	off  int64  // where the next record is expected
	end  int64  // nothing from here on is looked at
	last uint64 // sequences only grow: a header that goes back is a remnant of something else
}

// found is a header whose checksum is right and whose data lies before the end.
type found struct {
	header
	at      int64
	skipped int64 // damaged bytes before it
}

// next finds the next record, or io.EOF; then what lies between off and end is no record.
func (s *scanner) next() (found, error) {
	at := s.off
	for {
		h, ok, err := s.headerAt(at)
		if err != nil {
			return found{}, err
		}
		if ok {
			f := found{header: h, at: at, skipped: at - s.off}
			s.off, s.last = at+h.span(), h.sequence
			return f, nil
		}
		if at, err = s.seekMagic(at + 1); err != nil {
			return found{}, err
		}
	}
}

// headerAt decodes a header; io.EOF when none fits before the end.
func (s *scanner) headerAt(at int64) (header, bool, error) {
	if at+headerBytes > s.end {
		return header{}, false, io.EOF
	}
	var b [headerBytes]byte
	if _, err := s.file.ReadAt(b[:], at); err != nil {
		return header{}, false, notEOF(err)
	}
	h, ok := decodeHeader(b[:])
	return h, ok && h.sequence > s.last && at+h.span() <= s.end, nil
}

// seekMagic returns the first place from at on where a header may begin, or the end.
func (s *scanner) seekMagic(at int64) (int64, error) {
	magic := binary.LittleEndian.AppendUint32(nil, skippable)
	chunk := make([]byte, 64<<10)
	for at < s.end {
		b := chunk[:min(int64(len(chunk)), s.end-at)]
		if _, err := s.file.ReadAt(b, at); err != nil {
			return 0, notEOF(err)
		}
		if i := bytes.Index(b, magic); i >= 0 {
			return at + int64(i), nil
		}
		at += max(1, int64(len(b)-len(magic)+1))
	}
	return s.end, nil
}

// read returns the data of f; ok is false when it is not what was written. The caller owns the data.
func (s *scanner) read(f found) (data []byte, ok bool, err error) {
	record := make([]byte, f.span())
	if _, err := s.file.ReadAt(record, f.at); err != nil {
		return nil, false, notEOF(err)
	}
	return record[headerBytes:], intact(f.header, record), nil
}

// notEOF turns a file that has become shorter into an error of its own: io.EOF means the end of a segment.
func notEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}
