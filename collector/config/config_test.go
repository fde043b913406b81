package config_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/inventory"
)

// What we ship is what we test: the shipped file says the defaults, and the inventory it names loads.
func TestTheShippedConfiguration(t *testing.T) {
	c, err := config.Load("../../configs/collector.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want := config.Default()
	if c.Partitions != want.Partitions || c.View != want.View || c.Queue != want.Queue || c.Listen != want.Listen || c.Log != want.Log || c.Alarms != want.Alarms {
		t.Errorf("the shipped file differs from the defaults it documents:\n got %+v\nwant %+v", c, want)
	}
	if got := filepath.Clean(c.DataDir); got != filepath.Clean("../../data/collector") {
		t.Errorf("data_dir = %s: relative paths start at the file's folder", got)
	}
	if _, err := inventory.Load(c.Inventory); err != nil {
		t.Error(err)
	}
}

func TestMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"listen: \"\"\n":                        "listen: want host:port",
		"partitions: {count: 0}\n":              "partitions.count: 0: want 1 to 256",
		"partitions: {lease: 1s}\n":             "partitions.lease: 1s: want 3s or more",
		"partitions: {days_in_memory: 1}\n":     "partitions.days_in_memory: 1: want 2 or more",
		"partitions: {keep_days: 0}\n":          "partitions.keep_days: 0: want 1 or more",
		"partitions: {checkpoint_every: 1ms}\n": "partitions.checkpoint_every: 1ms: want 100ms or more",
		"queue: {max_bytes: 1MiB}\n":            "queue.max_bytes: 1048576: want 134217728 or more for 4 partitions",
		"log: {level: loud}\n":                  "log: log level \"loud\": want trace, debug",
		"view: {every: 10ms}\n":                 "view.every: 10ms: want 1s or more",
		"alarms: {flap_count: 1}\n":             "alarms.flap_count: 1: want 2 to 50",
		"partitons: {count: 4}\n":               "c.yaml:1:1: unknown field",
	} {
		path := filepath.Join(t.TempDir(), "c.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Load(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}
