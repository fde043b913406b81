// Package packet reads SNMP notifications (RFC 1157, 3412, 3416) and writes the answers to them. What it returns
// points into the datagram it was given; nothing is read beyond a length that was checked.
package packet

import (
	"errors"

	"github.com/haidang-noc/haidang/internal/ber"
)

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

// reader takes notifications apart.
type reader struct{ ber.Reader }

func elements(text []byte) reader { return reader{ber.Reader{Rest: text}} }

// integer takes an INTEGER of 32 bits, from low on.
func (r *reader) integer(low int64) int64 {
	v, ok := Int(r.Want(Integer))
	if !ok || v < low || v > 1<<31-1 {
		r.Fail()
		return 0
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
	return ber.Unsigned(contents), true
}

// Int reads the contents of an INTEGER.
func Int(contents []byte) (v int64, ok bool) {
	if len(contents) == 0 || len(contents) > 8 {
		return 0, false
	}
	shift := 64 - 8*len(contents) // up and down again: the sign follows
	return int64(ber.Unsigned(contents)<<shift) >> shift, true
}
