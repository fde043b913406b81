package inventory

import (
	"bufio"
	"encoding/csv"
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/collector/model"
)

// FuzzRows feeds any text to the CSV reader: it must end, never panic, report each row it drops,
// and hand on only what can be written back.
func FuzzRows(f *testing.F) {
	head := windowHeader + "\n"
	header := strings.Split(windowHeader, ",")
	f.Add(head + "a,device:x,2026-10-01,2026-10-02,2026-09-01,,,\n")
	f.Add("\ufeff" + head + "a,site:\"x,y\",2026-10-01T00:00:00+07:00,,,,,\"two\nlines\"\r\n")
	f.Add(head + "a,b\n\"\n")
	f.Add(head + strings.Repeat(",", len(header)-1) + "\n\xff,,,,,,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		r := &row{file: "f.csv", header: header, found: &Problems{}, texts: newTexts()}
		last := 0
		rows(bufio.NewReader(strings.NewReader(text)), r, func(r *row) {
			if r.line <= last {
				t.Fatalf("line %d after line %d", r.line, last)
			}
			last = r.line
			readAll(t, r)
		})
		if err := r.found.err(); err != nil && !strings.Contains(err.Error(), "f.csv") {
			t.Fatalf("a mistake without its file: %v", err)
		}
	})
}

// readAll reads the row with every kind of cell and checks what comes out.
func readAll(t *testing.T, r *row) {
	before := r.found.Total
	name, when, address, count := r.name(), r.instant(-1), r.address(), r.count()
	if unclean(name) != "" || count < 0 || when < -1 || (address != "" && !isAddress(address)) {
		t.Fatalf("read %q %d %q %d", name, when, address, count)
	}
	if name == "" && r.found.Total == before {
		t.Fatal("an empty name was not reported")
	}
}

func TestWhatCSVWritesIsReadBack(t *testing.T) {
	header := strings.Split(windowHeader, ",")
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[ -~àđứ]{0,8}`).Filter(func(s string) bool { return unclean(s) == "" })
		record := rapid.SliceOfN(cell, len(header), len(header))
		want := rapid.SliceOfN(record, 1, 5).Draw(t, "rows")
		var text strings.Builder
		w := csv.NewWriter(&text)
		w.Write(header)  //nolint:errcheck // a Builder does not fail
		w.WriteAll(want) //nolint:errcheck // a Builder does not fail
		var got [][]string
		r := &row{file: "f.csv", header: header, found: &Problems{}, texts: newTexts()}
		rows(bufio.NewReader(strings.NewReader(text.String())), r, func(r *row) {
			cells := make([]string, 0, len(r.header))
			for range r.header {
				cells = append(cells, r.text())
			}
			got = append(got, cells)
		})
		if diff := cmp.Diff(want, got); diff != "" || r.found.Total > 0 {
			t.Fatalf("%v (-want +got):\n%s", r.found.List, diff)
		}
	})
}

func TestDecimalsAreExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`[0-9]{1,4}(\.[0-9]{1,9})?`).Draw(t, "decimal")
		r, ok := parseDecimal(s)
		want, _ := new(big.Rat).SetString(s)
		if !ok || want.Cmp(big.NewRat(r.Num, r.Den)) != 0 {
			t.Fatalf("%s read as %d/%d", s, r.Num, r.Den)
		}
	})
	for _, s := range []string{"", ".5", "1.", "-1", "+1", "1e-1", "0x1", "1_0", "½", "1/2", " 1", "NaN", "0.1234567890"} {
		if r, ok := parseDecimal(s); ok {
			t.Errorf("%q read as %v", s, r)
		}
	}
}

func TestAddresses(t *testing.T) {
	for s, want := range map[string]bool{
		"10.0.0.1": true, "10.0.0.1:161": true, "2001:db8::1": true, "[2001:db8::1]:161": true, "olt-1.hni.example.net": true,
		"olt1:9339": true, "localhost": true, "10.0.0.256": false, "10.0.0": false, "10.0.0.1:0x50": false, "olt_1": false,
		"-olt": false, "olt..net": false, "2001:db8:::1": false, "olt1:": false, "olt1:0": false, "http://olt1": false,
	} {
		if got := isAddress(s); got != want {
			t.Errorf("isAddress(%q) = %v", s, got)
		}
	}
}

// instants is a small time axis on which validities are drawn.
const instants = 6

func drawDevices(t *rapid.T) []model.Device {
	var devices []model.Device
	names := []string{"a", "b", "c", "d"}
	for _, name := range names {
		for at := 0; at < instants; {
			end := rapid.IntRange(at+1, instants).Draw(t, "end")
			parent := rapid.SampledFrom(append([]string{""}, names...)).Draw(t, "parent")
			if rapid.Bool().Draw(t, "exists") {
				devices = append(devices, model.Device{Name: name, Parent: parent, Validity: model.Validity{From: int64(at), To: int64(end)}})
			}
			at = end
		}
	}
	return devices
}

// A cycle exists exactly if walking up at some instant comes back.
func TestCyclesAreThoseOfSomeInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := NewIndex(&model.Inventory{Devices: drawDevices(t)})
		want := false
		for at := range int64(instants) {
			for _, d := range x.Devices {
				want = want || (d.Covers(at) && loops(x, d.Name, at))
			}
		}
		if got := findCycles(x); (len(got) > 0) != want {
			t.Fatalf("found %v; want a cycle: %v", got, want)
		}
	})
}

func loops(x *Index, name string, at int64) bool {
	d := x.Device(name, at)
	for range len(x.Devices) + 1 {
		if d == nil || d.Parent == "" {
			return false
		}
		d = x.Device(d.Parent, at)
	}
	return d != nil
}

func TestIndexAgreesWithASearch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		devices := drawDevices(t)
		x := NewIndex(&model.Inventory{Devices: devices})
		name := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}).Draw(t, "name")
		at := rapid.Int64Range(-1, instants).Draw(t, "at")
		var want *model.Device
		for i := range devices {
			if devices[i].Name == name && devices[i].Covers(at) {
				want = &devices[i]
			}
		}
		if got := x.Device(name, at); got != want {
			t.Fatalf("Device(%q, %d) = %v; want %v", name, at, got, want)
		}
	})
}

func TestLinksAreFoundAtBothEnds(t *testing.T) {
	p, q, r := model.Port{Device: "a", IfName: "1"}, model.Port{Device: "b", IfName: "1"}, model.Port{Device: "b", IfName: "2"}
	old := model.Validity{From: 0, To: 10}
	x := NewIndex(&model.Inventory{Links: []model.Link{
		{Name: "l1", A: p, B: q, Validity: old},
		{Name: "l1", A: p, B: r, Validity: model.Validity{From: 10, To: model.Forever}},
		{Name: "l2", A: q, Validity: model.Validity{From: 20, To: 30}},
	}})
	for _, c := range []struct {
		port model.Port
		at   int64
		want int // row; -1: none
	}{{p, 9, 0}, {p, 10, 1}, {q, 9, 0}, {q, 10, -1}, {q, 20, 2}, {q, 30, -1}, {r, 9, -1}, {r, 99, 1}, {model.Port{}, 5, -1}} {
		var want *model.Link
		if c.want >= 0 {
			want = &x.Links[c.want]
		}
		if got := x.Link(c.port, c.at); got != want {
			t.Errorf("Link(%v, %d) = %v; want %v", c.port, c.at, got, want)
		}
	}
	if rows := x.LinkRows("l1"); len(rows) != 2 || len(x.LinkRows("l3")) != 0 {
		t.Errorf("LinkRows = %v", rows)
	}
}

func TestWindowsOfADeviceComeFromFourScopes(t *testing.T) {
	window := func(id string, kind model.ScopeKind, key string, start int64) model.Window {
		return model.Window{ID: id, Kind: kind, Key: key, Start: start, End: start + 10}
	}
	x := NewIndex(&model.Inventory{Windows: []model.Window{
		window("w1", model.ScopeDevice, "d", 0), window("w2", model.ScopeSite, "s", 1), window("w3", model.ScopeProvince, "01", 2),
		window("w4", model.ScopeSystem, "vn2", 3), window("w5", model.ScopeDevice, "e", 3), window("w6", model.ScopeDevice, "d", 4),
	}})
	var got []string
	for w := range x.Covering(&model.Device{Name: "d", Site: "s", Province: "01", System: "vn2"}, 3) {
		got = append(got, w.ID)
	}
	if diff := cmp.Diff([]string{"w1", "w2", "w3", "w4"}, got); diff != "" {
		t.Errorf("windows at 3 (-want +got):\n%s", diff)
	}
	if n := len(x.ScopeWindows(model.ScopeDevice, "d")); n != 2 {
		t.Errorf("%d windows of device d; want 2", n)
	}
}

// The columns for aggregates may be missing; without min_links one active member will do.
func TestAggregates(t *testing.T) {
	const head, two = "a_ifname,a_members,min_links\n", "ae0,xe1|xe2,"
	for text, want := range map[string]*model.LAG{
		two + "2": {Members: []string{"xe1", "xe2"}, MinLinks: 2}, two: {Members: []string{"xe1", "xe2"}, MinLinks: 1}, "ae0,,": nil,
	} {
		var got *model.LAG
		found := &Problems{}
		r := &row{file: "f.csv", header: strings.Split(strings.TrimSpace(head), ","), found: found, texts: newTexts()}
		rows(bufio.NewReader(strings.NewReader(head+text+"\n")), r, func(r *row) { got = r.lag(r.name()) })
		if diff := cmp.Diff(want, got); diff != "" || found.Total > 0 {
			t.Errorf("%s (-want +got):\n%s%v", text, diff, found.List)
		}
	}
	x := NewIndex(&model.Inventory{Links: []model.Link{{Name: "l", A: model.Port{Device: "a", IfName: "ae0"}, LAG: &model.LAG{Members: []string{"xe1"}, MinLinks: 1}}}})
	if !x.Member(model.Port{Device: "a", IfName: "xe1"}) || x.Member(model.Port{Device: "a", IfName: "ae0"}) {
		t.Error("members are not found")
	}
}
