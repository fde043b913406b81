package kpi

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// anyValues are counters as they advance, or whatever else 64 bits hold.
func anyValues(t *rapid.T, name string) uint64 {
	return rapid.OneOf(rapid.Uint64Range(0, 3), rapid.Uint64Range(1<<40, 1<<40+1<<20), rapid.Uint64(),
		rapid.SampledFrom([]uint64{math.MaxUint64, 1 << 63, 1<<63 - 1, 1<<57 - 1, 1 << 57, 1 << 58})).Draw(t, name)
}

func anyCounters(t *rapid.T) Counters {
	return Counters{Time: int64(anyValues(t, "time")), Uptime: anyValues(t, "uptime"), Discontinuity: anyValues(t, "discontinuity"),
		InOctets: anyValues(t, "in"), OutOctets: anyValues(t, "out"), OutPkts: anyValues(t, "packets"), OutDiscards: anyValues(t, "discards"),
		SpeedMbps: uint32(anyValues(t, "speed")), Has: Has(anyValues(t, "has")) | HasOctets}
}

// What is packed is what is unpacked, whatever the readings say and however many there are.
func TestPackedReadingsAreTheReadings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var want, got stretch
		for _, i := range rapid.SliceOfDistinct(rapid.IntRange(0, stretchSlots-1), rapid.ID).Draw(t, "boundaries") {
			want[i] = anyCounters(t)
		}
		got[0].Has = HasOctets // of an earlier use
		if want.pack().unpack(&got); got != want {
			t.Fatalf("unpacked %+v, want %+v", got, want)
		}
	})
}

// The greatest numbers fit.
func TestPackedReadingsHaveRoom(t *testing.T) {
	var want, got stretch
	for i := range want {
		odd := uint64(i%2) << 63
		want[i] = Counters{Time: int64(math.MaxUint64 - odd), Uptime: odd, Discontinuity: odd, InOctets: odd, OutOctets: odd, OutPkts: odd, OutDiscards: odd,
			SpeedMbps: uint32(odd >> 32), Has: HasOctets | Has(odd>>56)}
	}
	if want.pack().unpack(&got); got != want {
		t.Fatalf("unpacked %+v, want %+v", got, want)
	}
}

// A day keeps of each boundary what a plain list would, whichever hours are packed when a reading comes, and says the same
// of each reading.
func TestCounterDayIsAPlainList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var day CounterDay
		var want [SlotsPerDay]Counters
		hour := rapid.OneOf(rapid.IntRange(0, 23), rapid.SampledFrom([]int{0, 3, 4, 7, 8, 23}))
		for h, n := 0, rapid.IntRange(0, 200).Draw(t, "readings"); n > 0; n-- {
			switch rapid.IntRange(0, 9).Draw(t, "next") {
			case 0:
				h = hour.Draw(t, "hour")
			case 1:
				h = min(h+1, 23)
			}
			boundary, r := h*slotsPerHour+rapid.IntRange(0, slotsPerHour-1).Draw(t, "boundary"), anyCounters(t)
			if rapid.Bool().Draw(t, "of a few instants") {
				r.Time = rapid.Int64Range(1, 3).Draw(t, "instant")
			}
			if kept := want[boundary].keep(r); day.Add(boundary, r) != kept {
				t.Fatalf("boundary %d: %+v was taken for something else, want new: %t", boundary, r, kept)
			}
			if day.Add(boundary, r) {
				t.Fatalf("boundary %d: %+v was new again", boundary, r)
			}
			if rapid.IntRange(0, 20).Draw(t, "look") == 0 {
				sameHours(t, &day, &want)
			}
		}
		sameHours(t, &day, &want)
	})
}

func sameHours(t *rapid.T, day *CounterDay, want *[SlotsPerDay]Counters) {
	some := false
	for h := range 24 {
		expected := CounterHour(want[h*slotsPerHour:])
		got, ok := day.Hour(h)
		if got != expected || ok != (expected != CounterHour{}) {
			t.Fatalf("hour %d is %t %+v, want %+v", h, ok, got, expected)
		}
		some = some || ok
	}
	if day.Empty() == some {
		t.Fatalf("empty %t, and has readings %t", day.Empty(), some)
	}
}

// noisyDay is a busy port's day: read five times a slot, a few milliseconds early or late, with a load that varies by a tenth.
func noisyDay() (out []Counters) {
	rnd, c := rand.New(rand.NewPCG(1, 2)), Counters{SpeedMbps: 10_000, Has: HasUptime | HasOctets | HasPackets, InOctets: 1 << 48, OutOctets: 1 << 47, OutPkts: 1 << 40}
	for at := day0.Start(); at < day0.End(); at += 60 {
		c.Time = at*1e9 - 30e9 + rnd.Int64N(4e6)
		c.Uptime = uint64(c.Time-day0.Start()*1e9+1e18) / 1e7
		c.InOctets += 25e9 + rnd.Uint64N(5e9)
		c.OutOctets += 12e9 + rnd.Uint64N(2e9)
		c.OutPkts = c.OutOctets / 700
		out = append(out, c)
	}
	return out
}

func filled(all []Counters) *CounterDay {
	var c CounterDay
	for i := range all {
		if d, boundary := BoundaryOf(all[i].Time); d == day0 {
			c.Add(boundary, all[i])
		}
	}
	return &c
}

// Hours that readings no longer come for take a third of what they took.
func TestPastHoursAreSmall(t *testing.T) {
	total := 0
	for _, p := range filled(noisyDay()).packed {
		total += len(p)
	}
	if perReading := total / (SlotsPerDay - slotsPerHour); total == 0 || perReading > 20 {
		t.Errorf("%d bytes a reading, want 1 to 20", perReading)
	}
}

// BenchmarkCounterDay is a day's readings in order.
func BenchmarkCounterDay(b *testing.B) {
	all := noisyDay()
	b.ReportAllocs()
	for b.Loop() {
		filled(all)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(all)), "ns/reading")
}

func BenchmarkFoldBusyDay(b *testing.B) {
	c := filled(noisyDay())
	b.ReportAllocs()
	for b.Loop() {
		c.Fold(nil, nil)
	}
}
