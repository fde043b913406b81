package snmp_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/outbox"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

func cpu() float64 {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r)
	return time.Duration(r.Utime.Nano() + r.Stime.Nano()).Seconds()
}

func BenchmarkSim(b *testing.B) {
	box := outbox.New()
	e, err := engine.New(engine.Config{Timeout: 2 * time.Second, Window: 2048, Lanes: 1, Pause: box.Full}, prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	c := sdk.Config{Agent: "a"}
	p := ifmib.New(ifmib.Config{Interval: time.Minute, Relearn: time.Hour, Retries: 1, MaxPDU: 1472, MaxInterfaces: 1000, Key: c.Key, Box: box, Log: slog.New(slog.DiscardHandler)}, prometheus.NewRegistry())
	base := netip.MustParseAddr("127.16.0.0").As4()
	var ts []poll.Target
	for i := range 1000 {
		a := base
		a[2], a[3] = byte(i>>8), byte(i)
		ts = append(ts, poll.Target{Device: fmt.Sprint("d", i), Addr: netip.AddrPortFrom(netip.AddrFrom4(a), 11611), Dialog: p.Device(fmt.Sprint("d", i), "public")})
	}
	lines := 0
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		box.Run(ctx, func(_ context.Context, text []byte, n int) error {
			lines += n
			_, err := devnull.Write(text)
			return err
		})
	}()
	if err := e.Once(ctx, ts); err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	start := cpu()
	for range b.N {
		if err := e.Once(ctx, ts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((cpu()-start)/float64(b.N*1000*121)*1e6, "cpu-s/Mvalues")
	cancel()
	<-done
	b.ReportMetric(float64(lines)/float64(b.N+1), "lines/round")
}

var devnull, _ = os.OpenFile(os.DevNull, os.O_WRONLY, 0)
