package inventory_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
)

// merger is the first instant of the 34 units.
const merger = 1751302800

// twoEras has a router in Hà Giang (02, since the merger 08) and one in Tuyên Quang (08).
func twoEras(t *testing.T, units, windows string) (*inventory.Index, error) {
	t.Helper()
	dir := lay(t, "../../configs/provinces", "testdata/good")
	for name, text := range map[string]string{
		"devices.csv": "device,address,province,system,site,parent,vendor,role,subscribers,capacity_mbps,primary_method,agent,profile,valid_from,valid_to\n" +
			"hgg,10.0.0.1,02,man-e,,,,,0,0,snmp,,,,2025-07-01\nhgg,10.0.0.1,08,man-e,,,,,0,0,snmp,,,2025-07-01,2025-08-01\nhgg,10.0.0.2,08,man-e,,,,,0,0,snmp,,,2025-08-01,\n" +
			"tqg,10.0.0.3,08,man-e,,,,,0,0,snmp,,,,\n",
		"maintenance.csv": "id,scope,start,end,created_at,approved_by,approved_at,reason\n" + windows,
		"freezes.csv": "id,name_vi,name_en,start,end,scope,changes,alert_sensitivity,note_vi,note_en\n" +
			"old02,F,F,2025-05-01,2025-05-03,province:02,frozen,,,\nold08,F,F,2025-05-01,2025-05-03,province:08,frozen,,,\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := folder(dir)
	c.UnitSet, c.Links, c.Composites, c.Cells, c.Goals, c.Baseline = units, noLinks(t, dir), "", "", "", ""
	c.Targets = "../../configs/targets.yaml"
	return inventory.Load(c)
}

func noLinks(t *testing.T, dir string) string {
	t.Helper()
	path := filepath.Join(dir, "none.csv")
	if err := os.WriteFile(path, []byte("link,a_device,a_ifname,b_device,b_ifname,class,capacity_mbps,valid_from,valid_to\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A province code of a window is the unit that had it when the window began, whatever set counts now.
func TestProvincesOfWindowsInTwoEras(t *testing.T) {
	const may, august = merger - 60*86400, merger + 40*86400
	for _, c := range []struct {
		code       string
		start, end int64
		covers     []string // of hgg and tqg, as they are at the window's end
		touched    []string // under the set auto
		touched34  []string
		frozen     []string
	}{
		{"02", may, may + 3600, []string{"hgg"}, []string{"02"}, []string{"08"}, []string{"old02"}},
		{"08", may, may + 3600, []string{"tqg"}, []string{"08"}, []string{"08"}, []string{"old08"}},
		{"02", merger - 3600, august, []string{"hgg"}, []string{"02", "08"}, []string{"08"}, nil},
		{"08", merger - 3600, august, []string{"tqg"}, []string{"08"}, []string{"08"}, nil},
		{"08", merger, merger + 3600, []string{"hgg", "tqg"}, []string{"08"}, []string{"08"}, nil},
		{"02", merger, merger + 3600, nil, nil, nil, nil}, // no unit any more
	} {
		for units, touched := range map[string][]string{inventory.UnitsAuto: c.touched, inventory.Units34: c.touched34} {
			x, err := twoEras(t, units, "")
			if err != nil {
				t.Fatal(err)
			}
			w := model.Window{ID: "w", Kind: model.ScopeProvince, Key: c.code, Start: c.start, End: c.end}
			if err := x.Aims(&w); (err == nil) != (touched != nil) {
				t.Errorf("%s units, %s from %d: %v", units, c.code, c.start, err)
			}
			if touched == nil {
				continue
			}
			y := x.WithWindows([]model.Window{w})
			var covers, frozen []string
			for _, name := range []string{"hgg", "tqg"} {
				for range y.Covering(y.Device(name, c.end-1), c.end-1) {
					covers = append(covers, name)
				}
			}
			for _, f := range y.Frozen(&w) {
				frozen = append(frozen, f.ID)
			}
			if diff := cmp.Diff([][]string{c.covers, touched, c.frozen}, [][]string{covers, y.Touched(&w), frozen}); diff != "" {
				t.Errorf("%s units, %s from %d: covers, touches, frozen by (-want +got):\n%s", units, c.code, c.start, diff)
			}
		}
	}
}

// The files may name a unit that exists when the window begins, whatever becomes of it.
func TestWindowsOfFilesBeginInTheirEra(t *testing.T) {
	row := func(scope, start, end string) string { return "w," + scope + "," + start + "," + end + ",,,,r\n" }
	for text, ok := range map[string]bool{
		row("province:02", "2025-05-01", "2025-05-02"): true, row("province:02", "2025-06-30", "2025-07-02"): true,
		row("province:02", "2025-07-01", "2025-07-02"): false, row("province:99", "2025-05-01", "2025-05-02"): false,
	} {
		for _, units := range []string{inventory.UnitsAuto, inventory.Units34} {
			if _, err := twoEras(t, units, text); (err == nil) != ok {
				t.Errorf("%s units: %s: %v", units, text, err)
			}
		}
	}
}
