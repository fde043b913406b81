package pmfile

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

func TestTheSampleIsReadAndShowsTheDefaults(t *testing.T) {
	s := newSite(t)
	text := testdata(t, "../sample.yaml")
	for _, line := range strings.Split(text, "\n") {
		for _, secret := range [...]string{"key:", "passphrase:", "password:"} {
			if strings.HasPrefix(strings.TrimSpace(line), secret) {
				text = strings.Replace(text, line+"\n", "", 1)
			}
		}
	}
	text = strings.Replace(text, "user: pm\n", "user: pm\n      password: env:PM_TEST_PASSWORD\n", 1)
	t.Setenv("PM_TEST_PASSWORD", "secret")
	s.write(t, "known_hosts", "")
	s.write(t, "cells.csv", cellColumns+"\n")
	if err := os.Mkdir(filepath.Join(s.dir, "counters"), 0o750); err != nil {
		t.Fatal(err)
	}
	got, err := read(sdk.Config{Agent: "a1", Dir: s.dir, File: "agent.yaml", Line: 1, YAML: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	want := defaults()
	if got.Scan != want.Scan || got.Settle != want.Settle || got.Patience != want.Patience || got.MaxSize != want.MaxSize || got.Offset != want.Offset ||
		got.Vectors != want.Vectors || got.Due != want.Due || got.Late != want.Late || got.Remember != want.Remember || got.Depth != want.Depth ||
		strings.Join(got.Ignore, " ") != strings.Join(want.Ignore, " ") || got.Quarantine.Size != want.Quarantine.Size || got.Quarantine.Files != want.Quarantine.Files {
		t.Errorf("got %+v\nwant %+v", got.settings, want)
	}
	if len(got.from) != 2 || got.from[1].SFTP == nil {
		t.Errorf("sources: %+v", got.from)
	}
}

func (s *site) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMistakesNameTheirPlace(t *testing.T) {
	s := newSite(t)
	s.write(t, "cells.csv", cellColumns+"\nc1,d1,\"ManagedElement=e1\",gsm,,,,\n")
	s.write(t, "noheader.csv", "a,b\n")
	s.write(t, "key", "no key")
	const sftp = "sources:\n  - {name: a, dir: /x, sftp: {address: 'h:22', user: u, known_hosts: known"
	for text, want := range map[string]string{
		"{}":              "sources: want at least one",
		"sources: [{}]":   `name: "": want letters`,
		"sources: [a: b]": "agent.yaml:7:",
		"sources:\n  - {name: a, dir: in}\n  - {name: a, dir: in}":                                       "agent.yaml:9: name: a is there already, in line 8",
		"sources:\n  - {name: 'a b', dir: in}":                                                           "agent.yaml:8:",
		"sources:\n  - {name: a, dir: in, done: burn}":                                                   `done: "burn": want keep, delete or move`,
		"sources:\n  - {name: a, dir: in, done: move}":                                                   "move_to: want a folder with done: move",
		"sources:\n  - {name: a, dir: in, move_to: x}":                                                   "move_to: want a folder with done: move, and none without",
		"sources:\n  - {name: a, dir: /x, sftp: {address: h, user: u, known_hosts: k, password: env:P}}": "want host:port",
		"sources:\n  - {name: a, dir: /x, sftp: {address: 'h:22', user: u, password: env:P}}":            "known_hosts: want a file",
		"sources:\n  - {name: a, dir: /x, sftp: {address: 'h:22', user: u, known_hosts: k}}":             "want a key, a password, or both",
		sftp + ", password: env:PM_NOT_SET}}":                                                            "agent.yaml:8: sftp: known_hosts:",
		"sources: [{name: a, dir: in}]\nscan: 1ms":                                                       "agent.yaml:8:",
		"sources: [{name: a, dir: in}]\noffset: '7'":                                                     `"7": want one like +07:00`,
		"sources: [{name: a, dir: in}]\nmatch: ['[']":                                                    `"[": want a pattern`,
		"sources: [{name: a, dir: in}]\ncells: cells.csv":                                                `cells.csv:2: technology: cell c1: "gsm": want lte or nr`,
		"sources: [{name: a, dir: in}]\ncells: noheader.csv":                                             "noheader.csv:1: header: want cell,device",
		"sources: [{name: a, dir: in}]\ncounters: nowhere":                                               "counters: ",
		"sources: [{name: a, dir: in}]\nelements: [{element: e}]":                                        "element: want an element and its device",
		"sources: [{name: a, dir: in}]\nsetle: 5s":                                                       "agent.yaml:8:",
	} {
		err := plugintest.Configure(t, New(), sdk.Config{Agent: "a1", Dir: s.dir, File: "agent.yaml", Line: 7, YAML: []byte(text)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n%v, want %s", text, err, want)
		}
	}
	s.write(t, "known", "")
	err := plugintest.Configure(t, New(), sdk.Config{Agent: "a1", Dir: s.dir, File: "agent.yaml", Line: 7, YAML: []byte(sftp + ", key: 'file:key'}}")})
	if err == nil || !strings.Contains(err.Error(), "agent.yaml:8: sftp: key:") || strings.Contains(err.Error(), "no key") {
		t.Errorf("a key that is none: %v", err)
	}
}
