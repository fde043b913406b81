package kpi

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// told is one reading for the oracle.
type told struct {
	at       int64
	count    uint64
	interval int64
}

// anyTold draws what a channel's counter said over days [from, to): outages of all lengths, confirmed ten seconds
// late or not, resets, odd seconds and silences.
func anyTold(t *rapid.T, from, to model.Day) []told {
	var out []told
	at := from.Start() + rapid.Int64Range(-100, 4000).Draw(t, "start")
	count := rapid.SampledFrom([]uint64{0, 5, 1 << 40, 1<<64 - 9}).Draw(t, "count")
	for n := rapid.IntRange(0, 60).Draw(t, "stretches"); n > 0 && at < to.Start(); n-- {
		iv := rapid.SampledFrom([]int64{0, 1, 10, 60, 60, 300, 3600, 9000}).Draw(t, "interval")
		step := max(iv, 1)
		if rapid.IntRange(0, 4).Draw(t, "odd") == 0 {
			step = rapid.Int64Range(1, 3*max(iv, 30)).Draw(t, "step")
		}
		lost := rapid.SampledFrom([]int64{0, 0, 0, 1, step / 2, step, step + 3, step + 11, -7}).Draw(t, "lost")
		for k := rapid.IntRange(1, 20).Draw(t, "readings"); k > 0; k-- {
			if at >= from.Start() && at < to.Start() {
				out = append(out, told{at, count, iv})
			}
			at, count = at+step, count+uint64(lost)
		}
		if rapid.IntRange(0, 5).Draw(t, "silence") == 0 {
			at += rapid.Int64Range(0, 30000).Draw(t, "gap")
		}
	}
	for n := rapid.IntRange(-6, 3).Draw(t, "twins"); n > 0 && len(out) > 0; n-- { // of one second
		r := rapid.SampledFrom(out).Draw(t, "twin of")
		out = append(out, told{r.at, r.count + uint64(rapid.IntRange(-2, 2).Draw(t, "other")), rapid.SampledFrom([]int64{0, 60, 300}).Draw(t, "every")})
	}
	return out
}

func readingsFrom(all []told) map[model.Day]*Readings {
	out := map[model.Day]*Readings{}
	for _, r := range all {
		d := model.DayOf(r.at)
		if out[d] == nil {
			out[d] = new(Readings)
		}
		out[d].Add(r.at-d.Start(), r.count, r.interval)
	}
	return out
}

// oracleUnavailable says of each second of [from, to) what the counter tells: Up, Down, or Unknown for nothing.
func oracleUnavailable(all []told, from, to int64) []State {
	best := map[int64]told{}
	for _, r := range all {
		r.interval = min(r.interval, 3600)
		if b, twice := best[r.at]; !twice || r.count > b.count || r.count == b.count && r.interval > b.interval {
			best[r.at] = r
		}
	}
	var order []int64
	for at := range best {
		order = append(order, at)
	}
	slices.Sort(order)
	out := make([]State, to-from)
	for i := range out {
		out[i] = Unknown
	}
	before := int64(0) // unavailable seconds between the two readings before
	for i := 1; i < len(order); i++ {
		a, b := best[order[i-1]], best[order[i]]
		lost, ok := secondsLost(a, b)
		for t := a.at; ok && t < b.at; t++ {
			state := Up
			if late := t >= b.at-lost; before == 0 && late || before > 0 && t < a.at+lost {
				state = Down
			}
			if t >= from && t < to {
				out[t-from] = state
			}
		}
		before = lost
	}
	return out
}

func secondsLost(a, b told) (int64, bool) {
	iv := a.interval
	if iv == 0 {
		iv = 300
	}
	length := b.at - a.at
	if 2*length > 5*iv || b.count < a.count || b.count-a.count > uint64(length)+10 {
		return 0, false
	}
	return min(length, int64(b.count-a.count)), true
}

func asIntervals(states []State, from int64) []Interval {
	var out []Interval
	for i, s := range states {
		if t := from + int64(i); s != Up {
			out = extend(out, Interval{From: t, To: t + 1, State: s})
		}
	}
	return out
}

// Placing the seconds day by day is, second by second, what the rule says of all readings at once.
func TestReadingsAreTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyTold(t, day0, day0+3)
		days := readingsFrom(all)
		want := oracleUnavailable(all, day0.Start(), (day0 + 3).Start())
		for d := day0; d < day0+3; d++ {
			e := days[d].Fold(d, days[d-1], days[d+1])
			of := want[d.Start()-day0.Start():][:daySeconds]
			if diff := cmp.Diff(asIntervals(of, d.Start()), e.NonUp); diff != "" {
				t.Fatalf("%s (-want +got):\n%s", d, diff)
			}
		}
	})
}

// Any order, any duplicates, and hours encoded and merged in any order: the same bytes.
func TestReadingsAreTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyTold(t, day0, day0+1)
		for range rapid.IntRange(0, 10).Draw(t, "clashes") {
			if len(all) > 0 {
				r := rapid.SampledFrom(all).Draw(t, "of")
				r.count += uint64(rapid.IntRange(0, 2).Draw(t, "more"))
				all = append(all, r)
			}
		}
		if len(all) == 0 {
			return
		}
		whole := func(r *Readings) []byte { return r.AppendRange(nil, 0, daySeconds) }
		want := readingsFrom(all)[day0]
		shuffled := append(rapid.Permutation(all).Draw(t, "order"), all...)
		if got := readingsFrom(shuffled)[day0]; !bytes.Equal(whole(want), whole(got)) {
			t.Fatalf("order matters:\n%v\n%v", want.runs, got.runs)
		}
		got := new(Readings)
		for _, h := range rapid.Permutation([]int64{0, 3, 9, 10, 23, 23}).Draw(t, "hours") {
			to := map[int64]int64{0: 3, 3: 9, 9: 10, 10: 23, 23: 24}[h]
			rest, err := got.MergeEncoded(append(want.AppendRange(nil, h*3600, to*3600), 7))
			if err != nil || len(rest) != 1 {
				t.Fatalf("hour %d: %v, %d bytes left", h, err, len(rest))
			}
		}
		if !bytes.Equal(whole(want), whole(got)) {
			t.Fatalf("hours do not add up:\n%v\n%v", want.runs, got.runs)
		}
	})
}

func FuzzReadings(f *testing.F) {
	var r Readings
	for i := range int64(100) {
		r.Add(i*60, uint64(i/10)<<40, 60)
	}
	f.Add(r.AppendRange(nil, 0, daySeconds))
	f.Add([]byte{1, 0xff, 0xff, 0x03, 1, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		var r, again Readings
		if _, err := r.MergeEncoded(data); err != nil {
			return
		}
		text := r.AppendRange(nil, 0, daySeconds)
		if rest, err := again.MergeEncoded(text); err != nil || len(rest) > 0 || !bytes.Equal(text, again.AppendRange(nil, 0, daySeconds)) {
			t.Fatalf("%x is not read as it was written: %v", text, err)
		}
		r.Fold(day0, &r, &r)
	})
}

// An outage of 115 s, polled every minute: 40, 60 and 15 seconds, in one piece.
func TestUnavailableSecondsStayInOnePiece(t *testing.T) {
	var r Readings
	for i, count := range []uint64{7, 47, 107, 122, 122, 3, 3} {
		r.Add(int64(i)*60, count, 60)
	}
	at := day0.Start()
	want := []Interval{{at + 20, at + 135, Down, 0}, {at + 240, at + 300, Unknown, 0}, {at + 360, day0.End(), Unknown, 0}}
	if diff := cmp.Diff(want, r.Fold(day0, nil, nil).NonUp); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Where readings tell, they count; EXCLUDED stays; where they do not, what was polled counts.
func TestLayIsTheOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string, kinds ...State) (ivs []Interval, states [200]State) {
			for i := 0; i < len(states); {
				n, s := rapid.IntRange(1, 60).Draw(t, label), rapid.SampledFrom(kinds).Draw(t, label)
				for k := i; k < min(i+n, len(states)); k++ {
					states[k] = s
				}
				i += n
			}
			return asIntervals(states[:], 0), states
		}
		polled, p := draw("polled", Up, Unknown, Down, Excluded)
		counted, c := draw("counted", Up, Unknown, Down)
		from := rapid.Int64Range(0, 100).Draw(t, "from")
		want := p
		for i := range want {
			if int64(i) >= from && p[i] != Excluded && c[i] != Unknown {
				want[i] = c[i]
			}
		}
		if diff := cmp.Diff(asIntervals(want[:], 0), lay(polled, counted, from)); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	})
}
