package pluginhost_test

import (
	"context"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
	"golang.org/x/sys/unix"

	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/internal/point"
)

// BenchmarkHop carries batches of 256 KiB from a plugin process to the agent: "text" packs line protocol as every
// input does, "raw" sends the same size unpacked and is what go-plugin's transport costs by itself. CPU is that of both processes,
// user and system.
func BenchmarkHop(b *testing.B) {
	b.Run("text", func(b *testing.B) { benchmarkHop(b, input("bench")) })
	b.Run("raw", func(b *testing.B) {
		b.Setenv("TEST_SERVE", "raw")
		in := input("bench")
		in.Env = []string{"TEST_SERVE"}
		benchmarkHop(b, in)
	})
}

func benchmarkHop(b *testing.B, in pluginhost.Input) {
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	var text, frames int
	n := -10 // batches to warm up
	deliver := func(_ context.Context, _ string, batch point.Batch) error {
		n++
		switch n {
		case 0:
			b.ResetTimer()
		case b.N:
			b.StopTimer()
			stop()
		}
		if 0 < n && n <= b.N {
			text, frames = text+batch.Raw, frames+len(batch.Frames)
		}
		return nil
	}
	config := pluginhost.Config{Agent: "a1", Plugins: plugins, Inputs: []pluginhost.Input{in}}
	h, err := pluginhost.New(config, deliver, zerolog.Nop(), prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	before := cpu()
	_ = h.Run(ctx)
	used := cpu() - before
	b.ReportMetric(float64(text)/1e6/b.Elapsed().Seconds(), "textMB/s")
	b.ReportMetric(float64(frames)/1e6/b.Elapsed().Seconds(), "wireMB/s")
	b.ReportMetric(used.Seconds()/(float64(text)/1e9), "cpu-s/textGB")
}

// cpu is the time that this process and its ended children have used.
func cpu() time.Duration {
	var sum time.Duration
	for _, who := range []int{unix.RUSAGE_SELF, unix.RUSAGE_CHILDREN} {
		var u unix.Rusage
		if unix.Getrusage(who, &u) == nil {
			sum += time.Duration(u.Utime.Nano() + u.Stime.Nano())
		}
	}
	return sum
}
