package ber

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// OID is the contents of an object identifier from its arcs, of which there are at least two.
func OID(arcs ...uint32) []byte {
	if len(arcs) < 2 {
		return nil
	}
	oid := AppendArc(nil, arcs[0]*40+arcs[1])
	for _, arc := range arcs[2:] {
		oid = AppendArc(oid, arc)
	}
	return oid
}

// AppendArc writes one arc behind those of dst: an index behind a column, for example.
func AppendArc(dst []byte, arc uint32) []byte {
	for shift := 28; shift > 0; shift -= 7 {
		if arc>>shift != 0 {
			dst = append(dst, byte(arc>>shift)|0x80)
		}
	}
	return append(dst, byte(arc&0x7f))
}

// CutArc reads the first arc of contents.
func CutArc(contents []byte) (arc uint32, rest []byte, ok bool) {
	v := uint64(0)
	for i, c := range contents {
		v = v<<7 | uint64(c&0x7f)
		if v > math.MaxUint32 {
			return 0, nil, false
		}
		if c < 0x80 {
			return uint32(v), contents[i+1:], true
		}
	}
	return 0, nil, false
}

// ParseOID reads dotted text, with or without a leading dot.
func ParseOID(text string) ([]byte, error) {
	parts := strings.Split(strings.TrimPrefix(text, "."), ".")
	arcs := make([]uint32, len(parts))
	for i, p := range parts {
		n, err := strconv.ParseUint(p, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("ber: object identifier %q: %q is not a number below 2^32", text, p)
		}
		arcs[i] = uint32(n)
	}
	if len(arcs) < 2 || arcs[0] > 2 || arcs[1] > 39 && (arcs[0] < 2 || arcs[1] > math.MaxUint32-80) {
		return nil, fmt.Errorf("ber: object identifier %q: want two or more arcs that begin with 0.0 … 2.n", text)
	}
	return OID(arcs...), nil
}

// FormatOID writes the contents of an object identifier as dotted text; what cannot be read is
// shown as a question mark.
func FormatOID(contents []byte) string {
	first, rest, ok := CutArc(contents)
	if !ok {
		return "?"
	}
	top := min(first/40, 2)
	b := strconv.AppendUint(nil, uint64(top), 10)
	b = strconv.AppendUint(append(b, '.'), uint64(first-40*top), 10)
	for len(rest) > 0 {
		var arc uint32
		if arc, rest, ok = CutArc(rest); !ok {
			return string(append(b, ".?"...))
		}
		b = strconv.AppendUint(append(b, '.'), uint64(arc), 10)
	}
	return string(b)
}
