//go:build real

package snmptrap_test

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// tool runs snmptrap or snmpinform without MIB files and a state of its own.
func tool(t *testing.T, name string, args ...string) error {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: apt-get install snmp", name)
	}
	cmd := exec.Command(path, append([]string{"-m", "", "-r", "1", "-t", "1"}, args...)...)
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
