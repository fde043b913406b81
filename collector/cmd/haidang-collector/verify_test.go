package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/scorecard"
)

// exported writes the JSON of a month's unit, or of a year, and returns its path.
func (c call) exported(t *testing.T, args ...string) string {
	t.Helper()
	dir := t.TempDir()
	if out, err := c.run(append([]string{"scorecard", "--out", dir}, args...)...); err != nil {
		t.Fatal(out, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v: %d files, %v; want one", args, len(files), err)
	}
	return files[0]
}

// tampered is the document with another value in one line, or the same if the line has none.
func tampered(line []byte) []byte {
	value := regexp.MustCompile(`^(\s*(?:"[^"]*": )?)(".*"|[^",\[\]{} ]+)(,?)$`).FindSubmatch(line)
	if value == nil {
		return line
	}
	other := map[string]string{"true": "false", "false": "true", "null": "0", `""`: `"7"`}[string(value[2])]
	if last := len(value[2]) - 1; other == "" && value[2][last] == '"' {
		other = string(value[2][:last]) + `7"`
	} else if other == "" {
		other = string(value[2]) + "7"
	}
	return bytes.Join([][]byte{value[1], []byte(other), value[3]}, nil)
}

// Whatever line of a file's head, or of those picked of the rest, says something else, verify says no: of a provisional scorecard, a published one and a year.
func TestNothingCanBeTamperedWith(t *testing.T) {
	c := reported(t, map[string]int64{"2025-10": 5000})
	files := map[string]string{"provisional": c.exported(t, "--month", "2025-10", "--province", "48", "--format", "json")}
	if out, err := c.run("scorecard", "publish", "--month", "2025-10", "--by", "Trưởng ca"); err != nil {
		t.Fatal(out, err)
	}
	files["published"] = c.exported(t, "--month", "2025-10", "--revision", "1", "--province", "48", "--format", "json")
	files["year"] = filepath.Join(filepath.Dir(files["published"]), "scorecard-year-2025.json")
	if out, err := c.run("scorecard", "year", "--year", "2025", "--out", filepath.Dir(files["year"])); err != nil {
		t.Fatal(out, err)
	}
	chosen := map[string]*regexp.Regexp{"provisional": regexp.MustCompile(`^ *"(until|unit_set)"`), "published": regexp.MustCompile(`^ *"(month|revision|code)"`), "year": regexp.MustCompile(`^ *"year"`)}
	for name, file := range files {
		if out, err := c.run("scorecard", "verify", file); err != nil || !strings.Contains(out, "equal to") {
			t.Errorf("%s: %s %v", name, out, err)
		}
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		lines := bytes.Split(text, []byte("\n"))
		wrong, told := filepath.Join(t.TempDir(), "wrong.json"), 0
		for i, line := range lines {
			head := i < 24 && chosen[name].Match(line) // what the file is held against
			if !head && i%(1+len(lines)/60) != 0 {
				continue // all lines of smaller ones are the scorecard package's to test
			}
			lines[i] = tampered(line)
			changed := bytes.Join(lines, []byte("\n"))
			lines[i] = line
			if bytes.Equal(changed, text) {
				continue
			}
			told++
			if !head {
				if err := heldAgainst(text, changed); err == nil {
					t.Errorf("%s: line %d, %s: nobody saw it", name, i+1, line)
				}
				continue
			}
			if err := os.WriteFile(wrong, changed, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := c.run("scorecard", "verify", wrong); err == nil {
				t.Errorf("%s: line %d, %s: %s", name, i+1, line, out)
			}
		}
		if told < 20 {
			t.Errorf("%s: %d lines, want a whole document's", name, told)
		}
	}
}

// heldAgainst verifies a changed file against what it was.
func heldAgainst(was, changed []byte) error {
	v := verifier{name: "wrong", text: changed, out: new(bytes.Buffer)}
	if scorecard.IsYear(was) {
		want, _ := scorecard.ParseYear(was)
		have, err := scorecard.ParseYear(changed)
		if err != nil {
			return err
		}
		return v.hold(have, want, was, "it")
	}
	want, _ := scorecard.Parse(was)
	have, err := scorecard.Parse(changed)
	if err != nil {
		return err
	}
	return v.hold(have, want, was, "it")
}

// An edited file is told by its name and hashes; only what follows from it are numbers that differ.
func TestVerifyTellsEditedFiles(t *testing.T) {
	c := published(t)
	provisional := c.exported(t, "--month", "2025-10", "--province", "vn", "--format", "json")
	file := c.exported(t, "--month", "2025-10", "--revision", "1", "--province", "vn", "--format", "json")
	c.edit(t, "targets.yaml", "# ", "# Đã xem lại. ")
	for _, args := range [][]string{{file}, {"--recompute", file}} {
		if out, err := c.run(append([]string{"scorecard", "verify"}, args...)...); err != nil || strings.Contains(out, "targets: another one") != (len(args) == 2) {
			t.Errorf("%v: %s %v; want the same numbers, and that targets.yaml is another one if it was read", args, out, err)
		}
	}
	if out, err := c.run("scorecard", "verify", provisional); err == nil || !strings.Contains(out, "targets: another one, SHA-256") || !strings.Contains(err.Error(), "made from other targets, although every number is equal") {
		t.Errorf("%s %v", out, err)
	}
	c.edit(t, "targets.yaml", "max_ratio: 0.03", "max_ratio: 0.02")
	c.edit(t, "score_thresholds.csv", "\n", "\r\n")
	for _, args := range [][]string{{provisional}, {"--recompute", file}} {
		out, err := c.run(append([]string{"scorecard", "verify"}, args...)...)
		if err == nil || !strings.Contains(err.Error(), "made from other ") || !strings.Contains(err.Error(), "targets, thresholds: ") || !strings.Contains(out, "target_below/num") {
			t.Errorf("%v: %s %v", args, out, err)
		}
	}
}

// What is no document, or of a month or unit that is not there, is an error that says so.
func TestVerifyRefuses(t *testing.T) {
	c := published(t)
	file := filepath.Join(t.TempDir(), "file.json")
	for text, want := range map[string]string{"": "EOF", `{"schema": "haidang.scorecard-year/9"}`: "scorecard-year/9", `{"schema": "haidang.scorecard-year/1", "moon": 1}`: "unknown field", `{"schema": "haidang.scorecard/1"}`: "until"} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := c.run("scorecard", "verify", file); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %s %v; want %q", text, out, err, want)
		}
	}
	if out, err := c.run("scorecard", "verify", fmt.Sprint(file, ".not")); err == nil {
		t.Errorf("a file that is not there: %s", out)
	}
}
