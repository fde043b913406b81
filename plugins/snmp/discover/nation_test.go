package discover_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmp/discover"
)

// What is discovered of a nation is the nation: every device, no other one, its gateway, its links, and what names tell.
func TestANation(t *testing.T) {
	t.Parallel()
	s := start(t, 120)
	dir, truth := filepath.Join(t.TempDir(), "not there yet"), t.TempDir()
	c := s.config(t, s.all()...)
	p := discovered(t, c, dir)
	if written, kept, err := p.Write(discover.Choice{}); err != nil || len(written) != 2 || len(kept) != 0 {
		t.Fatalf("%v %v %v", written, kept, err)
	}
	if err := s.WriteInventory(truth, s.port); err != nil {
		t.Fatal(err)
	}
	got, want := table(t, dir, "devices.csv"), table(t, truth, "devices.csv")
	if len(got) != len(want) || len(got) != 120 {
		t.Fatalf("%d devices, want %d", len(got), len(want))
	}
	for name, w := range want {
		for _, column := range []string{"address", "province", "system", "parent", "vendor", "role"} {
			if got[name][column] != w[column] {
				t.Errorf("%s: %s %q, want %q", name, column, got[name][column], w[column])
			}
		}
	}
	if g, w := ends(table(t, dir, "links.csv")), s.inside(); !slices.Equal(g, w) {
		t.Errorf("links:\n%v\nwant\n%v", strings.Join(g, "\n"), strings.Join(w, "\n"))
	}
	accepted(t, dir)
	again := discovered(t, c, dir)
	if n := again.Changes(discover.Choice{Incomplete: true, Retire: true}); n != 0 {
		t.Errorf("the second discovery has %d changes", n)
	}
	if d, l := count(again.Devices), count(again.Links); d[discover.Unchanged] != 120 || l[discover.Unchanged] != len(s.inside()) {
		t.Errorf("%v %v", d, l)
	}
}

// accepted has the collector check the files.
func accepted(t *testing.T, dir string) {
	t.Helper()
	windows := filepath.Join(t.TempDir(), "maintenance.csv")
	if err := os.WriteFile(windows, []byte("id,scope,start,end,created_at,approved_by,approved_at,reason\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const configs = "../../../configs/"
	_, err := inventory.Load(inventory.Config{Devices: filepath.Join(dir, "devices.csv"), Links: filepath.Join(dir, "links.csv"),
		Maintenance: windows, Targets: configs + "targets.yaml", Provinces: configs + "provinces", UnitSet: inventory.UnitsAuto})
	if err != nil && strings.Contains(err.Error(), dir) { // the targets may ask for files that are not about devices
		t.Error(err)
	}
}

// ends are the links of links.csv, each as its two ends in order.
func ends(links map[string]map[string]string) (out []string) {
	for _, l := range links {
		out = append(out, pair(l["a_device"]+" "+l["a_ifname"], l["b_device"]+" "+l["b_ifname"])+" "+l["class"])
	}
	slices.Sort(out)
	return out
}

func pair(a, b string) string { return min(a, b) + " -- " + max(a, b) }

// inside are the links of the model that have both ends in it.
func (s *site) inside() (out []string) {
	end := func(p nation.Port) string { return s.Devices[p.Device].Name + " " + string(s.IfName(p)) }
	for i := range s.Links {
		if l := &s.Links[i]; l.HasB() {
			out = append(out, pair(end(l.A), end(l.B))+" "+l.Class)
		}
	}
	slices.Sort(out)
	return out
}

// The inventory that simnet writes of itself is unchanged, too, though it knows more than a discovery can.
func TestTheTruthIsUnchanged(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	dir := t.TempDir()
	if err := s.WriteInventory(dir, s.port); err != nil {
		t.Fatal(err)
	}
	p := discovered(t, s.config(t, s.all()...), dir)
	if n := p.Changes(discover.Choice{Incomplete: true, Retire: true}); n != 0 {
		var text bytes.Buffer
		_ = p.Report(&text)
		t.Errorf("%d changes:\n%s", n, text.String())
	}
	if written, kept, err := p.Write(discover.Choice{}); err != nil || len(written)+len(kept) > 0 {
		t.Errorf("%v %v %v", written, kept, err)
	}
}

// A device that is away, one that was renamed and one that is new show as such; only what may be is written, the old file is
// kept, and afterwards nothing is left but what is away.
func TestWhatHasChanged(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	dir := t.TempDir()
	if err := s.WriteInventory(dir, s.port); err != nil {
		t.Fatal(err)
	}
	gone, moved := "ha-noi-olt-0001", "ha-noi-agg-001"
	old := edit(t, filepath.Join(dir, "devices.csv"), func(lines []string) []string {
		for i, l := range lines {
			lines[i] = strings.ReplaceAll(l, moved, "the-old-name")
		}
		return slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, "ring-north-02,") })
	})
	edit(t, filepath.Join(dir, "links.csv"), func(lines []string) []string {
		for i, l := range lines {
			lines[i] = strings.ReplaceAll(l, moved+",", "the-old-name,")
		}
		return lines
	})
	s.faults(t, fault.Fault{Kind: fault.Dead, Device: gone})
	c := s.config(t, "127.77.0.0/26")
	c.Ask, _ = asking(t, 100_000, 300*time.Millisecond)
	p := discovered(t, c, dir)
	if n := count(p.Devices); n[discover.Added] != 1 || n[discover.Renamed] != 1 || n[discover.Gone] != 1 {
		t.Errorf("%v", n)
	}
	report := text(t, p)
	for _, want := range []string{"+ ring-north-02  ", "> ha-noi-agg-001  127.77.0.", "  was the-old-name", "- " + gone + "  ", "parent: the-old-name → ha-noi-agg-001"} {
		if !strings.Contains(report, want) {
			t.Errorf("no %q in\n%s", want, report)
		}
	}
	written, kept, err := p.Write(discover.Choice{})
	if err != nil || len(written) != 2 || len(kept) != 2 {
		t.Fatalf("%v %v %v", written, kept, err)
	}
	if now, err := os.ReadFile(kept[0]); err != nil || string(now) != old {
		t.Errorf("the old file is not kept: %v", err)
	}
	again := discovered(t, c, dir)
	if n := count(again.Devices); n[discover.Gone] != 1 || n[discover.Unchanged] != 59 || again.Changes(discover.Choice{}) != 0 {
		t.Errorf("afterwards %v\n%s", n, text(t, again))
	}
	if _, _, err := again.Write(discover.Choice{Retire: true}); err != nil {
		t.Fatal(err)
	}
	accepted(t, dir)
	if n := discovered(t, c, dir).Changes(discover.Choice{Retire: true}); n != 0 {
		t.Errorf("%d changes after what is gone was given up", n)
	}
	if r := table(t, dir, "devices.csv")[gone]; r["valid_to"] == "" {
		t.Errorf("%v", r)
	}
}

func text(t *testing.T, p *discover.Plan) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Report(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// edit changes the lines of a file and returns its new text.
func edit(t *testing.T, path string, change func([]string) []string) string {
	t.Helper()
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	now := strings.Join(change(strings.Split(string(old), "\n")), "\n")
	if err := os.WriteFile(path, []byte(now), 0o600); err != nil {
		t.Fatal(err)
	}
	return now
}

// Devices that lie about who they are, or cannot be heard, are not found, and no other device appears in their place.
func TestLiars(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	kinds := []fault.Kind{fault.Dead, fault.WrongSource, fault.WrongPort, fault.WrongID, fault.Truncate}
	faults := make([]fault.Fault, 0, len(kinds))
	for i, k := range kinds {
		faults = append(faults, fault.Fault{Kind: k, Device: s.Devices[len(s.Devices)-1-i].Name})
	}
	s.faults(t, faults...)
	c := s.config(t, "127.77.0.0/24")
	c.Ask, _ = asking(t, 100_000, 300*time.Millisecond)
	found, err := discover.Find(t.Context(), c)
	if err != nil || len(found) != 55 {
		t.Fatalf("%d devices, want 55: %v", len(found), err)
	}
	for i, d := range found {
		if d.Name != s.Devices[i].Name {
			t.Errorf("%s at %v, want %s", d.Name, d.Addr, s.Devices[i].Name)
		}
	}
}

// A user of v3 finds what a community finds; with several credentials each address is asked until one of them is right, and
// what one has found, the next one is not asked for.
func TestCredentials(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c := s.config(t, s.all()...)
	noc, err := usm.NewUser(usm.Credentials{Name: "noc", Auth: usm.AuthProtocols()["sha256"], AuthPassword: "signed and",
		Priv: usm.PrivProtocols()["aes"], PrivPassword: "delivered"})
	if err != nil {
		t.Fatal(err)
	}
	guest, err := usm.NewUser(usm.Credentials{Name: "guest"})
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := usm.NewUser(usm.Credentials{Name: "stranger"})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := discover.Find(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range []*usm.User{noc, guest} {
		c.Credentials = []discover.Credential{{Name: "v3", User: u}, {Name: "public", Community: "public"}}
		var passes []discover.Progress
		c.Progress = func(p discover.Progress) { passes = append(passes, p) }
		found, err := discover.Find(t.Context(), c)
		if err != nil || len(found) != len(plain) {
			t.Fatalf("%d devices, want %d: %v", len(found), len(plain), err)
		}
		if passes[0].Asked != 60 || passes[1].Asked != 0 || passes[2].Found != 60 {
			t.Errorf("%+v", passes)
		}
		for i, d := range found {
			if d.Name != plain[i].Name || len(d.Neighbours) != len(plain[i].Neighbours) || d.Partial {
				t.Errorf("%s with %d neighbours, over v2c %s with %d", d.Name, len(d.Neighbours), plain[i].Name, len(plain[i].Neighbours))
			}
		}
	}
	c.Ask, _ = asking(t, 100_000, 300*time.Millisecond)
	c.Credentials = []discover.Credential{{Name: "stranger", User: stranger}, {Name: "private", Community: "private"}, {Name: "noc", User: noc}}
	if found, err := discover.Find(t.Context(), c); err != nil || len(found) != 60 || found[0].Credential != 2 {
		t.Errorf("%d devices: %v", len(found), err)
	}
}

// A range that is mostly empty is asked no faster than the rate allows, repetitions included, and its devices are found.
func TestRate(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	const rate = 8000
	c := s.config(t, "127.77.0.0/19")
	ask, reg := asking(t, rate, 500*time.Millisecond)
	c.Ask, c.Retries = ask, 1
	begin := time.Now()
	found, err := discover.Find(t.Context(), c)
	if err != nil || len(found) != 60 {
		t.Fatalf("%d devices, want 60: %v", len(found), err)
	}
	sent := sum(t, reg, "haidang_snmp_requests_total") + sum(t, reg, "haidang_snmp_retransmissions_total")
	most := rate * (time.Since(begin).Seconds() + 0.2) // a slow machine sends less
	if sent < 2*8000 || sent > most {
		t.Errorf("%v requests, want at least those of a /19 asked twice and at most %v", sent, most)
	}
}

func sum(t *testing.T, reg *prometheus.Registry, name string) (total float64) {
	t.Helper()
	families, err := reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name {
				total += m.GetCounter().GetValue()
			}
		}
	}
	return total
}

// What a rule ignores is neither new nor gone.
func TestIgnored(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c, dir := s.config(t, s.all()...), t.TempDir()
	c.Rules.Rules = append(c.Rules.Rules, discover.Rule{Name: conf.Pattern{Regexp: regexp.MustCompile("-olt-")}, Ignore: true})
	for _, have := range []bool{false, true} {
		if have {
			if err := s.WriteInventory(dir, s.port); err != nil {
				t.Fatal(err)
			}
		}
		p := discovered(t, c, dir)
		for _, d := range p.Devices {
			if strings.Contains(d.Name, "-olt-") && (!have || d.Kind != discover.Unchanged) {
				t.Errorf("%+v", d)
			}
		}
		if len(p.Devices) == 60 != have {
			t.Errorf("%d devices", len(p.Devices))
		}
	}
}

// Every pair of protocols that both sides speak finds devices, which are engines of their own.
func TestProtocols(t *testing.T) {
	t.Parallel()
	s := start(t, 60)
	c := s.config(t, s.all()[:5]...)
	for _, u := range users()[1:] {
		credentials := usm.Credentials{Name: u.Name, Auth: usm.AuthProtocols()[u.Auth], AuthPassword: u.AuthPassword}
		if u.Priv != "" {
			credentials.Priv, credentials.PrivPassword = usm.PrivProtocols()[u.Priv], u.PrivPassword
		}
		user, err := usm.NewUser(credentials)
		if err != nil {
			t.Fatal(err)
		}
		c.Credentials = []discover.Credential{{Name: u.Name, User: user}}
		if found, err := discover.Find(t.Context(), c); err != nil || len(found) != 5 || len(found[0].Neighbours) == 0 {
			t.Errorf("%s: %d devices, %v", u.Name, len(found), err)
		}
	}
}
