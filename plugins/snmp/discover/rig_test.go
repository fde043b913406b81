package discover_test

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	simusm "github.com/haidang-noc/haidang/internal/simnet/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/discover"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
)

const registry = "../../../configs/provinces/provinces-34.csv"

// site is a simulated network that answers while the test runs.
type site struct {
	*nation.Network
	overlay *atomic.Pointer[nation.Overlay]
	port    int
}

func start(t testing.TB, devices int) *site {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Only = registry, devices, []string{"01", "48", "79"}
	cfg.Address = netip.MustParseAddr("127.77.0.1")
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Network: n, overlay: &atomic.Pointer[nation.Overlay]{}}
	s.faults(t)
	face, err := mib.NewFace(s.overlay, mib.Access{Community: "public", Users: users()}, 1472)
	if err != nil {
		t.Fatal(err)
	}
	server, err := snmpd.Listen(0, 1472, face, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	s.port = server.Port()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return s
}

func (s *site) faults(t testing.TB, faults ...fault.Fault) {
	t.Helper()
	for i := range faults {
		faults[i].From = fault.Time{Time: time.Now().Add(-time.Hour)}
	}
	o, err := s.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	s.overlay.Store(o)
}

// rules are what an operator would know of such names.
func rules(t testing.TB, s *site) *discover.Rules {
	t.Helper()
	all, err := nation.ReadProvinces(registry)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "port: %d\nrate: 100000\nprovinces:\n", s.port)
	for _, p := range all {
		fmt.Fprintf(&text, "  %s: %q\n", p.Slug, p.Code)
	}
	text.WriteString(`rules:
  - {name: '^vn2-(?P<role>pe?)-', system: vn2, role: '${role}', national: true, top: true, class: transport}
  - {name: '^backbone-', system: backbone, role: otn, national: true, top: true, class: transport}
  - {name: '^(?P<ring>ring-[a-z]+)-', system: '${ring}', role: roadm, national: true, top: true, class: transport}
  - {name: '^landing-', system: submarine, role: slte, national: true, top: true, class: international}
  - {name: '^(?P<province>[a-z-]+)-(?P<role>[a-z]+)-[0-9]+$', province: '${province}', role: '${role}'}
  - {name: '-core-[0-9]+$', top: true}
  - {name: '-(core|agg|csr)-[0-9]+$', system: man-e, class: transport}
  - {name: '-olt-[0-9]+$', system: olt-gpon, class: broadband}
  - {name: '-enb-[0-9]+$', system: ran-4g, class: transport}
  - {name: '-gnb-[0-9]+$', system: ran-5g, class: transport}
`)
	return load(t, text.String())
}

func load(t testing.TB, text string) *discover.Rules {
	t.Helper()
	path := filepath.Join(t.TempDir(), "discover.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := discover.LoadRules(path)
	if err != nil {
		t.Fatal(err)
	}
	return &r
}

// asking asks over the engine that polls, as the input does.
func asking(t testing.TB, rate int, timeout time.Duration) (discover.Ask, *prometheus.Registry) {
	t.Helper()
	reg := prometheus.NewRegistry()
	e, err := engine.New(engine.Config{Timeout: timeout, Window: 8192, Lanes: 1, Limits: engine.Limits{Subnet: engine.Limit{PerSecond: rate}}}, reg)
	if err != nil {
		t.Fatal(err)
	}
	return e.Once, reg
}

// users are whom the devices let ask over v3, beside the community.
func users() []simusm.User {
	auths := []string{"md5", "sha", "sha224", "sha384", "sha512"}
	all := append(make([]simusm.User, 0, 2+2*len(auths)), simusm.User{Name: "guest"},
		simusm.User{Name: "noc", Auth: "sha256", AuthPassword: "signed and", Priv: "aes", PrivPassword: "delivered"})
	for _, auth := range auths {
		all = append(all, simusm.User{Name: auth, Auth: auth, AuthPassword: "signed for " + auth},
			simusm.User{Name: auth + "-aes", Auth: auth, AuthPassword: "signed for " + auth, Priv: "aes", PrivPassword: "sealed for " + auth})
	}
	return all
}

// all are the addresses of the devices, each by itself.
func (s *site) all() (out []string) {
	for i := range s.Devices {
		out = append(out, s.Address(int32(i)).String())
	}
	return out
}

func (s *site) config(t testing.TB, ranges ...string) discover.Config {
	t.Helper()
	r, err := discover.ParseRange(ranges)
	if err != nil {
		t.Fatal(err)
	}
	ask, _ := asking(t, 100_000, time.Second)
	return discover.Config{Range: r, Rules: rules(t, s), Credentials: []discover.Credential{{Name: "public", Community: "public"}}, Ask: ask, Retries: 2,
		Profile: func(string) string { return "" }}
}

// discovered finds and compares.
func discovered(t testing.TB, c discover.Config, dir string) *discover.Plan {
	t.Helper()
	found, err := discover.Find(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	p, err := discover.Compare(c, found, discover.Inventory{Dir: dir, Now: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func count(changes []discover.Change) map[discover.Kind]int {
	n := map[discover.Kind]int{}
	for _, c := range changes {
		n[c.Kind]++
	}
	return n
}

// table reads a CSV file: its rows by the first column, each by column.
func table(t testing.TB, dir, name string) map[string]map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[string]string{}
	for _, r := range rows[1:] {
		cells := map[string]string{}
		for i, c := range r {
			cells[rows[0][i]] = c
		}
		out[r[0]] = cells
	}
	return out
}
