package point

import (
	"strings"
	"unicode/utf8"
)

// What stands in the way of copying a byte of a name as it is.
const (
	escapeMeasurement = 1 << iota // needs a backslash in a measurement
	escapeName                    // needs a backslash in a tag key, tag value or field key
	escapeString                  // needs a backslash in a string value
	suspicious                    // control, backslash or not ASCII: look closer
)

// hindrance classifies every byte.
var hindrance = [256]uint8{
	' ': escapeMeasurement | escapeName, ',': escapeMeasurement | escapeName, '=': escapeName,
	'"': escapeString, '\\': escapeString | suspicious, 0x7f: suspicious,
	0x00: suspicious, 0x01: suspicious, 0x02: suspicious, 0x03: suspicious, 0x04: suspicious, 0x05: suspicious,
	0x06: suspicious, 0x07: suspicious, 0x08: suspicious, '\t': escapeString | suspicious, '\n': escapeString | suspicious,
	0x0b: suspicious, 0x0c: suspicious, '\r': escapeString | suspicious, 0x0e: suspicious, 0x0f: suspicious,
	0x10: suspicious, 0x11: suspicious, 0x12: suspicious, 0x13: suspicious, 0x14: suspicious, 0x15: suspicious,
	0x16: suspicious, 0x17: suspicious, 0x18: suspicious, 0x19: suspicious, 0x1a: suspicious, 0x1b: suspicious,
	0x1c: suspicious, 0x1d: suspicious, 0x1e: suspicious, 0x1f: suspicious,
}

// appendName appends s, escaping the bytes of the given class.
func appendName(dst []byte, s string, class uint8) []byte {
	all := uint8(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		all |= hindrance[c] | c&0x80
	}
	if all&(class|suspicious|0x80) == 0 {
		return append(dst, s...)
	}
	if all&(suspicious|0x80) != 0 {
		s = presentable(s)
	}
	return appendEscaped(dst, s, class)
}

// presentable replaces what line protocol cannot carry in a name (control characters, bytes that are
// not UTF-8, a backslash at the end) by U+FFFD: the entity keeps a name, if not quite its own.
func presentable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return utf8.RuneError
		}
		return r
	}, s)
	if head, found := strings.CutSuffix(s, `\`); found {
		return head + string(utf8.RuneError)
	}
	return s
}

func appendEscaped(dst []byte, s string, class uint8) []byte {
	for i := 0; i < len(s); i++ {
		if hindrance[s[i]]&class != 0 {
			dst = append(dst, '\\')
		}
		dst = append(dst, s[i])
	}
	return dst
}

// appendString appends a string value with its quotes. A line stays one line of text.
func appendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, string(utf8.RuneError))
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if hindrance[c]&escapeString == 0 {
			dst = append(dst, c)
			continue
		}
		dst = append(dst, '\\', controlLetter(c))
	}
	return append(dst, '"')
}

func controlLetter(c byte) byte {
	switch c {
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return c
}
