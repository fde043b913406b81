package main

import (
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/internal/obs"
)

// A window entered on the command line is seen by the running collector, which tells it as the API does.
func TestWindowsFromTheCommandLine(t *testing.T) {
	file := files(t, nil)
	c := call{file}
	if out, err := c.run("maintenance", "list"); err != nil { // also before the collector ran
		t.Fatal(out, err)
	}
	s := start(t, file)
	add := []string{"maintenance", "add", "--id", "CR-7", "--scope", "site:HNI-CGY", "--start", "2126-10-01T22:00:00+07:00", "--end", "2126-10-01T23:00:00+07:00", "--by", "Ca 1"}
	if _, err := c.run(add...); err == nil || !strings.Contains(err.Error(), "reason") {
		t.Errorf("without a reason: %v", err)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{append(add, "--reason", "Thay nguồn"), "CR-7: proposed, to be approved before 2126-10-01T22:00:00+07:00"},
		{[]string{"maintenance", "approve", "CR-7", "--by", "Ca 2", "--note", "được"}, "CR-7: approved\n"},
		{[]string{"maintenance", "list", "--month", "2126-10"}, "CR-7  approved  true"},
		{[]string{"maintenance", "list"}, "CR-2026-1041"},
	} {
		if out, err := c.run(step.args...); err != nil || !strings.Contains(out, step.want) {
			t.Errorf("%v: %q, %v; want %q", step.args, out, err, step.want)
		}
	}
	const token = "token-of-viewer-0123456789"
	if status, text := s.do("GET", "/api/v1/maintenance/CR-7", token, ""); status != 200 || !strings.Contains(text, `"state":"approved","planned":true`) {
		t.Errorf("the API: %d %s", status, text)
	}
	if out, err := c.run("maintenance", "cancel", "CR-7", "--by", "Ca 1"); err != nil || out != "CR-7: cancelled\n" {
		t.Errorf("cancel: %q, %v", out, err)
	}
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
}

// What the register holds becomes part of the inventory, once for each change.
func TestWindowsBecomePartOfTheInventory(t *testing.T) {
	file := files(t, nil)
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	c := &collector{cfg: cfg, log: zerolog.Nop(), registry: obs.NewRegistry("haidang-collector")}
	defer c.close()
	if err := c.open(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := c.inventory.Load()
	if err := c.replan(t.Context()); err != nil || c.inventory.Load() != before {
		t.Errorf("made anew although nothing changed: %v", err)
	}
	if out, err := (call{file}).run("maintenance", "add", "--id", "CR-7", "--scope", "site:HNI-CGY", "--start", "2126-10-01T22:00:00+07:00",
		"--end", "2126-10-01T23:00:00+07:00", "--by", "Ca 1", "--reason", "Thay nguồn"); err != nil {
		t.Fatal(out, err)
	}
	if err := c.replan(t.Context()); err != nil {
		t.Fatal(err)
	}
	after := c.inventory.Load()
	if n := len(after.Windows); n != len(before.Windows)+1 || after.Windows[n-1].ID != "CR-7" || after.Hash == before.Hash {
		t.Errorf("%d windows after %d, hash %s after %s", n, len(before.Windows), after.Hash, before.Hash)
	}
}
