package report

import "testing"

// Two groups of a busy cell's day, 96 periods of twelve values each, joined.
func BenchmarkFold(b *testing.B) {
	var groups [2]Set
	for i := range int64(96) {
		for half := range groups {
			r := Report{End: today.Start() + (i+1)*900, Period: 900}
			for item := range 12 {
				r.Put(half*12+item, (int64(item)*7919+i*104729)%3_000_000)
			}
			groups[half].Add(today, &r)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Fold(today, []*Set{&groups[0], &groups[1]})
	}
}
