package point

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/influxdata/line-protocol/v2/lineprotocol"
)

// decode reads the entry at s.pos with the library's decoder. False means that it was blank or a comment.
func (s *Scanner) decode() bool {
	rest := s.text[s.pos:]
	window := rest[:min(len(rest), FrameBytes+1)]
	o := outlineOf(window)
	if o.end > FrameBytes {
		return s.reject(lineEnd(rest, 0), fmt.Sprintf("longer than %d bytes", FrameBytes))
	}
	dec := lineprotocol.NewDecoderWithBytes(window[:o.end])
	if !dec.Next() {
		s.advance(o.end)
		return false
	}
	if err := s.decodeLine(dec); err != nil {
		return s.reject(lineEnd(rest, 0), reason(err).Error())
	}
	s.line.No, s.line.Key, s.line.Text = s.next, window[o.start:o.key], window[o.start:o.fields]
	s.line.Ref = s.lookup(s.line.Key)
	s.advance(o.end)
	return true
}

func (s *Scanner) decodeLine(dec *lineprotocol.Decoder) error {
	if _, err := decodeKey(dec); err != nil {
		return err
	}
	if err := s.decodeFields(dec); err != nil {
		return err
	}
	return s.decodeTime(dec)
}

func (s *Scanner) decodeFields(dec *lineprotocol.Decoder) error {
	l := &s.line
	l.Fields, s.collected, s.scratch = l.Fields[:0], false, s.scratch[:0]
	for {
		key, value, err := dec.NextField()
		if err != nil {
			return err
		}
		if key == nil {
			return nil
		}
		l.Fields = append(l.Fields, Field{Key: s.keep(key), Value: s.value(value)})
		if s.repeated() {
			return fmt.Errorf("field %q appears twice", key)
		}
	}
}

// keep copies what the decoder is going to overwrite.
func (s *Scanner) keep(b []byte) []byte {
	n := len(s.scratch)
	s.scratch = append(s.scratch, b...)
	return s.scratch[n:len(s.scratch):len(s.scratch)]
}

func (s *Scanner) value(v lineprotocol.Value) Value {
	switch v.Kind() {
	case lineprotocol.Int:
		return Value{Kind: Int, Bits: uint64(v.IntV())}
	case lineprotocol.Uint:
		return Value{Kind: Uint, Bits: v.UintV()}
	case lineprotocol.Bool:
		bits := uint64(0)
		if v.BoolV() {
			bits = 1
		}
		return Value{Kind: Bool, Bits: bits}
	case lineprotocol.String:
		return Value{Kind: String, Text: s.keep(v.BytesV())}
	}
	var f Value
	setFloat(&f, v.FloatV(), false)
	return f
}

func (s *Scanner) decodeTime(dec *lineprotocol.Decoder) error {
	text, err := dec.TimeBytes()
	if err != nil {
		return err
	}
	if s.line.HasTime = text != nil; !s.line.HasTime {
		s.line.Time = s.defaultTime()
		return nil
	}
	t, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil {
		return fmt.Errorf("timestamp %q is not a 64-bit integer", text)
	}
	var ok bool
	if s.line.Time, ok = s.scale(t); !ok {
		return fmt.Errorf("timestamp %q is out of range for its precision", text)
	}
	return nil
}

// reject makes the next n bytes of the text a bad line.
func (s *Scanner) reject(n int, why string) bool {
	s.err = &LineError{Line: s.next, Reason: clip(why)}
	s.advance(n)
	return true
}

func (s *Scanner) advance(n int) {
	s.next += bytes.Count(s.text[s.pos:s.pos+n], newline)
	s.pos += n
}

var newline = []byte{'\n'}

// reason leaves out the decoder's line number: it saw one line only.
func reason(err error) error {
	var d *lineprotocol.DecodeError
	if errors.As(err, &d) {
		return fmt.Errorf("column %d: %w", d.Column, d.Err)
	}
	return err
}

// clip shortens what an error quotes of its input.
func clip(s string) string {
	const most = 200
	if len(s) <= most {
		return s
	}
	n := most
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
