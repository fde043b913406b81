package mibs_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/profile/mibs"
)

var update = flag.Bool("update", false, "write the golden file anew")

func TestCompile(t *testing.T) {
	draft, notes, err := mibs.Compile("testdata/LIGHTHOUSE-MIB")
	if err != nil {
		t.Fatal(err)
	}
	got, err := draft.YAML()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("testdata/lighthouse.yaml", got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/lighthouse.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("lighthouse.yaml is not what was made (-update writes it anew):\n%s", got)
	}
	if strings.Join(notes, "\n") != "lhRunHours: is in hours: give its field a unit" {
		t.Errorf("notes: %q", notes)
	}
}

func TestWhatIsNoMIB(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"EMPTY-MIB": "", "BROKEN-MIB": "BROKEN-MIB DEFINITIONS ::= BEGIN x OBJECT", "LONELY-MIB": "LONELY-MIB DEFINITIONS ::= BEGIN END"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"EMPTY-MIB", "BROKEN-MIB", "LONELY-MIB", "ABSENT-MIB"} {
		if d, _, err := mibs.Compile(filepath.Join(dir, name)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %+v, %v", name, d, err)
		}
	}
	if _, notes, err := mibs.Compile(copied(t)); err == nil || len(notes) == 0 {
		t.Errorf("without what it imports: %v, %q", err, notes)
	}
	if _, _, err := mibs.Compile(copied(t), "testdata"); err != nil {
		t.Errorf("with the folder of what it imports: %v", err)
	}
}

// copied is the module without those that it imports.
func copied(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("testdata/LIGHTHOUSE-MIB")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "LIGHTHOUSE-MIB")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}
