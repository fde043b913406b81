//go:build real

package dashboards

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
)

var vietnam = time.FixedZone("+07", 7*3600)

const (
	feederToken = "token-of-the-one-who-feeds"
	agentToken  = "token-of-the-agent-hni-01"
)

// site is the shipped sample configuration in a folder of its own, with a Prometheus beside it.
type site struct {
	t                            *testing.T
	dir                          string
	collector, agent, prometheus string // addresses
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), collector: loopback.Address(t), agent: loopback.Address(t), prometheus: loopback.Address(t)}
	s.build()
	if err := os.CopyFS(s.path("configs"), os.DirFS("../configs")); err != nil {
		t.Fatal(err)
	}
	s.edit("configs/collector.yaml", "127.0.0.1:8470", s.collector, "every: 15s", "every: 1s", "close_idle: 30s", "close_idle: 1s", `baseline: ""`, "baseline: speed_baseline.csv")
	s.edit("configs/devices.csv", ",48,ran-4g", ",01,ran-4g") // one unit has everything that is measured
	s.edit("configs/targets.yaml", "composites: {}", "composites: {ring-north: {target: 0.9999}}")
	s.write("configs/speed_baseline.csv", baseline(time.Now()))
	s.write("configs/principals.yaml", `principals:
  - {name: feeder, role: admin, token: env:FEEDER_TOKEN}
  - {name: hni-01, role: agent, token: env:HAIDANG_AGENT_TOKEN, inventory: true}
`)
	s.write("configs/polled.csv", polled(read(t, "../configs/devices.csv")))
	s.write("configs/agent.yaml", fmt.Sprintf(`name: hni-01
listen: %s
heartbeat: 1s
spool: {dir: ../spool}
collector: {url: "http://%s", token: env:HAIDANG_AGENT_TOKEN}
inputs:
  - type: snmp
    env: [COMMUNITY]
    config:
      interval: 2s
      timeout: 300ms
      retries: 1
      inventory: polled.csv
      credentials:
        - {name: public, version: 2c, community: env:COMMUNITY}
%s`, s.agent, s.collector, s.inputs()))
	s.write("viewer.token", feederToken)
	s.write("prometheus.yaml", read(t, "prometheus.yaml"))
	s.edit("prometheus.yaml", "\n  # - job", "\n  - job", "\n  #   ", "\n    ", "/etc/prometheus/haidang-viewer-token", s.path("viewer.token"))
	rules, err := filepath.Abs("rules")
	if err != nil {
		t.Fatal(err)
	}
	s.edit("prometheus.yaml", "127.0.0.1:8470", s.collector, "127.0.0.1:8471", s.agent, ": 15s", ": 1s", "rules/*", rules+"/*", `"127.0.0.1:9093"`, "")
	return s
}

// inputs are all others: they take a file of measurements, probe a reflector of their own, listen, and call a router in vain.
func (s *site) inputs() string {
	s.write("pm/A20261001.0000+0700-0015+0700_htg1.xml", read(s.t, "../plugins/pmfile/testdata/lte.xml"))
	reflector := loopback.Address(s.t)
	return fmt.Sprintf(`  - type: pmfile
    config:
      sources: [{name: em, dir: ../pm}]
      cells: cells.csv
      scan: 1s
      settle: 100ms
      state: ../pmfile
      quarantine: {dir: ../quarantine}
  - type: gnmi
    config:
      targets: [{device: vn2-hni-p1, address: %q}]
      credentials: [{name: lab, tls: {plaintext: true}}]
  - type: probe
    config:
      interval: 5s
      packets: 2
      spacing: 20ms
      timeout: 300ms
      state: ../probe
      reflector: {listen: [%q], allow: [127.0.0.0/8]}
      tests: [{name: self, method: stamp, address: %q, province: "01", service: transport}]
  - type: syslog
    config: {listen: ["udp://%s"], inventory: polled.csv}
  - type: mdt
    config: {listen: ["grpc://%s"], inventory: polled.csv}
  - type: snmptrap
    env: [COMMUNITY]
    config:
      listen: [%q]
      inventory: polled.csv
      state: ../snmptrap
      credentials: [{name: public, version: 2c, community: env:COMMUNITY}]
`, loopback.Address(s.t), reflector, reflector, loopback.Address(s.t), loopback.Address(s.t), loopback.Address(s.t))
}

// polled is the agent's inventory: one OLT without anything behind it, at an address of this machine where
// nothing answers. So it goes down.
func polled(devices string) string {
	var out strings.Builder
	for i, line := range strings.SplitAfter(devices, "\n") {
		if i == 0 || strings.HasPrefix(line, "hni-olt-txn1,") {
			out.WriteString(strings.Replace(line, ",10.", ",127.", 1))
		}
	}
	return out.String()
}

// run starts everything, and sends the month so far.
func (s *site) run() {
	s.start("bin/haidang-collector", "serve", "--config", s.path("configs/collector.yaml"))
	s.until("the collector is ready", func() bool { return status("http://"+s.collector+"/-/ready") == http.StatusOK })
	s.feed(month(time.Now()))
	s.feed(quarters(time.Now()))
	s.start("bin/haidang-agent", "run", "--config", s.path("configs/agent.yaml"))
	s.start("prometheus", "--config.file="+s.path("prometheus.yaml"), "--storage.tsdb.path="+s.path("tsdb"), "--web.listen-address="+s.prometheus)
	s.until("Prometheus is ready", func() bool { return status("http://"+s.prometheus+"/-/ready") == http.StatusOK })
}

func (s *site) build() {
	s.t.Helper()
	bin := s.path("bin") + "/"
	tool(s.t, "mkdir", bin)
	tool(s.t, "go", "build", "-C", "..", "-o", bin, "./collector/cmd/...", "./agent/cmd/...", "./plugins/.../cmd/...")
}

// month is what the devices and links of the sample inventory said since the month began, every five minutes.
func month(now time.Time) [][]byte {
	begin := beginOfMonth(now).Add(-5 * time.Minute)
	var batches [][]byte
	var b bytes.Buffer
	n := 0
	for at := begin; at.Before(now); at = at.Add(5 * time.Minute) {
		for _, d := range []string{"vn2-hni-p1,method=gnmi", "vn2-dng-p1,method=gnmi", "hni-mane-agg1,method=snmp", "hni-olt-cgy1,method=snmp",
			"hni-olt-txn1,method=snmp", "hgg-olt-vxy1,method=snmp", "dng-enb-htg1,method=snmp",
			"rn-hni-1,method=snmp", "rn-hpg-1,method=snmp", "rn-qnh-1,method=snmp", "sub-vtu-1,method=snmp", "sub-dng-1,method=snmp"} {
			fmt.Fprintf(&b, "reach,device=%s up=true,interval_s=300i %d\n", d, at.UnixNano())
		}
		for _, port := range []string{`vn2-hni-p1,ifname=1/1/c1/1`, `hni-mane-agg1,ifname=GE0/0/1`, `hni-olt-cgy1,ifname=ethernet0/19/0`, `hni-olt-cgy1,ifname=GPON\ 0/1/0`,
			`rn-hni-1,ifname=100GE0/1/0`, `rn-hpg-1,ifname=100GE0/1/1`, `rn-qnh-1,ifname=100GE0/1/1`, `sub-vtu-1,ifname=line-1`, `sub-dng-1,ifname=line-1`, `sub-dng-1,ifname=line-2`} {
			fmt.Fprintf(&b, "interface,device=%s admin=1i,oper=1i,in_octets=%du,out_octets=%du,uptime_cs=%du,interval_s=300i %d\n",
				port, 1000*n, 2000*n, 30000*(n+1), at.UnixNano())
		}
		if n++; n%1000 == 0 {
			batches = append(batches, bytes.Clone(b.Bytes()))
			b.Reset()
		}
	}
	return append(batches, b.Bytes())
}

// feed writes batches as any client of the write API would.
func (s *site) feed(batches [][]byte) {
	s.t.Helper()
	for _, b := range batches {
		req, err := http.NewRequest(http.MethodPost, "http://"+s.collector+"/api/v2/write", bytes.NewReader(b))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Authorization", "Token "+feederToken)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			s.t.Fatal(err)
		}
		text, _ := io.ReadAll(res.Body) // only shown
		res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			s.t.Fatalf("a batch was answered %s: %s", res.Status, text)
		}
	}
}

// start runs a program until the test ends; a name with a slash is one of the folder's own.
func (s *site) start(name string, args ...string) {
	s.t.Helper()
	logFile := s.path(filepath.Base(name) + ".log")
	log, err := os.Create(logFile)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.Contains(name, "/") {
		name = s.path(name)
	}
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = append(os.Environ(), "FEEDER_TOKEN="+feederToken, "HAIDANG_AGENT_TOKEN="+agentToken, "COMMUNITY=public")
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		_ = cmd.Wait()
		log.Close()
		if text := read(s.t, logFile); s.t.Failed() {
			s.t.Logf("log of %s:\n%s", name, text[max(0, len(text)-3000):])
		}
	})
}

// patience is how long a test waits for what must come. It only ends a test that hangs, on a slow machine, too.
const patience = 5 * time.Minute

// until polls a condition; what says what is waited for.
func (s *site) until(what string, done func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Errorf("waited %v in vain until %s", patience, what)
			return
		}
	}
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o750); err != nil {
		s.t.Fatal(err)
	}
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// edit replaces pairs of old and new.
func (s *site) edit(name string, pairs ...string) {
	s.t.Helper()
	s.write(name, strings.NewReplacer(pairs...).Replace(read(s.t, s.path(name))))
}

func status(url string) int {
	res, err := http.Get(url)
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}
