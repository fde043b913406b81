package snmptrap_test

import (
	"os"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmptrap"
)

const header = "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n"

// check configures an input with files beside the configuration.
func check(t *testing.T, yaml string, files map[string]string) error {
	t.Helper()
	t.Setenv("TEST_COMMUNITY", "public")
	t.Setenv("TEST_AUTH", authPassword)
	dir := plugintest.Files(t, files)
	return plugintest.Configure(t, snmptrap.New(), sdk.Config{Agent: "a1", File: "agent.yaml", Line: 10, Dir: dir, YAML: []byte(yaml)})
}

func TestMistakesNameTheirPlace(t *testing.T) {
	row := func(name, address, from, to string) string {
		return name + "," + address + ",,,,,,,,,,,," + from + "," + to + "\n"
	}
	for _, c := range []struct {
		yaml, file, text string // file: traps.yaml or devices.csv
		want             []string
	}{
		{"listn: []\n", "", "", []string{"agent.yaml:10", "listn"}},
		{local, "", "", []string{"agent.yaml:10", "credentials"}},
		{community, "", "", []string{"inventory", "devices"}},
		{community + local + "memory: 1KiB\n", "", "", []string{"memory"}},
		{community + local + "relays: [0.0.0.0/0]\n", "", "", []string{"relays", "256"}},
		{community + local + "engine_id: zz\n", "", "", []string{"engine_id", "hex"}},
		{"credentials:\n  - {name: c, version: 1, community: 'env:TEST_COMMUNITY'}\n" + local, "", "", []string{"agent.yaml:11", "version", `"2c"`}},
		{"credentials:\n  - name: c\n    version: 3\n    user: u\n    priv: {protocol: aes, password: 'env:TEST_AUTH'}\n" + local, "", "", []string{"agent.yaml:11", "auth", "priv needs it"}},
		{"credentials:\n  - {name: c, version: 3, user: u, auth: {protocol: sha3, password: 'env:TEST_AUTH'}}\n" + local, "", "", []string{"protocol", "sha224, sha256"}},
		{community + "devices:\n  - {device: d1, address: nowhere}\n", "", "", []string{"agent.yaml:12", "address", "IP address"}},
		{community + "devices:\n  - {device: d1, address: 10.0.0.1}\n  - {device: d2, address: 10.0.0.1}\n", "", "", []string{"agent.yaml:13", "d1", "agent.yaml:12"}},
		{community + "inventory: devices.csv\n", "devices.csv", "device,address\n", []string{"devices.csv:1", "header"}},
		{community + "inventory: devices.csv\n", "devices.csv", header + row("d1", "10.0.0.1", "yesterday", ""), []string{"devices.csv:2", "valid_from"}},
		{community + "inventory: devices.csv\n", "devices.csv", header + row("d1", "10.0.0.1", "", "2026-02-01") + row("d2", "10.0.0.1", "2026-01-31", ""), []string{"devices.csv:3", "d1", "devices.csv:2"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "traps:\n  - {oid: 1.3.6.1.4.1.9.0.1, name: a, severity: fatal}\n", []string{"traps.yaml:2", "severity", "critical"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "traps:\n  - {oid: 1.3.6.1.4.1.9.0.1, name: a, severity: major}\n  - {oid: 1.3.6.1.4.1.9.1, name: b, severity: major}\n", []string{"traps.yaml:3", "line 2"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "traps:\n  - {oid: 1.x, name: a, severity: major}\n", []string{"traps.yaml:2", "oid"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "traps:\n  - {oid: 1.3.6, name: a, severity: major, interface: 1.3.6.1}\n", []string{"traps.yaml:2", "interface", "up"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "traps:\n  - {oid: 1.3.6, nam: a}\n", []string{"traps.yaml:2", "nam"}},
		{community + local + "traps: traps.yaml\n", "traps.yaml", "names: {a.b: c}\n", []string{"traps.yaml", "names"}},
	} {
		files := map[string]string{}
		if c.file != "" {
			files[c.file] = c.text
		}
		plugintest.Refused(t, check(t, c.yaml, files), c.yaml+c.text, c.want...)
	}
}

func TestAnAddressMayChangeHands(t *testing.T) {
	text := header + "d1,10.0.0.1:1161,,,,,,,,,gnmi,a1,,,2026-02-01\nd2,10.0.0.1,,,,,,,,,,,,2026-02-01,\nd3,,,,,,,,,,,,,,\nd4,host.example,,,,,,,,,,,,,\nd1,10.0.0.1,,,,,,,,,,a2,,,\n"
	if err := check(t, community+"inventory: devices.csv\n", map[string]string{"devices.csv": text}); err != nil {
		t.Error(err)
	}
}

func TestTheSampleAndTheTableAreRight(t *testing.T) {
	sample, err := os.ReadFile("sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := os.ReadFile("../../configs/traps.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("TRAP_COMMUNITY", "public")
	t.Setenv("SNMP_COMMUNITY", "public")
	t.Setenv("TRAP_AUTH", authPassword)
	t.Setenv("TRAP_PRIV", privPassword)
	if err := check(t, string(sample), map[string]string{"devices.csv": header, "traps.yaml": string(table)}); err != nil {
		t.Error(err)
	}
}
