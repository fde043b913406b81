package kpi

import (
	"math/big"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// counterDays sorts readings into one CounterDay per day, with the caller's own steps.
func counterDays(all []Counters) map[model.Day]*CounterDay {
	out := map[model.Day]*CounterDay{}
	for _, r := range all {
		d, b := BoundaryOf(r.Time)
		if out[d] == nil {
			out[d] = new(CounterDay)
		}
		out[d].Add(b, r)
	}
	return out
}

func foldPort(days map[model.Day]*CounterDay, d model.Day) PortDay {
	day := days[d]
	if day == nil {
		day = new(CounterDay)
	}
	p := day.Fold(days[d-1], days[d+1])
	p.Day = d
	return p
}

// oracleReadings joins the readings of one instant, field by field, in order of time.
func oracleReadings(all []Counters) []Counters {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Counters) int { return int(a.Time - b.Time) })
	var out []Counters
	for _, r := range all {
		if n := len(out); n > 0 && out[n-1].Time == r.Time {
			o := &out[n-1]
			for _, f := range [][2]*uint64{{&o.InOctets, &r.InOctets}, {&o.OutOctets, &r.OutOctets}, {&o.Uptime, &r.Uptime},
				{&o.OutPkts, &r.OutPkts}, {&o.OutDiscards, &r.OutDiscards}, {&o.Discontinuity, &r.Discontinuity}} {
				*f[0] = max(*f[0], *f[1])
			}
			o.SpeedMbps, o.Has = max(o.SpeedMbps, r.SpeedMbps), o.Has|r.Has
			continue
		}
		out = append(out, r)
	}
	return out
}

// lastAt is the last reading at or before the second t, wherever it is.
func lastAt(readings []Counters, t int64) *Counters {
	var last *Counters
	for i := range readings {
		if readings[i].Time <= t*1e9 {
			last = &readings[i]
		}
	}
	return last
}

// oracleRate is one direction of the slot that starts at s, in kbit/s, or NoRate.
func oracleRate(readings []Counters, s int64, octets func(*Counters) uint64) uint32 {
	rate, _ := oracleSlot(readings, s, octets)
	return rate
}

// oracleSlot says, too, whether a reset alone is why there is no rate: the readings that bound the slot are neither too
// near nor too far from each other.
func oracleSlot(readings []Counters, s int64, octets func(*Counters) uint64) (rate uint32, reset bool) {
	a, b := lastAt(readings, s), lastAt(readings, s+300)
	if a == nil || a == b {
		return NoRate, false
	}
	ms := new(big.Int).Sub(big.NewInt(b.Time/1e6), big.NewInt(a.Time/1e6)).Int64()
	anew := a.Has&HasDiscontinuity != 0 && b.Has&HasDiscontinuity != 0 && a.Discontinuity != b.Discontinuity
	if !anew && a.Has&HasUptime != 0 && b.Has&HasUptime != 0 {
		up := (int64(b.Uptime) - int64(a.Uptime)) * 10
		if b.Uptime < a.Uptime && a.Uptime < 1<<32 {
			up += 42949672960
		}
		if d := max(up-ms, ms-up); d > 5000 && d*100 > ms {
			anew = true
		} else {
			ms = up
		}
	}
	if ms < 150_000 || ms > 750_000 {
		return NoRate, false
	}
	narrow := a.Has&Is32Bit != 0
	if anew || narrow != (b.Has&Is32Bit != 0) {
		return NoRate, true
	}
	x, y := new(big.Int).SetUint64(octets(a)), new(big.Int).SetUint64(octets(b))
	delta := y.Sub(y, x)
	wrapped := delta.Sign() < 0
	if wrapped {
		if !narrow || octets(a) >= 1<<32 {
			return NoRate, true
		}
		delta.Add(delta, big.NewInt(1<<32))
	}
	kbps := new(big.Int).Mul(delta, big.NewInt(8))
	kbps.Quo(kbps, big.NewInt(ms))
	limit := new(big.Int).SetUint64(uint64(b.SpeedMbps) * 1050)
	if wrapped && b.SpeedMbps > 0 && kbps.Cmp(limit) > 0 {
		return NoRate, true
	}
	if !kbps.IsUint64() || kbps.Uint64() > NoRate-1 {
		return NoRate - 1, false
	}
	return uint32(kbps.Uint64()), false
}

// oracleResets counts a day's slots that a reset took, in either direction.
func oracleResets(readings []Counters, d model.Day) (n uint32) {
	for s := d.Start(); s < d.End(); s += 300 {
		_, in := oracleSlot(readings, s, inOctets)
		_, out := oracleSlot(readings, s, outOctets)
		if in || out {
			n++
		}
	}
	return n
}

// anyReadings draws counter readings over days [from, to): polls every minute or so with jitter,
// pauses, reboots, resets, wraps and repeated instants.
func anyReadings(t *rapid.T, from, to model.Day) []Counters {
	var out []Counters
	narrow := rapid.Bool().Draw(t, "narrow")
	r := Counters{Time: from.Start() * 1e9, Has: HasOctets, SpeedMbps: uint32(rapid.SampledFrom([]int{0, 100, 1000}).Draw(t, "speed"))}
	for _, h := range []Has{HasUptime, HasDiscontinuity, HasPackets} {
		if rapid.Bool().Draw(t, "has") {
			r.Has |= h
		}
	}
	if narrow {
		r.Has |= Is32Bit
	}
	r.Uptime = rapid.SampledFrom([]uint64{0, 1 << 20, 1<<32 - 50000}).Draw(t, "uptime")
	r.InOctets = rapid.SampledFrom([]uint64{0, 1<<32 - 1000, 1 << 40}).Draw(t, "in")
	every := rapid.SampledFrom([]int64{30, 60, 300, 500}).Draw(t, "every")
	n := rapid.IntRange(0, 400).Draw(t, "readings")
	for ; n > 0 && r.Time < to.Start()*1e9; n-- {
		step := every*1e9 + rapid.Int64Range(-2e9, 2e9).Draw(t, "jitter")
		switch rapid.IntRange(0, 40).Draw(t, "event") {
		case 0:
			step += rapid.Int64Range(0, 3000).Draw(t, "pause") * 1e9
		case 1:
			r.Uptime = 0
		case 2:
			r.InOctets = 0
		case 3:
			r.Discontinuity++
		case 4:
			r.SpeedMbps = uint32(rapid.SampledFrom([]int{0, 100, 10000}).Draw(t, "new speed"))
		}
		r.Time += step
		r.Uptime += uint64(step / 1e7)
		if r.Uptime >= 1<<32 {
			r.Uptime -= 1 << 32
		}
		r.InOctets += uint64(rapid.Int64Range(0, every*20_000_000).Draw(t, "octets"))
		r.OutOctets += uint64(rapid.Int64Range(0, 1000).Draw(t, "octets out"))
		if narrow {
			r.InOctets %= 1 << 32
		}
		r.OutPkts += 1000
		r.OutDiscards += uint64(max(0, rapid.IntRange(-20, 5).Draw(t, "drops")))
		out = append(out, r)
		if rapid.IntRange(0, 30).Draw(t, "again") == 0 {
			out = append(out, anyTwin(t, r))
		}
	}
	return out
}

// anyTwin is another reading of the same instant: each of its counters is that of r, or more, or less; and of what need
// not be there some is not.
func anyTwin(t *rapid.T, r Counters) Counters {
	for _, v := range []*uint64{&r.InOctets, &r.OutOctets, &r.OutPkts, &r.OutDiscards, &r.Uptime, &r.Discontinuity} {
		*v += uint64(rapid.SampledFrom([]int{0, 0, 1, 5, 5_000_000}).Draw(t, "more"))
		*v -= min(*v, uint64(rapid.SampledFrom([]int{0, 0, 1, 7, 5_000_000}).Draw(t, "less")))
	}
	r.SpeedMbps = rapid.SampledFrom([]uint32{r.SpeedMbps, 0, 100, 1000}).Draw(t, "another speed")
	for _, h := range []Has{HasUptime, HasDiscontinuity, HasPackets} {
		if rapid.IntRange(0, 3).Draw(t, "without") == 0 {
			r.Has &^= h
		}
	}
	return r
}

func inOctets(c *Counters) uint64  { return c.InOctets }
func outOctets(c *Counters) uint64 { return c.OutOctets }

func TestSlotsAreTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyReadings(t, day0, day0+2)
		days := counterDays(append(rapid.Permutation(all).Draw(t, "order"), all...))
		readings := oracleReadings(all)
		for d := day0; d < day0+2; d++ {
			got := foldPort(days, d)
			for i := range SlotsPerDay {
				s := d.Start() + int64(i)*SlotSeconds
				wantIn, wantOut := oracleRate(readings, s, inOctets), oracleRate(readings, s, outOctets)
				if got.rate(i, true) != wantIn || got.rate(i, false) != wantOut {
					t.Fatalf("%s slot %d: in %d out %d kbit/s, want %d %d", d, i, got.rate(i, true), got.rate(i, false), wantIn, wantOut)
				}
			}
			if want := oracleResets(readings, d); got.Resets != want {
				t.Fatalf("%s: %d resets, want %d", d, got.Resets, want)
			}
		}
	})
}

// rate reads one slot of a port day.
func (p *PortDay) rate(slot int, in bool) uint32 {
	rates := p.Out
	if in {
		rates = p.In
	}
	if rates == nil {
		return NoRate
	}
	return rates[slot]
}

// An hour of counters survives its encoding, and hours merge in any order.
func TestCounterHours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := counterDays(anyReadings(t, day0, day0+1))
		day := days[day0]
		if day == nil {
			return
		}
		var again CounterDay
		for h := 23; h >= 0; h-- {
			hour, ok := day.Hour(h)
			if !ok {
				continue
			}
			block, rest, err := DecodeCounterHour(append(hour.AppendTo(nil), 1))
			if err != nil || len(rest) != 1 || block != hour {
				t.Fatalf("hour %d: %v", h, err)
			}
			again.MergeHour(h, &block)
			if again.MergeHour(h, &block) {
				t.Fatal("merging twice changed something")
			}
		}
		if diff := cmp.Diff(foldPort(days, day0).In, again.Fold(days[day0-1], days[day0+1]).In); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestBoundaryOf(t *testing.T) {
	start := day0.Start() * 1e9
	tests := []struct {
		ns   int64
		day  model.Day
		want int
	}{
		{start, day0, 0},
		{start + 1, day0, 1},
		{start + 300e9, day0, 1},
		{start + 300e9 + 1, day0, 2},
		{start - 1, day0, 0},
		{start - 300e9, day0 - 1, 287},
	}
	for _, tt := range tests {
		if d, b := BoundaryOf(tt.ns); d != tt.day || b != tt.want {
			t.Errorf("BoundaryOf(start%+d) = %s %d, want %s %d", tt.ns-start, d, b, tt.day, tt.want)
		}
	}
}

// twoReadings is a port read at the two ends of slot 0.
func twoReadings(a, b Counters) PortDay {
	a.Time, b.Time = day0.Start()*1e9, (day0.Start()+300)*1e9
	a.Has, b.Has = a.Has|HasOctets, b.Has|HasOctets
	return foldPort(counterDays([]Counters{a, b}), day0)
}

func TestCounterRules(t *testing.T) {
	const kbps1000 = 1000 * 300_000 / 8 // octets of 1 Mbit/s over 300 s
	up := func(cs uint64, c Counters) Counters {
		c.Uptime, c.Has = cs, c.Has|HasUptime
		return c
	}
	tests := []struct {
		name   string
		a, b   Counters
		want   uint32
		resets uint32
	}{
		{"plain", Counters{InOctets: 7}, Counters{InOctets: 7 + kbps1000}, 1000, 0},
		{"floored", Counters{}, Counters{InOctets: kbps1000 - 1}, 999, 0},
		{"64-bit decrease is a reset", Counters{InOctets: 8}, Counters{InOctets: 7}, NoRate, 1},
		{"32-bit decrease is a wrap", Counters{InOctets: 4294967000, Has: Is32Bit}, Counters{InOctets: kbps1000 - 296, Has: Is32Bit}, 1000, 0},
		{"a wrap faster than the port", Counters{InOctets: 10, Has: Is32Bit}, Counters{InOctets: 5, Has: Is32Bit, SpeedMbps: 100}, NoRate, 1},
		{"the device rebooted", up(9_000_000, Counters{InOctets: 7}), up(100, Counters{InOctets: 7 + kbps1000}), NoRate, 1},
		{"sysUpTime wrapped", up(1<<32-10_000, Counters{}), up(20_000, Counters{InOctets: kbps1000}), 1000, 0},
		{"uptime decides the length", up(0, Counters{}), up(29_900, Counters{InOctets: kbps1000}), 1003, 0},
		{"uptime 5 s off is still steady", up(0, Counters{}), up(30_500, Counters{InOctets: kbps1000}), 983, 0},
		{"uptime more than 5 s off", up(0, Counters{}), up(30_501, Counters{InOctets: kbps1000}), NoRate, 1},
		{"discontinuity", Counters{Discontinuity: 1, Has: HasDiscontinuity}, Counters{Discontinuity: 2, Has: HasDiscontinuity, InOctets: kbps1000}, NoRate, 1},
		{"width changed", Counters{Has: Is32Bit}, Counters{InOctets: kbps1000}, NoRate, 1},
		{"absurd rate is kept, as suspect", Counters{}, Counters{InOctets: 1<<64 - 1}, NoRate - 1, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := twoReadings(tt.a, tt.b)
			if got := p.rate(0, true); got != tt.want || p.Resets != tt.resets {
				t.Errorf("%d kbit/s, %d resets; want %d, %d", got, p.Resets, tt.want, tt.resets)
			}
		})
	}
}

// A reading that does not tell the speed leaves it; one that tells of none ends it.
func TestSpeedOfNothing(t *testing.T) {
	at := func(slot int64, mbps uint32, has Has) Counters {
		return Counters{Time: (day0.Start() + slot*300) * 1e9, SpeedMbps: mbps, Has: HasOctets | has}
	}
	days := counterDays([]Counters{at(0, 0, HasSpeed), at(1, 1000, 0), at(2, 0, 0), at(3, 0, HasSpeed), at(4, 0, HasSpeed), at(5, 1000, HasSpeed)})
	if got, want := foldPort(days, day0).Speed, []SpeedStep{{0, 1000}, {2, 0}, {4, 1000}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// A slot may be bounded by the day before and the day after.
func TestSlotsAtMidnight(t *testing.T) {
	at := func(s int64, in uint64) Counters {
		return Counters{Time: (day0.Start() + s) * 1e9, InOctets: in, Has: HasOctets}
	}
	days := counterDays([]Counters{at(-350, 0), at(250, 600_000), at(86400-200, 600_000), at(86400, 2*600_000)})
	got := foldPort(days, day0)
	if r := got.rate(0, true); r != 8 {
		t.Errorf("first slot %d kbit/s, want 8 over 600 s", r)
	}
	if r := got.rate(287, true); r != NoRate {
		t.Errorf("last slot %d kbit/s, want none: the reading before it is too old", r)
	}
}

func TestLossKeepsWholeLossyHours(t *testing.T) {
	var all []Counters
	for i := int64(0); i <= 24; i++ {
		r := Counters{Time: (day0.Start() + i*300) * 1e9, Has: HasOctets | HasPackets, OutPkts: uint64(i) * 1000}
		if i >= 18 {
			r.OutDiscards = 5
		}
		all = append(all, r)
	}
	got := foldPort(counterDays(all), day0).Loss
	if len(got) != 12 || got[0].Slot != 12 || got[5] != (SlotLoss{Slot: 17, Pkts: 1000, Drops: 5}) {
		t.Errorf("loss %v, want the 12 slots of the second hour", got)
	}
}

func FuzzDecodeCounterHour(f *testing.F) {
	var h CounterHour
	h[3] = Counters{Time: 1, Has: HasOctets, InOctets: 9}
	f.Add(h.AppendTo(nil))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, _, err := DecodeCounterHour(data)
		if err != nil {
			return
		}
		again, rest, err := DecodeCounterHour(h.AppendTo(nil))
		if err != nil || len(rest) != 0 || again != h {
			t.Fatalf("not stable: %v", err)
		}
	})
}
