package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/collector/model"
)

// published makes a store without data, so that a month can be published without waiting for one.
func published(t *testing.T) call {
	t.Helper()
	file := files(t, nil)
	s := start(t, file)
	s.until("/-/ready", anything)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	c := call{file}
	if out, err := c.run("scorecard", "publish", "--month", "2025-10", "--by", "Trưởng ca"); err != nil || !strings.Contains(out, "revision 1 published") {
		t.Fatal(out, err)
	}
	return c
}

// edit changes one of the operator's files.
func (c call) edit(t *testing.T, name, from, to string) {
	t.Helper()
	path := filepath.Join(filepath.Dir(c.file), name)
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("%s: no %q: %v", name, from, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A published month stands as it was whatever is edited later; a number that changes makes a revision
// that names it.
func TestPublishedMonthsAreFrozen(t *testing.T) {
	c := published(t)
	if out, err := c.run("scorecard", "publish", "--month", "2025-10"); err != nil || !strings.Contains(out, "revision 1 still holds") {
		t.Errorf("publishing the same again: %q, %v", out, err)
	}
	c.edit(t, "targets.yaml", "max_ratio: 0.03", "max_ratio: 0.02")
	out, err := c.run("scorecard", "publish", "--month", "2025-10", "--by", "Người khác")
	if err != nil || !strings.Contains(out, "revision 2 published") || strings.Contains(out, " 0 cells") {
		t.Fatal(out, err)
	}
	var nation [2]string
	for i, revision := range []string{"1", "last"} {
		dir := t.TempDir()
		if out, err := c.run("scorecard", "--month", "2025-10", "--revision", revision, "--province", "vn", "--format", "json,xlsx,pdf,html,csv", "--out", dir); err != nil {
			t.Fatal(out, err)
		}
		text, err := os.ReadFile(filepath.Join(dir, "scorecard-2025-10-vn-toan-quoc.json"))
		if err != nil {
			t.Fatal(err)
		}
		nation[i] = string(text)
		if list, err := os.ReadDir(dir); err != nil || len(list) != 5 {
			t.Errorf("revision %s: %d files, %v; want one of each format", revision, len(list), err)
		}
	}
	if strings.Contains(nation[0], `"changes"`) || !strings.Contains(nation[1], `/target_below/value"`) {
		t.Error("the first revision lists changes, or the second does not list the target's")
	}
	out, err = c.run("scorecard", "history")
	if err != nil || !strings.Contains(out, "Trưởng ca") || !strings.Contains(out, "Người khác") {
		t.Errorf("history: %s %v", out, err)
	}
}

func TestVerify(t *testing.T) {
	c := published(t)
	dir := t.TempDir()
	if out, err := c.run("scorecard", "--month", "2025-10", "--revision", "1", "--province", "vn", "--format", "json", "--out", dir); err != nil {
		t.Fatal(out, err)
	}
	file := filepath.Join(dir, "scorecard-2025-10-vn-toan-quoc.json")
	for _, args := range [][]string{{file}, {"--recompute", file}} {
		if out, err := c.run(append([]string{"scorecard", "verify"}, args...)...); err != nil || !strings.Contains(out, "equal to") {
			t.Errorf("%v: %s %v", args, out, err)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string][2]string{
		"1 cells differ":                 {`"outcome": "not_met"`, `"outcome": "met"`},
		"although every number is equal": {"\n  \"month\"", "\n   \"month\""},
		"not published":                  {`"revision": 1`, `"revision": 7`},
		"unknown field":                  {`"month"`, `"moon"`},
	} {
		wrong := filepath.Join(dir, "wrong.json")
		if err := os.WriteFile(wrong, []byte(strings.Replace(string(text), change[0], change[1], 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := c.run("scorecard", "verify", wrong); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %s %v; want %q", change, out, err, want)
		}
	}
	c.edit(t, "targets.yaml", "max_ratio: 0.03", "max_ratio: 0.02")
	if out, err := c.run("scorecard", "verify", "--recompute", file); err == nil || !strings.Contains(out, "target_below") {
		t.Errorf("with another target: %s %v; want what differs", out, err)
	}
}

func TestPublishAndExplainRefuse(t *testing.T) {
	c := published(t)
	for want, args := range map[string][]string{
		"not over":       {"scorecard", "publish", "--month", time.Now().In(model.Local).Format("2006-01")},
		"want the name":  {"scorecard", "publish", "--month", "2025-10", "--by", ""},
		"not published":  {"scorecard", "--month", "2025-09", "--revision", "last", "--out", t.TempDir()},
		`--revision "0"`: {"scorecard", "--month", "2025-10", "--revision", "0", "--out", t.TempDir()},
		`KPI "mos"`:      {"explain", "--kpi", "mos", "--month", "2025-10"},
		`language "fr"`:  {"explain", "--lang", "fr", "--month", "2025-10"},
		`province "00"`:  {"explain", "--province", "00", "--month", "2025-10"},
	} {
		if out, err := c.run(args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %s %v; want %s", args, out, err, want)
		}
	}
	for _, kpi := range []string{"availability", "congestion"} {
		if out, err := c.run("explain", "--kpi", kpi, "--month", "2025-10"); err != nil || !strings.Contains(out, "=>") && !strings.Contains(out, "Mục tiêu") {
			t.Errorf("explain %s: %s %v", kpi, out, err)
		}
	}
}

// While a day of the month is open, data may still be on its way: such a month is not published.
func TestAMonthWithOpenDaysIsNotPublished(t *testing.T) {
	file := files(t, map[string]func(string) string{"collector.yaml": replacer("close_idle: 30s", "close_idle: 1h")})
	s := start(t, file)
	s.until("/-/ready", anything)
	first := model.MonthOf(model.MonthOf(time.Now().Unix()).Start() - 1)
	line := fmt.Sprintf("reach,device=hni-olt-cgy1,method=snmp up=true,interval_s=60i %d000000000\n", first.Start()+3600)
	if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", line); status != 204 {
		t.Fatal(status, text)
	}
	s.until("/metrics", regexp.MustCompile(`haidang_partition_day_sets_in_memory\{partition="\d"\} 1`).MatchString)
	if err := s.stop(); err != nil { // the last checkpoint
		t.Fatal(err)
	}
	if out, err := (call{file}).run("scorecard", "publish", "--month", first.String(), "--by", "Trưởng ca"); err == nil || !strings.Contains(err.Error(), "is still open") {
		t.Errorf("%s, %v; want the open day", out, err)
	}
}

// A month of the 63 can be computed for the 34, each of which is made of its members.
func TestUnits(t *testing.T) {
	c := published(t)
	for units, want := range map[string]int{"": 64, "63": 64, "34": 35} {
		dir := t.TempDir()
		out, err := c.run("scorecard", "--month", "2025-05", "--units", units, "--format", "json", "--out", dir)
		list, errList := os.ReadDir(dir)
		if err != nil || errList != nil || len(list) != want {
			t.Errorf("units %q: %d documents, want %d: %s %v", units, len(list), want, out, err)
		}
		if out, err := c.run("scorecard", "verify", filepath.Join(dir, "scorecard-2025-05-08-tuyen-quang.json")); err != nil || !strings.Contains(out, "equal to what the data say now") {
			t.Errorf("units %q: %s %v", units, out, err)
		}
	}
	for want, args := range map[string][]string{"leave out --revision": {"--units", "34", "--revision", "last"}, "want 63, 34 or auto": {"--units", "35"}} {
		if _, err := c.run(append([]string{"scorecard", "--month", "2025-05"}, args...)...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v; want %q", args, err, want)
		}
	}
}
