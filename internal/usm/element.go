package usm

import "github.com/haidang-noc/haidang/internal/ber"

// The tags that the outer parts of messages are made of.
const (
	tagInteger  = 0x02
	tagOctets   = 0x04
	tagObjectID = 0x06
	tagSequence = 0x30
	tagCounter  = 0x41
	tagResponse = 0xa2
	tagReport   = 0xa8
)

// reader takes messages apart.
type reader struct{ ber.Reader }

func elements(text []byte) reader { return reader{ber.Reader{Rest: text}} }

// number takes an INTEGER of 0 to 2^31-1.
func (r *reader) number() uint32 {
	contents := r.Want(tagInteger)
	v := uint64(0)
	for _, c := range contents {
		v = min(v<<8|uint64(c), 1<<40) // stays too large
	}
	if len(contents) == 0 || contents[0] >= 0x80 || v > MaxBoots {
		r.Fail()
		return 0
	}
	return uint32(v)
}

// size is the length of an element with contents of n octets.
func size(n int) int {
	switch {
	case n < 0x80:
		return n + 2
	case n < 0x100:
		return n + 3
	case n < 0x10000:
		return n + 4
	}
	return n + 6
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

func appendOctets(dst, contents []byte) []byte {
	return append(appendHead(dst, tagOctets, len(contents)), contents...)
}

// width is how many octets an unsigned number takes up: the first bit is its sign's.
func width(v uint32) int {
	n := 1
	for n < 5 && v>>(8*n-1) != 0 {
		n++
	}
	return n
}

func appendNumber(dst []byte, tag byte, v uint32) []byte {
	n := width(v)
	dst = append(dst, tag, byte(n))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(uint64(v)>>(8*n)))
	}
	return dst
}
