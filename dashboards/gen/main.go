// Command gen writes the Grafana dashboards from their short definitions: go run ./dashboards/gen, in the
// repository's root. What is checked in under dashboards/grafana is its output; a test compares.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

func main() {
	if err := write(filepath.Join("dashboards", "grafana")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// dashboards are all that exist.
func dashboards() []dashboard {
	return []dashboard{nation(), province(), availability(), congestion(), health()}
}

func write(dir string) error {
	for _, d := range dashboards() {
		text, err := d.render()
		if err != nil {
			return fmt.Errorf("gen: %s: %w", d.uid, err)
		}
		if err := os.WriteFile(filepath.Join(dir, d.file()), text, 0o644); err != nil {
			return fmt.Errorf("gen: %w", err)
		}
	}
	return nil
}
