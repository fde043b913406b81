package simnet_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/internal/simnet"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

const demo = "../../configs/demo"

// Every demo configuration is one that runs.
func TestDemoConfigurations(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(demo, "simnet*.yaml"))
	if err != nil || len(files) < 4 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	for _, f := range files {
		c, err := simnet.Load(f)
		if err != nil {
			t.Error(err)
			continue
		}
		s, err := c.Script()
		if err != nil {
			t.Errorf("%s: %v", f, err)
			continue
		}
		if n := len(s.Overlay().Load().Devices); n != c.Nation.Devices {
			t.Errorf("%s: %d devices, want %d", f, n, c.Nation.Devices)
		}
	}
}

func TestBadConfigurations(t *testing.T) {
	registry, err := filepath.Abs("../../configs/provinces/provinces-34.csv")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"nation: {colour: red}":                                         "colour",
		"nation: {devices: 100}":                                        "provinces: name the registry file",
		"nation: {provinces: R, devices: 0}":                            "devices: 0",
		"nation: {provinces: R, interfaces: 1}":                         "interfaces: 1",
		"nation: {provinces: R, address: 10.0.0.1}":                     "address: 10.0.0.1",
		"nation: {provinces: R, address: 127.255.255.250}":              "must lie in",
		"nation: {provinces: R, method: gnmi}":                          "method",
		"nation: {provinces: R, agents: -1}":                            "agents",
		"nation: {provinces: R, maintenance: [{id: x}]}":                "maintenance[0]",
		"nation: {provinces: R}\nsnmp: {port: 99999}":                   "snmp: port",
		"nation: {provinces: R}\nsnmp: {users: [{name: x, auth: crc}]}": "snmp: users",
		"nation: {provinces: R}\nsnmp: {max_answer: 3}":                 "snmp: max_answer",
		"nation: {provinces: R}\nrecordings: {address: 192.0.2.1}":      "recordings: address",
		"nation: {provinces: R}\nrecordings: {dir: x, port: 1161}":      "recordings: port",
		"nation: {provinces: R}\ncontrol: {listen: 0.0.0.0:1}":          "control: listen",
		"nation: {provinces: R}\nfaults: [{kind: dead}]":                "faults[0]",
		"nation: {provinces: R}\nrandom_faults: {count: {fire: 1}}":     "random_faults",
		"nation: {provinces: R}\nfaults: [{kind: dead, from: soon}]":    `"soon" is not a time`,
		"nation: {provinces: R, since: yesterday}":                      `"yesterday" is not a time`,
	} {
		path := filepath.Join(t.TempDir(), "simnet.yaml")
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "provinces: R", "provinces: "+registry)), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := simnet.Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
	}
}

// The whole program: devices and recordings answer, a fault posted takes a device off the air.
func TestRun(t *testing.T) {
	c, err := simnet.Load(filepath.Join(demo, "simnet-small.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	c.SNMP.Port, c.Recordings.Port, c.Control.Listen = loopback.Port(t), loopback.Port(t), loopback.Address(t)
	c.Recordings.Dir = t.TempDir()
	if err := os.WriteFile(filepath.Join(c.Recordings.Dir, "olt.snmprec"), []byte("1.3.6.1.2.1.1.5.0|4|recorded\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- simnet.Run(ctx, c, zerolog.Nop()) }()
	ready(t, "http://"+c.Control.Listen+"/-/ready", ended)
	if got, err := sysName("127.16.0.1", c.SNMP.Port, time.Minute); err != nil || got != "vn2-p-01" {
		t.Errorf("sysName %q, %v", got, err)
	}
	if got, err := sysName("127.8.0.1", c.Recordings.Port, time.Minute); err != nil || got != "recorded" {
		t.Errorf("recorded sysName %q, %v", got, err)
	}
	resp, err := http.Post("http://"+c.Control.Listen+"/faults", "application/json", strings.NewReader(`{"kind":"dead","device":"vn2-p-01"}`))
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("%v %v", resp, err)
	}
	resp.Body.Close()
	if got, err := sysName("127.16.0.1", c.SNMP.Port, time.Second); err == nil {
		t.Errorf("the dead device answers %q", got)
	}
	checkMetrics(t, "http://"+c.Control.Listen+"/metrics")
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// ready waits until the program answers.
func ready(t *testing.T, url string, ended <-chan error) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; {
		if resp, err := http.Get(url); err == nil {
			resp.Body.Close()
			return
		}
		select {
		case err := <-ended:
			t.Fatalf("ended: %v", err)
		case <-time.After(10 * time.Millisecond):
		}
	}
	t.Fatal("not ready")
}

func sysName(address string, port int, timeout time.Duration) (string, error) {
	c := &gosnmp.GoSNMP{Target: address, Port: uint16(port), Community: "public", Version: gosnmp.Version2c, Timeout: timeout, Retries: 0}
	if err := c.Connect(); err != nil {
		return "", err
	}
	defer c.Conn.Close()
	got, err := c.Get([]string{".1.3.6.1.2.1.1.5.0"})
	if err != nil {
		return "", err
	}
	name, ok := got.Variables[0].Value.([]byte)
	if !ok {
		return "", fmt.Errorf("%v", got.Variables[0])
	}
	return string(name), nil
}

func checkMetrics(t *testing.T, url string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`haidang_simnet_requests_total{face="snmp"} 2`, `haidang_simnet_answers_total{face="snmp"} 1`,
		`haidang_simnet_silent_total{face="snmp"} 1`, `haidang_simnet_varbinds_total{face="recordings"} 1`, `haidang_simnet_lost_answers_total{face="snmp"} 0`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("no %s", want)
		}
	}
}

// The demo's probes ask the devices that they are named after.
func TestDemoProbesAskTheirDevices(t *testing.T) {
	c, err := simnet.Load(filepath.Join(demo, "simnet.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := nation.Build(c.Nation)
	if err != nil {
		t.Fatal(err)
	}
	agent, err := os.ReadFile(filepath.Join(demo, "agent.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	tests := regexp.MustCompile(`\{name: ([a-z0-9-]+)[a-z.]*, method: [a-z]+, (?:address|server|url): "(?:http://)?([0-9.]+):`).FindAllStringSubmatch(string(agent), -1)
	for _, m := range tests {
		d, err := n.Find(m[1])
		if err != nil {
			t.Error(err)
		} else if n.Address(d).String() != m[2] {
			t.Errorf("%s is asked at %s, it is at %s", m[1], m[2], n.Address(d))
		}
	}
	if len(tests) < 10 {
		t.Errorf("%d tests were found", len(tests))
	}
}
