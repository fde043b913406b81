package point

import (
	"math"
	"strconv"
)

// Encoder writes lines. The zero Encoder is ready; it is for one goroutine. Lines end in a newline
// and contain none, whatever their strings hold.
//
//	e.Begin(key); e.Uint("in_octets", n); e.End(ns)
type Encoder struct {
	buf    []byte
	whole  int // where the last complete line ends
	keyEnd int // where the current line's key ends; 0 when no line is open
	lines  int
}

// Begin starts the line of a series, whose key AppendKey made. A line that was not ended is taken back.
func (e *Encoder) Begin(key []byte) {
	e.buf = append(e.buf[:e.whole], key...)
	e.keyEnd = 0
	if len(key) > 0 {
		e.keyEnd = len(e.buf)
	}
}

// End ends the line with its time. A line without fields is taken back.
func (e *Encoder) End(unixNano int64) {
	if e.keyEnd == 0 || len(e.buf) == e.keyEnd {
		e.buf = e.buf[:e.whole]
		e.keyEnd = 0
		return
	}
	e.buf = append(e.buf, ' ')
	e.buf = strconv.AppendInt(e.buf, unixNano, 10)
	e.buf = append(e.buf, '\n')
	e.whole, e.keyEnd = len(e.buf), 0
	e.lines++
}

// Uint adds a counter.
func (e *Encoder) Uint(k string, v uint64) {
	if e.name(k) {
		e.buf = append(strconv.AppendUint(e.buf, v, 10), 'u')
	}
}

// Int adds a signed integer.
func (e *Encoder) Int(k string, v int64) {
	if e.name(k) {
		e.buf = append(strconv.AppendInt(e.buf, v, 10), 'i')
	}
}

// Float adds a ratio or physical value. NaN and infinities have no form in line protocol and are left out.
func (e *Encoder) Float(k string, v float64) {
	if v-v == 0 && e.name(k) {
		e.buf = appendFloat(e.buf, v)
	}
}

// Bool adds a flag.
func (e *Encoder) Bool(k string, v bool) {
	if e.name(k) {
		e.buf = strconv.AppendBool(e.buf, v)
	}
}

// String adds text. Bytes that are not UTF-8 become U+FFFD.
func (e *Encoder) String(k, v string) {
	if e.name(k) {
		e.buf = appendString(e.buf, v)
	}
}

// Value adds a value of any kind; None is left out.
func (e *Encoder) Value(k string, v Value) {
	switch v.Kind {
	case Float:
		e.Float(k, math.Float64frombits(v.Bits))
	case Int:
		e.Int(k, int64(v.Bits))
	case Uint:
		e.Uint(k, v.Bits)
	case Bool:
		e.Bool(k, v.Bits == 1)
	case String:
		e.String(k, string(v.Text))
	}
}

// Fields adds fields as they stand in a line, such as "oper=1i,in_octets=17u": for who writes the same ones very often.
func (e *Encoder) Fields(text []byte) {
	if e.keyEnd != 0 && len(text) > 0 {
		e.buf = append(append(e.buf, e.separator()), text...)
	}
}

// Bytes is the text of all complete lines, valid until the next Begin or Reset.
func (e *Encoder) Bytes() []byte { return e.buf[:e.whole] }

// Lines counts the complete lines.
func (e *Encoder) Lines() int { return e.lines }

// Reset forgets all lines and keeps the memory.
func (e *Encoder) Reset() { e.buf, e.whole, e.keyEnd, e.lines = e.buf[:0], 0, 0, 0 }

// name writes the field's key; a field without one, or outside a line, is left out.
func (e *Encoder) name(k string) bool {
	if e.keyEnd == 0 || k == "" {
		return false
	}
	e.buf = append(e.buf, e.separator())
	e.buf = appendName(e.buf, k, escapeName)
	e.buf = append(e.buf, '=')
	return true
}

// separator stands before the next field.
func (e *Encoder) separator() byte {
	if len(e.buf) == e.keyEnd {
		return ' '
	}
	return ','
}

// appendFloat writes the shortest form that reads back the same. Small whole numbers, the usual case,
// need no search for it.
func appendFloat(dst []byte, v float64) []byte {
	if n := int64(v); float64(n) == v && n > -1e6 && n < 1e6 && !(n == 0 && math.Signbit(v)) {
		return strconv.AppendInt(dst, n, 10)
	}
	return strconv.AppendFloat(dst, v, 'g', -1, 64)
}
