package partition

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
)

// BenchmarkPack is what closing a day costs after its rates are known: parts, digests, compression.
func BenchmarkPack(b *testing.B) {
	const ports = 2000
	closed, err := NewClosed()
	if err != nil {
		b.Fatal(err)
	}
	chunk := &kpi.DayChunk{Day: 20_000}
	noise := uint32(1)
	for i := range ports {
		p := kpi.PortDay{Device: fmt.Sprintf("r%05d", i/10), IfName: fmt.Sprint("xe-", i%10), Day: chunk.Day}
		for range kpi.SlotsPerDay {
			noise = noise*1664525 + 1013904223
			p.In, p.Out = append(p.In, 200_000+noise>>18), append(p.Out, 60_000+noise>>20)
		}
		chunk.Ports = append(chunk.Ports, p)
	}
	b.ReportAllocs()
	bytes := 0
	for b.Loop() {
		bytes = 0
		for _, part := range closed.Pack(chunk).Parts {
			bytes += len(part.Data)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/ports, "ns/port")
	b.ReportMetric(float64(bytes)/ports, "bytes/port")
}
