package inventory_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/inventory"
)

// Suspect reports and LTE's causes are as the standards say unless the operator says otherwise.
func TestRulesForReports(t *testing.T) {
	for section, want := range map[string]struct {
		use    bool
		causes []string
	}{
		"": {},
		"ran: {use_suspect: false, lte_excluded_causes: \"\"}\n":                   {},
		"ran: {use_suspect: true, lte_excluded_causes: mo-Signalling|mt-Access}\n": {true, []string{"mo-Signalling", "mt-Access"}},
	} {
		dir := lay(t, "../../configs/provinces", "testdata/good")
		path := filepath.Join(dir, "targets.yaml")
		text := string(read(t, path))
		if strings.Contains(text, "\nran:") {
			t.Fatal("testdata/good has a section ran: the test needs one without")
		}
		if err := os.WriteFile(path, []byte(text+"\n"+section), 0o600); err != nil {
			t.Fatal(err)
		}
		x, err := inventory.Load(folder(dir))
		if err != nil {
			t.Fatal(err)
		}
		if got := x.Targets.RAN; got.UseSuspect != want.use || !slices.Equal(got.LTEExcluded, want.causes) {
			t.Errorf("%q: %t %q", section, got.UseSuspect, got.LTEExcluded)
		}
	}
}
