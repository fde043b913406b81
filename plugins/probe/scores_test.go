package probe_test

import (
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// shipped are the thresholds and targets of configs/.
func shipped(t *testing.T) *inventory.Index {
	t.Helper()
	const dir = "../../configs/"
	x, err := inventory.Load(inventory.Config{Devices: dir + "devices.csv", Links: dir + "links.csv", Maintenance: dir + "maintenance.csv",
		Targets: dir + "targets.yaml", Thresholds: dir + "score_thresholds.csv", Provinces: dir + "provinces"})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// month is what a collector makes of the lines, taken in each of so many seconds.
func month(t *testing.T, lines plugintest.Lines, seconds int) kpi.MonthResult {
	t.Helper()
	files, site := shipped(t), partitiontest.New(t, 1)
	site.Reload(func(inv *partitiontest.Inventory) { inv.Targets, inv.Provinces = files.Targets, files.Provinces })
	site.Start()
	t.Cleanup(site.Stop)
	all := make([]string, 0, seconds*len(lines))
	for i := range seconds {
		at := time.Unix(partitiontest.Month().Start(), 0).Add(36*time.Hour + time.Duration(i)*time.Second)
		for _, line := range lines {
			all = append(all, line[:strings.LastIndexByte(line, ' ')+1]+fmt.Sprint(at.UnixNano()))
		}
	}
	site.Send(0, "", all)
	site.Settle()
	days := partition.Days{From: partitiontest.Month().First() - 1, To: partitiontest.Month().Next().First() + 1}
	return kpi.Month(kpi.MonthInput{Month: partitiontest.Month(), Plan: kpi.NewPlan(site.Inventory.Load().Inventory), Chunks: site.Stored(days, 0)})
}

// What the input measures is what the collector scores: real packets, pages and transfers of a province become its KPIs and,
// where enough of a service is known, its points.
func TestProbesBecomeScores(t *testing.T) {
	t.Parallel()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }))
	defer web.Close()
	good := reflect(t, "127.0.0.1", stamp.ReflectorConfig{})
	silent := reflect(t, "127.0.0.1", stamp.ReflectorConfig{Secret: []byte("0123456789abcdef")}) // takes no packet without a code
	lines, err := plugintest.Once(t, probe.New(), section(t, fmt.Sprintf(`
packets: 6
spacing: 20ms
timeout: 3s
bulk_hosts: [127.0.0.1]
tests:
  - {name: core, method: stamp, address: "%[1]s", province: "01", service: transport}
  - {name: silent, method: stamp, address: "%[2]s", province: "01", service: transport, packets: 2}
  - {name: call, method: stamp, address: "%[1]s", province: "01", service: mobile_voice, voice: {codec: g711, buffer: 40ms}}
  - {name: ping, method: icmp, address: 127.0.0.1, province: "01", service: fixed_broadband}
  - {name: page, method: web, url: "%[3]s", province: "01", service: fixed_broadband}
  - {name: down, method: download, url: "%[3]s", province: "01", service: fixed_broadband, subscribed_mbps: 1, warmup: 50ms, time: 500ms, max_octets: 1GiB}
  - {name: 5g, method: download, url: "%[3]s", province: "01", service: mobile_data_5g, warmup: 50ms, time: 500ms, max_octets: 1GiB}
  - {name: names, method: dns, server: "%[4]s", query: example.vn, province: "01", service: fixed_broadband}
`, good, silent, web.URL, resolver(t))))
	if err != nil {
		t.Fatal(err)
	}
	const seconds = 120
	m := month(t, lines, seconds)
	values := map[string]*big.Rat{}
	for _, k := range m.Samples {
		if k.Province == "01" {
			values[k.Service+"/"+k.Name] = k.Value
			if k.Status != score.OK || k.Samples%seconds != 0 {
				t.Errorf("%s %s: %d samples, %s", k.Service, k.Name, k.Samples, k.Status)
			}
		}
	}
	for name, want := range map[string]*big.Rat{
		"transport/packet_loss":           big.NewRat(2, 8), // all of two of eight: by packets, not by targets
		"fixed_broadband/packet_loss":     new(big.Rat),
		"mobile_data/samples_above_floor": big.NewRat(100, 1),
	} {
		if got := values[name]; got == nil || got.Cmp(want) != 0 {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	for _, name := range []string{"transport/one_way_delay", "transport/delay_variation", "mobile_voice/mos_p95_low", "fixed_broadband/mean_latency",
		"fixed_broadband/speed_ratio", "fixed_broadband/web_load_time"} {
		if values[name] == nil || values[name].Sign() <= 0 {
			t.Errorf("%s = %v", name, values[name])
		}
	}
	scored(t, m, "mobile_voice", "fixed_broadband")
}

// scored finds the points of services in the QoE of province 01.
func scored(t *testing.T, m kpi.MonthResult, services ...string) {
	t.Helper()
	points := map[string]*big.Rat{}
	for _, card := range m.Scores {
		if card.Unit == "01" {
			for _, s := range card.QoE.Services {
				points[s.Name] = s.Score
			}
		}
	}
	for _, name := range services {
		if p := points[name]; p == nil || p.Cmp(big.NewRat(4, 1)) < 0 || p.Cmp(big.NewRat(5, 1)) > 0 {
			t.Errorf("%s earns %v points, want 4 to 5: loopback is quick", name, p)
		}
	}
}
