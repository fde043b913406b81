package snmp

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

func secrets(t *testing.T) {
	t.Setenv("SNMP_COMMUNITY", "s3cret-community")
	t.Setenv("SNMP_AUTH", "s3cret-auth")
	t.Setenv("SNMP_PRIV", "s3cret-priv")
	t.Setenv("SHORT", "s3cret")
}

func TestSampleIsTaken(t *testing.T) {
	secrets(t)
	text, err := os.ReadFile("sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "role: [olt, bts]", "role: [olt, bts, agg]"))
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", YAML: text, File: "sample.yaml", Line: 1, Dir: "testdata"}); err != nil {
		t.Fatal(err)
	}
	got := make([]string, 0, len(in.targets))
	for _, x := range in.targets {
		got = append(got, fmt.Sprintf("%s %v %s", x.device, x.addr, x.credential.name))
	}
	want := []string{
		"lab-r1 127.0.0.1:1161 core",
		"hni-olt-1 127.0.0.11:161 access",
		"hni-bts-1 127.0.0.12:1161 access",
		"hni-bts-1 127.0.0.13:161 access",
		"hni-agg-1 127.0.0.16:161 access",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("targets:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if others := in.others["lab-r1"]; len(others) != 2 || others[0].String() != "127.0.0.2" || len(in.others) != 1 {
		t.Errorf("others than the device itself may answer: %v", in.others)
	}
	if until := in.targets[3].valid.to; !until.Equal(time.Date(2026, 10, 1, 15, 0, 0, 0, time.UTC)) {
		t.Errorf("the second row of hni-bts-1 ends at %v", until)
	}
}

// What the sample shows as defaults are the defaults.
func TestSampleShowsTheDefaults(t *testing.T) {
	secrets(t)
	text, err := os.ReadFile("sample.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var s settings
	if err := conf.Decode("sample.yaml", 1, text, &s); err != nil {
		t.Fatal(err)
	}
	d := defaults()
	s.Interfaces, s.Credentials, s.Targets, s.Inventory, s.AcceptFrom, s.Tables = d.Interfaces, nil, nil, "", nil, nil
	if got, want := fmt.Sprintf("%+v", s), fmt.Sprintf("%+v", d); got != want {
		t.Errorf("sample.yaml has %s, defaults are %s", got, want)
	}
}

const (
	one   = `credentials: [{name: c, version: 2c, community: "env:SNMP_COMMUNITY"}]` + "\n"
	hosts = "targets: [{device: d, address: 127.0.0.1}]\n"
)

// A limit that is not named keeps its default.
func TestLimitsKeepTheirDefaults(t *testing.T) {
	secrets(t)
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", YAML: []byte(one + hosts + "limits: {subnet: {in_flight: 7}}\n"), File: "agent.yaml", Line: 1}); err != nil {
		t.Fatal(err)
	}
	want := defaultLimits()
	want.Subnet.InFlight = 7
	if in.settings.Limits != want {
		t.Errorf("limits are %+v, want %+v", in.settings.Limits, want)
	}
}

// Each mistake with what its message has to say.
func TestMistakesAreNamed(t *testing.T) {
	secrets(t)
	for name, c := range map[string]struct{ yaml, want string }{
		"nothing to poll":     {one, "agent.yaml:10: targets: nothing to poll"},
		"unknown key":         {one + hosts + "intervall: 5s\n", "agent.yaml:12:1: unknown field"},
		"broken interval":     {one + hosts + "interval: 1500ms\n", "agent.yaml:12:11: interval: 1.5s: want a whole number of seconds"},
		"timeout too long":    {one + hosts + "interval: 4s\n", "timeout: 2s: want at least 10ms, and that (retries+1) times it, 4s, is less than the interval of 4s"},
		"no retries":          {one + hosts + "retries: 0\n", "retries: 0: want 1 to 10"},
		"window":              {one + hosts + "window: 20000\n", "window: 20000: want 1 to 16384"},
		"tiny answers":        {one + hosts + "max_pdu: 100\n", "max_pdu: 100: want 484 to 65507"},
		"relearn":             {one + hosts + "relearn: 1s\n", "relearn: 1s: want at least the interval"},
		"limit":               {one + hosts + "limits: {device: {per_second: -1}}\n", "agent.yaml:12:9: limits: device.per_second: -1: want 0 to 1000000"},
		"a table's floor":     {one + hosts + "tables:\n  - {table: huawei_ont_optic, every: 1m}\n", "agent.yaml:13: every: 1m0s is below the floor of table huawei_ont_optic: want at least 15m0s"},
		"no such table":       {one + hosts + "tables:\n  - {table: ont, every: 1h}\n", `agent.yaml:13: table: "ont": there is no such table`},
		"a table without":     {one + hosts + "tables:\n  - {every: 1h}\n", "agent.yaml:13: tables: want the name of a table and every"},
		"no profiles there":   {one + hosts + "profiles: nowhere\n", "agent.yaml:12:11: profiles: "},
		"prefix":              {one + hosts + "limits: {subnet: {ipv4: 33}}\n", "limits: subnet.ipv4: 33: want 0 to 32"},
		"other address":       {one + hosts + "accept_from:\n  - {device: d, addresses: ['127.0.0.1:161']}\n", `agent.yaml:13: accept_from: device d: "127.0.0.1:161": want an IP address`},
		"nobody's address":    {one + hosts + "accept_from:\n  - {device: e, addresses: [127.0.0.1]}\n", `agent.yaml:13: accept_from: device "e": there is no such target`},
		"regular expression":  {one + hosts + "interfaces: {include: '('}\n", "agent.yaml:12:23: include: \"(\" is not a regular expression"},
		"no device":           {one + "targets:\n  - {address: 127.0.0.1}\n", "agent.yaml:12: device: want the device's name"},
		"no address":          {one + "targets:\n  - {device: d}\n", `agent.yaml:12: address: device d: "": want an IP address`},
		"host name":           {one + "targets:\n  - {device: d, address: router1}\n", `"router1": want an IP address`},
		"zone":                {one + "targets:\n  - {device: d, address: 'fe80::1%eth0'}\n", "want an IP address"},
		"port 0":              {one + "targets:\n  - {device: d, address: '127.0.0.1:0'}\n", "want an IP address"},
		"device twice":        {one + "targets:\n  - {device: d, address: 127.0.0.1}\n  - {device: d, address: 127.0.0.2}\n", "agent.yaml:13: device: d is already a target at agent.yaml:12"},
		"unknown credential":  {one + "targets:\n  - {device: d, address: 127.0.0.1, credential: x}\n", `agent.yaml:12: credential: device d: "x": there is no such credential`},
		"no credential":       {hosts, "want the name of a credential: there are 0"},
		"unnamed credential":  {"credentials:\n  - {version: 2c}\n" + hosts, `agent.yaml:11: credential "": name: want a name`},
		"credential twice":    {"credentials:\n  - &c {name: c, version: 2c, community: 'env:SNMP_COMMUNITY'}\n  - {name: c, version: 2c, community: 'env:SNMP_COMMUNITY'}\n" + hosts, `"c" is there twice`},
		"version 1":           {"credentials: [{name: c, version: 1}]\n" + hosts, `version: "1": want "2c" or "3"`},
		"open secret":         {"credentials: [{name: c, version: 2c, community: hunter2}]\n" + hosts, "community: a secret is given by reference"},
		"secret not set":      {"credentials: [{name: c, version: 2c, community: 'env:NOT_SET'}]\n" + hosts, "env:NOT_SET: the environment variable is not set"},
		"no community":        {"credentials: [{name: c, version: 2c}]\n" + hosts, "community: secret: none configured"},
		"2c with user":        {"credentials: [{name: c, version: 2c, user: u}]\n" + hosts, "version 2c has community"},
		"3 with community":    {"credentials: [{name: c, version: 3, community: 'env:SHORT'}]\n" + hosts, "community: is of version 2c"},
		"3 without user":      {"credentials: [{name: c, version: 3}]\n" + hosts, "user: want a name of 1 to 32 octets"},
		"protocol":            {"credentials: [{name: c, version: 3, user: u, auth: {protocol: sha3, password: 'env:SNMP_AUTH'}}]\n" + hosts, "auth: protocol: \"sha3\": want one of md5, sha, sha224, sha256, sha384, sha512"},
		"short password":      {"credentials: [{name: c, version: 3, user: u, auth: {protocol: sha, password: 'env:SHORT'}}]\n" + hosts, "auth: password: is too short: want at least 8"},
		"priv without auth":   {"credentials: [{name: c, version: 3, user: u, priv: {protocol: aes, password: 'env:SNMP_PRIV'}}]\n" + hosts, "auth: is not there: priv needs it"},
		"no inventory":        {one + "inventory: nowhere.csv\n", "agent.yaml:11:12: inventory: open"},
		"inventory's header":  {one + "inventory: header.csv\n", "header.csv:1: header: want device,address,"},
		"inventory's address": {one + "inventory: address.csv\n", `address.csv:3: address: device b: "127.0.0.300": want an IP address`},
		"inventory's time":    {one + "inventory: time.csv\n", `time.csv:2: valid_from: device a: "yesterday" is not a time`},
		"inventory's columns": {one + "inventory: columns.csv\n", "columns.csv: record on line 2: wrong number of fields"},
		"nobody's credential": {"credentials: [{name: c, version: 2c, community: 'env:SNMP_COMMUNITY', for: {vendor: [cisco]}}]\ninventory: devices.csv\n",
			`devices.csv:2: device: hni-olt-1: no credential is for a device of vendor "huawei"`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := inventories(t)
			err := New().Configure(sdk.Config{Agent: "a1", YAML: []byte(c.yaml), File: "agent.yaml", Line: 10, Dir: dir})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error: %v\nwant it to say: %s", err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error shows a secret: %v", err)
			}
		})
	}
}

// inventories writes the inventories with a mistake beside the good one.
func inventories(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	good, err := os.ReadFile("testdata/devices.csv")
	if err != nil {
		t.Fatal(err)
	}
	header, _, _ := strings.Cut(string(good), "\n")
	for name, text := range map[string]string{
		"devices.csv": string(good),
		"header.csv":  "device,address\n",
		"address.csv": header + "\na,127.0.0.1,,,,,,,,,,,,,\nb,127.0.0.300,,,,,,,,,,,,,\n",
		"time.csv":    header + "\na,127.0.0.1,,,,,,,,,,,,yesterday,\n",
		"columns.csv": header + "\na,127.0.0.1\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// Credentials over several lines, with their secret in a file beside the configuration.
func TestCredentialInABlockWithASecretBesideTheConfiguration(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "community"), []byte("from-a-file\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const text = "credentials:\n  - name: c\n    version: 2c\n    community: file:community\n" +
		"targets:\n  - device: d\n    address: 127.0.0.1\n"
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", YAML: []byte(text), File: filepath.Join(dir, "agent.yaml"), Line: 10, Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if got := in.targets[0].credential.community; got != "from-a-file" {
		t.Errorf("community %q", got)
	}
}
