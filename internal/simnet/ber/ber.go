// Package ber reads SNMP v1 and v2c requests and writes answers to them: no more of ASN.1 than that,
// and without allocation.
package ber

import "errors"

// The tags that SNMP uses.
const (
	Integer        = 0x02
	OctetString    = 0x04
	Null           = 0x05
	ObjectID       = 0x06
	Sequence       = 0x30
	IPAddress      = 0x40
	Counter32      = 0x41
	Gauge32        = 0x42
	TimeTicks      = 0x43
	Opaque         = 0x44
	Counter64      = 0x46
	NoSuchObject   = 0x80
	NoSuchInstance = 0x81
	EndOfMibView   = 0x82
	Get            = 0xa0
	GetNext        = 0xa1
	Response       = 0xa2
	Set            = 0xa3
	GetBulk        = 0xa5
	Report         = 0xa8
)

// ErrMalformed means that a datagram is no SNMP request that can be read to its end.
var ErrMalformed = errors.New("ber: malformed SNMP message")

// Take splits the first element off data: its tag, its content and what follows it.
func Take(data []byte) (tag byte, content, rest []byte, err error) {
	if len(data) < 2 {
		return 0, nil, nil, ErrMalformed
	}
	n, at := int(data[1]), 2
	if n > 0x7f {
		octets := n & 0x7f
		if octets == 0 || octets > 3 || len(data) < 2+octets {
			return 0, nil, nil, ErrMalformed
		}
		n = 0
		for _, b := range data[2 : 2+octets] {
			n = n<<8 | int(b)
		}
		at += octets
	}
	if len(data)-at < n {
		return 0, nil, nil, ErrMalformed
	}
	return data[0], data[at : at+n], data[at+n:], nil
}

// TakeAs is Take of an element that must have the tag.
func TakeAs(want byte, data []byte) (content, rest []byte, err error) {
	tag, content, rest, err := Take(data)
	if err == nil && tag != want {
		err = ErrMalformed
	}
	return content, rest, err
}

// TakeInt is TakeAs of an INTEGER of at most 32 bits.
func TakeInt(data []byte) (v int32, rest []byte, err error) {
	content, rest, err := TakeAs(Integer, data)
	if err != nil || len(content) == 0 || len(content) > 5 {
		return 0, nil, ErrMalformed
	}
	wide := int64(int8(content[0]))
	for _, b := range content[1:] {
		wide = wide<<8 | int64(b)
	}
	if wide != int64(int32(wide)) {
		return 0, nil, ErrMalformed
	}
	return int32(wide), rest, nil
}

// AppendLength writes the shortest length.
func AppendLength(dst []byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, byte(n))
	case n < 0x100:
		return append(dst, 0x81, byte(n))
	case n < 0x10000:
		return append(dst, 0x82, byte(n>>8), byte(n))
	}
	return append(dst, 0x83, byte(n>>16), byte(n>>8), byte(n))
}

// AppendInt writes a signed value with the tag.
func AppendInt(dst []byte, tag byte, v int64) []byte {
	n := 1
	for n < 8 && v>>(8*n-1) != 0 && v>>(8*n-1) != -1 {
		n++
	}
	dst = append(dst, tag, byte(n))
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// AppendUint writes an unsigned value (Counter32, Gauge32, TimeTicks, Counter64) with the tag.
func AppendUint(dst []byte, tag byte, v uint64) []byte {
	n := 1
	for n < 9 && v>>(8*n-1) != 0 {
		n++
	}
	dst = append(dst, tag, byte(n))
	for i := n - 1; i >= 0; i-- {
		dst = append(dst, byte(v>>(8*i)))
	}
	return dst
}

// AppendBytes writes content with the tag.
func AppendBytes[T ~[]byte | ~string](dst []byte, tag byte, content T) []byte {
	dst = AppendLength(append(dst, tag), len(content))
	return append(dst, content...)
}
