package month_test

import (
	"context"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/simnet/month"
)

type discard struct{}

func (discard) Put(context.Context, uint64, point.Batch) error { return nil }
func (discard) Flush(context.Context) error                    { return nil }

// One operation is a month of 40 devices and their links, packed.
func BenchmarkMonth(b *testing.B) {
	plan := plan(b, network(b, nil), 5*time.Minute)
	points := 0
	for b.Loop() {
		t, err := month.Write(context.Background(), plan, month.Options{}, discard{})
		if err != nil {
			b.Fatal(err)
		}
		points += t.Points
	}
	b.ReportMetric(float64(points)/b.Elapsed().Seconds(), "points/s")
}
