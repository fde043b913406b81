//go:build real

package snmp_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// The way an operator goes: haidang-agent once, the plugin as a process of its own, secrets from files and
// from the environment. The values lie between what snmpget says before and after.
func TestRealThroughTheAgent(t *testing.T) {
	s, bin := startSnmpd(t), t.TempDir()
	buildAgent(t, bin)
	secret := filepath.Join(bin, "priv")
	if err := os.WriteFile(secret, []byte(privPassword+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, yaml := range map[string]string{
		"v2c":         `{name: c, version: 2c, community: "env:TEST_COMMUNITY"}`,
		"v3 authPriv": fmt.Sprintf(`{name: c, version: 3, user: both, auth: {protocol: sha256, password: "env:TEST_AUTH"}, priv: {protocol: aes, password: "file:%s"}}`, secret),
	} {
		t.Run(name, func(t *testing.T) {
			options := credentials()[name].options
			before := s.interfaces(t, options)
			lines := s.agentOnce(t, bin, yaml)
			between(t, lines, before, s.interfaces(t, options))
		})
	}
}

// buildAgent builds the agent and its input into a folder.
func buildAgent(t *testing.T, bin string) {
	t.Helper()
	module := "github.com/haidang-noc/haidang/"
	build := exec.Command("go", "build", "-o", bin+"/", module+"agent/cmd/haidang-agent", module+"plugins/snmp/cmd/haidang-input-snmp")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
}

// agentConfig writes the configuration of an agent that polls the test's snmpd.
func (s *snmpd) agentConfig(t *testing.T, credential string) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "agent.yaml")
	text := fmt.Sprintf(`name: a1
listen: 127.0.0.1:0
spool: {dir: spool}
collector: {url: "http://127.0.0.1:1"}
inputs:
  - type: snmp
    env: [TEST_COMMUNITY, TEST_AUTH]
    config:
      interval: 5s
      timeout: 2s
      interfaces: {all_packets: true}
      credentials:
        - %s
      targets:
        - {device: host, address: %q}
`, credential, s.addr)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// agentOnce runs haidang-agent once over the test's snmpd.
func (s *snmpd) agentOnce(t *testing.T, bin, credential string) plugintest.Lines {
	t.Helper()
	config := s.agentConfig(t, credential)
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "haidang-agent"), "once", "snmp", "--config", config)
	cmd.Env = append(os.Environ(), "TEST_COMMUNITY=public", "TEST_AUTH="+authPassword)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}

// A running agent shows the counters of the input in its own metrics, and promtool has nothing to say of any of them.
func TestRealMetricsThroughTheAgent(t *testing.T) {
	s, bin, promtool := startSnmpd(t), t.TempDir(), program(t, "promtool", "prometheus")
	buildAgent(t, bin)
	config := s.agentConfig(t, `{name: c, version: 2c, community: "env:TEST_COMMUNITY"}`)
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "haidang-agent"), "run", "--config", config)
	cmd.Env = append(os.Environ(), "TEST_COMMUNITY=public")
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
	}()
	address := ""
	lines := bufio.NewScanner(log)
	for running := false; (address == "" || !running) && lines.Scan(); {
		var line struct{ Message, Address string }
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			t.Fatalf("%v: %s", err, lines.Text())
		}
		running = running || line.Message == "input runs"
		if line.Message == "listening" {
			address = line.Address
		}
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
	text := scrapeUntil(t, "http://"+address+"/metrics", `haidang_snmp_rounds_total{input="snmp",result="up"} 1`)
	for _, name := range []string{`haidang_snmp_datagrams_dropped_total{input="snmp",reason="malformed"} 0`,
		`haidang_snmp_datagrams_dropped_total{input="snmp",reason="wrong_source"} 0`, `haidang_snmp_round_lateness_seconds_count{input="snmp"} 1`,
		`haidang_snmp_reports_total{input="snmp",reason="time_window"} 0`, `haidang_pluginhost_dropped_metric_families_total{input="snmp"} 0`} {
		if !strings.Contains(text, name) {
			t.Errorf("there is no %s in\n%s", name, text)
		}
	}
	check := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	check.Stdin = strings.NewReader(text)
	if out, err := check.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("promtool check metrics: %v\n%s", err, out)
	}
}

// scrapeUntil reads the metrics until they say so: the first round begins within the interval.
func scrapeUntil(t *testing.T, url, want string) string {
	t.Helper()
	for ticks := time.Tick(100 * time.Millisecond); ; <-ticks {
		response, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		switch {
		case err != nil || response.StatusCode != http.StatusOK:
			t.Fatalf("%v %s\n%s", err, response.Status, text)
		case strings.Contains(string(text), want):
			return string(text)
		}
	}
}
