package probe_test

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/probe"
	input "github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// free are ports that nobody has.
func free(t *testing.T) probe.Ports {
	t.Helper()
	p := probe.Ports{STAMP: loopback.Port(t), DNS: loopback.Port(t), Web: loopback.Port(t)}
	if err := p.Validate(); err != nil {
		t.Fatal(err)
	}
	return p
}

// serve starts all faces of a network with faults.
func serve(t *testing.T, n *nation.Network, faults ...fault.Fault) probe.Ports {
	t.Helper()
	var o atomic.Pointer[nation.Overlay]
	o.Store(overlay(t, n, faults...))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 3)
	p, started := free(t), 0
	err := probe.Start(p, &o, prometheus.NewRegistry(), func(_ string, run func(context.Context) error) {
		started++
		go func() { ended <- run(ctx) }()
	})
	t.Cleanup(func() {
		cancel()
		for range started {
			if err := <-ended; err != nil && ctx.Err() == nil {
				t.Error(err)
			}
		}
	})
	if err != nil || started != 3 {
		t.Fatalf("%d faces, %v", started, err)
	}
	return p
}

// value is a field of the target's line, -1 if it is not there.
func value(t *testing.T, lines plugintest.Lines, target, field string) float64 {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(line, "target="+target+" ") {
			continue
		}
		m := regexp.MustCompile("[ ,]" + field + `=([0-9.e+-]+)`).FindStringSubmatch(line)
		if m == nil {
			return -1
		}
		v, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	t.Fatalf("no point of %s in %q", target, lines)
	return 0
}

// The input for probes sees the network that the model describes, and its faults.
func TestTheInputSeesTheModel(t *testing.T) {
	n := build(t)
	const calm, late, gone, lossy, liar = "ha-noi-olt-0001", "ha-noi-olt-0002", "ha-noi-olt-0003", "ha-noi-olt-0004", "ha-noi-olt-0005"
	from := fault.Time{Time: time.Now().Add(-time.Hour)}
	p := serve(t, n,
		fault.Fault{Kind: fault.Latency, Device: late, From: from, Delay: conf.Duration(200 * time.Millisecond)},
		fault.Fault{Kind: fault.Dead, Device: gone, From: from},
		fault.Fault{Kind: fault.Loss, Device: lossy, From: from, Ratio: 0.5},
		fault.Fault{Kind: fault.WrongID, Device: liar, From: from})
	var yaml strings.Builder
	yaml.WriteString("packets: 40\nspacing: 20ms\ntimeout: 3s\nbulk_hosts: [")
	addresses := map[string]string{}
	for _, device := range []string{calm, late, gone, lossy, liar} {
		id, err := n.Find(device)
		if err != nil {
			t.Fatal(err)
		}
		addresses[device] = n.Address(id).String()
		fmt.Fprintf(&yaml, "%s, ", addresses[device])
	}
	yaml.WriteString("]\ntests:\n")
	for device, address := range addresses {
		fmt.Fprintf(&yaml, "  - {name: %s, method: stamp, address: '%s:%d', device: %s, service: transport}\n", device, address, p.STAMP, device)
	}
	fmt.Fprintf(&yaml, "  - {name: dns, method: dns, server: '%s:%d', query: example.vn, device: %s, service: transport}\n", addresses[calm], p.DNS, calm)
	fmt.Fprintf(&yaml, "  - {name: page, method: web, url: 'http://%s:%d/', parts: 10, device: %s, service: fixed_broadband}\n", addresses[calm], p.Web, calm)
	fmt.Fprintf(&yaml, "  - {name: dead, method: web, url: 'http://%s:%d/', device: %s, service: fixed_broadband}\n", addresses[gone], p.Web, gone)
	fmt.Fprintf(&yaml, "  - {name: down, method: download, url: 'http://%s:%d/bulk?octets=100000000', warmup: 100ms, time: 1s, streams: 1, device: %s, service: fixed_broadband}\n", addresses[calm], p.Web, calm)
	fmt.Fprintf(&yaml, "  - {name: up, method: upload, url: 'http://%s:%d/bulk', warmup: 100ms, time: 1s, streams: 1, device: %s, service: fixed_broadband}\n", addresses[calm], p.Web, calm)
	lines, err := plugintest.Once(t, input.New(), sdk.Config{Agent: "a1", File: "a.yaml", Line: 1, Dir: t.TempDir(), YAML: []byte(yaml.String())})
	if err != nil {
		t.Fatal(err)
	}
	id, _ := n.Find(calm)
	model := probe.New(n).Device(overlay(t, n), id, "fixed_broadband", fault.TickOf(time.Now()))
	least := func(target, field string, low float64) {
		t.Helper()
		if got := value(t, lines, target, field); got < low {
			t.Errorf("%s: %s = %v, want at least %v", target, field, got, low)
		}
	}
	least(calm, "rtt_ms", model.RTT*0.6) // never sooner than the model; a busy machine adds to it
	least(late, "rtt_ms", 200)
	if got := value(t, lines, gone, "loss_ratio"); got != 1 {
		t.Errorf("a dead device loses %v", got)
	}
	if got := value(t, lines, liar, "loss_ratio"); got != 1 {
		t.Errorf("answers with a wrong number were credited: loss %v", got)
	}
	if got := value(t, lines, lossy, "loss_ratio"); got < 0.1 || got > 0.95 { // 40 packets: beyond once in 10^8
		t.Errorf("half of the packets are lost: %v", got)
	}
	least("dns", "dns_ms", model.RTT*0.6)
	least("page", "web_load_s", 3*model.RTT/1000)
	least("page", "parts", 6)
	least("down", "throughput_mbps", 0.1)
	least("up", "upload_mbps", 0.1)
	if got := value(t, lines, "down", "octets") * 8e-6 / value(t, lines, "down", "took_s"); got > 1.3*model.Mbps { // of all of it: nothing can catch up
		t.Errorf("download at %v Mbit/s, the path has %v", got, model.Mbps)
	}
	if !strings.Contains(strings.Join(lines, "\n"), "target=dead up=false") {
		t.Errorf("the page of a dead device: %q", lines)
	}
}
