package snmp_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const v3Credential = `{name: c, version: 3, user: noc, auth: {protocol: sha256, password: "env:TEST_AUTH"}, priv: {protocol: aes, password: "env:TEST_PRIV"}, context: core}`

// secure makes a device speak version 3 to the user of v3Credential.
func secure(t *testing.T, d *snmptest.Device) {
	t.Helper()
	t.Setenv("TEST_AUTH", "auth-pass-12345")
	t.Setenv("TEST_PRIV", "priv-pass-12345")
	u, err := usm.NewUser(usm.Credentials{Name: "noc", Auth: usm.AuthProtocols()["sha256"], Priv: usm.PrivProtocols()["aes"],
		AuthPassword: "auth-pass-12345", PrivPassword: "priv-pass-12345"})
	if err != nil {
		t.Fatal(err)
	}
	d.Secure(&usmtest.Agent{Engine: []byte{0x80, 0, 0, 0, 5, 1, 2, 3}, Boots: 1, Began: time.Now(), Users: []*usm.User{u}})
}

// A device says the same over version 3 as over 2c.
func TestCasesOverVersion3(t *testing.T) {
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			d := snmptest.Start(t).Device("127.9.0.5")
			d.Load(recording(t, filepath.Join(folder, "device.snmprec")))
			secure(t, d)
			c := config(t, filepath.Join(folder, "input.yaml"), d)
			_, rest, found := strings.Cut(string(c.YAML), "\n")
			if !found {
				t.Fatal("want the credential in the first line")
			}
			c.YAML = []byte("credentials: [" + v3Credential + "]\n" + rest)
			lines, err := plugintest.Once(t, snmp.New(), c)
			if err != nil {
				t.Fatal(err)
			}
			steady(lines.WithoutTimes()).Sorted().Golden(t, filepath.Join(folder, "expected.lp"))
		})
	}
}

// A device is believed in the version of its credential only: its address alone makes nobody the device.
func TestVersionsDoNotMix(t *testing.T) {
	t.Setenv("TEST_COMMUNITY", "public")
	r := snmptest.Start(t)
	open, closed := r.Device("127.9.0.6"), r.Device("127.9.0.7")
	secure(t, closed)
	yaml := "timeout: 200ms\ncredentials:\n  - " + v3Credential + "\n  - {name: d, version: 2c, community: 'env:TEST_COMMUNITY'}\ntargets:\n" +
		"  - {device: open, address: '" + open.Addr().String() + "', credential: c}\n  - {device: closed, address: '" + closed.Addr().String() + "', credential: d}\n"
	lines, err := plugintest.Once(t, snmp.New(), sdk.Config{Agent: "a1", YAML: []byte(yaml), File: "agent.yaml", Line: 1})
	if err != nil {
		t.Fatal(err)
	}
	if text := strings.Join(lines, "\n"); strings.Count(text, "up=false") != 2 || len(lines) != 2 {
		t.Errorf("lines:\n%s", text)
	}
}
