// Package packet reads SNMP notifications (RFC 1157, 3412, 3416) and writes the answers to them. What it returns
// points into the datagram it was given; nothing is read beyond a length that was checked.
package packet

import "errors"

// ErrMalformed says that a datagram is not a message of SNMP, or is one with a mistake in it.
var ErrMalformed = errors.New("packet: malformed")

// The tags of elements, values and PDUs.
const (
	Integer     = 0x02
	OctetString = 0x04
	Null        = 0x05
	ObjectID    = 0x06
	sequence    = 0x30
	IPAddress   = 0x40
	Counter32   = 0x41
	Gauge32     = 0x42
	TimeTicks   = 0x43
	Opaque      = 0x44
	Counter64   = 0x46

	getRequest = 0xa0
	response   = 0xa2
	trapV1     = 0xa4
	inform     = 0xa6
	trapV2     = 0xa7
	report     = 0xa8
)

// reader takes elements off the front of an encoding. After the first one that is not what was wanted it is bad, and
// everything further is empty: whoever reads a sequence of elements asks once, at the end.
type reader struct {
	rest []byte
	bad  bool
}

// any takes the next element, whatever it is.
func (r *reader) any() (tag byte, contents []byte) {
	if len(r.rest) < 2 || r.bad {
		return 0, r.fail()
	}
	tag, n, head := r.rest[0], uint64(r.rest[1]), 2
	if n >= 0x80 { // so many octets of length follow; some devices always use three
		more := int(n - 0x80)
		if more < 1 || more > 4 || len(r.rest) < head+more {
			return 0, r.fail()
		}
		n = bigEndian(r.rest[head : head+more])
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

// integer takes an INTEGER of 32 bits, from low on.
func (r *reader) integer(low int64) int64 {
	v, ok := Int(r.want(Integer))
	if !ok || v < low || v > 1<<31-1 {
		r.fail()
		return 0
	}
	return v
}

// end says whether all was read and was as wanted.
func (r *reader) end() bool { return !r.bad && len(r.rest) == 0 }

func bigEndian(b []byte) (v uint64) {
	for _, c := range b {
		v = v<<8 | uint64(c)
	}
	return v
}

// Uint reads the contents of a counter, gauge or time. Devices that forget the leading zero octet of a large one are
// understood.
func Uint(contents []byte) (v uint64, ok bool) {
	if len(contents) == 9 && contents[0] == 0 {
		contents = contents[1:]
	}
	if len(contents) == 0 || len(contents) > 8 {
		return 0, false
	}
	return bigEndian(contents), true
}

// Int reads the contents of an INTEGER.
func Int(contents []byte) (v int64, ok bool) {
	if len(contents) == 0 || len(contents) > 8 {
		return 0, false
	}
	shift := 64 - 8*len(contents) // up and down again: the sign follows
	return int64(bigEndian(contents)<<shift) >> shift, true
}
