package scorecard_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/scorecard"
)

func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

func TestWriteOneProvince(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "folder")
	_, err := scorecard.Write(dir, build(), scorecard.Options{Province: "08"})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"scorecard-2026-11-08-tuyen-quang.json"}, names(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestWriteRefusesWhatItDoesNotKnow(t *testing.T) {
	for want, o := range map[string]scorecard.Options{
		`province "99"`:   {Province: "99"},
		`format "docx"`:   {Formats: []string{"json", "docx"}},
		`language "fr"`:   {Formats: []string{"csv"}, Langs: []string{"vi", "fr"}},
		`province "ha-n"`: {Province: "ha-n"},
	} {
		dir := filepath.Join(t.TempDir(), "out")
		files, err := scorecard.Write(dir, build(), o)
		if err == nil || !strings.Contains(err.Error(), want) || len(files) > 0 {
			t.Errorf("Write = %v, %v; want an error naming %s", files, err, want)
		}
		if _, err := os.Stat(dir); err == nil {
			t.Errorf("%s: the folder was made although nothing could be written", want)
		}
	}
}

// A file that cannot be replaced fails alone: the others are written, the error names it, and no
// temporary file stays behind.
func TestWriteReportsEachFileThatFailed(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "scorecard-2026-11-01-ha-noi.json")
	if err := os.MkdirAll(filepath.Join(blocked, "full"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := scorecard.Write(dir, build(), scorecard.Options{})
	if err == nil || !strings.Contains(err.Error(), blocked) {
		t.Errorf("error = %v; want one that names %s", err, blocked)
	}
	if len(files) != 2 || len(names(t, dir)) != 3 {
		t.Errorf("written %v, folder %v; want the other two only", files, names(t, dir))
	}
}

func TestWriteReplacesAnOlderFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "scorecard-2026-11-vn-toan-quoc.json")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := scorecard.Write(dir, build(), scorecard.Options{Province: "vn"}); err != nil {
		t.Fatal(err)
	}
	if text := read(t, path); !strings.HasPrefix(string(text), "{\n") {
		t.Errorf("the file holds %.20q", text)
	}
}
