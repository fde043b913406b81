package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What is checked in is what the definitions say.
func TestDashboardsAreCurrent(t *testing.T) {
	for _, d := range dashboards() {
		want, err := d.render()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "grafana", d.file()))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s is not what its definition says; run: go run ./dashboards/gen\n%s", d.file(), diff)
		}
	}
	files, err := filepath.Glob(filepath.Join("..", "grafana", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(dashboards()) {
		t.Errorf("%d files for %d definitions: %v", len(files), len(dashboards()), files)
	}
}
