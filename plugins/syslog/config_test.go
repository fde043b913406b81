package syslog_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/certtest"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/syslog"
)

// check configures an input with files beside the configuration.
func check(t *testing.T, yaml string, files map[string]string) error {
	t.Helper()
	dir := plugintest.Files(t, files)
	certtest.Write(t, dir)
	return plugintest.Configure(t, syslog.New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 10, Dir: dir, YAML: []byte(yaml)})
}

func TestMistakesNameTheirPlace(t *testing.T) {
	header := strings.Join(devices.Columns(), ",") + "\n"
	for _, c := range []struct {
		yaml, file, text string
		want             []string
	}{
		{"listn: []\n", "", "", []string{"agent.yaml:10", "listn"}},
		{local + "listen: []\n", "", "", []string{"listen", "udp://"}},
		{local + "listen: ['http://0.0.0.0:514']\n", "", "", []string{"agent.yaml:11", "listen", "udp://, tcp://, tls://"}},
		{local + "listen: ['udp://router']\n", "", "", []string{"agent.yaml:11", "udp://0.0.0.0:514"}},
		{local + "listen: ['tls://127.0.0.1:0']\n", "", "", []string{"agent.yaml:10: tls", "cert_file"}},
		{local + "listen: ['tls://127.0.0.1:0']\ntls: {cert_file: no.pem, key_file: server.key}\n", "", "", []string{"tls", "no.pem"}},
		{local + "listen: ['tls://127.0.0.1:0']\ntls: {cert_file: server.pem, key_file: server.key, client_ca_file: server.key}\n", "", "", []string{"client_ca_file", "no certificate"}},
		{"skew: 1m\n", "", "", []string{"inventory", "devices"}},
		{local + "memory: 1KiB\n", "", "", []string{"memory"}},
		{local + "relays: [0.0.0.0/0]\n", "", "", []string{"relays", "256"}},
		{local + "timezone: Hanoi\n", "", "", []string{"timezone", "Asia/Ho_Chi_Minh"}},
		{local + "hosts: {'': d1}\n", "", "", []string{"hosts"}},
		{local + "patterns: none\n", "", "", []string{"agent.yaml:10: patterns", "none"}},
		{local + "patterns: own\n", "own/a.yaml", "vendor: v\nmessages:\n  - {name: a, word: SOMEWORD, severity: fatal}\n", []string{"a.yaml:3: severity", "critical"}},
		{"devices:\n  - {device: d1, address: nowhere}\n", "", "", []string{"agent.yaml:11", "address"}},
		{"inventory: devices.csv\n", "devices.csv", "device,address\n", []string{"devices.csv:1", "header"}},
		{"inventory: devices.csv\nhosts: {d1: d2}\n", "devices.csv", header + "d1,10.0.0.1,,,,,,,,,,,,,\n", []string{"hosts", "d1"}},
	} {
		files := map[string]string{}
		if c.file != "" {
			files[c.file] = c.text
		}
		plugintest.Refused(t, check(t, c.yaml, files), c.yaml+c.text, c.want...)
	}
}

func TestTheSampleIsRight(t *testing.T) {
	sample, err := os.ReadFile("sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := os.ReadFile("../../configs/syslog/zte-zxr10.yaml")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	certtest.Write(t, dir)
	cert, err := os.ReadFile(filepath.Join(dir, "server.pem"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"devices.csv": strings.Join(devices.Columns(), ",") + "\n", "syslog/zte.yaml": string(pair), "ca.pem": string(cert)}
	if err := check(t, string(sample), files); err != nil {
		t.Error(err)
	}
}
