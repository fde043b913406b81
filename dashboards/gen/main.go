// Command gen writes the Grafana dashboards from their short definitions: go run ./dashboards/gen, in the
// repository's root. What is checked in under dashboards/grafana is its output; a test compares.
//
//	go run ./dashboards/gen mute [ALERTMANAGER.YAML [FREEZES.CSV]]
//
// writes the change freezes of the event calendar into an Alertmanager configuration, by default the sample.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 0:
		return write(filepath.Join("dashboards", "grafana"))
	case args[0] == "mute" && len(args) <= 3:
		return muteFile(slices.Concat(args[1:], []string{"dashboards/alertmanager.yaml", "configs/freezes.csv"}[len(args)-1:]))
	}
	return fmt.Errorf("gen: %q: want nothing, or mute with at most two files", args)
}

// muteFile writes the freezes of files[1] into files[0].
func muteFile(files []string) error {
	config, err := os.ReadFile(files[0])
	if err != nil {
		return fmt.Errorf("gen: mute: %w", err)
	}
	freezes, err := os.ReadFile(files[1])
	if err != nil {
		return fmt.Errorf("gen: mute: %w", err)
	}
	text, err := mute(config, freezes)
	if err != nil {
		return err
	}
	if err := os.WriteFile(files[0], text, 0o644); err != nil {
		return fmt.Errorf("gen: mute: %w", err)
	}
	return nil
}

// dashboards are all that exist.
func dashboards() []dashboard {
	return []dashboard{nation(), province(), availability(), congestion(), quality(), radio(), transport(), access(), device(), health(), inputs()}
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
