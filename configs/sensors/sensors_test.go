package sensors_test

import (
	"io/fs"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/configs/sensors"
)

// Every shipped rule says where its messages were seen, or that they were not.
func TestEveryRuleSaysWhereItWasSeen(t *testing.T) {
	names, err := fs.Glob(sensors.Files(), "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(sensors.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		for i, part := range strings.Split(string(text), "\n  - paths:")[1:] {
			if strings.Contains(part, "\n    seen: ") == strings.Contains(part, "\n    untested: true") {
				t.Errorf("%s: rule %d: want seen or untested", name, i+1)
			}
		}
	}
}
