package ber

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// AppendArc writes one arc of an object identifier.
func AppendArc(dst []byte, arc uint32) []byte {
	for shift := 28; shift > 0; shift -= 7 {
		if arc>>shift != 0 {
			dst = append(dst, byte(arc>>shift)|0x80)
		}
	}
	return append(dst, byte(arc&0x7f))
}

// AppendArcs writes the content octets of an object identifier; the first two arcs share an octet.
func AppendArcs(dst []byte, arcs ...uint32) []byte {
	if len(arcs) == 0 {
		return append(dst, 0)
	}
	if len(arcs) == 1 {
		return AppendArc(dst, arcs[0]*40)
	}
	dst = AppendArc(dst, arcs[0]*40+arcs[1])
	for _, a := range arcs[2:] {
		dst = AppendArc(dst, a)
	}
	return dst
}

// ParseOID reads 1.3.6.1 or .1.3.6.1 into content octets.
func ParseOID(s string) ([]byte, error) {
	var arcs []uint32
	for part := range strings.SplitSeq(strings.TrimPrefix(s, "."), ".") {
		v, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("ber: object identifier %q: arc %q", s, part)
		}
		arcs = append(arcs, uint32(v))
	}
	if arcs[0] > 2 || arcs[0] < 2 && len(arcs) > 1 && arcs[1] > 39 {
		return nil, fmt.Errorf("ber: object identifier %q: the first two arcs", s)
	}
	return AppendArcs(nil, arcs...), nil
}

// CompareOID orders content octets as object identifiers are ordered: arc by arc, a prefix first.
func CompareOID(a, b []byte) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	if i == len(a) || i == len(b) {
		return len(a) - len(b)
	}
	// The arcs in which they differ begin at the same place; the longer arc is the greater.
	for i > 0 && a[i-1] >= 0x80 {
		i--
	}
	x, y := arcEnd(a, i), arcEnd(b, i)
	if x != y {
		return x - y
	}
	return bytes.Compare(a[i:x], b[i:y])
}

// arcEnd is the index after the arc that begins at i.
func arcEnd(oid []byte, i int) int {
	for i < len(oid) && oid[i] >= 0x80 {
		i++
	}
	return i + 1
}

// NextArc splits the first arc off content octets (as encoded: the first octet's two arcs are one).
func NextArc(oid []byte) (arc uint32, rest []byte, ok bool) {
	for i, b := range oid {
		arc = arc<<7 | uint32(b&0x7f)
		if b < 0x80 {
			return arc, oid[i+1:], true
		}
	}
	return 0, nil, false
}
