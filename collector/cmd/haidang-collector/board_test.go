package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/principal"
)

// The line that user hash prints lets its password in, and is never the password.
func TestUserHash(t *testing.T) {
	root := command()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetIn(strings.NewReader("đèn biển canh đêm\n"))
	root.SetArgs([]string{"user", "hash"})
	if err := root.ExecuteContext(t.Context()); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "users.yaml")
	text := "users:\n  - name: lan\n    role: viewer\n    " + out.String()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	users, err := principal.OpenUsers(file)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if u, err := users.Login(t.Context(), "lan", "đèn biển canh đêm"); u == nil || err != nil || strings.Contains(text, "đèn") {
		t.Errorf("%s: %v %v", text, u, err)
	}
	root.SetIn(strings.NewReader("short\n"))
	if err := root.ExecuteContext(t.Context()); err == nil || strings.Contains(err.Error(), "short") {
		t.Errorf("a short password: %v", err)
	}
}

// There is a board where there are users; where the configuration names them, they must be there, and right.
func TestBoardNeedsUsers(t *testing.T) {
	s := start(t, files(t, nil))
	if status, text := s.do("GET", "/login", "", ""); status != 200 || !strings.Contains(text, "Đăng nhập") {
		t.Errorf("with a file of users: %d", status)
	}
	if status, _ := s.do("GET", "/api/v1/nothing", "", ""); status != 404 {
		t.Errorf("the board swallows other paths: %d", status)
	}
	without := files(t, nil)
	if err := os.Remove(filepath.Join(filepath.Dir(without), "users.yaml")); err != nil {
		t.Fatal(err)
	}
	if status, _ := start(t, without).do("GET", "/login", "", ""); status != 404 {
		t.Errorf("without users: %d", status)
	}
	off := files(t, map[string]func(string) string{"collector.yaml": replacer("enabled: true                # the pages", "enabled: false # the pages")})
	if status, _ := start(t, off).do("GET", "/login", "", ""); status != 404 {
		t.Errorf("switched off: %d", status)
	}
	for want, changes := range map[string]map[string]func(string) string{
		"people.yaml": {"collector.yaml": replacer(`users: ""`, "users: people.yaml")},
		`"lan"`:       {"users.yaml": func(string) string { return "users: [{name: lan, role: viewer, password: secret}]\n" }},
	} {
		if _, err := (call{files(t, changes)}).run("check"); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v; want %s", err, want)
		}
	}
}

// A reload takes up the users with all else, or nothing.
func TestReloadUsers(t *testing.T) {
	c := call{files(t, nil)}
	s := start(t, c.file)
	s.until("/-/ready", anything)
	path := filepath.Join(filepath.Dir(c.file), "users.yaml")
	if err := os.WriteFile(path, []byte("users: [{name: lan, role: king, password: x}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, text := s.do("POST", "/-/reload", "token-of-operator-0123456789", ""); status != 400 || !strings.Contains(text, `"king"`) {
		t.Errorf("bad users: %d %s", status, text)
	}
	if err := os.WriteFile(path, []byte("users: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if status, text := s.do("POST", "/-/reload", "token-of-operator-0123456789", ""); status != 200 {
		t.Errorf("good users: %d %s", status, text)
	}
}
