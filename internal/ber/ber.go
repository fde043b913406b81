// Package ber takes BER encodings apart, element by element, as SNMP's messages are made of them. Nothing is read beyond a
// length that was checked, and nothing is copied.
package ber

// Reader takes elements off the front of an encoding. After the first one that is not what was wanted it is bad, and
// everything further is empty: whoever reads a sequence of elements asks once, at the end.
type Reader struct {
	Rest []byte // not read yet
	bad  bool
}

// Any takes the next element, whatever it is. Lengths may be written with more octets than needed: some devices always use
// three.
func (r *Reader) Any() (tag byte, contents []byte) {
	if len(r.Rest) < 2 || r.bad {
		return 0, r.Fail()
	}
	tag, n, head := r.Rest[0], uint64(r.Rest[1]), 2
	if n >= 0x80 {
		more := int(n - 0x80)
		if more < 1 || more > 4 || len(r.Rest) < head+more {
			return 0, r.Fail()
		}
		n = Unsigned(r.Rest[head : head+more])
		head += more
	}
	if n > uint64(len(r.Rest)-head) {
		return 0, r.Fail()
	}
	end := head + int(n)
	contents, r.Rest = r.Rest[head:end], r.Rest[end:]
	return tag, contents
}

// Want takes the next element, which must have that tag.
func (r *Reader) Want(tag byte) []byte {
	got, contents := r.Any()
	if got != tag {
		return r.Fail()
	}
	return contents
}

// Fail makes the reader bad and returns nothing.
func (r *Reader) Fail() []byte {
	r.Rest, r.bad = nil, true
	return nil
}

// Good says that everything until now was as wanted.
func (r *Reader) Good() bool { return !r.bad }

// End says whether all was read and was as wanted.
func (r *Reader) End() bool { return !r.bad && len(r.Rest) == 0 }

// Unsigned is the number that at most eight octets hold, the most significant one first.
func Unsigned(octets []byte) (v uint64) {
	for _, c := range octets {
		v = v<<8 | uint64(c)
	}
	return v
}
