package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The input's own program gets what was asked, and its words come out.
func TestProfileRunsTheInputsProgram(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\necho args \"$@\"\necho words >&2\n[ \"$2\" != fail ]\n"
	if err := os.WriteFile(filepath.Join(dir, "haidang-input-snmp"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "agent.yaml")
	config := "name: hn-01\nlisten: 127.0.0.1:0\nspool: {dir: spool}\ncollector: {url: \"http://127.0.0.1:1\"}\nplugins: " + dir + "\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"profile", "--config", path, "list", "--profiles", "x"},
		{"profile", "list", "--config=" + path, "--profiles", "x"},
	} {
		var stderr strings.Builder
		out, err := execute(t.Context(), &stderr, args...)
		if err != nil || out != "args profile list --profiles x\n" || stderr.String() != "words\n" {
			t.Errorf("%v: %v\n%s%s", args, err, out, stderr.String())
		}
	}
	if _, err := execute(t.Context(), io.Discard, "profile", "fail", "--config", path); err == nil || !strings.Contains(err.Error(), "profile: exit status 1") {
		t.Errorf("a program that fails: %v", err)
	}
	for _, mistake := range []struct{ config, want string }{
		{config + "inputs: [{type: snmp, sha256: '" + strings.Repeat("0", 64) + "'}]\n", "has the sha256"},
		{config + "inputs: [{type: snmp, sha: '0'}]\n", "agent.yaml:"},
	} {
		if err := os.WriteFile(path, []byte(mistake.config), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := execute(t.Context(), io.Discard, "profile", "list", "--config", path); err == nil || !strings.Contains(err.Error(), mistake.want) || out != "" {
			t.Errorf("%v, want %s; out: %s", err, mistake.want, out)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Replace(config, dir, filepath.Join(dir, "nowhere"), 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := execute(t.Context(), io.Discard, "profile", "list", "--config", path); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("no program: %v", err)
	}
}
