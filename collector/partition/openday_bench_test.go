package partition

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/point"
)

// BenchmarkOpenDay fills a day with the polls of links, one a minute each, and says what the day takes in memory and what
// is done with it while it is open: apply its points, save an hour, fold its states and its traffic.
func BenchmarkOpenDay(b *testing.B) {
	const links = 2000
	l := newLinkDay(links)
	for b.Loop() {
		before := heap()
		o := newLinkOwner(b, l)
		empty := heap()
		var applied time.Duration
		for minute := range 1440 {
			text := l.minute(minute)
			start := proc.Self()
			if err := o.apply(b.Context(), batch{text: text}); err != nil {
				b.Fatal(err)
			}
			applied += proc.Self().Minus(start).Total()
		}
		b.ReportMetric(float64(heap()-before)/links, "B/link-day")
		b.ReportMetric(float64(empty-before), "B/empty")
		b.ReportMetric(float64(applied.Nanoseconds())/links/1440, "ns/line")
		d, ids := o.days[l.date], o.sorted()
		for name, do := range map[string]func(){
			"ns/link-hour-saved": func() { d.dirty = 1 << 23; o.blocks(o.codec, d, ids) },
			"ns/link-states":     func() { o.fold(l.date, nil, [3]*day{nil, d, nil}, false) },
			"ns/link-traffic":    func() { o.foldPorts(l.date, [3]*day{nil, d, nil}, ids) },
		} {
			b.ReportMetric(fastest(do)/links, name)
		}
	}
}

// fastest is how many nanoseconds of the processor something took that was done a few times.
func fastest(do func()) float64 {
	best := time.Hour
	for range 7 {
		start := proc.Self()
		do()
		best = min(best, proc.Self().Minus(start).Total())
	}
	return float64(best.Nanoseconds())
}

// heap is how many bytes are in use.
func heap() int64 {
	var m runtime.MemStats
	for range 3 { // pools are emptied in the second round
		runtime.GC()
	}
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// linkDay makes the lines of links, polled once a minute, at the moment at which each answered.
type linkDay struct {
	date  model.Day
	inv   *inventory.Index
	ports []linkPort
	rand  *rand.Rand
	text  point.Encoder
}

type linkPort struct {
	key              []byte
	phase            int64 // when in the minute it is polled, in nanoseconds
	mbps, booted     int64
	in, out, dropped uint64
}

func newLinkDay(links int) *linkDay {
	always := model.Validity{To: model.Forever}
	l, inv := &linkDay{date: 20_000, rand: rand.New(rand.NewPCG(1, 2))}, &model.Inventory{}
	for i := range links {
		p := model.Port{Device: fmt.Sprintf("AGG%05d", i/10), IfName: fmt.Sprintf("GigabitEthernet0/0/%d", i%10)}
		if i%10 == 0 {
			inv.Devices = append(inv.Devices, model.Device{Name: p.Device, PrimaryMethod: "snmp", Validity: always})
		}
		inv.Links = append(inv.Links, model.Link{Name: fmt.Sprint("l", i), A: p, Class: model.Transport, CapacityMbps: 10_000, Validity: always})
		key := point.AppendKey(nil, "interface", point.Tag{Key: "agent", Value: "agent-07"}, point.Tag{Key: "device", Value: p.Device}, point.Tag{Key: "ifname", Value: p.IfName})
		l.ports = append(l.ports, linkPort{key: key, phase: l.rand.Int64N(60e9), mbps: []int64{1000, 10_000, 100_000}[i%3], booted: l.rand.Int64N(1e7),
			in: l.rand.Uint64N(1 << 50), out: l.rand.Uint64N(1 << 50)})
	}
	l.inv = inventory.NewIndex(inv)
	return l
}

// minute is the lines of one minute. Their number is the same each time, and what a port carries varies by a third.
func (l *linkDay) minute(minute int) []byte {
	l.text.Reset()
	for i := range l.ports {
		p := &l.ports[i]
		at := l.date.Start()*1e9 + int64(minute)*60e9 + p.phase + l.rand.Int64N(4e6)
		full := float64(p.mbps) * 1e6 / 8 * 60
		p.in += uint64(full * (0.3 + 0.1*l.rand.Float64()))
		p.out += uint64(full * (0.15 + 0.05*l.rand.Float64()))
		if l.rand.IntN(2000) == 0 {
			p.dropped += l.rand.Uint64N(1000)
		}
		e := &l.text
		e.Begin(p.key)
		e.Int("admin", 1)
		e.Int("oper", 1)
		e.Int("interval_s", 60)
		e.Int("speed_mbps", p.mbps)
		e.Uint("uptime_cs", uint64(at/1e7-l.date.Start()*100+p.booted*100))
		e.Uint("in_octets", p.in)
		e.Uint("out_octets", p.out)
		e.Uint("out_ucast_pkts", p.out/700)
		e.Uint("out_discards", p.dropped)
		e.End(at)
	}
	return l.text.Bytes()
}

// newLinkOwner owns a partition of a store of its own, without a log.
func newLinkOwner(b *testing.B, l *linkDay) *owner {
	s, err := store.Open(b.Context(), store.Config{Path: filepath.Join(b.TempDir(), "store.db"), Partitions: 1}, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { s.Close() }) //nolint:errcheck // nothing is kept
	metrics, err := NewMetrics(prometheus.NewRegistry())
	if err != nil {
		b.Fatal(err)
	}
	p := New(Config{DaysInMemory: 2}, Deps{Store: s, Inventory: func() *inventory.Index { return l.inv }, Log: zerolog.Nop(), Metrics: metrics,
		Now: func() time.Time { return time.Unix(l.date.End(), 0) }})
	o, err := newOwner(context.Background(), p, store.Lease{})
	if err != nil {
		b.Fatal(err)
	}
	return o
}
