package packet

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// OID is an object identifier as it travels: the octets of its arcs.
type OID []byte

// ParseOID reads dotted text, with or without a leading dot.
func ParseOID(text string) (OID, error) {
	var arcs []uint64
	for part := range strings.SplitSeq(strings.TrimPrefix(text, "."), ".") {
		n, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil, fmt.Errorf("%q is not an object identifier: %q is not a number below 2^32", text, part)
		}
		arcs = append(arcs, n)
	}
	if len(arcs) < 2 || arcs[0] > 2 || arcs[0] < 2 && arcs[1] > 39 || arcs[1] > math.MaxUint32-80 {
		return nil, fmt.Errorf("%q is not an object identifier: want numbers with dots between, like 1.3.6.1.6.3.1.1.5.3", text)
	}
	oid := OID(nil).Append(uint32(arcs[0]*40 + arcs[1]))
	for _, arc := range arcs[2:] {
		oid = oid.Append(uint32(arc))
	}
	return oid, nil
}

// Append returns a copy with one more arc.
func (o OID) Append(arc uint32) OID {
	o = slices.Clip(o)
	for shift := 28; shift > 0; shift -= 7 {
		if arc>>shift != 0 {
			o = append(o, byte(arc>>shift)|0x80)
		}
	}
	return append(o, byte(arc&0x7f))
}

// Cut takes the first arc; the first of all is two in one.
func (o OID) Cut() (arc uint32, rest OID, ok bool) {
	v := uint64(0)
	for i, c := range o {
		if v = v<<7 | uint64(c&0x7f); v > math.MaxUint32 || i == 0 && c == 0x80 {
			return 0, nil, false
		}
		if c < 0x80 {
			return uint32(v), o[i+1:], true
		}
	}
	return 0, nil, false
}

// Valid says whether the octets are arcs of at most 32 bits, at least one.
func (o OID) Valid() bool {
	for rest, ok := o, len(o) > 0; ; {
		if !ok || len(rest) == 0 {
			return ok
		}
		_, rest, ok = rest.Cut()
	}
}

// AppendText writes dotted text; what cannot be read becomes a question mark.
func (o OID) AppendText(dst []byte) []byte {
	first, rest, ok := o.Cut()
	if !ok {
		return append(dst, '?')
	}
	top := min(first/40, 2)
	dst = append(strconv.AppendUint(dst, uint64(top), 10), '.')
	dst = strconv.AppendUint(dst, uint64(first-40*top), 10)
	for len(rest) > 0 {
		var arc uint32
		if arc, rest, ok = rest.Cut(); !ok {
			return append(dst, ".?"...)
		}
		dst = strconv.AppendUint(append(dst, '.'), uint64(arc), 10)
	}
	return dst
}

// String is dotted text.
func (o OID) String() string { return string(o.AppendText(nil)) }

// Canonical is the identifier without a zero before its last arc. A trap of version 1 gets that zero on translation
// (RFC 3584, 3.1), a notification of version 2 has it or not as its MIB was written: they are the same event.
func (o OID) Canonical() OID {
	last := len(o) - 1
	for last > 0 && o[last-1] >= 0x80 {
		last--
	}
	if last < 2 || o[last-1] != 0 || o[last-2] >= 0x80 { // the zero may end an arc of several octets
		return o
	}
	return slices.Concat(o[:last-1], o[last:])
}
