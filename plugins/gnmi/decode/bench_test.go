package decode_test

import (
	"testing"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
)

// sample is a notification of the counters of an interface.
func sample(t testing.TB, name string, at time.Time) []byte {
	n := &gpb.Notification{Timestamp: at.UnixNano(), Prefix: &gpb.Path{Origin: "openconfig", Elem: []*gpb.PathElem{{Name: "interfaces"},
		{Name: "interface", Key: map[string]string{"name": name}}, {Name: "state"}, {Name: "counters"}}}}
	for i, leaf := range []string{"in-octets", "out-octets", "in-unicast-pkts", "out-unicast-pkts", "in-errors", "out-errors", "in-discards", "out-discards"} {
		n.Update = append(n.Update, &gpb.Update{Path: &gpb.Path{Elem: []*gpb.PathElem{{Name: leaf}}}, Val: typed(1_000_000_000_000 + i)})
	}
	return encode(t, n)
}

// BenchmarkTake reads eight counters of an interface and writes their line.
func BenchmarkTake(b *testing.B) {
	box, now := outbox.New(), time.Unix(1_790_000_000, 0)
	target := decode.New(newConfig(box), plan(b), false, new(decode.Identity))
	message := sample(b, "100GE0/1/1", now)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		if _, err := target.Take(message, now); err != nil {
			b.Fatal(err)
		}
		target.Flush(now)
		e := box.Open()
		e.Reset()
		box.Close()
	}
	b.ReportMetric(float64(b.N)*8/b.Elapsed().Seconds(), "values/s")
}

// BenchmarkTakeJSON reads the same as a tree in JSON.
func BenchmarkTakeJSON(b *testing.B) {
	box, now := outbox.New(), time.Unix(1_790_000_000, 0)
	target := decode.New(newConfig(box), plan(b), false, new(decode.Identity))
	n := &gpb.Notification{Timestamp: now.UnixNano(), Update: []*gpb.Update{update(b, "/interfaces/interface[name=100GE0/1/1]/state/counters",
		[]byte(`{"in-octets":"1000000000000","out-octets":"1000000000001","in-unicast-pkts":"1000000000002","out-unicast-pkts":"1000000000003",`+
			`"in-errors":"1000000000004","out-errors":"1000000000005","in-discards":"1000000000006","out-discards":"1000000000007"}`))}}
	message := encode(b, n)
	b.ReportAllocs()
	b.SetBytes(int64(len(message)))
	for b.Loop() {
		if _, err := target.Take(message, now); err != nil {
			b.Fatal(err)
		}
		target.Flush(now)
		e := box.Open()
		e.Reset()
		box.Close()
	}
	b.ReportMetric(float64(b.N)*8/b.Elapsed().Seconds(), "values/s")
}
