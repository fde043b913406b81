package point

import (
	"bytes"
	"encoding/binary"
	"math"
	"unicode/utf8"
)

// longestPlainKey bounds the search for the end of a key.
const longestPlainKey = 1 << 10

// layout is the list of field keys of an earlier line: the best guess at those of the next one.
type layout struct {
	text []byte // the keys, each with its '='
	ends []int  // where each ends in text
}

// plain reads the line at s.pos if it is a plain one: no escapes, quotes or comment, single blanks, a
// newline or nothing at the end. False leaves everything to decode, also what is wrong.
func (s *Scanner) plain() bool {
	t := s.text[s.pos:]
	k := bytes.IndexByte(t[:min(len(t), longestPlainKey)], ' ')
	if k <= 0 || t[k-1] == '\\' {
		return false
	}
	l := &s.line
	l.Key = t[:k]
	if l.Ref = s.lookup(l.Key); l.Ref == 0 && !plainKey(l.Key) {
		return false
	}
	end := s.plainFields(t, k+1)
	if end < 0 {
		return false
	}
	l.Text = t[:end]
	if end = s.plainTime(t, end); end < 0 || end > FrameBytes {
		return false
	}
	l.No = s.next
	s.pos += end
	s.next++
	return true
}

// plainFields reads the fields at t[i:] and says where they end, or a negative number. Keys found in
// the layout were checked when it was learned, and are no repetitions as long as its order is kept.
func (s *Scanner) plainFields(t []byte, i int) int {
	l, lay, guess, known := &s.line, s.layoutFor(t, i), 0, true
	l.Fields, s.collected = l.Fields[:0], false
	for {
		n := 0
		if known {
			guess, n = lay.match(t[i:], guess)
			known = n > 0
		}
		if !known {
			n = plainName(t[i:])
		}
		if n == 0 || i+n >= len(t) {
			return -1
		}
		f := l.addField()
		f.Key = t[i : i+n-1]
		if i = plainValue(t, i+n, &f.Value); i < 0 {
			return -1
		}
		if !known && s.repeated() {
			return -1
		}
		if i == len(t) || t[i] != ',' {
			break
		}
		i++
	}
	if !known {
		lay.learn(l.Fields)
	}
	return i
}

// addField makes room for one more field. Kind and Bits keep what they were: whoever reads a value
// sets them. (Appending a new Field would write its 64 bytes twice, a sixth of all the time.)
func (l *Line) addField() *Field {
	n := len(l.Fields)
	if n == cap(l.Fields) {
		l.Fields = append(l.Fields, Field{})
	}
	l.Fields = l.Fields[:n+1]
	f := &l.Fields[n]
	f.Text = nil
	return f
}

// plainName is the length of the field key that t begins with, including its '=', or 0.
func plainName(t []byte) int {
	ascii := true
	for i, c := range t {
		switch {
		case c == '=':
			if !ascii && !utf8.Valid(t[:i]) || i == 0 {
				return 0
			}
			return i + 1
		case c <= ' ' || c == ',' || c == '\\' || c == 0x7f:
			return 0
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return 0
}

// plainValue reads the value at t[i:] into v and says where it ends, which is where a field may end,
// or a negative number.
func plainValue(t []byte, i int, v *Value) int {
	switch t[i] {
	case '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '-', '.':
		i = number(t, i, v)
	case 't', 'T', 'f', 'F':
		i = flag(t, i, v)
	case '"':
		i = plainString(t, i+1, v)
	default:
		return -1
	}
	if i < 0 || i < len(t) && !endsField(t[i]) {
		return -1
	}
	return i
}

// plainString reads the string whose first byte is t[i] if it holds neither escapes nor newlines.
func plainString(t []byte, i int, v *Value) int {
	n := bytes.IndexByte(t[i:], '"')
	if n < 0 {
		return -1
	}
	text := t[i : i+n]
	if bytes.IndexByte(text, '\\') >= 0 || bytes.IndexByte(text, '\n') >= 0 || !utf8.Valid(text) {
		return -1
	}
	v.Kind, v.Bits, v.Text = String, 0, text
	return i + n + 1
}

// match says which of the next few keys, from guess on, t begins with: the number of the key behind it
// and its length with the '=', or 0. A line may leave out fields of the layout.
func (l *layout) match(t []byte, guess int) (after, n int) {
	const few = 3
	start := 0
	if guess > 0 {
		start = l.ends[guess-1]
	}
	for _, end := range l.ends[guess:min(guess+few, len(l.ends))] {
		guess++
		if n := end - start; len(t) >= n && string(t[:n]) == string(l.text[start:end]) {
			return guess, n
		}
		start = end
	}
	return guess, 0
}

func (l *layout) learn(fields []Field) {
	l.text, l.ends = l.text[:0], l.ends[:0]
	for _, f := range fields {
		l.text = append(append(l.text, f.Key...), '=')
		l.ends = append(l.ends, len(l.text))
	}
}

// layoutFor picks the slot of lines that begin like this one and whose fields do.
func (s *Scanner) layoutFor(t []byte, i int) *layout {
	if len(t) < i+4 || i < 4 {
		return &s.layouts[0]
	}
	h := binary.LittleEndian.Uint32(t)*0x9e3779b1 ^ binary.LittleEndian.Uint32(t[i:])*0x85ebca6b
	return &s.layouts[h>>28]
}

// plainTime reads what follows the fields and says where the next line begins, or a negative number.
func (s *Scanner) plainTime(t []byte, i int) int {
	l := &s.line
	l.HasTime = i < len(t) && t[i] == ' '
	if !l.HasTime {
		l.Time = s.defaultTime()
		return min(i+1, len(t))
	}
	i++
	negative := i < len(t) && t[i] == '-'
	if negative {
		i++
	}
	n, end := digits(t, i)
	if end == i || end > i+19 || n > math.MaxInt64 || end < len(t) && t[end] != '\n' {
		return -1
	}
	v := int64(n)
	if negative {
		v = -v
	}
	var ok bool
	if l.Time, ok = s.scale(v); !ok {
		return -1
	}
	return min(end+1, len(t))
}
