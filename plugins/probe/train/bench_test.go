package train_test

import (
	"context"
	"net/netip"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/schedule"
	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/probe/train"
)

func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkSTAMP sends from a lane to a reflector, both in this process: the figure is packets, there and back, per second of
// processor time of both sides, the kernel's part included.
func BenchmarkSTAMP(b *testing.B) {
	for name, secret := range map[string][]byte{"plain": nil, "authenticated": []byte("0123456789abcdef")} {
		b.Run(name, func(b *testing.B) { benchmark(b, secret) })
	}
}

func benchmark(b *testing.B, secret []byte) {
	clock := func() stamp.Estimate { return stamp.NewEstimate(time.Millisecond, true) }
	ctx, cancel := context.WithCancel(b.Context())
	at := func() *socket.Conn {
		conn, err := socket.UDP(netip.MustParseAddrPort("127.0.0.1:0"), 0)
		if err != nil {
			b.Fatal(err)
		}
		return conn
	}
	here, there := at(), at()
	allow := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	r := stamp.NewReflector(stamp.ReflectorConfig{Allow: allow, Secret: secret, Sessions: 10, Rate: 1 << 30, Clock: clock}, there, stamp.NewReflectorMetrics(prometheus.NewRegistry()))
	lane := train.NewLane(stamp.NewSender(secret != nil, clock), here, train.NewPace(100_000), train.NewMetrics(prometheus.NewRegistry()))
	ended := make(chan error, 2)
	go func() { ended <- r.Run(ctx) }()
	go func() { ended <- lane.Receive(ctx) }()
	const targets = 500
	answers, turns := 0, make([]schedule.Turn, 0, targets)
	for i := range targets {
		c := train.Config{Peer: there.Local(), Session: uint16(i), Packets: max(b.N/targets, 1), Spacing: 10 * time.Millisecond, Timeout: time.Second, Once: true}
		if secret != nil {
			c.Secret = stamp.NewKey(secret)
		}
		turns = append(turns, lane.Add(c, func(r *train.Round) { answers += r.Answers }))
	}
	used := processor()
	b.ResetTimer()
	schedule.New(turns, lane.Flush).Run(ctx)
	b.ReportMetric(float64(answers)/(processor()-used).Seconds(), "packets/s/core")
	b.ReportMetric(100*(1-float64(answers)/float64(targets*max(b.N/targets, 1))), "%lost")
	cancel()
	<-ended
	<-ended
}
