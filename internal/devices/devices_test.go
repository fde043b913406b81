package devices_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
)

func write(t *testing.T, rows ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "devices.csv")
	text := strings.Join(append([]string{strings.Join(devices.Columns(), ",")}, rows...), "\n") + "\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const r1 = "r1,10.0.0.1:1161,01,core,s1,p1,huawei,core-router,100,1000,snmp,north,huawei-vrp,2026-01-01,2026-07-01T00:00:00+07:00"

func TestARowIsReadWhole(t *testing.T) {
	path := write(t, r1, `"r2",,,,,,,,,,,,,,`)
	var got []devices.Row
	if err := devices.Read(path, func(r devices.Row) error { got = append(got, r); return nil }); err != nil {
		t.Fatal(err)
	}
	hanoi := time.FixedZone("+07", 7*60*60)
	want := devices.Row{Device: "r1", Address: "10.0.0.1:1161", Province: "01", System: "core", Site: "s1", Parent: "p1", Vendor: "huawei",
		Role: "core-router", Method: "snmp", Agent: "north", Profile: "huawei-vrp", File: path, Line: 2}
	if len(got) != 2 || !got[0].From.Equal(time.Date(2026, 1, 1, 0, 0, 0, 0, hanoi)) || !got[0].To.Equal(time.Date(2026, 7, 1, 0, 0, 0, 0, hanoi)) {
		t.Fatalf("got %+v", got)
	}
	got[0].From, got[0].To = time.Time{}, time.Time{}
	if got[0] != want {
		t.Errorf("got %+v, want %+v", got[0], want)
	}
	if r := got[1]; !r.From.IsZero() || !r.To.IsZero() || r.Line != 3 || !r.Of("anybody") || !r.By("gnmi") {
		t.Errorf("an empty cell does not mean any: %+v", r)
	}
	if r := got[0]; !r.Of("north") || r.Of("south") || !r.By("snmp") || r.By("icmp") {
		t.Errorf("of agent or method: %+v", r)
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	take := func(r devices.Row) error {
		if r.Device == "refused" {
			return r.At("address", errors.New("want another"))
		}
		return nil
	}
	for row, want := range map[string]string{
		",10.0.0.1,,,,,,,,,,,,,":            "devices.csv:2: device: is empty",
		"a,10.0.0.1,,,,,,,,,,,,yesterday,":  `devices.csv:2: valid_from: device a: "yesterday" is not a time`,
		"a,10.0.0.1,,,,,,,,,,,,,2026-13-01": `devices.csv:2: valid_to: device a: "2026-13-01" is not a time`,
		"refused,,,,,,,,,,,,,,":             "devices.csv:2: address: device refused: want another",
		"a,b":                               "devices.csv: record on line 2: wrong number of fields",
	} {
		if err := devices.Read(write(t, row), take); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", row, err, want)
		}
	}
	path := filepath.Join(t.TempDir(), "devices.csv")
	if err := devices.Read(path, take); !errors.Is(err, os.ErrNotExist) {
		t.Error(err)
	}
	if err := os.WriteFile(path, []byte("device,address\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := devices.Read(path, take); err == nil || !strings.Contains(err.Error(), "devices.csv:1: header: want device,address,province") {
		t.Error(err)
	}
}

func TestAByteOrderMarkIsPassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "devices.csv")
	if err := os.WriteFile(path, []byte("\ufeff"+strings.Join(devices.Columns(), ",")+"\r\n"+r1+"\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := devices.Read(path, func(devices.Row) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d rows, %v", n, err)
	}
}

func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"10.1.2.3": "10.1.2.3:161", "10.1.2.3:1161": "10.1.2.3:1161", "2001:db8::1": "[2001:db8::1]:161", "[2001:db8::1]:162": "[2001:db8::1]:162",
		"::ffff:10.1.2.3": "10.1.2.3:161", "[::ffff:10.1.2.3]:7": "10.1.2.3:7",
	} {
		if a, err := devices.ParseAddress(text, 161); err != nil || a.String() != want {
			t.Errorf("%s: %v, %v, want %s", text, a, err, want)
		}
	}
	for _, text := range []string{"", "router", "10.1.2.300", "10.1.2.3:0", "10.1.2.3:x", "fe80::1%eth0", "[fe80::1%eth0]:161"} {
		if a, err := devices.ParseAddress(text, 161); err == nil {
			t.Errorf("%s: %v", text, a)
		}
	}
}

func TestADirectoryKnowsWhoHadAnAddressWhen(t *testing.T) {
	d := devices.NewDirectory(514)
	path := write(t, "old,10.0.0.1,,,,,,,,,,,,,2026-02-01", "new,10.0.0.1,,,,,,,,,,,,2026-02-01,", "theirs,10.0.0.2,,,,,,,,,,south,,,", "host,router.example,,,,,,,,,,,,,")
	if err := d.AddFile(path, "north"); err != nil {
		t.Fatal(err)
	}
	if err := d.AddSection(conf.Section{File: "agent.yaml", Line: 7, Text: []byte("{device: new, address: 10.0.0.9}")}); err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 2, 1, 0, 0, 0, 0, time.FixedZone("+07", 7*60*60))
	for _, c := range []struct {
		addr string
		at   time.Time
		want string
	}{
		{"10.0.0.1", midnight.Add(-time.Second), "old"}, {"10.0.0.1", midnight, "new"}, {"10.0.0.2", midnight, ""}, {"10.0.0.9", midnight, "new"},
	} {
		name := ""
		one := d.At(netip.MustParseAddr(c.addr), c.at)
		if one != nil {
			name = one.Name
		}
		if name != c.want || one != nil && one.Addr.Port() != 514 {
			t.Errorf("%s at %v: %q, want %q", c.addr, c.at, name, c.want)
		}
	}
	if d.Knows(netip.MustParseAddr("10.0.0.2")) || !d.Knows(netip.MustParseAddr("10.0.0.1")) {
		t.Error("another agent's device is known, or an own one is not")
	}
}

func TestAnAddressIsNotTwoDevicesAtATime(t *testing.T) {
	d := devices.NewDirectory(162)
	if err := d.AddFile(write(t, "a,10.0.0.1,,,,,,,,,,,,,2026-02-01", "b,10.0.0.1,,,,,,,,,,,,2026-01-31,"), ""); err == nil ||
		!strings.Contains(err.Error(), "devices.csv:3: address: device b: 10.0.0.1 is a's at the same time, in ") {
		t.Error(err)
	}
	for text, want := range map[string]string{
		"{device: a, address: nowhere}":  "agent.yaml:7: address: device a: ",
		"{address: 10.0.0.7}":            "agent.yaml:7: device: want the device's name",
		"{device: c, address: 10.0.0.1}": "agent.yaml:7: address: device c: 10.0.0.1 is a's at the same time",
		"{device: c, addr: 10.0.0.1}":    "agent.yaml:7:",
	} {
		if err := d.AddSection(conf.Section{File: "agent.yaml", Line: 7, Text: []byte(text)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

// Tags are the collector's: an input reads the file with and without them.
func TestTagsArePassedOver(t *testing.T) {
	path := filepath.Join(t.TempDir(), "devices.csv")
	for columns, want := range map[string]int{",tags": 1, ",tag": 0, ",tags,more": 0} {
		if err := os.WriteFile(path, []byte(strings.Join(devices.Columns(), ",")+columns+"\n"+r1+",vip\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		if err := devices.Read(path, func(devices.Row) error { n++; return nil }); n != want || (err == nil) != (want == 1) {
			t.Errorf("%s: %d rows, %v", columns, n, err)
		}
	}
}
