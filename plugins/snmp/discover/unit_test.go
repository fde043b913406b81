package discover

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

func TestRanges(t *testing.T) {
	r, err := ParseRange([]string{"10.1.0.0/30", "10.1.0.2", "10.2.0.0/31", "2001:db8::/127", "10.1.0.3"})
	if err != nil {
		t.Fatal(err)
	}
	skip, err := ParseRange([]string{"10.2.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	if r.Families() != 2 || skip.Families() != 1 {
		t.Error("families")
	}
	if got := fmt.Sprint(r.Addresses(skip)); got != "[10.1.0.1 10.1.0.2 10.1.0.3 10.2.0.0 2001:db8:: 2001:db8::1]" {
		t.Error(got)
	}
	for text, want := range map[string]string{
		"2001:db8::/64": "18446744073709551616 addresses cannot be asked one by one: want at most 1048576 (a /108)", "10.0.0.0/8": "want at most 1048576 (a /12)",
		"10.1.0.0/33": "want a prefix", "router": "want a prefix", "fe80::1%eth0": "want a prefix", "": "want a prefix",
	} {
		if _, err := ParseRange([]string{text}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	if _, err := ParseRange([]string{"10.0.0.0/12", "11.0.0.0/24"}); err == nil || !strings.Contains(err.Error(), "in all") {
		t.Error(err)
	}
	if _, err := ParseRange(nil); err == nil {
		t.Error("no range was accepted")
	}
}

// Every address of a range is contained in it, and nobody else's is.
func TestContains(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bits := rapid.IntRange(22, 32).Draw(t, "bits")
		r, err := ParseRange([]string{fmt.Sprintf("10.0.%d.%d/%d", rapid.IntRange(0, 255).Draw(t, "c"), rapid.IntRange(0, 255).Draw(t, "d"), bits)})
		if err != nil {
			t.Fatal(err)
		}
		in := map[netip.Addr]bool{}
		for _, a := range r.Addresses(nil) {
			in[a] = true
		}
		for i := range 1 << 10 {
			a := netip.AddrFrom4([4]byte{10, 0, byte(rapid.IntRange(0, 255).Draw(t, "x")), byte(i)})
			if r.Contains(a) != in[a] {
				t.Fatalf("%v contains %v: %v", r, a, r.Contains(a))
			}
		}
	})
}

// The gateway of a device is the nearest one without which it cannot be reached from a top.
func TestGateways(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 9).Draw(t, "devices")
		joined, tops := make([][]int, n), make([]bool, n)
		for i := range n {
			tops[i] = rapid.IntRange(0, 3).Draw(t, "top") == 0
			for j := range i {
				if rapid.IntRange(0, 2).Draw(t, "joined") == 0 {
					joined[i], joined[j] = append(joined[i], j), append(joined[j], i)
				}
			}
		}
		got := gateways(joined, tops)
		for d := range n {
			if want := gateway(joined, tops, d); got[d] != want {
				t.Fatalf("joined %v, tops %v: gateway of %d is %d, want %d", joined, tops, d, got[d], want)
			}
		}
	})
}

// gateway tries what happens without each device in turn.
func gateway(joined [][]int, tops []bool, d int) int {
	if !reached(joined, tops, -1)[d] {
		return Unknown
	}
	best, most := NoParent, -1
	if tops[d] {
		return NoParent
	}
	for g := range joined {
		if g == d || reached(joined, tops, g)[d] {
			continue
		}
		// Of all that are needed, the nearest is the one that needs all the others.
		needs := 0
		for o := range joined {
			if o != g && !reached(joined, tops, o)[g] {
				needs++
			}
		}
		if needs > most {
			best, most = g, needs
		}
	}
	return best
}

func reached(joined [][]int, tops []bool, without int) []bool {
	seen := make([]bool, len(joined))
	var visit func(int)
	visit = func(d int) {
		if seen[d] || d == without {
			return
		}
		seen[d] = true
		for _, n := range joined[d] {
			visit(n)
		}
	}
	for d, top := range tops {
		if top {
			visit(d)
		}
	}
	return seen
}

func TestALongChain(t *testing.T) {
	const n = 50_000
	joined, tops := make([][]int, n), make([]bool, n)
	for i := range n - 1 {
		joined[i], joined[i+1] = append(joined[i], i+1), append(joined[i+1], i)
	}
	tops[0] = true
	for d, p := range gateways(joined, tops) {
		if p != d-1 {
			t.Fatalf("gateway of %d is %d", d, p)
		}
	}
}

func TestRules(t *testing.T) {
	path := filepath.Join(t.TempDir(), "discover.yaml")
	text := `
names: {lower: true}
provinces: {hni: "01", hcm: "79"}
rules:
  - {cidr: [10.9.0.0/16], ignore: true}
  - {name: '^(?P<p>[a-z]+)-(?P<role>olt|agg)', province: '${p}', role: '${role}', site: '${p}-pop'}
  - {object: [1.3.6.1.4.1.2011.2.6], system: olt-gpon}
  - {system: man-e, vendor: acme}
  - {name: 'xxx', province: "01"}
  - {name: '^vn2', national: true, top: true}
`
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := LoadRules(path)
	if err != nil {
		t.Fatal(err)
	}
	device := func(addr, sysName, object string) *Device {
		return &Device{Addr: netip.MustParseAddrPort(addr), Name: r.Names.name(sysName), ObjectID: object}
	}
	for i, c := range []struct {
		d    *Device
		want said
	}{
		{device("10.1.0.1:161", "HNI-OLT-1.example.net", "1.3.6.1.4.1.2011.2.6.1"), said{province: "01", system: "olt-gpon", site: "hni-pop", vendor: "acme", role: "olt"}},
		{device("10.1.0.1:161", "dng-agg", "1.3.6.1.4.1.2011.2.62"), said{system: "man-e", site: "dng-pop", vendor: "acme", role: "agg"}}, // dng is not known
		{device("10.9.0.1:161", "printer", ""), said{ignore: true, system: "man-e", vendor: "acme"}},
		{device("10.1.0.1:161", "vn2-xxx", ""), said{national: true, top: true, system: "man-e", vendor: "acme"}},
	} {
		if got := r.of(c.d); got != c.want {
			t.Errorf("%d: %+v, want %+v", i, got, c.want)
		}
	}
	for text, want := range map[string]string{
		"rate: 0": "rate: 0", "port: 70000": "port: 70000", "skip: [x]": "skip: ", "rules: [{cidr: [10.0.0.0/99]}]": "rules[0].cidr: ",
		"rules: [{object: [a.b]}]": "rules[0].object: ", "rules: [{class: metro}]": "rules[0].class: ", "rules: [{name: '('}]": "regular expression",
		"rules: [{national: true, province: '01'}]": "rules[0].province", "colour: red": "colour",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := LoadRules(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// Names that are missing or shared are replaced by addresses; several addresses of one device are one device.
func TestNames(t *testing.T) {
	boot := time.Unix(1_700_000_000, 0)
	device := func(addr, name, chassis string, boot time.Time) *Device {
		return &Device{Addr: netip.MustParseAddrPort(addr), SysName: name, Chassis: chassis, ObjectID: "1.3", Booted: boot}
	}
	r := DefaultRules()
	c := Config{Rules: &r}
	found := c.settle([]*Device{
		device("10.0.0.9:161", "r1", "4:x", boot), device("10.0.0.1:161", "r1", "4:x", boot.Add(time.Hour)), // one chassis
		device("10.0.0.2:161", "r2", "", boot), device("10.0.0.3:161", "r2.example.net", "", boot.Add(time.Second)), // started together
		device("10.0.0.4:161", "Huawei", "4:a", boot), device("10.0.0.5:161", "Huawei", "4:b", boot), // nobody gave them names
		device("10.0.0.6:161", "", "", boot), device("10.0.0.7:161", "", "", boot),
	})
	got := make([]string, 0, len(found))
	for _, d := range found {
		got = append(got, fmt.Sprint(d.Name, len(d.Others)))
	}
	if want := "r11 r21 10.0.0.40 10.0.0.50 10.0.0.60 10.0.0.70"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
}

// What an agent answers, cut at any place and in any order, never makes the walk panic or go on for ever.
func FuzzNeighbourhood(f *testing.F) {
	row := ber.AppendVarbind(nil, ber.Varbind{Name: ber.OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 4, 0, 1, 1), Tag: ber.Integer, Value: []byte{4}})
	f.Add(row, uint8(0))
	f.Add(ber.AppendVarbind(row, ber.Varbind{Name: ber.OID(1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 5, 0, 1, 1), Tag: ber.OctetString, Value: []byte("abcdef")}), uint8(0))
	f.Add(ber.AppendVarbind(nil, ber.Varbind{Name: ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 1), Tag: ber.OctetString, Value: []byte("ge0")}), uint8(5))
	f.Fuzz(func(t *testing.T, varbinds []byte, status uint8) {
		d := &Device{}
		n := newNeighbourhood(d, "public", 1)
		a := poll.Answer{Response: ber.Response{Status: int(status), Varbinds: varbinds}}
		steps := 0
		for r := n.Begin(time.Time{}); r != nil; r = n.Answer(a) {
			if steps++; steps > 10_000 {
				t.Fatal("no end")
			}
		}
	})
}
