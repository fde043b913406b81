package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/scorecard"
)

// A month quotes those before it as they were published last, and is verified equal whatever becomes of them.
func TestAMonthRecallsThoseBeforeIt(t *testing.T) {
	c := published(t) // 2025-10
	dir := t.TempDir()
	if out, err := c.run("scorecard", "publish", "--month", "2025-11", "--by", "Trưởng ca"); err != nil {
		t.Fatal(out, err)
	}
	c.edit(t, "targets.yaml", "max_ratio: 0.03", "max_ratio: 0.02")
	if out, err := c.run("scorecard", "publish", "--month", "2025-10", "--by", "Trưởng ca"); err != nil || !strings.Contains(out, "revision 2") {
		t.Fatal(out, err)
	}
	for _, args := range [][]string{{"--month", "2025-11", "--revision", "last"}, {"--month", "2025-12"}} {
		if out, err := c.run(append([]string{"scorecard", "--format", "json", "--out", dir}, args...)...); err != nil {
			t.Fatal(out, err)
		}
	}
	for month, want := range map[string][]string{"2025-11": {"2025-10"}, "2025-12": {"2025-10", "2025-11"}} {
		path := filepath.Join(dir, "scorecard-"+month+"-vn-toan-quoc.json")
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		d, err := scorecard.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range want {
			if len(d.Past) != len(want) || d.Past[i].Month != m || len(d.Past[i].Measures) == 0 {
				t.Fatalf("%s recalls %+v; want %v", month, d.Past, want)
			}
		}
		if month == "2025-12" && d.Past[0].Revision != 2 || month == "2025-11" && d.Past[0].Revision != 1 {
			t.Errorf("%s quotes revision %d of 2025-10", month, d.Past[0].Revision)
		}
		if out, err := c.run("scorecard", "verify", path); err != nil {
			t.Error(out, err)
		}
	}
}
