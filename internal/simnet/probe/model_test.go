package probe_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
)

func build(t testing.TB) *nation.Network {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices = "../../../configs/provinces/provinces-34.csv", 900
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func overlay(t testing.TB, n *nation.Network, faults ...fault.Fault) *nation.Overlay {
	t.Helper()
	o, err := n.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

var evening = time.Date(2026, 10, 7, 21, 0, 0, 0, nation.Local)

func TestAQuietNationIsGoodEverywhere(t *testing.T) {
	n := build(t)
	o, m := overlay(t, n), probe.New(n)
	for _, service := range probe.Services() {
		if got := len(m.Provinces(service)); got != 34 {
			t.Fatalf("%s in %d provinces, want 34", service, got)
		}
		for _, code := range m.Provinces(service) {
			r, ok := m.At(o, code, service, fault.TickOf(evening))
			if !ok || !r.Up || r.Loss > 1e-4 || r.RTT < 1 || r.RTT > 80 || !(r.Jitter < 15) {
				t.Errorf("%s in %s: %+v", service, code, r)
			}
		}
	}
	if _, ok := m.At(o, "no such", "transport", fault.TickOf(evening)); ok {
		t.Error("a province that is not there has a result")
	}
}

// The same instant, network and faults give the same result, and it is one that a probe can write.
func TestResultsAreAFunctionOfTheInstant(t *testing.T) {
	n := build(t)
	o, m, other := overlay(t, n), probe.New(n), probe.New(n)
	rapid.Check(t, func(t *rapid.T) {
		code := rapid.SampledFrom(m.Provinces("transport")).Draw(t, "province")
		service := rapid.SampledFrom(probe.Services()).Draw(t, "service")
		at := fault.TickOf(evening) + fault.Tick(rapid.Int64Range(0, int64(60*fault.Day)).Draw(t, "at"))
		a, _ := m.At(o, code, service, at)
		b, _ := other.At(o, code, service, at)
		for _, pair := range [][2]float64{{a.Loss, b.Loss}, {a.RTT, b.RTT}, {a.Jitter, b.Jitter}, {a.MOS, b.MOS}, {a.Mbps, b.Mbps}, {a.WebLoad, b.WebLoad}, {a.Zap, b.Zap}} {
			if pair[0] != pair[1] && !(math.IsNaN(pair[0]) && math.IsNaN(pair[1])) || pair[0] < 0 {
				t.Fatalf("%+v and %+v", a, b)
			}
		}
		if a.Loss > 1 || a.MOS > 4.5 {
			t.Fatalf("%+v", a)
		}
	})
}

func TestFaultsShow(t *testing.T) {
	n := build(t)
	m := probe.New(n)
	const device = "ha-noi-olt-0001"
	id, err := n.Find(device)
	if err != nil {
		t.Fatal(err)
	}
	from, at := fault.Time{Time: evening.Add(-time.Hour)}, fault.TickOf(evening)
	agg := n.Devices[n.Devices[id].Parent].Name
	calm := m.Device(overlay(t, n), id, "fixed_broadband", at)
	see := func(f fault.Fault) probe.Result {
		f.From = from
		return m.Device(overlay(t, n, f), id, "fixed_broadband", at)
	}
	if r := see(fault.Fault{Kind: fault.Dead, Device: agg}); r.Up || r.Loss != 1 || !math.IsNaN(r.RTT) || !math.IsNaN(r.Mbps) {
		t.Errorf("behind a dead gateway: %+v", r)
	}
	if r := see(fault.Fault{Kind: fault.Loss, Device: device, Ratio: 0.25}); math.Abs(r.Loss-0.25) > 0.001 || !(r.WebLoad > calm.WebLoad) {
		t.Errorf("with loss: %+v; calm %+v", r, calm)
	}
	if r := see(fault.Fault{Kind: fault.Latency, Device: device, Delay: conf.Duration(80 * time.Millisecond)}); r.RTT < calm.RTT+75 {
		t.Errorf("with latency: %+v; calm %+v", r, calm)
	}
	if r := see(fault.Fault{Kind: fault.Congestion, Link: device + "--" + agg, Factor: 20, Drop: 0.02}); r.Loss < 0.015 || r.Loss > 0.03 || !(r.Mbps < calm.Mbps) || !(r.RTT > calm.RTT) {
		t.Errorf("congested: %+v; calm %+v", r, calm)
	}
	if r := see(fault.Fault{Kind: fault.LinkDown, Link: device + "--" + agg}); !r.Up || !(r.RTT > calm.RTT+3) {
		t.Errorf("round a link that is down: %+v; calm %+v", r, calm)
	}
}

func BenchmarkAt(b *testing.B) {
	n := build(b)
	o, m := overlay(b, n), probe.New(n)
	at := fault.TickOf(evening)
	for b.Loop() {
		m.At(o, "01", "fixed_broadband", at)
		at += fault.Minute
	}
}
