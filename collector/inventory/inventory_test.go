package inventory_test

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
)

var update = flag.Bool("update", false, "write the golden files")

// shipped is the configuration of configs/, which must always load.
func shipped() inventory.Config {
	const dir = "../../configs/"
	return inventory.Config{
		Devices: dir + "devices.csv", Links: dir + "links.csv", Maintenance: dir + "maintenance.csv",
		Targets: dir + "targets.yaml", Holidays: dir + "holidays.csv", Provinces: dir + "provinces",
		Composites: dir + "composites.csv", Freezes: dir + "freezes.csv", Goals: dir + "goals.csv",
		Cells: dir + "cells.csv", Thresholds: dir + "score_thresholds.csv", Measured: dir + "measured.csv",
	}
}

// folder is a configuration whose files all stand in dir.
func folder(dir string) inventory.Config {
	in := func(name string) string { return filepath.Join(dir, name) }
	return inventory.Config{
		Devices: in("devices.csv"), Links: in("links.csv"), Maintenance: in("maintenance.csv"),
		Targets: in("targets.yaml"), Holidays: in("holidays.csv"), Provinces: dir,
		Composites: in("composites.csv"), Freezes: in("freezes.csv"), Goals: in("goals.csv"),
		Cells: in("cells.csv"), Thresholds: in("score_thresholds.csv"), Baseline: in("speed_baseline.csv"), Measured: in("measured.csv"),
	}
}

// lay copies the files of the folders into a new one; later folders win.
func lay(t *testing.T, folders ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, from := range folders {
		for _, name := range list(t, from) {
			if err := os.WriteFile(filepath.Join(dir, name), read(t, filepath.Join(from, name)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

func list(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func load(t *testing.T, c inventory.Config) *inventory.Index {
	t.Helper()
	x, err := inventory.Load(c)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func at(t *testing.T, when string) int64 {
	t.Helper()
	m, err := model.ParseMonth(when)
	if err != nil {
		t.Fatal(err)
	}
	return m.Start()
}

// Each folder of testdata/bad holds the one file that differs from testdata/good, and the message.
func TestEveryMistakeHasItsMessage(t *testing.T) {
	for _, name := range list(t, "testdata/bad") {
		t.Run(name, func(t *testing.T) {
			dir := lay(t, "../../configs/provinces", "testdata/good", "testdata/bad/"+name)
			_, err := inventory.Load(folder(dir))
			if err == nil {
				t.Fatal("loaded; want an error")
			}
			got := strings.ReplaceAll(err.Error(), dir+"/", "") + "\n"
			golden := "testdata/bad/" + name + "/want.txt"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(read(t, golden)), got); diff != "" {
				t.Errorf("message (-want +got):\n%s", diff)
			}
		})
	}
}

func TestShippedFilesLoad(t *testing.T) {
	x := load(t, shipped())
	if len(x.Units(at(t, "2021-06"))) != 63 || len(x.Units(at(t, "2026-10"))) != 34 {
		t.Errorf("units: %d in 2021, %d in 2026; want 63 and 34", len(x.Units(at(t, "2021-06"))), len(x.Units(at(t, "2026-10"))))
	}
	want := &model.Device{
		Name: "hni-olt-cgy1", Address: "10.1.1.1", Province: "01", System: "olt-gpon", Site: "HNI-CGY", Parent: "hni-mane-agg1",
		Vendor: "huawei", Role: "olt", Subscribers: 8000, PrimaryMethod: "snmp", Agent: "hni-01", Profile: "huawei-olt",
		Validity: model.Validity{From: 1611594000, To: model.Forever},
	}
	if diff := cmp.Diff(want, x.Device("hni-olt-cgy1", at(t, "2026-10"))); diff != "" {
		t.Errorf("device (-want +got):\n%s", diff)
	}
	link := x.Link(model.Port{Device: "vn2-dng-p1", IfName: "1/1/c1/1"}, at(t, "2026-10"))
	if link == nil || link.Name != "vn2-hni-dng" || link.CapacityMbps != 100_000 || link.Class != model.Transport {
		t.Errorf("link at its B end = %+v", link)
	}
	if w := x.Windows; len(w) != 2 || !w[0].Planned() || w[1].Planned() {
		t.Errorf("windows = %+v; want a planned and a late one", w)
	}
	if n := x.Targets.Availability["olt-gpon"]; n.Target != (model.Ratio{Num: 199, Den: 200}) || n.Source != "QCVN 34:2022/BTTTT" {
		t.Errorf("olt-gpon is tested against %+v; want the regulatory floor", n)
	}
	if !x.Targets.Availability["olt-gpon"].Weighted || x.Targets.Availability["vn2"].Weighted {
		t.Error("the floor is that of subscribers, all else counts devices")
	}
	tet := model.DayOf(time.Date(2026, 2, 16, 12, 0, 0, 0, model.Local).Unix())
	if at, ok := slices.BinarySearch(x.Holidays, tet); !ok || !slices.Equal(x.Holidays[at:at+6], []model.Day{tet, tet + 1, tet + 2, tet + 3, tet + 4, tet + 5}) {
		t.Errorf("holidays = %v; want the six days of Tết 2026 among them", x.Holidays)
	}
	if n := x.Targets.Availability["vn2"]; n.Target.Den != 0 || !n.National {
		t.Errorf("vn2 = %+v; want a national system without target", n)
	}
}

func TestDefaultsAreWhatTargetsYAMLShows(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	text := string(read(t, "../../configs/targets.yaml"))
	_, systems, _ := strings.Cut(text, "  systems:\n")
	systems, _, found := strings.Cut(systems, "  composites:")
	if !found {
		t.Fatal("the composites do not stand after the systems")
	}
	of := func(text string) model.Targets {
		if err := os.WriteFile(filepath.Join(dir, "targets.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return load(t, folder(dir)).Targets
	}
	whole, short := of(text), of("availability:\n  systems:\n"+systems)
	if len(whole.Scores.Thresholds) != len(short.Scores.Thresholds) {
		t.Error("the thresholds of scores differ, which stand in a file of their own")
	}
	whole.Hash, short.Hash = "", ""
	if diff := cmp.Diff(whole, short); diff != "" {
		t.Errorf("left-out keys differ from the shipped values (-shipped +default):\n%s", diff)
	}
}

// A target may weigh otherwise than the rest, and the floor otherwise than the targets.
func TestWeightOfATarget(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	text := string(read(t, "../../configs/targets.yaml"))
	for line, want := range map[string]map[model.System]bool{
		"  weight: elements\n":          {"man-e": false, "bng": true, "olt-gpon": true},
		"  weight: subscribers\n":       {"man-e": true, "bng": true},
		"  weight: elements # bng\n":    {"man-e": false, "bng": false, "olt-gpon": true},
		"  weight: elements # target\n": {"bng": false, "olt-gpon": true},
		"  weight: elements # floor\n":  {"bng": false, "olt-gpon": false},
	} {
		changed := strings.Replace(text, "  weight: elements\n", line, 1)
		switch {
		case strings.Contains(line, "# bng"):
			changed = strings.Replace(changed, "fixed_broadband: true, target: ,", "fixed_broadband: true, weight: elements, target: ,", 1)
		case strings.Contains(line, "# target"): // it is no floor any more
			changed = strings.Replace(changed, "fixed_broadband: true, target: ,", "fixed_broadband: true, target: 0.999,", 1)
		case strings.Contains(line, "# floor"):
			changed = strings.Replace(changed, "weight: subscribers", "weight: elements", 1)
		}
		if err := os.WriteFile(filepath.Join(dir, "targets.yaml"), []byte(changed), 0o600); err != nil {
			t.Fatal(err)
		}
		for system, weighted := range want {
			if got := load(t, folder(dir)).Targets.Availability[system].Weighted; got != weighted {
				t.Errorf("%s%s by subscribers: %v, want %v", line, system, got, weighted)
			}
		}
	}
}

func TestUnitSetDecidesTheProvince(t *testing.T) {
	before, after := at(t, "2021-06"), at(t, "2026-10")
	for set, want := range map[string]struct {
		before, after string
		units         int
	}{
		inventory.UnitsAuto: {"02", "08", 34},
		inventory.Units34:   {"08", "08", 34},
	} {
		c := shipped()
		c.UnitSet = set
		x := load(t, c)
		if p := x.Device("hgg-olt-vxy1", before).Province; p != want.before {
			t.Errorf("%s: before the merger %s; want %s", set, p, want.before)
		}
		if p := x.Device("hgg-olt-vxy1", after).Province; p != want.after {
			t.Errorf("%s: after the merger %s; want %s", set, p, want.after)
		}
		if n := len(x.Units(after)); n != want.units {
			t.Errorf("%s: %d units; want %d", set, n, want.units)
		}
	}
}

func TestUnitSet63KeepsTheOldUnits(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	path := filepath.Join(dir, "devices.csv")
	text := strings.ReplaceAll(string(read(t, path)), "10.2.1.1,08,", "10.2.1.1,02,")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c := folder(dir)
	c.UnitSet = inventory.Units63
	x := load(t, c)
	if p := x.Device("hgg-olt-vxy1", at(t, "2026-10")).Province; p != "02" || len(x.Units(at(t, "2026-10"))) != 63 {
		t.Errorf("province %s of %d units; want 02 of 63", p, len(x.Units(at(t, "2026-10"))))
	}
	c.UnitSet = "64"
	if _, err := inventory.Load(c); err == nil || !strings.Contains(err.Error(), `configuration: unit_set: "64": want 63, 34 or auto`) {
		t.Errorf("unit set 64: %v", err)
	}
}

func TestByteOrderMarkAndCRLFAreTolerated(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	plain := load(t, folder(dir))
	for _, name := range []string{"devices.csv", "links.csv", "maintenance.csv", "provinces-34.csv"} {
		path := filepath.Join(dir, name)
		text := "\ufeff" + strings.ReplaceAll(string(read(t, path)), "\n", "\r\n")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	marked := load(t, folder(dir))
	if diff := cmp.Diff(plain.Devices, marked.Devices); diff != "" {
		t.Errorf("devices differ:\n%s", diff)
	}
	if plain.Hash == marked.Hash {
		t.Error("other bytes have the same hash")
	}
	if again := load(t, folder(dir)); again.Hash != marked.Hash {
		t.Error("the same bytes have another hash")
	}
}

// The recipe of docs/telemetry.md.
func TestHashIsThatOfSha256sum(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	var listing string
	for _, name := range []string{"provinces-63.csv", "provinces-34.csv", "devices.csv", "links.csv", "maintenance.csv", "holidays.csv", "composites.csv", "freezes.csv", "cells.csv", "score_thresholds.csv", "speed_baseline.csv", "goals.csv", "measured.csv"} {
		listing += fmt.Sprintf("%x  %s\n", sha256.Sum256(read(t, filepath.Join(dir, name))), name)
	}
	x := load(t, folder(dir))
	if want := fmt.Sprintf("%x", sha256.Sum256([]byte(listing))); x.Hash != want {
		t.Errorf("hash %s; want %s", x.Hash, want)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(read(t, filepath.Join(dir, "score_thresholds.csv")))); x.Thresholds != want {
		t.Errorf("thresholds' hash %s; want %s", x.Thresholds, want)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(read(t, filepath.Join(dir, "measured.csv")))); x.Imported != want {
		t.Errorf("measured.csv's hash %s; want %s", x.Imported, want)
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(read(t, filepath.Join(dir, "targets.yaml")))); x.Targets.Hash != want {
		t.Errorf("targets' hash %s; want %s", x.Targets.Hash, want)
	}
}

func TestUnreadableFilesAreReportedTogether(t *testing.T) {
	_, err := inventory.Load(folder(t.TempDir()))
	var problems *inventory.Problems
	if !errors.As(err, &problems) || problems.Total != 14 {
		t.Fatalf("error = %v; want one mistake for each of the 14 files", err)
	}
}

func TestMistakesAreBounded(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	path := filepath.Join(dir, "links.csv")
	text := string(read(t, path)) + strings.Repeat("x\n", 20_000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := inventory.Load(folder(dir))
	var problems *inventory.Problems
	if !errors.As(err, &problems) || problems.Total != 20_000 || len(problems.List) != 10_000 {
		t.Fatalf("error = %.200v; want 20 000 mistakes counted and 10 000 kept", err)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 102 || lines[101] != "  … and 19900 more" {
		t.Errorf("%d lines, the last is %q", len(lines), lines[len(lines)-1])
	}
}

func TestCompositesAndFreezes(t *testing.T) {
	x := load(t, folder(lay(t, "../../configs/provinces", "testdata/good")))
	uplinks := x.Composites[2]
	want := []model.CompositeMember{
		{Scope: model.Scope{Kind: model.ScopeLink, Key: "mane-hni-uplink"}, CapacityMbps: 8000},
		{Scope: model.Scope{Kind: model.ScopeLink, Key: "olt-cgy1-uplink"}},
		{Scope: model.Scope{Kind: model.ScopeComposite, Key: "core-exit"}, CapacityMbps: 100_000},
	}
	if diff := cmp.Diff(want, uplinks.Members); diff != "" || uplinks.Rule != model.Capacity || uplinks.Province != "01" {
		t.Errorf("%+v (-want +got):\n%s", uplinks, diff)
	}
	if n := x.Targets.Composites["core-exit"]; !n.Gross || n.Target != (model.Ratio{Num: 999, Den: 1000}) || n.Source != "kế hoạch" {
		t.Errorf("target of core-exit: %+v", n)
	}
	tet, kings := x.Freezes[0], x.Freezes[1]
	if !tet.Changes || tet.Sensitivity != (model.Ratio{Num: 1, Den: 2}) || tet.NoteVI != "Tết Nguyên đán" || tet.Scopes[0].Kind != model.ScopeNation {
		t.Errorf("%+v", tet)
	}
	if kings.Changes || kings.Sensitivity != (model.Ratio{Num: 1, Den: 1}) || kings.NoteVI != "" || len(kings.Scopes) != 2 {
		t.Errorf("%+v", kings)
	}
	if x.Windows[1].Override != "Đứt cáp" || x.Windows[0].Override != "" {
		t.Errorf("windows: %+v", x.Windows)
	}
}

// More windows than the files' are found like theirs, and told by the hash.
func TestWithWindows(t *testing.T) {
	x := load(t, folder(lay(t, "../../configs/provinces", "testdata/good")))
	if x.WithWindows(nil) != x {
		t.Error("no windows make another inventory")
	}
	late := model.Window{ID: "MW-1", Kind: model.ScopeSite, Key: "HNI-CGY", Start: x.Windows[0].Start - 10, End: x.Windows[0].End, ApprovedAt: 1}
	y := x.WithWindows([]model.Window{late})
	if len(x.Windows) != 2 || len(y.Windows) != 3 || y.Windows[0].ID != "MW-1" || x.Hash == y.Hash || y.Targets.Hash != x.Targets.Hash {
		t.Errorf("%d and %d windows, hashes %s and %s", len(x.Windows), len(y.Windows), x.Hash, y.Hash)
	}
	if len(y.ScopeWindows(model.ScopeSite, "HNI-CGY")) != 1 || len(x.ScopeWindows(model.ScopeSite, "HNI-CGY")) != 0 {
		t.Error("the new window is not found, or in the old inventory")
	}
	if diff := cmp.Diff([]string{"01"}, y.Touched(&late)); diff != "" {
		t.Errorf("provinces touched (-want +got):\n%s", diff)
	}
	for scope, ok := range map[string]bool{"device:hni-olt-cgy1": true, "device:x": false, "link:vn2-hni-dng": true, "link:x": false, "site:HNI-CGY": true, "site:x": false,
		"province:01": true, "province:99": false, "system:vn2": true, "system:x": false, "composite:core-exit": true, "composite:x": false} {
		s, err := inventory.ParseScope(scope)
		w := late
		w.Kind, w.Key = s.Kind, s.Key
		if aims := x.Aims(&w); err != nil || (aims == nil) != ok {
			t.Errorf("%s: %v, %v; want found %v", scope, err, aims, ok)
		}
	}
}

// Cells, thresholds and rules come out as they stand in the shipped files.
func TestRadioAndScores(t *testing.T) {
	x := load(t, shipped())
	if len(x.Cells) != 3 || x.Cells[0].RBs != 100 || x.Cells[2].Technology != "nr" || x.Cells[2].RBs != 273 {
		t.Errorf("cells: %+v", x.Cells)
	}
	s := &x.Targets.Scores
	if len(s.Thresholds) != 34 || s.Hash == "" || s.CombineMin || s.Strict || s.MinSamples != 100 {
		t.Errorf("scores: %d thresholds, %+v", len(s.Thresholds), s)
	}
	for kind, weights := range s.Weights {
		sum := 0.0
		for _, w := range weights {
			sum += w.Float()
		}
		if sum < 0.9999 || sum > 1.0001 {
			t.Errorf("the weights of %s add up to %v", kind, sum)
		}
	}
	if x.Targets.RAN.ThetaPerMille != 800 || x.Targets.Probes.SpeedFloorKbit["mobile_data_5g"] != 30_000 {
		t.Errorf("%+v %+v", x.Targets.RAN, x.Targets.Probes)
	}
}

// Devices may have a column more: what they are tagged with. What is P1 by default needs none.
func TestTags(t *testing.T) {
	dir := lay(t, "../../configs/provinces", "testdata/good")
	lines := strings.Split(strings.TrimSuffix(string(read(t, "testdata/good/devices.csv")), "\n"), "\n")
	for i := range lines {
		lines[i] += []string{",", ",tags"}[1-min(i, 1)]
	}
	lines[5] += "vip"
	lines[8] += "vip|p1"
	if err := os.WriteFile(filepath.Join(dir, "devices.csv"), []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	x := load(t, folder(dir))
	p1, vip := []string{}, []string{}
	for i := range x.Devices {
		d := &x.Devices[i]
		if x.Targets.P1(d) {
			p1 = append(p1, d.Name)
		}
		if d.Tagged(model.TagVIP) {
			vip = append(vip, d.Name)
		}
	}
	if !slices.Equal(p1, []string{"dng-enb-htg1", "vn2-dng-p1", "vn2-hni-p1"}) || !slices.Equal(vip, []string{"dng-enb-htg1", "hni-olt-txn1"}) {
		t.Errorf("P1 %v, vip %v; want the national ones and those that are tagged so", p1, vip)
	}
	x.Targets.Protection.MinSubscribers = 8000
	if d := x.Device("hni-olt-cgy1", at(t, "2026-10")); !x.Targets.P1(d) || d.Tagged("") {
		t.Error("8 000 subscribers are as many as are asked for")
	}
}
