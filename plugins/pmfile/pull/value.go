package pull

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// Classes of bytes.
const (
	isName     = 1 << iota // may stand in a name
	beginsName             // may begin one
	isSpace
	isBad     // may stand nowhere
	isHigh    // part of a rune of several bytes
	isReturn  // \r
	isAmp     // &
	isBracket // ]
	isAngle   // <
	isColon
)

// classes is a table of constants.
var classes = func() (t [256]uint16) { //nolint:gochecknoglobals // never changed
	for c := range t {
		switch b := byte(c); {
		case b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '_':
			t[c] = isName | beginsName
		case b == ':':
			t[c] = isName | beginsName | isColon
		case b >= '0' && b <= '9' || b == '-' || b == '.':
			t[c] = isName
		case b == '\r':
			t[c] = isSpace | isReturn
		case b == ' ' || b == '\n' || b == '\t':
			t[c] = isSpace
		case b < ' ':
			t[c] = isBad
		case b == '&':
			t[c] = isAmp
		case b == ']':
			t[c] = isBracket
		case b == '<':
			t[c] = isAngle
		case b >= utf8.RuneSelf:
			t[c] = isHigh
		}
	}
	return t
}()

// place is where a value stands, which decides what it may hold.
type place uint8

const (
	inText place = iota
	inValue
	inCDATA
)

// rare are the classes that a value is looked at more closely for, by its place.
const (
	rareAnywhere = isBad | isHigh | isReturn
	rareInText   = rareAnywhere | isAmp | isBracket
	rareInValue  = rareAnywhere | isAmp | isAngle
)

// value is what the raw text means. The result is the raw text itself, or lies in r.plain.
func (r *Reader) value(raw []byte, at place) ([]byte, error) {
	var all uint16
	for _, c := range raw {
		all |= classes[c]
	}
	if all&[...]uint16{inText: rareInText, inValue: rareInValue, inCDATA: rareAnywhere}[at] == 0 {
		return raw, nil
	}
	return r.rareValue(raw, all, at)
}

func (r *Reader) rareValue(raw []byte, all uint16, at place) ([]byte, error) {
	switch {
	case at == inValue && all&isAngle != 0:
		return nil, mistake(Syntax, "< within the value of an attribute")
	case at == inText && all&isBracket != 0 && bytes.Contains(raw, []byte("]]>")):
		return nil, mistake(Syntax, "]]> outside a CDATA section")
	case all&isBad != 0:
		return nil, mistake(Syntax, "a control character in a text")
	}
	out := raw
	if all&isReturn != 0 || all&isAmp != 0 && at != inCDATA {
		begin := len(r.plain)
		if err := r.replace(raw, at); err != nil {
			return nil, err
		}
		out = r.plain[begin:len(r.plain):len(r.plain)]
	}
	if all&(isHigh|isAmp) != 0 {
		return out, checkRunes(out)
	}
	return out, nil
}

// replace appends raw to r.plain with line ends as \n and, outside CDATA, references replaced.
func (r *Reader) replace(raw []byte, at place) error {
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c == '\r':
			r.plain = append(r.plain, '\n')
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
		case c == '&' && at != inCDATA:
			n, err := r.reference(raw[i:])
			if err != nil {
				return err
			}
			i += n - 1
		default:
			r.plain = append(r.plain, c)
		}
	}
	return nil
}

// reference appends what the reference at the beginning of raw stands for and returns its length.
func (r *Reader) reference(raw []byte) (int, error) {
	end := bytes.IndexByte(raw, ';')
	if end < 0 {
		return 0, mistake(Syntax, "& without a semicolon")
	}
	name := raw[1:end]
	switch string(name) {
	case "lt":
		r.plain = append(r.plain, '<')
	case "gt":
		r.plain = append(r.plain, '>')
	case "amp":
		r.plain = append(r.plain, '&')
	case "apos":
		r.plain = append(r.plain, '\'')
	case "quot":
		r.plain = append(r.plain, '"')
	default:
		c, ok := character(name)
		if !ok {
			return 0, mistake(Syntax, "%.32q is no entity of XML, and others are not resolved", raw[:end+1])
		}
		r.plain = utf8.AppendRune(r.plain, c)
	}
	return end + 1, nil
}

// character reads #65 or #x41.
func character(name []byte) (rune, bool) {
	digits, ok := bytes.CutPrefix(name, []byte("#"))
	if !ok || len(digits) == 0 {
		return 0, false
	}
	base := 10
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	if bytes.ContainsAny(digits, "_+-") {
		return 0, false
	}
	n, err := strconv.ParseUint(string(digits), base, 64)
	return rune(n), err == nil && n <= unicode.MaxRune
}

// checkRunes wants UTF-8, and characters that XML has.
func checkRunes(text []byte) error {
	for i := 0; i < len(text); {
		c, n := rune(text[i]), 1
		if c >= utf8.RuneSelf {
			c, n = utf8.DecodeRune(text[i:])
		}
		switch {
		case c == utf8.RuneError && n == 1:
			return mistake(Encoding, "a text is not UTF-8")
		case c < ' ' && c != '\t' && c != '\n' && c != '\r', c == 0xFFFE, c == 0xFFFF:
			return mistake(Syntax, "%U in a text: XML has no such character", c)
		}
		i += n
	}
	return nil
}
