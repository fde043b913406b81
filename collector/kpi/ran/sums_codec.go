package ran

import (
	"encoding/binary"
	"errors"
)

// errCorrupt is what decoding sums fails with.
var errCorrupt = errors.New("ran: decode sums: corrupt encoding")

// AppendTo appends the sums' encoding: which metrics there are, then their sums.
func (s *Sums) AppendTo(dst []byte) []byte {
	mask := uint64(0)
	for m := range s.Metrics {
		if s.Metrics[m] != (Quantity{}) {
			mask |= 1 << m
		}
	}
	dst = binary.AppendUvarint(dst, mask)
	for m, q := range s.Metrics {
		if mask&(1<<m) != 0 {
			for _, v := range [...]uint64{uint64(q.Num.Hi), q.Num.Lo, uint64(q.Den.Hi), q.Den.Lo, uint64(q.Seconds)} {
				dst = binary.AppendUvarint(dst, v)
			}
		}
	}
	for _, v := range s.rest() {
		dst = binary.AppendUvarint(dst, uint64(*v))
	}
	return dst
}

func (s *Sums) rest() [11]*int64 {
	t, b := &s.Time, &s.Busy
	return [...]*int64{&t.Up, &t.Down, &t.Energy, &t.Manual, &t.MaintDown, &t.Planned, &b.Days, &b.PRB, &b.PRBSeconds, &s.Flagged, &s.Dropped}
}

// DecodeSums reads what AppendTo wrote, all of data.
func DecodeSums(data []byte) (*Sums, error) {
	bad := false
	next := func() uint64 {
		v, n := binary.Uvarint(data)
		if n <= 0 {
			bad = true
			return 0
		}
		data = data[n:]
		return v
	}
	var s Sums
	mask := next()
	for m := range s.Metrics {
		if mask&(1<<m) != 0 && !bad {
			q := &s.Metrics[m]
			q.Num.Hi, q.Num.Lo, q.Den.Hi, q.Den.Lo, q.Seconds = int64(next()), next(), int64(next()), next(), int64(next())
			bad = bad || q.Num.Hi < 0 || q.Den.Hi < 0 || q.Seconds < 0
		}
	}
	for _, v := range s.rest() {
		*v = int64(next())
		bad = bad || *v < 0
	}
	if bad || len(data) > 0 || mask>>metrics != 0 {
		return nil, errCorrupt
	}
	return &s, nil
}
