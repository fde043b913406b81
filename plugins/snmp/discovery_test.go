package snmp

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/encoding/protojson"

	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/wire"
)

// nationAt serves a small simulated network while the test runs, and returns its port.
func nationAt(t *testing.T, first string) int {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Only, cfg.Address = "../../configs/provinces/provinces-34.csv", 60, []string{"01", "48", "79"}, netip.MustParseAddr(first)
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	o, err := n.Overlay(nil)
	if err != nil {
		t.Fatal(err)
	}
	var overlay atomic.Pointer[nation.Overlay]
	overlay.Store(o)
	face, err := mib.NewFace(&overlay, mib.Access{Community: "public"}, 1472)
	if err != nil {
		t.Fatal(err)
	}
	server, err := snmpd.Listen(0, 1472, face, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return server.Port()
}

// tool runs a sub-command as haidang-agent does.
func tool(t *testing.T, dir, section string, args ...string) (string, error) {
	t.Helper()
	settings, err := protojson.Marshal(&wire.Settings{Agent: "hn-01", Yaml: []byte(section), File: filepath.Join(dir, "agent.yaml"), Line: 20, Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var out, log strings.Builder
	cmd := Tools()
	cmd.SetIn(strings.NewReader(string(settings)))
	cmd.SetOut(&out)
	cmd.SetErr(&log)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(t.Context())
	return out.String(), err
}

// The shipped rules read, and the command shows before it writes, writes when told, and finds nothing to do afterwards.
func TestDiscover(t *testing.T) {
	port, dir := nationAt(t, "127.78.0.1"), t.TempDir()
	shipped, err := os.ReadFile("../../configs/discover.yaml")
	if err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(dir, "discover.yaml")
	if err := os.WriteFile(rules, []byte(strings.Replace(string(shipped), "\nport: 161\n", "\nport: "+strconv.Itoa(port)+"\n", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DISCOVER_COMMUNITY", "public")
	const section = "timeout: 1s\ninventory: devices.csv\ncredentials:\n  - {name: all, version: 2c, community: env:DISCOVER_COMMUNITY}\n"
	out, err := tool(t, dir, section, "discover", "--rules", rules, "127.78.0.0/26")
	if err != nil || !strings.Contains(out, "devices: 60 added, ") || !strings.Contains(out, "nothing was written; --write would write ") {
		t.Fatalf("%v\n%s", err, out)
	}
	if !strings.Contains(out, "profile=huawei-vrp") || !strings.Contains(out, "system=vn2") {
		t.Errorf("no profile, or no system:\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(dir, "devices.csv")); err == nil {
		t.Error("it has written")
	}
	if out, err = tool(t, dir, section, "discover", "--rules="+rules, "--write=true", "--incomplete=true", "--", "127.78.0.0/26"); err != nil ||
		!strings.Contains(out, "devices.csv, ") || !strings.Contains(out, "links.csv written") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err = tool(t, dir, section, "discover", "--rules", rules, "--write", "--inventory", dir, "127.78.0.0/26"); err != nil ||
		!strings.Contains(out, "devices: 0 added, 0 changed, 0 renamed, 0 gone, 60 unchanged\n") || !strings.HasSuffix(out, "\nnothing was written\n") {
		t.Errorf("%v\n%s", err, out)
	}
}

func TestDiscoverRefuses(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("DISCOVER_COMMUNITY", "public")
	const good = "inventory: devices.csv\ncredentials:\n  - {name: all, version: 2c, community: env:DISCOVER_COMMUNITY}\n"
	for want, c := range map[string]struct {
		section string
		args    []string
	}{
		"agent.yaml:20":                        {"colour: red\n", []string{"10.0.0.1"}},
		"credentials: there are none":          {"inventory: devices.csv\n", []string{"10.0.0.1"}},
		"--inventory: want the folder":         {strings.TrimPrefix(good, "inventory: devices.csv\n"), []string{"10.0.0.1"}},
		"addresses cannot be asked one by one": {good, []string{"2001:db8::/64"}},
		"want a prefix":                        {good, []string{"router1"}},
		"none.yaml":                            {good, []string{"--rules", "none.yaml", "10.0.0.1"}},
		"requires at least 1 arg":              {good, nil},
		`protocol: "sha3": want one of`:        {"inventory: devices.csv\ncredentials:\n  - {name: x, version: 3, user: u, auth: {protocol: sha3, password: env:DISCOVER_COMMUNITY}}\n", []string{"10.0.0.1"}},
	} {
		if out, err := tool(t, dir, c.section, append([]string{"discover"}, c.args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q\n%s", c.args, err, want, out)
		}
	}
	cmd := Tools()
	cmd.SetIn(strings.NewReader(""))
	cmd.SetArgs([]string{"discover", "10.0.0.1"})
	if err := cmd.Execute(); err == nil || !strings.Contains(err.Error(), "run its command of the same name") {
		t.Error(err)
	}
}
