package point

import (
	"bytes"
	"fmt"
)

// Precision is the unit of the timestamps in a text, in nanoseconds.
type Precision int64

// The precisions of the write API. The zero Precision is Nanosecond.
const (
	Nanosecond  Precision = 1
	Microsecond Precision = 1e3
	Millisecond Precision = 1e6
	Second      Precision = 1e9
)

// Line is one good line. Its slices point into the scanned text or into the Scanner and are valid
// until the next call of Next.
type Line struct {
	No      int     // of its first line of text, from 1
	Key     []byte  // measurement and tags as written; ParseKey takes it apart
	Ref     uint64  // what Options.Lookup said of Key
	Fields  []Field // at least one, no key twice
	Time    int64   // Unix nanoseconds
	HasTime bool    // false: Time is Options.Default, cut to the precision
	Text    []byte  // the line without timestamp and line end, to write it again
}

// LineError says what is wrong with a line.
type LineError struct {
	Line   int
	Reason string
}

// Error names the line.
func (e *LineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// Options tell a Scanner what the text does not say.
type Options struct {
	Precision Precision
	Default   int64 // time of lines that have none, Unix nanoseconds
	// Lookup, if set, is asked about every key before it is checked, and again about each good one
	// that it did not know then. An answer other than 0 becomes Line.Ref and promises that these
	// very bytes were the Key of a good line, so they are not checked again.
	Lookup func(key []byte) uint64
}

// Scanner reads lines of unknown origin and checks each fully. What a line means is defined by
// github.com/influxdata/line-protocol/v2, with these differences: a tag or field key that appears
// twice is an error; a line may not be longer than FrameBytes; a bad line ends at its first newline,
// even one in a string, so that a lost quote costs one line and not the rest of the text.
//
// Most lines need none of the format's finer points. Those are read by a few hundred lines in this
// package, all others by that library; a fuzz test holds the two equal.
type Scanner struct {
	text      []byte
	opts      Options
	pos       int
	next      int // number of the line of text at pos
	line      Line
	err       *LineError
	layouts   [16]layout
	seen      map[string]struct{} // field keys of a line with very many …
	collected bool                // … of the current line
	scratch   []byte              // decoded names and strings of the line
}

// NewScanner makes a Scanner of text, which must not change while it is read.
func NewScanner(text []byte, o Options) *Scanner {
	s := new(Scanner)
	s.Reset(text, o)
	return s
}

// Reset begins another text and keeps what was learned about the shape of lines.
func (s *Scanner) Reset(text []byte, o Options) {
	if o.Precision == 0 {
		o.Precision = Nanosecond
	}
	s.text, s.opts, s.pos, s.next, s.err = text, o, 0, 1, nil
	s.line = Line{Fields: s.line.Fields[:0]}
}

// Next goes to the next line, good or bad, and reports whether there is one. Blank lines and comments
// are passed over.
func (s *Scanner) Next() bool {
	s.err = nil
	for s.pos < len(s.text) {
		if s.text[s.pos] == '\n' {
			s.pos++
			s.next++
			continue
		}
		if s.plain() || s.decode() {
			return true
		}
	}
	return false
}

// Line is the current line, unless Err says that it is bad. It is overwritten by Next.
func (s *Scanner) Line() *Line { return &s.line }

// Err is what is wrong with the current line, or nil. It stays valid.
func (s *Scanner) Err() *LineError { return s.err }

// defaultTime is the default, as if it had been written with the text's precision.
func (s *Scanner) defaultTime() int64 {
	unit := int64(s.opts.Precision)
	rest := s.opts.Default % unit
	if rest < 0 {
		rest += unit
	}
	return s.opts.Default - rest
}

// scale turns a timestamp of the text into nanoseconds.
func (s *Scanner) scale(t int64) (ns int64, ok bool) {
	unit := int64(s.opts.Precision)
	ns = t * unit
	return ns, ns/unit == t
}

func (s *Scanner) lookup(key []byte) uint64 {
	if s.opts.Lookup == nil {
		return 0
	}
	return s.opts.Lookup(key)
}

// repeated says whether the last of the fields has the key of another. Few are compared with each
// other, many are collected in a map, so that a hostile line costs no more than its length.
func (s *Scanner) repeated() bool {
	const few = 32
	last := len(s.line.Fields) - 1
	key := s.line.Fields[last].Key
	if last < few {
		for i := range s.line.Fields[:last] {
			if bytes.Equal(s.line.Fields[i].Key, key) {
				return true
			}
		}
		return false
	}
	if !s.collected {
		s.collect(s.line.Fields[:last])
	}
	s.seen[string(key)] = struct{}{}
	return len(s.seen) == last
}

func (s *Scanner) collect(fields []Field) {
	s.seen = make(map[string]struct{}, 2*len(fields))
	for _, f := range fields {
		s.seen[string(f.Key)] = struct{}{}
	}
	s.collected = true
}
