package profile

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// word is a value as text and, if it is one, as a number.
type word struct {
	text  string
	num   number
	isNum bool
}

func numberWord(n uint64) word {
	return word{strconv.FormatUint(n, 10), number{float64(n), n}, true}
}

func textWord(s string) word { return word{text: s} }

// part is one part of an index.
type part struct {
	name string
	kind string
	size int // of a string of fixed size
}

func partKinds() []string {
	return []string{"int", "ipv4", "ipv6", "ip", "inet", "mac", "string", "string(N)", "octets", "octets(N)", "implied", "oid", "skip"}
}

// parsePart reads "slot", "peer:ipv4", "serial:octets(8)".
func parsePart(source string) (p part, err error) {
	p.name, p.kind, _ = strings.Cut(source, ":")
	if p.kind == "" {
		p.kind = "int"
	}
	if kind, size, sized := strings.Cut(strings.TrimSuffix(p.kind, ")"), "("); sized {
		p.kind = kind
		if p.size, err = strconv.Atoi(size); err != nil || p.size < 1 || p.size > 128 {
			return p, fmt.Errorf("%q: want a size of 1 to 128", source)
		}
	}
	switch p.kind {
	case "string", "octets":
		return p, checkName(p.name)
	case "int", "ipv4", "ipv6", "ip", "inet", "mac", "implied", "oid", "skip":
		if p.size == 0 {
			return p, checkName(p.name)
		}
	}
	return p, fmt.Errorf("%q: want NAME or NAME:KIND, with a kind of %s", source, strings.Join(partKinds(), ", "))
}

// decodeIndex reads what stands behind the column in an object identifier. An index with arcs left over is another
// table's.
func decodeIndex(parts []part, suffix []byte) (words []word, ok bool) {
	for _, p := range parts {
		var w word
		if w, suffix, ok = p.cut(suffix); !ok {
			return nil, false
		}
		words = append(words, w)
	}
	return words, len(suffix) == 0
}

// cut reads one part of the index off its front.
func (p part) cut(suffix []byte) (w word, rest []byte, ok bool) {
	switch p.kind {
	case "int", "skip":
		n, rest, ok := ber.CutArc(suffix)
		return numberWord(uint64(n)), rest, ok
	case "ipv4":
		return address(cutOctets(suffix, 4))
	case "ipv6":
		return address(cutOctets(suffix, 16))
	case "mac":
		b, rest, ok := cutOctets(suffix, 6)
		return textWord(colons(b)), rest, ok
	case "ip":
		return address(cutCounted(suffix))
	case "inet":
		_, suffix, ok = ber.CutArc(suffix) // the type follows from the length
		if !ok {
			return w, nil, false
		}
		return address(cutCounted(suffix))
	case "oid":
		return textWord(arcs(suffix)), nil, validArcs(suffix)
	}
	return p.cutText(suffix)
}

func (p part) cutText(suffix []byte) (w word, rest []byte, ok bool) {
	var b []byte
	switch {
	case p.size > 0:
		b, rest, ok = cutOctets(suffix, p.size)
	case p.kind == "implied":
		b, rest, ok = cutOctets(suffix, -1)
	default:
		b, rest, ok = cutCounted(suffix)
	}
	if p.kind == "octets" {
		return textWord(colons(b)), rest, ok
	}
	return textWord(clean(b)), rest, ok
}

// cutOctets reads n arcs as octets; all that are left, if n is negative.
func cutOctets(suffix []byte, n int) (b, rest []byte, ok bool) {
	if n > len(suffix) {
		return nil, nil, false
	}
	for len(b) != n && (n >= 0 || len(suffix) > 0) {
		arc, rest, ok := ber.CutArc(suffix)
		if !ok || arc > 255 {
			return nil, nil, false
		}
		b, suffix = append(b, byte(arc)), rest
	}
	return b, suffix, true
}

func cutCounted(suffix []byte) (b, rest []byte, ok bool) {
	n, suffix, ok := ber.CutArc(suffix)
	if !ok || int64(n) > int64(len(suffix)) {
		return nil, nil, false
	}
	return cutOctets(suffix, int(n))
}

// address reads an IP address of 4 or 16 octets, or one with a zone behind it, which is left out.
func address(b, rest []byte, ok bool) (word, []byte, bool) {
	if len(b) == 8 || len(b) == 20 {
		b = b[:len(b)-4]
	}
	a, is := netip.AddrFromSlice(b)
	return textWord(a.String()), rest, ok && is
}

func validArcs(suffix []byte) bool {
	for len(suffix) > 0 {
		var ok bool
		if _, suffix, ok = ber.CutArc(suffix); !ok {
			return false
		}
	}
	return true
}

// arcs shows an index as dotted numbers.
func arcs(suffix []byte) string {
	var b []byte
	for len(suffix) > 0 {
		arc, rest, ok := ber.CutArc(suffix)
		if !ok {
			return string(append(b, '?'))
		}
		if len(b) > 0 {
			b = append(b, '.')
		}
		b, suffix = strconv.AppendUint(b, uint64(arc), 10), rest
	}
	return string(b)
}

// wordOf is a value that a device gave, for people.
func wordOf(v *ber.Varbind) (w word) {
	w.num, w.isNum = readNumber(v)
	switch v.Tag {
	case ber.OctetString:
		w.text = clean(v.Value)
	case ber.ObjectID:
		w.text = ber.FormatOID(v.Value)
	case ber.IPAddress:
		if a, ok := netip.AddrFromSlice(v.Value); ok {
			w.text = a.String()
		}
	default:
		w.text = strconv.FormatFloat(w.num.float, 'f', -1, 64)
	}
	return w
}

// clean is text without blanks around it and without control characters; octets that are no text are shown in hexadecimal.
func clean(b []byte) string {
	s := strings.Trim(string(b), " \t\r\n\x00")
	if !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !unicode.IsSpace(r) }) {
		return colons(b)
	}
	return strings.Join(strings.Fields(s), " ")
}

func colons(b []byte) string {
	out := make([]byte, 0, 3*len(b))
	for i, c := range b {
		if i > 0 {
			out = append(out, ':')
		}
		out = hex.AppendEncode(out, []byte{c})
	}
	return string(out)
}
