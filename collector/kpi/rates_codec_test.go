package kpi

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Rates of every width, with and without gaps, are read back; those of the first programs, too.
func TestRatesAreReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rates := make([]uint32, SlotsPerDay)
		for i := 0; i < SlotsPerDay; {
			least := rapid.Uint32Max(NoRate-1).Draw(t, "least")
			width := rapid.Uint32Max(NoRate-1-least).Draw(t, "width")
			gaps := rapid.Bool().Draw(t, "gaps")
			for n := min(SlotsPerDay-i, rapid.IntRange(1, 60).Draw(t, "slots")); n > 0; i, n = i+1, n-1 {
				rates[i] = least + uint32(uint64(i)*2654435761%(uint64(width)+1))
				if gaps && i%7 == 0 {
					rates[i] = NoRate
				}
			}
		}
		r := reader{data: appendPacked(nil, rates)}
		if diff := cmp.Diff(rates, r.packed(&slotRoom{})); diff != "" || r.err != nil || len(r.data) > 0 {
			t.Fatalf("packed: %v %d bytes left (-want +got):\n%s", r.err, len(r.data), diff)
		}
		r = reader{data: appendUnpacked(nil, rates)}
		if diff := cmp.Diff(rates, r.unpacked()); diff != "" || r.err != nil {
			t.Fatalf("unpacked: %v (-want +got):\n%s", r.err, diff)
		}
	})
}

// appendUnpacked is how the first programs wrote rates.
func appendUnpacked(dst []byte, rates []uint32) []byte {
	dst = append(dst, 1)
	last := int64(0)
	for _, v := range rates {
		if v == NoRate {
			dst = append(dst, 0)
			continue
		}
		d := int64(v) - last
		dst = appendUint(dst, uint64(d<<1^d>>63)+1)
		last = int64(v)
	}
	return dst
}

func TestDividerDivides(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, by := rapid.Uint32().Draw(t, "n"), rapid.OneOf(rapid.Int64Range(1, 1<<33), rapid.Int64Range(1, 1000)).Draw(t, "by")
		if got := divisor(by).of(n); got != uint64(n)/uint64(by) {
			t.Fatalf("%d by %d is %d, want %d", n, by, got, uint64(n)/uint64(by))
		}
	})
}
