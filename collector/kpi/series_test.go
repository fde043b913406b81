package kpi

import (
	"bytes"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// items lists what a series holds.
func (s *Series) items() []run[Obs] {
	var out []run[Obs]
	for _, r := range s.runs {
		for i := range r.count {
			out = append(out, r.at(i))
		}
	}
	return out
}

func daySeries(all []seen) *Series {
	s := new(Series)
	for _, o := range all {
		s.Add(o.at-day0.Start(), o.obs, o.interval)
	}
	return s
}

func encoded(s *Series) []byte { return s.AppendRange(nil, 0, daySeconds) }

// Any order, any duplicates: the same content is the same encoding, byte for byte; and the content
// is the strongest observation of each second.
func TestSeriesIsTheSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := anyObservations(t, "o", day0, day0+1)
		for n := rapid.IntRange(0, 30).Draw(t, "clashes"); n > 0; n-- {
			o := seen{day0.Start() + rapid.Int64Range(0, daySeconds-1).Draw(t, "at"), ObsDown, 60}
			if len(all) > 0 && rapid.Bool().Draw(t, "same second") {
				o.at = rapid.SampledFrom(all).Draw(t, "of").at
			}
			o.obs = rapid.SampledFrom([]Obs{ObsUnknown, ObsUp, ObsDown, ObsDownNow, ObsExcluded}).Draw(t, "obs")
			all = append(all, o)
		}
		inOrder := slices.Clone(all)
		slices.SortStableFunc(inOrder, func(a, b seen) int { return int(a.at - b.at) })
		want := daySeries(inOrder)
		shuffled := append(rapid.Permutation(all).Draw(t, "order"), all...)
		got := daySeries(shuffled)
		if !bytes.Equal(encoded(want), encoded(got)) {
			t.Fatalf("order matters:\n%v\n%v", want.runs, got.runs)
		}
		checkStrongest(t, all, got)
		if slices.ContainsFunc(all, func(o seen) bool { return got.Add(o.at-day0.Start(), o.obs, o.interval) }) {
			t.Fatal("a duplicate changed the set")
		}
	})
}

func checkStrongest(t *rapid.T, all []seen, got *Series) {
	strongest := map[uint32]run[Obs]{}
	for _, o := range all {
		r := run[Obs]{start: uint32(o.at - day0.Start()), count: 1, says: o.obs, interval: uint16(o.interval)}
		if b, ok := strongest[r.start]; !ok || r.beats(b) {
			strongest[r.start] = r
		}
	}
	items := got.items()
	if len(items) != len(strongest) || got.Len() != len(items) {
		t.Fatalf("%d observations kept, want %d", len(items), len(strongest))
	}
	for _, it := range items {
		if strongest[it.start] != it {
			t.Fatalf("second %d: %v, want %v", it.start, it, strongest[it.start])
		}
	}
}

// A series cut into hours, encoded, and merged in any order and twice is the series.
func TestSeriesByTheHour(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := daySeries(anyObservations(t, "o", day0, day0+1))
		for n := rapid.IntRange(0, 3).Draw(t, "boots"); n > 0; n-- {
			s.AddUptime(day0.Start()+rapid.Int64Range(0, daySeconds).Draw(t, "at"), rapid.Uint64Range(0, 1e9).Draw(t, "uptime"))
		}
		var got Series
		hours := make([]int64, 24)
		for h := range hours {
			hours[h] = int64(h)
		}
		for _, h := range append(rapid.Permutation(hours).Draw(t, "order"), hours...) {
			data := s.AppendRange([]byte{}, h*3600, (h+1)*3600)
			rest, err := got.MergeEncoded(append(data, 7))
			if err != nil || len(rest) != 1 {
				t.Fatalf("hour %d: %v, %d bytes left", h, err, len(rest))
			}
		}
		if !bytes.Equal(encoded(s), encoded(&got)) {
			t.Fatalf("hours do not add up:\n%v\n%v", s.runs, got.runs)
		}
	})
}

func TestSeriesMergeIsAddingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := anyObservations(t, "a", day0, day0+1)
		b := anyObservations(t, "b", day0, day0+1)
		s, other := daySeries(a), daySeries(b)
		before := encoded(s)
		changed := s.Merge(other)
		if changed == bytes.Equal(before, encoded(s)) {
			t.Fatalf("merge said changed=%v", changed)
		}
		if !bytes.Equal(encoded(s), encoded(daySeries(append(a, b...)))) {
			t.Fatal("merge is not the union")
		}
	})
}

func TestSeriesRefusesOtherDays(t *testing.T) {
	s := new(Series)
	if s.Add(-1, ObsUp, 60) || s.Add(daySeconds, ObsUp, 60) || s.Add(0, ObsExcluded+1, 60) || !s.Empty() {
		t.Error("took an observation that is not of the day")
	}
	s.Add(5, ObsUp, 1<<40)
	if s.runs[0].interval != MaxInterval {
		t.Errorf("interval %d, want it clamped to %d", s.runs[0].interval, MaxInterval)
	}
}

func TestSeriesRunsAreFew(t *testing.T) {
	s := new(Series)
	for at := int64(17); at < daySeconds; at += 60 {
		s.Add(at, ObsUp, 60)
	}
	if len(s.runs) != 1 || s.Len() != 1440 {
		t.Errorf("%d runs for %d polls, want 1", len(s.runs), s.Len())
	}
}

func FuzzSeriesMergeEncoded(f *testing.F) {
	f.Add(seriesFrom(step{0, ObsUp, 60}, step{60, ObsUp, 60}, step{125, ObsDown, 60}).AppendRange(nil, 0, daySeconds))
	f.Fuzz(func(t *testing.T, data []byte) {
		var s Series
		if _, err := s.MergeEncoded(data); err != nil {
			return
		}
		var again Series
		if rest, err := again.MergeEncoded(encoded(&s)); err != nil || len(rest) != 0 || !bytes.Equal(encoded(&s), encoded(&again)) {
			t.Fatalf("not stable: %v", err)
		}
		Machine{}.Fold(day0, &s, &again)
	})
}
