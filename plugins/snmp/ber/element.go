// Package ber reads and writes the part of BER that SNMPv2 messages use. Nothing here allocates on
// the way of an answer, and every length is checked against the octets that are really there.
package ber

// The tags of SNMP values and PDUs.
const (
	Integer     = 0x02
	OctetString = 0x04
	Null        = 0x05
	ObjectID    = 0x06
	Sequence    = 0x30
	IPAddress   = 0x40
	Counter32   = 0x41
	Gauge32     = 0x42
	TimeTicks   = 0x43
	Opaque      = 0x44
	Counter64   = 0x46

	NoSuchObject   = 0x80
	NoSuchInstance = 0x81
	EndOfMibView   = 0x82

	GetRequest     = 0xa0
	GetNextRequest = 0xa1
	GetResponse    = 0xa2
	GetBulkRequest = 0xa5
	Report         = 0xa8
)

// Cut splits the first element off b. The slices returned point into b. Lengths may be written with
// more octets than needed: some agents always use three or five.
func Cut(b []byte) (tag byte, contents, rest []byte, ok bool) {
	if len(b) < 2 {
		return 0, nil, nil, false
	}
	if n := int(b[1]); n < 0x80 && n <= len(b)-2 {
		return b[0], b[2 : 2+n], b[2+n:], true
	}
	return cutLong(b)
}

func cutLong(b []byte) (tag byte, contents, rest []byte, ok bool) {
	k := int(b[1]) - 0x80
	if k < 1 || k > 4 || len(b) < 2+k {
		return 0, nil, nil, false
	}
	n := uint64(0)
	for _, c := range b[2 : 2+k] {
		n = n<<8 | uint64(c)
	}
	if n > uint64(len(b)-2-k) {
		return 0, nil, nil, false
	}
	end := 2 + k + int(n)
	return b[0], b[2+k : end], b[end:], true
}

// Uint reads the contents of a number as unsigned. Agents that forget the leading zero octet of a
// large counter are understood, as no counter is negative.
func Uint(contents []byte) (v uint64, ok bool) {
	if len(contents) > 8 && contents[0] == 0 {
		contents = contents[1:]
	}
	if len(contents) == 0 || len(contents) > 8 {
		return 0, false
	}
	for _, c := range contents {
		v = v<<8 | uint64(c)
	}
	return v, true
}

// Int reads the contents of an INTEGER.
func Int(contents []byte) (v int64, ok bool) {
	if len(contents) == 0 || len(contents) > 8 {
		return 0, false
	}
	v = int64(int8(contents[0]))
	for _, c := range contents[1:] {
		v = v<<8 | int64(c)
	}
	return v, true
}

// AppendElement writes one element in the shortest definite form.
func AppendElement(dst []byte, tag byte, contents []byte) []byte {
	dst = appendHead(dst, tag, len(contents))
	return append(dst, contents...)
}

// AppendUint writes an unsigned number under any of the counter tags.
func AppendUint(dst []byte, tag byte, v uint64) []byte {
	n := 1
	for n < 9 && v>>(8*n-1) != 0 {
		n++
	}
	dst = append(dst, tag, byte(n))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(v>>(8*n))) // a shift by 64 gives the leading zero octet
	}
	return dst
}

// AppendInt writes an INTEGER.
func AppendInt(dst []byte, v int64) []byte {
	n := 1
	for n < 8 && (v>>(8*n-1) != 0 && v>>(8*n-1) != -1) {
		n++
	}
	dst = append(dst, Integer, byte(n))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(v>>(8*n)))
	}
	return dst
}

func appendHead(dst []byte, tag byte, n int) []byte {
	switch {
	case n < 0x80:
		return append(dst, tag, byte(n))
	case n < 0x100:
		return append(dst, tag, 0x81, byte(n))
	case n < 0x10000:
		return append(dst, tag, 0x82, byte(n>>8), byte(n))
	}
	return append(dst, tag, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
}
