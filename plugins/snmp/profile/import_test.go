package profile_test

import (
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/snmp/profile"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("%s is not what was made (-update writes it anew):\n%s", file, got)
	}
}

// What is imported is a profile, and what cannot be is said.
func TestImportExporter(t *testing.T) {
	text, err := os.ReadFile("testdata/snmp.yml")
	if err != nil {
		t.Fatal(err)
	}
	draft, notes, err := profile.ImportExporter("lamps", text)
	if err != nil {
		t.Fatal(err)
	}
	got, err := draft.YAML()
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/lamps.yaml", got)
	want := `lampFlags: type "Bits" is not taken over
lampKelvin: offset -273.15: want it as a unit with an offset, such as K or [degF]`
	if strings.Join(notes, "\n") != want {
		t.Errorf("notes:\n%s", strings.Join(notes, "\n"))
	}
	if err := shipped(t).Check("lamps.yaml", got); err != nil {
		t.Error(err)
	}
	for _, c := range [][2]string{{"lamp", `there is no module "lamp": want one of lamps, other`}} {
		if _, _, err := profile.ImportExporter(c[0], text); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Error(err)
		}
	}
	if _, _, err := profile.ImportExporter("x", []byte("modules: [")); err == nil {
		t.Error("broken YAML is taken")
	}
}
