package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
)

// aCellsDay are the periods of a day of one LTE cell. The second hour is the busiest.
func aCellsDay(day model.Day, kbit int64) string {
	var lines strings.Builder
	for i := range int64(96) {
		busy := int64(1)
		if i/4 == 1 {
			busy = 2
		}
		fmt.Fprintf(&lines, "pm,device=dng-enb-htg1,object=ManagedElement\\=htg1\\,ENBFunction\\=1\\,EUtranCellFDD\\=1,rat=lte,group=g period_s=900i,DRB.IPVolDl.9=%di,DRB.IPTimeDl.9=1000i %d000000000\n",
			busy*kbit, day.Start()+(i+1)*900)
	}
	return lines.String()
}

// reported is a collector that was told the days and closed them, long after.
func reported(t *testing.T, days map[string]int64) call {
	t.Helper()
	file := files(t, map[string]func(string) string{"collector.yaml": replacer("keep_days: 45", "keep_days: 1500", "publish: true", "publish: false"),
		"devices.csv": replacer(",dng-01,ericsson-ran", ",hni-01,ericsson-ran")}) // whose token the test has
	s := start(t, file)
	s.until("/-/ready", anything)
	for name, kbit := range days {
		month, err := model.ParseMonth(name)
		if err != nil {
			t.Fatal(err)
		}
		if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", aCellsDay(month.First()+4, kbit)); status != 204 {
			t.Fatal(status, text)
		}
	}
	closings := regexp.MustCompile(fmt.Sprintf(`haidang_partition_day_closings_total\{partition="\d"\} %d`, len(days)))
	s.until("/metrics", closings.MatchString)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	return call{file}
}

// What baseline writes is what the configuration reads, once and for all.
func TestBaseline(t *testing.T) {
	c := reported(t, map[string]int64{"2025-03": 4000, "2025-10": 5000})
	path := filepath.Join(filepath.Dir(c.file), "baseline.csv")
	out, err := c.run("baseline", "--year", "2025", "--out", path, "--counter-map", "vendor-2025.1")
	if err != nil || !strings.Contains(out, "2025-01: nothing") || !strings.Contains(out, "2025-10: 10000.000 kbit/s, insufficient_data, 3 rows") {
		t.Fatal(out, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	want := `month,province,cell,volume_kbit,time_ms,counter_map
2025-03,,,32000,4000,vendor-2025.1
2025-03,48,,32000,4000,vendor-2025.1
2025-03,48,dng-htg1-1,32000,4000,vendor-2025.1
2025-10,,,40000,4000,vendor-2025.1
2025-10,48,,40000,4000,vendor-2025.1
2025-10,48,dng-htg1-1,40000,4000,vendor-2025.1
`
	if string(text) != want {
		t.Errorf("%s\nwant\n%s", text, want)
	}
	if _, err := c.run("baseline", "--year", "2025", "--out", path, "--counter-map", "other"); err == nil || !strings.Contains(err.Error(), "frozen") {
		t.Errorf("a second time: %v", err)
	}
	c.edit(t, "collector.yaml", `baseline: ""`, `baseline: baseline.csv`)
	cfg, err := config.Load(c.file)
	if err != nil {
		t.Fatal(err)
	}
	read, err := inventory.Load(cfg.Inventory)
	if err != nil || len(read.SpeedBase) != 6 || read.SpeedBase[5] != (model.SpeedBase{Month: model.Month{Year: 2025, Month: 10}, Province: "48", Cell: "dng-htg1-1", VolumeKbit: 40000, TimeMs: 4000, CounterMap: "vendor-2025.1"}) {
		t.Errorf("read back: %+v, %v", read, err)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".baseline*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

func TestBaselineRefuses(t *testing.T) {
	c := published(t)
	out := filepath.Join(t.TempDir(), "baseline.csv")
	for want, args := range map[string][]string{
		"--out":                     {"--counter-map", "a"},
		"--counter-map":             {"--out", out},
		"nothing to freeze":         {"--out", out, "--counter-map", "a", "--year", "2024"},
		"month 2999-01 is not over": {"--out", out, "--counter-map", "a", "--year", "2999"},
		"want 63, 34 or auto":       {"--out", out, "--counter-map", "a", "--units", "35"},
		"no such file or directory": {"--out", filepath.Join(out, "x"), "--counter-map", "a"},
	} {
		if said, err := c.run(append([]string{"baseline"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %s %v; want %q", args, said, err, want)
		}
	}
	if _, err := os.Lstat(out); !os.IsNotExist(err) {
		t.Errorf("a baseline that failed left a file: %v", err)
	}
}
