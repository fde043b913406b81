//go:build real

package mib_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Net-snmp's own tools walk a device and find every object, in order, with every version and protocol.
func TestNetSNMP(t *testing.T) {
	s := start(t)
	const device = 4
	n, m := int(s.Ports(device)), int(s.Neighbours(device))
	all := 11 + 25*n + 4 + 3*n + 6*m
	for _, c := range []struct {
		program string
		args    []string
		want    int
	}{
		{"snmpbulkwalk", []string{"-v2c", "-cpublic", "-Cr25"}, all},
		{"snmpwalk", []string{"-v2c", "-cpublic"}, all},
		{"snmpwalk", []string{"-v1", "-cpublic"}, all - 4*n},
		{"snmpwalk", []string{"-v3", "-l", "noAuthNoPriv", "-u", "guest"}, all},
		{"snmpwalk", v3("md5", "MD5", false), all},
		{"snmpwalk", v3("sha", "SHA", false), all},
		{"snmpbulkwalk", v3("md5-aes", "MD5", true), all},
		{"snmpbulkwalk", v3("sha-aes", "SHA", true), all},
		{"snmpbulkwalk", v3("sha224-aes", "SHA-224", true), all},
		{"snmpbulkwalk", v3("sha256-aes", "SHA-256", true), all},
		{"snmpbulkwalk", v3("sha384-aes", "SHA-384", true), all},
		{"snmpbulkwalk", v3("sha512-aes", "SHA-512", true), all},
	} {
		args := append(c.args, "-On", "-Oe", "-m", "", fmt.Sprintf("%s:%d", s.Address(device), s.port), ".1")
		out, err := exec.Command(c.program, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", c.program, c.args, err, out)
		}
		got := strings.Count("\n"+string(out), "\n.1.") - strings.Count(string(out), "No more variables left")
		if got != c.want {
			t.Errorf("%s %v: %d objects, want %d", c.program, c.args, got, c.want)
		}
	}
}

func v3(user, auth string, private bool) []string {
	protocol, _, _ := strings.Cut(user, "-")
	args := []string{"-v3", "-u", user, "-a", auth, "-A", "signed-for-" + protocol, "-l", "authNoPriv"}
	if private {
		args = append(args[:len(args)-1], "authPriv", "-x", "AES", "-X", "sealed-for-"+protocol)
	}
	return args
}

// Net-snmp says what is wrong, which it knows from reports only.
func TestNetSNMPIsRefused(t *testing.T) {
	s := start(t)
	for want, args := range map[string][]string{
		"Unknown user name":          {"-v3", "-l", "noAuthNoPriv", "-u", "nobody"},
		"Unsupported security level": {"-v3", "-l", "noAuthNoPriv", "-u", "sha256"},
		"Authentication failure":     {"-v3", "-l", "authNoPriv", "-u", "sha256", "-a", "SHA-256", "-A", "not the password"},
	} {
		args = append(args, "-r0", "-t2", "-On", "-m", "", fmt.Sprintf("%s:%d", s.Address(4), s.port), sysName)
		out, err := exec.Command("snmpget", args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), want) {
			t.Errorf("%v: %v\n%s\nwant %q", args, err, out, want)
		}
	}
}
