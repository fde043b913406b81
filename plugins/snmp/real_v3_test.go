//go:build real

package snmp_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
)

// pair is a user of snmpd with its protocols: the names that net-snmp has for them, and those that the input has.
type pair struct{ user, auth, priv, ourAuth, ourPriv string }

// pairs are all that Debian's snmpd has.
func pairs() (all []pair) {
	auths := [][2]string{{"MD5", "md5"}, {"SHA", "sha"}, {"SHA-224", "sha224"}, {"SHA-256", "sha256"}, {"SHA-384", "sha384"}, {"SHA-512", "sha512"}}
	privs := [][2]string{{"", ""}, {"DES", "des"}, {"AES", "aes"}, {"AES-192", "aes192"}, {"AES-256", "aes256"}, {"AES-192-C", "aes192c"}, {"AES-256-C", "aes256c"}}
	all = append(all, pair{user: "none"})
	for _, a := range auths {
		for _, p := range privs {
			all = append(all, pair{a[1] + p[1], a[0], p[0], a[1], p[1]})
		}
	}
	return all
}

// account is what snmpd's configuration says of the user.
func (p pair) account() string {
	switch {
	case p.auth == "":
		return fmt.Sprintf("createUser %[1]s\nrouser %[1]s noauth\n", p.user)
	case p.priv == "":
		return fmt.Sprintf("createUser %[1]s %[2]s %[3]s\nrouser %[1]s auth\n", p.user, p.auth, authPassword)
	}
	return fmt.Sprintf("createUser %[1]s %[2]s %[3]s %[4]s %[5]s\nrouser %[1]s priv\n", p.user, p.auth, authPassword, p.priv, privPassword)
}

// options are those of snmpget.
func (p pair) options() []string {
	switch {
	case p.auth == "":
		return []string{"-v3", "-l", "noAuthNoPriv", "-u", p.user}
	case p.priv == "":
		return []string{"-v3", "-l", "authNoPriv", "-u", p.user, "-a", p.auth, "-A", authPassword}
	}
	return []string{"-v3", "-l", "authPriv", "-u", p.user, "-a", p.auth, "-A", authPassword, "-x", p.priv, "-X", privPassword}
}

// credential is the input's.
func (p pair) credential() string {
	out := fmt.Sprintf("{name: %s, version: 3, user: %s", p.user, p.user)
	if p.auth != "" {
		out += fmt.Sprintf(`, auth: {protocol: %s, password: "env:TEST_AUTH"}`, p.ourAuth)
	}
	if p.priv != "" {
		out += fmt.Sprintf(`, priv: {protocol: %s, password: "env:TEST_PRIV"}`, p.ourPriv)
	}
	return out + "}"
}

func secrets(t *testing.T) {
	t.Helper()
	t.Setenv("TEST_AUTH", authPassword)
	t.Setenv("TEST_PRIV", privPassword)
}

// secured is an snmpd with an account of every pair, whose engine outlives it in its folder.
func secured(t *testing.T, addr, dir string) (s *snmpd, stop func()) {
	t.Helper()
	config := "rocommunity public 127.0.0.0/8\n"
	for _, p := range pairs() {
		config += p.account()
	}
	file := filepath.Join(dir, "users.conf")
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s = &snmpd{addr: addr, get: program(t, "snmpget", "snmp")}
	cmd := exec.Command(program(t, "snmpd", "snmpd"), "-f", "-C", "-c", file, "-LO", "4", "-I", "-smux", "udp:"+addr)
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir, "MIBS=")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it writes down its boots then
		_ = cmd.Wait()
	})
	t.Cleanup(stop)
	s.await(t)
	return s, stop
}

// One round over every pair of protocols that snmpd has: what is written lies between what snmpget says with the same
// protocols before and after.
func TestRealEveryPairOfProtocols(t *testing.T) {
	secrets(t)
	s, _ := secured(t, freeAddress(t), t.TempDir())
	yaml, targets := "timeout: 20s\ncredentials:\n", "targets:\n"
	for _, p := range pairs() {
		yaml += "  - " + p.credential() + "\n"
		targets += fmt.Sprintf("  - {device: %s, address: %q, credential: %s}\n", p.user, s.addr, p.user)
	}
	before := s.octets(t)
	lines, err := plugintest.Once(t, snmp.New(), sdk.Config{Agent: "a1", YAML: []byte(yaml + targets), File: "agent.yaml", Line: 1})
	if err != nil {
		t.Fatal(err)
	}
	after := s.octets(t)
	for _, p := range pairs() {
		line := find(lines, "interface,agent=a1,device="+p.user+",ifname=lo ")
		if got, err := value(line, "in_octets"); err != nil || got < before[p.user] || got > after[p.user] {
			t.Errorf("%s %s: in_octets %d (%v); want %d to %d", p.auth, p.priv, got, err, before[p.user], after[p.user])
		}
	}
}

// octets asks snmpget for ifHCInOctets of the first interface, which is lo, with every pair.
func (s *snmpd) octets(t *testing.T) map[string]uint64 {
	t.Helper()
	out := map[string]uint64{}
	for _, p := range pairs() {
		text, err := s.query(append(p.options(), "--", "1.3.6.1.2.1.31.1.1.1.6.1")...)
		if err != nil {
			t.Fatalf("snmpget with %s %s: %v", p.auth, p.priv, err)
		}
		if out[p.user], err = strconv.ParseUint(text[0], 10, 64); err != nil {
			t.Fatalf("snmpget with %s %s says %q", p.auth, p.priv, text)
		}
	}
	return out
}

// A device that has started again, one whose engine is another, and one whose boots are fewer than before are up in the
// first whole round after.
func TestRealEnginesComeBackWithinARound(t *testing.T) {
	secrets(t)
	addr, dir := freeAddress(t), t.TempDir()
	_, stop := secured(t, addr, dir)
	p := pairs()[10]
	yaml := fmt.Sprintf("interval: 2s\ntimeout: 950ms\ncredentials:\n  - %s\ntargets:\n  - {device: host, address: %q}\n", p.credential(), addr)
	again := func(dir string) {
		stop()
		_, stop = secured(t, addr, dir)
	}
	steps := []func(){
		func() { again(dir) },         // boots+1
		func() { again(t.TempDir()) }, // another engine
		func() { again(dir) },         // the first one again
		func() { setBack(t, dir, stop); again(dir) },
	}
	ready := time.Now()
	plugintest.Run(t, snmp.New(), sdk.Config{Agent: "a1", YAML: []byte(yaml), File: "agent.yaml", Line: 1}, func(lines plugintest.Lines) bool {
		down, up := since(ready, lines)
		if down > 1 { // one may have begun while there was no snmpd
			t.Errorf("%d steps left: %d rounds in vain", len(steps), down)
		}
		if !up || len(steps) == 0 {
			return up || down > 1
		}
		steps[0]()
		steps, ready = steps[1:], time.Now()
		return false
	})
}

// since counts the rounds in vain that ended after a moment, and says whether one has reached the device.
func since(at time.Time, lines plugintest.Lines) (down int, up bool) {
	for _, l := range lines {
		ns, _ := strconv.ParseInt(l[strings.LastIndexByte(l, ' ')+1:], 10, 64)
		if !strings.HasPrefix(l, "reach,") || ns <= at.UnixNano() {
			continue
		}
		if strings.Contains(l, "up=true") {
			return down, true
		}
		down++
	}
	return down, false
}

// setBack makes the engine that stop ends forget how often it was started.
func setBack(t *testing.T, dir string, stop func()) {
	t.Helper()
	stop()
	path := filepath.Join(dir, "snmpd.conf")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept := []string{}
	for _, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "engineBoots") {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(path, []byte(strings.Join(kept, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
}
