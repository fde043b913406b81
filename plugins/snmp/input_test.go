package snmp_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

// Each folder of testdata/cases is a device (device.snmprec), a configuration (input.yaml) and the lines
// of one round (expected.lp; sysUpTime and round trip are shown as 0).
func TestCases(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Setenv("TEST_COMMUNITY", "public")
			d := snmptest.Start(t).Device("127.9.0.1")
			d.Load(recording(t, filepath.Join(folder, "device.snmprec")))
			lines, err := plugintest.Once(t, snmp.New(), config(t, filepath.Join(folder, "input.yaml"), d))
			if err != nil {
				t.Fatal(err)
			}
			steady(lines.WithoutTimes()).Sorted().Golden(t, filepath.Join(folder, "expected.lp"))
		})
	}
}

func recording(t *testing.T, path string) []snmptest.Recorded {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	all, bad, err := snmptest.ReadRecording(f)
	if err != nil || bad > 0 {
		t.Fatalf("%s: %d bad lines, %v", path, bad, err)
	}
	return all
}

func config(t *testing.T, path string, d *snmptest.Device) sdk.Config {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	text = []byte(strings.ReplaceAll(string(text), "ADDRESS", d.Addr().String()))
	return sdk.Config{Agent: "a1", YAML: text, File: path, Line: 1}
}

// steady replaces what differs from run to run.
func steady(lines plugintest.Lines) plugintest.Lines {
	vary := regexp.MustCompile(`(uptime_cs|rtt_ms)=[0-9.]+`)
	for i, l := range lines {
		lines[i] = vary.ReplaceAllString(l, "$1=0")
	}
	return lines
}

// A row of the inventory is polled while it is valid, and at no other time.
func TestRowsAreValidInTheirTimeOnly(t *testing.T) {
	t.Setenv("TEST_COMMUNITY", "public")
	r := snmptest.Start(t)
	past, present := r.Device("127.9.0.2"), r.Device("127.9.0.3")
	dir := t.TempDir()
	now := time.Now().UTC()
	rows := []string{
		"device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to",
		"d1," + past.Addr().String() + ",,,,,,,,,,,,2020-01-01," + now.Add(-time.Hour).Format(time.RFC3339),
		"d1," + present.Addr().String() + ",,,,,,,,,,,," + now.Add(-time.Hour).Format(time.RFC3339) + ",",
	}
	if err := os.WriteFile(filepath.Join(dir, "devices.csv"), []byte(strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	yaml := "credentials: [{name: c, version: 2c, community: 'env:TEST_COMMUNITY'}]\ninventory: devices.csv\n"
	lines, err := plugintest.Once(t, snmp.New(), sdk.Config{Agent: "a1", YAML: []byte(yaml), File: "agent.yaml", Line: 1, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(lines, "\n"); strings.Count(text, "reach,agent=a1,device=d1,method=snmp up=true") != 1 || past.Queries() != 0 {
		t.Errorf("%d queries to the past; lines:\n%s", past.Queries(), text)
	}
}

func TestRunGoesOnUntilItIsStopped(t *testing.T) {
	t.Setenv("TEST_COMMUNITY", "public")
	d := snmptest.Start(t).Device("127.9.0.4")
	d.SetInterfaces(snmptest.Interface{Index: 1, Name: "eth0", Type: 6, Admin: 1, Oper: 1, Mbps: 10, N: 1})
	c := config(t, "testdata/cases/station/input.yaml", d)
	c.YAML = append(c.YAML, "interval: 1s\ntimeout: 400ms\n"...)
	lines := plugintest.Run(t, snmp.New(), c, func(lines plugintest.Lines) bool {
		return strings.Count(strings.Join(lines, "\n"), "ifname=eth0 ") >= 2
	})
	if strings.Contains(strings.Join(lines, "\n"), "up=false") {
		t.Errorf("lines: %q", lines)
	}
}
