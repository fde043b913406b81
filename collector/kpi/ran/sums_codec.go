package ran

import (
	"encoding/binary"
	"errors"
)

// errCorrupt is what decoding sums fails with.
var errCorrupt = errors.New("ran: decode sums: corrupt encoding")

// meanBit is the bit of the first mean in an encoding's mask. Those before it are metrics, in their order, and
// a metric that is new is one more bit: what was written before there was one is read as it always was.
const meanBit = 40

// bit says of a metric that there are sums of it.
func (m Metric) bit() uint64 {
	if m >= firstMeanMetric {
		m += meanBit - firstMeanMetric
	}
	return 1 << m
}

// AppendTo appends the sums' encoding: which metrics there are, then their sums.
func (s *Sums) AppendTo(dst []byte) []byte {
	mask := uint64(0)
	for m := range s.Metrics {
		if s.Metrics[m] != (Quantity{}) {
			mask |= Metric(m).bit()
		}
	}
	dst = binary.AppendUvarint(dst, mask)
	for m, q := range s.Metrics {
		if mask&Metric(m).bit() != 0 {
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

// Decode reads what AppendTo wrote, all of data. On an error the sums are good for nothing.
func (s *Sums) Decode(data []byte) error {
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
	*s = Sums{}
	mask := next()
	for m := range s.Metrics {
		if mask&Metric(m).bit() != 0 && !bad {
			mask &^= Metric(m).bit()
			q := &s.Metrics[m]
			q.Num.Hi, q.Num.Lo, q.Den.Hi, q.Den.Lo, q.Seconds = int64(next()), next(), int64(next()), next(), int64(next())
			bad = bad || q.Num.Hi < 0 || q.Den.Hi < 0 || q.Seconds < 0
		}
	}
	for _, v := range s.rest() {
		*v = int64(next())
		bad = bad || *v < 0
	}
	if bad || len(data) > 0 || mask != 0 { // a bit that is left is of a metric that is not known yet
		return errCorrupt
	}
	return nil
}

// tells says of encoded sums whether they hold one of the metrics.
func tells(sums []byte, any ...Metric) bool {
	mask, _ := binary.Uvarint(sums)
	for _, m := range any {
		if mask&m.bit() != 0 {
			return true
		}
	}
	return false
}
