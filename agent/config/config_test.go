package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/agent/shipper"
	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/conf"
)

func load(t *testing.T, text string) (Config, string, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	return c, filepath.Dir(path), err
}

func TestTheShippedFileLoads(t *testing.T) {
	c, err := Load("../../configs/agent.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if c.Name == "" || len(c.Host.Inputs) == 0 || len(c.Host.Inputs[0].Config.Text) == 0 || c.Host.Agent != c.Name {
		t.Errorf("%+v", c)
	}
	// What the file shows as a default is one: it says so in its first lines.
	want := Default()
	want.Spool.Dir = c.Spool.Dir
	if c.Spool != want.Spool || c.Listen != want.Listen || c.Log != want.Log || c.Heartbeat != want.Heartbeat {
		t.Errorf("spool %+v, want %+v", c.Spool, want.Spool)
	}
	got := c.Collector
	got.URL, got.Token, got.TLS = "", conf.Secret{}, shipper.TLS{}
	if got != want.Collector {
		t.Errorf("collector %+v, want %+v", got, want.Collector)
	}
}

const least = `name: hn-01
spool:
  dir: data/spool
collector:
  url: http://127.0.0.1:8470
`

func TestDefaultsAndPaths(t *testing.T) {
	c, dir, err := load(t, least+"plugins: /opt/plugins\ninputs:\n  - type: snmp\n    config:\n      interval: 60s\n")
	if err != nil {
		t.Fatal(err)
	}
	if c.Spool.Dir != filepath.Join(dir, "data/spool") || c.Host.Plugins != "/opt/plugins" || c.Spool.Sync != spool.SyncAlways || c.Heartbeat.D() != time.Minute {
		t.Errorf("%+v", c)
	}
	if s := c.Host.Inputs[0].Config; s.Line != 10 || !strings.Contains(string(s.Text), "interval: 60s") || s.File != filepath.Join(dir, "agent.yaml") {
		t.Errorf("section %+v", s)
	}
}

// One mistake each, with what the operator reads.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"unknown key":     {least + "retries: 3\n", `agent.yaml:6:1: unknown field "retries"`},
		"unknown nested":  {strings.Replace(least, "  dir:", "  max: 3\n  dir:", 1), `agent.yaml:3:3: unknown field "max"`},
		"unknown input":   {least + "inputs:\n  - tipe: snmp\n", `agent.yaml:7:5: unknown field "tipe"`},
		"no name":         {strings.Replace(least, "hn-01", `""`, 1), `name: "": want the agent's name`},
		"name with space": {strings.Replace(least, "hn-01", "hn 01", 1), `name: "hn 01": want`},
		"no spool":        {strings.Replace(least, "data/spool", `""`, 1), "spool.dir: missing"},
		"bad size":        {strings.Replace(least, "  dir:", "  max_bytes: 8GB\n  dir:", 1), `agent.yaml:3:14: max_bytes: "8GB" is not a size`},
		"small segments":  {strings.Replace(least, "  dir:", "  segment_bytes: 1KiB\n  dir:", 1), "agent.yaml:3:18: spool.segment_bytes: 1024: want 1MiB or more"},
		"bad url":         {strings.Replace(least, "http:", "ftp:", 1), `agent.yaml:5:8: collector.url: "ftp://127.0.0.1:8470": want`},
		"written token":   {least + "  token: hunter2\n", "agent.yaml:6:10: token: a secret is given by reference"},
		"bad heartbeat":   {least + "heartbeat: 10ms\n", "heartbeat: 10ms: want 1s or more"},
		"no listen":       {least + "listen: ''\n", "listen: empty"},
		"input twice":     {least + "inputs:\n  - type: snmp\n  - type: snmp\n", "agent.yaml:8:11: inputs[1].type: snmp is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := load(t, c.text)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "agent.yaml") {
				t.Errorf("error %v\nwant %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the error shows the secret: %v", err)
			}
		})
	}
}

// The token is found whatever folder the agent is started in.
func TestASecretsFileIsRelativeToTheConfiguration(t *testing.T) {
	c, dir, err := load(t, least+"  token: file:token\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("t0ken\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if v, err := c.Collector.Token.Reveal(); v != "t0ken" || err != nil {
		t.Errorf("Reveal = %q, %v", v, err)
	}
}

func TestCheckNamesThePlaceOfWhatIsMissing(t *testing.T) {
	c, dir, err := load(t, strings.Replace(least, "data/spool", "agent.yaml", 1)+"  token: file:absent\nweb_config: web.yaml\n")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "agent.yaml")
	err = c.Check(path)
	for _, want := range []string{
		path + ":3:8: spool.dir: " + path + " is not a folder",
		path + ":6:10: collector.token: secret: open " + dir + "/absent: no such file or directory",
		path + ":7:13: web_config: open " + dir + "/web.yaml: no such file or directory",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
