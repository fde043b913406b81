//go:build real

package snmp_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// The way an operator goes: haidang-agent once, the plugin as a process of its own, secrets from files and
// from the environment. The values lie between what snmpget says before and after.
func TestRealThroughTheAgent(t *testing.T) {
	s, bin := startSnmpd(t), t.TempDir()
	module := "github.com/haidang-noc/haidang/"
	build := exec.Command("go", "build", "-o", bin+"/", module+"agent/cmd/haidang-agent", module+"plugins/snmp/cmd/haidang-input-snmp")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
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

// agentOnce runs haidang-agent once over the test's snmpd.
func (s *snmpd) agentOnce(t *testing.T, bin, credential string) plugintest.Lines {
	t.Helper()
	config := filepath.Join(t.TempDir(), "agent.yaml")
	text := fmt.Sprintf(`name: a1
spool: {dir: spool}
collector: {url: "http://127.0.0.1:1"}
inputs:
  - type: snmp
    env: [TEST_COMMUNITY, TEST_AUTH]
    config:
      credentials:
        - %s
      targets:
        - {device: host, address: %q}
`, credential, s.addr)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "haidang-agent"), "once", "snmp", "--config", config)
	cmd.Env = append(os.Environ(), "TEST_COMMUNITY=public", "TEST_AUTH="+authPassword)
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, log.String())
	}
	return strings.Split(strings.TrimSpace(out.String()), "\n")
}
