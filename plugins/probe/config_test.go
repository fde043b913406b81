package probe_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

const good = "{name: a, method: icmp, address: 127.0.0.1, province: '01', service: transport}"

func TestMistakesNameTheirPlace(t *testing.T) {
	t.Setenv("SHORT_KEY", "too short")
	icmp := func(more string) string {
		return "tests:\n  - {name: a, method: icmp, address: 127.0.0.1, province: '01', service: transport" + more + "}"
	}
	stamp := func(more string) string {
		return "tests:\n  - {name: a, method: stamp, address: 127.0.0.1, province: '01', service: transport" + more + "}"
	}
	for name, c := range map[string]struct{ yaml, want string }{
		"nothing":          {"interval: 60s", "agent.yaml:1: tests: nothing to do: want tests, an inventory, a reflector"},
		"unknown key":      {"tests: [" + good + "]\nintervall: 5s", "agent.yaml:2"},
		"unknown in test":  {icmp(", spaces: 1"), "agent.yaml:2"},
		"method":           {"tests:\n  - {name: a, method: smtp}", `agent.yaml:2: method: "smtp": want icmp, stamp, dns, web, download, upload`},
		"no method":        {"tests:\n  - {name: a}", `agent.yaml:2: method: "": want icmp`},
		"no name":          {"tests:\n  - {method: icmp, address: 127.0.0.1, province: '01', service: transport}", "name: want one"},
		"both":             {icmp(", device: d1"), "device: want either a device or a province"},
		"service":          {strings.Replace(icmp(""), "service: transport", "service: tv", 1), `service: "tv": want one of mobile_voice, mobile_data`},
		"no service":       {strings.Replace(icmp(""), ", service: transport", "", 1), "service: want one of"},
		"reach":            {icmp(", reach: true"), "reach: is of icmp and of a device"},
		"address":          {strings.Replace(icmp(""), "127.0.0.1", "host.example", 1), `address: "host.example": want an IP address without a port`},
		"address of stamp": {strings.Replace(stamp(""), "127.0.0.1", "'127.0.0.1:0'", 1), `want an IP address, with or without a port: 10.1.2.3, 10.1.2.3:862`},
		"multicast":        {strings.Replace(stamp(""), "127.0.0.1", "224.0.0.1", 1), "want an IP address"},
		"interval":         {icmp(", interval: 1s"), "interval: 1s: want whole seconds, 5s to 24h"},
		"round":            {icmp(", interval: 5s, packets: 40"), "interval: 5s: a round of 40 packets takes up to 6s"},
		"packets":          {icmp(", packets: 0"), "packets: 0: want 1 to 1000"},
		"spacing":          {icmp(", spacing: 10us"), "spacing: 10µs: want at least 1ms"},
		"too fast":         {icmp(", spacing: 5ms"), "spacing: test a: 5ms are 200 packets a second: limits.target_packets_per_second allows 50"},
		"too much":         {"limits: {packets_per_second: 1}\n" + icmp(", packets: 100"), "they send 2 packets a second: limits.packets_per_second allows 1"},
		"too much for one": {"limits: {target_packets_per_second: 1}\nspacing: 1s\npackets: 40\ntests:\n  - " + good + "\n  - " + strings.Replace(good, "name: a", "name: b", 1), "127.0.0.1 is sent 1.3 packets a second"},
		"twice":            {"tests:\n  - " + good + "\n  - " + good, `agent.yaml:3: name: "a": agent.yaml:2 has it, too`},
		"dscp":             {icmp(", dscp: 64"), "dscp: 64: want 0 to 63"},
		"icmp with a key":  {icmp(", key: env:SHORT_KEY"), "icmp has neither key nor stateful"},
		"short key":        {stamp(", key: env:SHORT_KEY"), "key: want at least 16 octets"},
		"missing key":      {stamp(", key: env:NO_SUCH_KEY"), "key:"},
		"codec":            {stamp(", voice: {codec: opus}"), `voice: codec: "opus": want one of g711, g711-plc, g723, g729a, gsm-efr`},
		"clock":            {"clock: {source: gps}\n" + icmp(""), `clock: source: "gps": want none, kernel or declared`},
		"clock's error":    {"clock: {source: declared}\n" + icmp(""), "clock: error: 0s: want more than 0s"},
		"server":           {"tests:\n  - {name: a, method: dns, server: ns1, query: example.vn, province: '01', service: transport}", `server: "ns1": want an IP address`},
		"type":             {"tests:\n  - {name: a, method: dns, server: 127.0.0.1, query: example.vn, type: B, province: '01', service: transport}", `type: "B": want a type of record`},
		"query":            {"tests:\n  - {name: a, method: dns, server: 127.0.0.1, query: 'a..b', province: '01', service: transport}", `query: "a..b": want a domain name`},
		"rcode":            {"tests:\n  - {name: a, method: dns, server: 127.0.0.1, query: a, rcodes: [FINE], province: '01', service: transport}", `rcodes: "FINE": want names like NOERROR`},
		"url":              {"tests:\n  - {name: a, method: web, url: 'ftp://x/', province: '01', service: transport}", `url: "ftp://x/": want http:// or https://`},
		"password":         {"tests:\n  - {name: a, method: web, url: 'http://u:p@x/', province: '01', service: transport}", "and no password"},
		"bulk":             {"bulk_hosts: [a.example]\ntests:\n  - {name: a, method: download, url: 'http://b.example/', province: '01', service: transport}", "url: b.example is not among bulk_hosts (a.example)"},
		"reflector":        {"reflector: {listen: ['127.0.0.1:862']}", "reflector: allow: nobody would be answered"},
		"inventory":        {"inventory: {file: none.csv}", "inventory: file:"},
		"sources":          {"source: [127.0.0.1, 127.0.0.2]\n" + icmp(""), "source: want at most one address of each version of IP"},
		"anchors":          {"anchors: ['fe80::1%eth0']\n" + icmp(""), "without a zone"},
		"trust":            {"tests:\n  - {name: a, method: web, url: 'https://x/', trust: none.pem, province: '01', service: transport}", "trust:"},
	} {
		t.Run(name, func(t *testing.T) {
			err := plugintest.Configure(t, probe.New(), section(t, c.yaml))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "agent.yaml:") {
				t.Errorf("%v\nwant agent.yaml:… %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "u:p@") && name != "password" {
				t.Error("a secret is told")
			}
		})
	}
}

// The sample is right, and every device of the inventory that is to be pinged is.
func TestTheSampleIsRight(t *testing.T) {
	text, err := os.ReadFile("sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("STAMP_KEY", "0123456789abcdef")
	c := section(t, string(text))
	devices := "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n" +
		"d1,127.0.0.1,01,man-e,,,,,,,icmp,a1,,,\n"
	if err := os.WriteFile(filepath.Join(c.Dir, "devices.csv"), []byte(devices), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := plugintest.Configure(t, probe.New(), c); err != nil {
		t.Error(err)
	}
}

func TestDevicesOfTheInventoryArePinged(t *testing.T) {
	t.Parallel()
	c := section(t, "packets: 1\nspacing: 20ms\ntimeout: 4s\ninventory: {file: devices.csv}")
	rows := "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n" +
		"d1,127.0.0.1,01,man-e,,,,,,,icmp,a1,,,\n" +
		"d2,127.0.0.2:1161,01,man-e,,,,,,,icmp,,,,\n" +
		"other agent's,127.0.0.3,01,man-e,,,,,,,icmp,a2,,,\n" +
		"by SNMP,127.0.0.4,01,man-e,,,,,,,snmp,a1,,,\n" +
		"no address,,01,man-e,,,,,,,icmp,a1,,,\n" +
		"gone,127.0.0.5,01,man-e,,,,,,,icmp,a1,,,2020-01-01\n"
	if err := os.WriteFile(filepath.Join(c.Dir, "devices.csv"), []byte(rows), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := plugintest.Once(t, probe.New(), c)
	if err != nil {
		t.Fatal(err)
	}
	shape(lines).Golden(t, "testdata/inventory.lp")
}

func TestRun(t *testing.T) {
	t.Parallel()
	lines := plugintest.Run(t, probe.New(), section(t, "interval: 5s\npackets: 2\nspacing: 20ms\ntimeout: 3s\nanchors: [127.0.0.1]\ntests:\n  - "+good),
		func(l plugintest.Lines) bool { return len(l) >= 1 })
	if len(lines) < 1 || !strings.HasPrefix(lines[0], "probe,agent=a1,province=01,service=transport,target=a loss_ratio=0,samples=2i") {
		t.Errorf("%q", lines)
	}
}

// The shipped configuration of a reflector alone is right as far as this machine lets one see: it is read, and the addresses
// are then listened at.
func TestTheReflectorIsAProgram(t *testing.T) {
	text, err := os.ReadFile("../../configs/reflector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ from, to, want string }{
		"taken port":  {"'0.0.0.0:862', '[::]:862'", "'" + reflect(t, "127.0.0.1", stamp.ReflectorConfig{}).String() + "'", "address already in use"},
		"no networks": {"[10.0.0.0/8, 2001:db8::/32]", "[]", "reflector: allow: nobody would be answered"},
		"clock":       {"source: kernel", "source: sundial", "clock: source: \"sundial\": want none, kernel or declared"},
	} {
		if !strings.Contains(string(text), c.from) {
			t.Fatalf("%s: the file has no %s", name, c.from)
		}
		file := filepath.Join(t.TempDir(), "reflector.yaml")
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), c.from, c.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := probe.Tools()
		cmd.SetArgs([]string{"reflector", "--config", file})
		if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}
