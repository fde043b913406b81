package snmp_test

import "testing"

// What a start costs for each device: to find its engine, to make its keys, to learn its interfaces and to poll it once;
// beside what the same costs over version 2c. At a start of the whole nation every engine is a new one.
func BenchmarkStart(b *testing.B) {
	const nation = 83_000
	for _, protocols := range []string{"v2c", "sha aes", "sha256 aes", "sha512 aes256", "sha aes256c"} {
		b.Run(protocols, func(b *testing.B) {
			x := prepareBench(b, protocols, 0)
			spent := 0.0
			for b.Loop() {
				b.StopTimer()
				targets := x.fresh()
				b.StartTimer()
				before := cpuSeconds()
				if err := x.engine.Once(b.Context(), targets); err != nil {
					b.Fatal(err)
				}
				spent += cpuSeconds() - before
			}
			each := spent / float64(b.N) / benchDevices
			b.ReportMetric(each*1e6, "cpu-µs/device")
			b.ReportMetric(each*nation, "cpu-s/83000")
		})
	}
}
