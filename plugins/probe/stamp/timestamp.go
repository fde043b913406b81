package stamp

import (
	"math"
	"math/bits"
	"time"
)

// Timestamp is an instant in the 64-bit format of NTP: seconds since 1900, modulo 2^32, and their fraction.
type Timestamp uint64

// since1900 is 1970 in NTP's seconds.
const since1900 = 2_208_988_800

// At is the instant as a timestamp.
func At(t time.Time) Timestamp {
	ns := uint64(t.Nanosecond())
	return Timestamp(uint64(uint32(t.Unix()+since1900))<<32 | (ns<<32)/1e9)
}

// Sub is how much later than o the timestamp is; the two are taken to be less than 68 years apart.
func (t Timestamp) Sub(o Timestamp) time.Duration {
	d := int64(t - o)
	return time.Duration(d>>32)*time.Second + fraction(uint32(d))
}

// Add is the timestamp d later.
func (t Timestamp) Add(d time.Duration) Timestamp {
	s, rest := d/time.Second, d%time.Second
	return t + Timestamp(int64(s)<<32) + Timestamp(int64(rest)<<32/1e9)
}

func fraction(f uint32) time.Duration { return time.Duration(uint64(f) * 1e9 >> 32) }

// fromPTP reads the truncated format of IEEE 1588: seconds and nanoseconds.
func fromPTP(v uint64) Timestamp { return Timestamp(v>>32<<32 | (v&0xffffffff)<<32/1e9&0xffffffff) }

// Estimate is the error estimate of a clock, as packets carry it.
type Estimate uint16

const (
	synchronized Estimate = 1 << 15
	ptp          Estimate = 1 << 14
)

// NewEstimate is that of a clock that is off by at most e, and held to an outer one or not.
func NewEstimate(e time.Duration, synced bool) Estimate {
	units := max(uint64(math.Ceil(e.Seconds()*(1<<32))), 1) // of 2^-32 s
	scale := max(bits.Len64(units)-8, 0)
	if units > 255<<scale {
		scale++
	}
	out := Estimate(scale<<8) | Estimate((units+1<<scale-1)>>scale)
	if synced {
		out |= synchronized
	}
	return out
}

// Error is how much the clock may be off, at most a day. False: it does not say, or is not held to an outer clock.
func (e Estimate) Error() (time.Duration, bool) {
	multiplier, scale := uint64(e&0xff), int(e>>8&0x3f)
	if e&synchronized == 0 || multiplier == 0 {
		return 0, false
	}
	if bits.Len64(multiplier)+scale > 32+17 { // 2^17 s are more than a day
		return 0, false
	}
	return time.Duration(float64(multiplier<<scale) * 1e9 / (1 << 32)), true
}
