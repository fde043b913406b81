package principal

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"golang.org/x/crypto/bcrypt"
	"pgregory.net/rapid"
)

// cheap is a hash that costs a test little.
func cheap(t testing.TB, secret string) string {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	return string(hash)
}

func TestLogin(t *testing.T) {
	argon, err := HashPassword("đèn biển canh đêm")
	if err != nil {
		t.Fatal(err)
	}
	path := write(t, "users:\n  - {name: lan, role: operator, password: '"+argon+"', provinces: [\"48\"]}\n"+
		"  - {name: minh, role: viewer, password: "+cheap(t, "ten letters")+"}\n")
	u, err := OpenUsers(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, secret string
		ok           bool
	}{
		{"lan", "đèn biển canh đêm", true}, {"minh", "ten letters", true},
		{"lan", "ten letters", false}, {"minh", "", false}, {"hoa", "nobody has this password", false}, {"lan", argon, false},
	} {
		user, err := u.Login(t.Context(), c.name, c.secret)
		if err != nil || (user != nil) != c.ok {
			t.Errorf("%s with %q: %v, %v", c.name, c.secret, user, err)
		}
	}
	lan := u.Find("lan")
	if !lan.MaySee("48") || lan.MaySee("01") || lan.SeesAll() || lan.Role != Operator {
		t.Errorf("%+v", lan)
	}
	if strings.Contains(lan.String(), argon) {
		t.Errorf("%s shows the hash", lan)
	}
}

// A reload takes up a good file; a bad one changes nothing. A new password is told from the old one.
func TestReloadUsers(t *testing.T) {
	path := write(t, "users: [{name: lan, role: viewer, password: "+cheap(t, "one")+"}]\n")
	u, err := OpenUsers(path)
	if err != nil {
		t.Fatal(err)
	}
	before := u.Find("lan")
	if err := os.WriteFile(path, []byte("users: [{name: lan, role: king}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.Reload(); err == nil || u.Find("lan") != before {
		t.Errorf("a bad file: %v", err)
	}
	if err := os.WriteFile(path, []byte("users: [{name: lan, role: viewer, password: "+cheap(t, "two")+"}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := u.Reload(); err != nil || u.Find("lan").PasswordMark() == before.PasswordMark() {
		t.Errorf("a new password: %v", err)
	}
}

func TestMistakesInUsers(t *testing.T) {
	good := cheap(t, "x")
	for text, want := range map[string]string{
		"users: [{name: a, role: viewer, password: secret}]":                                                               "user hash",
		"users: [{name: a, role: agent, password: " + good + "}]":                                                          "want viewer",
		"users: [{name: '', role: viewer, password: " + good + "}]":                                                        "name",
		"users: [{name: a, role: viewer, password: " + good + ", devices: [x]}]":                                           "devices",
		"users: [{name: a, role: viewer, password: " + good[:20] + "}]":                                                    "bcrypt",
		"users: [{name: a, role: admin, password: '$argon2id$v=19$m=9,t=1,p=1$x$y'}]":                                      "argon2id",
		"users:\n- &a {name: a, role: admin, password: " + good + "}\n- {name: a, role: viewer, password: " + good + "}":   "twice",
		"users: [{name: a, role: admin, password: '$argon2id$v=19$m=4194304,t=1,p=1$c2FsdHNhbHQ$MTIzNDU2Nzg5MDEyMzQ1Ng'}]": "at most",
	} {
		_, err := OpenUsers(write(t, text))
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), good) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
	}
	if _, err := HashPassword("short"); err == nil {
		t.Error("a short password was taken")
	}
}

// No text makes the parser panic; what it accepts within its bounds is what it prints.
func TestParsePassword(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.String(), func(s string) string { return "$argon2id$v=19$" + s }),
			rapid.StringMatching(`\$argon2id\$v=19\$m=[0-9]{1,12},t=[0-9]{1,5},p=[0-9]{1,4}\$[A-Za-z0-9+/]{0,30}\$[A-Za-z0-9+/]{0,40}`)).Draw(t, "text")
		p, err := parsePassword(text)
		if a, ok := p.(argonHash); err == nil && ok && a.String() != text {
			t.Errorf("%q was read as %q", text, a)
		}
	})
}

// A login that has to wait ends with its caller.
func TestLoginWaits(t *testing.T) {
	u := &Users{slots: make(chan struct{})}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := u.Login(ctx, "a", "b"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
