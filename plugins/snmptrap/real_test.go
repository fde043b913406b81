//go:build real

package snmptrap_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// tool runs snmptrap or snmpinform without MIB files and a state of its own.
func tool(t *testing.T, name string, args ...string) error {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: apt-get install snmp", name)
	}
	cmd := exec.Command(path, append([]string{"-m", "", "-r", "1", "-t", "60"}, args...)...)
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+t.TempDir(), "SNMPCONFPATH="+t.TempDir(), "MIBS=")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, out)
	}
	return nil
}

const linkDown = "1.3.6.1.6.3.1.1.5.3"

func linkVarbinds() []string {
	return []string{"1.3.6.1.2.1.2.2.1.1.7", "i", "7", "1.3.6.1.2.1.31.1.1.1.1.7", "s", "xe-0/0/1"}
}

func TestRealV1AndV2c(t *testing.T) {
	lines := run(t, community+local, 6, func(addr string) {
		for _, args := range [][]string{
			append([]string{"snmptrap", "-v1", "-c", "public", addr, "1.3.6.1.4.1.8072", "127.0.0.1", "2", "0", "4711"}, linkVarbinds()...),
			append([]string{"snmptrap", "-v2c", "-c", "public", addr, "4711", "1.3.6.1.6.3.1.1.5.4"}, linkVarbinds()...),
			append([]string{"snmpinform", "-v2c", "-c", "public", addr, "4711", linkDown}, linkVarbinds()...),
		} {
			if err := tool(t, args[0], args[1:]...); err != nil {
				t.Error(err)
			}
		}
	})
	lines.WithoutTimes().Golden(t, "testdata/real-v1-v2c.lp")
}

func TestRealWrongCommunityIsNotTaken(t *testing.T) {
	lines := run(t, community+local, 1, func(addr string) {
		if err := tool(t, "snmpinform", "-v2c", "-c", "private", "-r", "0", "-t", "0.2", addr, "1", linkDown); err == nil {
			t.Error("an inform with another community was answered")
		}
		if err := tool(t, "snmptrap", "-v2c", "-c", "public", addr, "1", "1.3.6.1.6.3.1.1.5.1"); err != nil {
			t.Error(err)
		}
	})
	if len(lines) != 1 || !has(lines, "name=coldStart") {
		t.Errorf("lines: %q", lines)
	}
}

// pairs are the protocols as net-snmp and as the input call them.
func pairs() map[string]struct {
	options []string
	yaml    string
} {
	pair := func(auth, priv, a, p string) struct {
		options []string
		yaml    string
	} {
		options := []string{"-v3", "-u", "u1", "-l", "noAuthNoPriv"}
		yaml := "credentials: [{name: c, version: 3, user: u1"
		if auth != "" {
			options = []string{"-v3", "-u", "u1", "-l", "authNoPriv", "-a", auth, "-A", authPassword}
			yaml += ", auth: {protocol: " + a + ", password: 'env:TEST_AUTH'}"
		}
		if priv != "" {
			options[4] = "authPriv"
			options = append(options, "-x", priv, "-X", privPassword)
			yaml += ", priv: {protocol: " + p + ", password: 'env:TEST_PRIV'}"
		}
		return struct {
			options []string
			yaml    string
		}{options, yaml + "}]\n" + local}
	}
	return map[string]struct {
		options []string
		yaml    string
	}{
		"none":          pair("", "", "", ""),
		"MD5":           pair("MD5", "", "md5", ""),
		"SHA":           pair("SHA", "", "sha", ""),
		"MD5 DES":       pair("MD5", "DES", "md5", "des"),
		"SHA AES":       pair("SHA", "AES", "sha", "aes"),
		"SHA-224 AES":   pair("SHA-224", "AES", "sha224", "aes"),
		"SHA-256 AES":   pair("SHA-256", "AES", "sha256", "aes"),
		"SHA-384 DES":   pair("SHA-384", "DES", "sha384", "des"),
		"SHA-512 AES":   pair("SHA-512", "AES", "sha512", "aes"),
		"SHA AES-192":   pair("SHA", "AES-192", "sha", "aes192"),
		"SHA AES-256":   pair("SHA", "AES-256", "sha", "aes256"),
		"MD5 AES-256":   pair("MD5", "AES-256", "md5", "aes256"),
		"SHA AES-256-C": pair("SHA", "AES-256-C", "sha", "aes256c"),
		"SHA AES-192-C": pair("SHA", "AES-192-C", "sha", "aes192c"),
	}
}

func TestRealV3(t *testing.T) {
	for name, pair := range pairs() {
		t.Run(name, func(t *testing.T) {
			lines := run(t, pair.yaml, 4, func(addr string) {
				trap := append(append([]string{"-e", "0x8000000001020304"}, pair.options...), addr, "4711", linkDown)
				if err := tool(t, "snmptrap", append(trap, linkVarbinds()...)...); err != nil {
					t.Error(err)
				}
				inform := append(append([]string{}, pair.options...), addr, "4711", linkDown)
				if err := tool(t, "snmpinform", append(inform, linkVarbinds()...)...); err != nil {
					t.Error(err)
				}
			})
			lines.WithoutTimes().Golden(t, "testdata/real-v3.lp")
		})
	}
}

// With another password, user, engine or level nothing is taken, and the sender of an inform is told why.
func TestRealWrongKeys(t *testing.T) {
	pair := pairs()["SHA-256 AES"]
	lines := run(t, pair.yaml, 1, func(addr string) {
		change := func(from, to string) []string {
			options := strings.Split(strings.Replace(strings.Join(pair.options, " "), from, to, 1), " ")
			return append(append([]string{"-r", "0", "-t", "60"}, options...), addr, "1", linkDown)
		}
		for what, c := range map[string]struct{ from, to, told string }{
			"authentication password": {"-A " + authPassword, "-A another-password", "Authentication failure"},
			"privacy password":        {"-X " + privPassword, "-X another-password", "Decryption error"},
			"user":                    {"-u u1", "-u u2", "Unknown user name"},
			"protocol":                {"-a SHA-256", "-a SHA-512", "Authentication failure"},
			"level":                   {"-l authPriv", "-l authNoPriv", "Unsupported security level"},
		} {
			if err := tool(t, "snmpinform", change(c.from, c.to)...); err == nil || !strings.Contains(err.Error(), c.told) {
				t.Errorf("%s: %v; want %q", what, err, c.told)
			}
			if err := tool(t, "snmptrap", append([]string{"-e", "0x8000000001020304"}, change(c.from, c.to)...)...); err != nil {
				t.Errorf("%s: %v", what, err)
			}
		}
		if err := tool(t, "snmpinform", append(append([]string{}, pair.options...), addr, "1", "1.3.6.1.6.3.1.1.5.1")...); err != nil {
			t.Error(err)
		}
	})
	if len(lines) != 1 || !has(lines, "name=coldStart") {
		t.Errorf("lines: %q", lines)
	}
}

// relay passes on what a sender sends, the number of times it is told to, and the answers back.
func relay(t *testing.T, to string, times int) string {
	t.Helper()
	front, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	back, err := net.Dial("udp4", to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = front.Close(), back.Close() })
	var sender atomic.Value
	go func() {
		for buf := make([]byte, 65535); ; {
			n, from, err := front.ReadFrom(buf)
			if err != nil {
				return
			}
			sender.Store(from)
			for range times {
				_, _ = back.Write(buf[:n])
			}
		}
	}()
	go func() {
		for buf := make([]byte, 65535); ; {
			n, err := back.Read(buf)
			if err != nil {
				return
			}
			_, _ = front.WriteTo(buf[:n], sender.Load().(net.Addr))
		}
	}()
	return front.LocalAddr().String()
}

// What somebody sends again is taken once: traps by their authentication code, informs by their contents.
func TestRealReplay(t *testing.T) {
	pair := pairs()["SHA AES"]
	lines := run(t, pair.yaml, 5, func(addr string) {
		again := relay(t, addr, 5)
		trap := append(append([]string{"-e", "0x8000000001020304"}, pair.options...), again, "1", linkDown)
		if err := tool(t, "snmptrap", append(trap, linkVarbinds()...)...); err != nil {
			t.Error(err)
		}
		inform := append(append([]string{}, pair.options...), again, "2", linkDown)
		if err := tool(t, "snmpinform", append(inform, linkVarbinds()...)...); err != nil {
			t.Error(err)
		}
		if err := tool(t, "snmptrap", append([]string{"-e", "0x8000000001020304"}, append(pair.options, addr, "3", "1.3.6.1.6.3.1.1.5.1")...)...); err != nil {
			t.Error(err)
		}
	})
	if len(lines) != 5 {
		t.Errorf("lines: %q; want those of one trap, one inform and one coldStart", lines)
	}
}

// snmpd names the interface that a trap has only the index of.
func TestRealLookup(t *testing.T) {
	daemon := "/usr/sbin/snmpd"
	addr, dir := loopback.Address(t), t.TempDir()
	if err := os.WriteFile(dir+"/snmpd.conf", []byte("rocommunity public 127.0.0.0/8\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(daemon, "-f", "-C", "-c", dir+"/snmpd.conf", "-LO", "4", "-I", "-smux", "udp:"+addr)
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir, "MIBS=")
	if err := cmd.Start(); err != nil {
		t.Fatalf("snmpd is not installed: apt-get install snmpd (%v)", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for begin := time.Now(); tool(t, "snmpget", "-v2c", "-c", "public", "-t", "0.5", "-r", "0", addr, "1.3.6.1.2.1.1.3.0") != nil; {
		if time.Since(begin) > 5*time.Minute { // each try waits for its own timeout, or the kernel's refusal
			t.Fatal("snmpd does not answer")
		}
	}
	yaml := community + "devices: [{device: d1, address: '" + addr + "'}]\nlookup: {community: 'env:TEST_COMMUNITY', retries: 9, timeout: 500ms}\n"
	lines := run(t, yaml, 2, func(input string) {
		if err := tool(t, "snmptrap", "-v2c", "-c", "public", input, "1", linkDown, "1.3.6.1.2.1.2.2.1.1.1", "i", "1"); err != nil {
			t.Error(err)
		}
	})
	if !has(lines, "state,agent=a1,device=d1,ifname=lo,source=trap up=false") {
		t.Errorf("lines: %q", lines)
	}
}
