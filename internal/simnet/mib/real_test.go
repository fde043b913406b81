//go:build real

package mib_test

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// Net-snmp's own tools walk a device and find every object, in order, with both versions.
func TestNetSNMP(t *testing.T) {
	s := start(t)
	for _, c := range []struct {
		program string
		args    []string
		want    int
	}{
		{"snmpbulkwalk", []string{"-v2c", "-Cr25"}, 11 + 25*int(s.Ports(4))},
		{"snmpwalk", []string{"-v2c"}, 11 + 25*int(s.Ports(4))},
		{"snmpwalk", []string{"-v1"}, 11 + 21*int(s.Ports(4))},
	} {
		args := append(c.args, "-cpublic", "-On", "-Oe", "-m", "", fmt.Sprintf("%s:%d", s.Address(4), s.port), ".1")
		out, err := exec.Command(c.program, args...).CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", c.program, err, out)
		}
		got := strings.Count("\n"+string(out), "\n.1.") - strings.Count(string(out), "No more variables left")
		if got != c.want {
			t.Errorf("%s %v: %d objects, want %d", c.program, c.args, got, c.want)
		}
	}
}
