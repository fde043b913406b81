package usm

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

// reader takes elements off the front of an encoding. After the first one that is not what was wanted it is bad, and
// everything further is empty: whoever reads a sequence of elements asks once, at the end.
type reader struct {
	rest []byte
	bad  bool
}

// any takes the next element, whatever it is. Lengths may be written with more octets than needed: some devices do.
func (r *reader) any() (tag byte, contents []byte) {
	if len(r.rest) < 2 {
		return 0, r.fail()
	}
	tag, n, head := r.rest[0], uint64(r.rest[1]), 2
	if n >= 0x80 {
		more := int(n - 0x80)
		if more < 1 || more > 4 || len(r.rest) < head+more {
			return 0, r.fail()
		}
		n = 0
		for _, c := range r.rest[head : head+more] {
			n = n<<8 | uint64(c)
		}
		head += more
	}
	if n > uint64(len(r.rest)-head) {
		return 0, r.fail()
	}
	end := head + int(n)
	contents, r.rest = r.rest[head:end], r.rest[end:]
	return tag, contents
}

func (r *reader) fail() []byte {
	r.rest, r.bad = nil, true
	return nil
}

// want takes the next element, which must have that tag.
func (r *reader) want(tag byte) []byte {
	got, contents := r.any()
	if got != tag {
		return r.fail()
	}
	return contents
}

// number takes an INTEGER of 0 to 2^31-1.
func (r *reader) number() uint32 {
	contents := r.want(tagInteger)
	v := uint64(0)
	for _, c := range contents {
		v = min(v<<8|uint64(c), 1<<40) // stays too large
	}
	if len(contents) == 0 || contents[0] >= 0x80 || v > MaxBoots {
		r.fail()
		return 0
	}
	return uint32(v)
}

// end says whether all was read and was as wanted.
func (r *reader) end() bool { return !r.bad && len(r.rest) == 0 }

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
