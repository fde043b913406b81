package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/scorecard"
)

// A year's file has the sums of its months and counts what was published; with the auto unit set all months
// are of the units at its end.
func TestScorecardYear(t *testing.T) {
	c := reported(t, map[string]int64{"2025-03": 4000, "2025-10": 5000})
	c.edit(t, "collector.yaml", `baseline: ""`, `baseline: base.csv`)
	base := "month,province,cell,volume_kbit,time_ms,counter_map\n2020-03,,,8000,1000,a\n2020-04,,,1,1,a\n2020-10,,,8000,1000,a\n"
	if err := os.WriteFile(filepath.Join(filepath.Dir(c.file), "base.csv"), []byte(base), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, month := range []string{"2025-10", "2025-11"} {
		if out, err := c.run("scorecard", "publish", "--month", month, "--by", "Trưởng ca"); err != nil {
			t.Fatal(out, err)
		}
	}
	dir := t.TempDir()
	if out, err := c.run("scorecard", "year", "--year", "2025", "--out", dir); err != nil || !strings.Contains(out, "2 files written") {
		t.Fatal(out, err)
	}
	text, err := os.ReadFile(filepath.Join(dir, "scorecard-year-2025.json"))
	if err != nil {
		t.Fatal(err)
	}
	var y scorecard.Year
	if err := json.Unmarshal(text, &y); err != nil {
		t.Fatal(err)
	}
	if !y.Complete || y.UnitSet != "34" || len(y.Units) != 35 || len(y.Published) != 2 {
		t.Errorf("complete %t, set %q, %d units, published %v", y.Complete, y.UnitSet, len(y.Units), y.Published)
	}
	if g := y.SpeedGrowth[0]; g.VolumeKbit != "72000" || g.TimeMs != "8000" || g.BaseKbit != "16000" || g.BaseMs != "2000" {
		t.Errorf("growth %+v", g)
	}
	for args, want := range map[string]string{"--year 2999": "has not begun", "--units 35": "want 63, 34 or auto"} {
		if out, err := c.run(append([]string{"scorecard", "year", "--out", dir}, strings.Fields(args)...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s %v; want %s", args, out, err, want)
		}
	}
}
