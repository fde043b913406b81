package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The input's own program gets what was asked and its settings, sees the environment it may see, and its words come out.
func TestDiscoverRunsTheInputsProgram(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "haidang-input-snmp")
	script := "#!/bin/sh\necho args \"$@\" secret \"$SECRET\" other \"$OTHER\"\ncat\necho words >&2\n[ \"$2\" != --write=true ]\n"
	if err := os.WriteFile(program, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SECRET", "known")
	t.Setenv("OTHER", "hidden")
	path := filepath.Join(dir, "agent.yaml")
	config := "name: hn-01\nlisten: 127.0.0.1:0\nspool: {dir: spool}\ncollector: {url: \"http://127.0.0.1:1\"}\nplugins: " + dir +
		"\ninputs:\n  - type: snmp\n    env: [SECRET]\n    config:\n      inventory: devices.csv\n"
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr strings.Builder
	out, err := execute(t.Context(), &stderr, "discover", "--config", path, "--rules", "r.yaml", "10.0.0.0/24", "10.0.1.0/24")
	if err != nil || !strings.HasPrefix(out, "args discover --rules=r.yaml -- 10.0.0.0/24 10.0.1.0/24 secret known other \n") || stderr.String() != "words\n" {
		t.Errorf("%v\n%s%s", err, out, stderr.String())
	}
	for _, want := range []string{`"agent":"hn-01"`, `"file":"` + path + `"`, `"line":10`, `"yaml":"`} {
		if !strings.Contains(strings.ReplaceAll(out, `": `, `":`), want) {
			t.Errorf("no %s in %s", want, out)
		}
	}
	if _, err := execute(t.Context(), io.Discard, "discover", "--config", path, "--write", "10.0.0.1"); err == nil || !strings.Contains(err.Error(), "input snmp: discover: exit status 1") {
		t.Errorf("a program that fails: %v", err)
	}
	for want, args := range map[string][]string{
		"requires at least 1 arg": {"discover", "--config", path},
		"unknown flag":            {"discover", "--config", path, "--wreck", "10.0.0.1"},
	} {
		if _, err := execute(t.Context(), io.Discard, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Replace(config, "env: [SECRET]", "sha256: '"+strings.Repeat("0", 64)+"'", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := execute(t.Context(), io.Discard, "discover", "--config", path, "10.0.0.1"); err == nil || !strings.Contains(err.Error(), "has the sha256") {
		t.Errorf("another program: %v", err)
	}
}
