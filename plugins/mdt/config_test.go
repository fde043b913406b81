package mdt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/internal/certtest"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// check configures an input with files beside the configuration.
func check(t *testing.T, yaml string, files map[string]string) error {
	t.Helper()
	dir := plugintest.Files(t, files)
	certtest.Write(t, dir)
	return plugintest.Configure(t, New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 10, Dir: dir, YAML: []byte(yaml)})
}

func TestMistakesNameTheirPlace(t *testing.T) {
	for _, c := range []struct {
		yaml, file, text string
		want             []string
	}{
		{"listn: []\n", "", "", []string{"agent.yaml:10", "listn"}},
		{local + "listen: ['http://0.0.0.0:1']\n", "", "", []string{"agent.yaml:11", "listen", "grpc://, grpcs://, tcp://, tls://, jti://"}},
		{local + "listen: ['grpcs://127.0.0.1:0']\n", "", "", []string{"agent.yaml:10: tls", "cert_file"}},
		{local + "listen: ['tls://127.0.0.1:0']\ntls: {cert_file: server.pem, key_file: no.key}\n", "", "", []string{"tls", "no.key"}},
		{"interval: 1m\n", "", "", []string{"inventory", "devices"}},
		{local + "interval: 0s\n", "", "", []string{"agent.yaml:11", "interval"}},
		{local + "max_message: 1KiB\n", "", "", []string{"agent.yaml:11", "max_message"}},
		{local + "limit: {rate: 1MiB, burst: 1MiB}\n", "", "", []string{"agent.yaml:11", "limit", "burst"}},
		{local + "sensors: own\n", "", "", []string{"agent.yaml:10: sensors", "own"}},
		{local + "sensors: own\n", "own/a.yaml", "sensors:\n  - {paths: [p], measurement: m}\n", []string{"a.yaml:2: counters"}},
		{local + "protos: none\n", "", "", []string{"agent.yaml:10: protos", "none"}},
		{local + "protos: own\n", "own/a.txt", "", []string{"protos", "no .proto file"}},
		{local + "protos: own\n", "own/a.proto", "syntax = \"proto3\";\nmessage M {\n  strin a = 1;\n}\n", []string{"protos", "a.proto:3:3", "strin"}},
		{local + "protos: own\n", "own/a.proto", "syntax = \"proto3\";\nimport \"missing.proto\";\n", []string{"protos", "a.proto:2", "missing.proto"}},
	} {
		files := map[string]string{}
		if c.file != "" {
			files[c.file] = c.text
		}
		plugintest.Refused(t, check(t, c.yaml, files), c.yaml+c.text, c.want...)
	}
}

func TestTheSampleIsRight(t *testing.T) {
	files := map[string]string{"devices.csv": strings.Join(devices.Columns(), ",") + "\n"}
	dir := t.TempDir()
	certtest.Write(t, dir)
	for to, from := range map[string]string{"sensors/own.yaml": "../../configs/sensors/openconfig.yaml", "protos/ifm.proto": "testdata/protos/ifm.proto",
		"ca.pem": filepath.Join(dir, "server.pem"), "sample": "sample.yaml"} {
		text, err := os.ReadFile(from)
		must(t, err)
		files[to] = string(text)
	}
	if err := check(t, files["sample"], files); err != nil {
		t.Error(err)
	}
}

// A path of the operator's takes the place of the shipped one.
func TestOwnSensorsWin(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, "own.yaml"), []byte("sensors:\n  - {paths: ['"+counters+"'], measurement: x_mine, tags: {p: keys/interface-name}, counters: {n: content/bytes-sent}}\n"), 0o600))
	r := start(t, dir, "sensors: .\n", "tcp://127.0.0.1:0")
	r.send(r.addrs[0], framed(0, message(t, counters, "Gi0")))
	if got := r.wait(1); len(got) != 1 || !strings.HasPrefix(got[0], "x_mine,agent=a1,device=d1,p=Gi0 n=200u,") {
		t.Errorf("%q", got)
	}
}
