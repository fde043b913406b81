//go:build real

package snmp_test

import (
	"fmt"
	"math"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

// overrides make a real agent tell a load, which it has not for its first minute, and a sensor in tenths of a degree.
func overrides() string {
	var b strings.Builder
	for i := range runtime.NumCPU() {
		fmt.Fprintf(&b, "override 1.3.6.1.2.1.25.3.3.1.2.%d integer %d\n", 196608+i, 40)
	}
	for arc, value := range []int{1: 8, 2: 9, 3: 1, 4: 415, 5: 1} {
		if arc > 0 {
			fmt.Fprintf(&b, "override 1.3.6.1.2.1.99.1.1.1.%d.7 integer %d\n", arc, value)
		}
	}
	return b.String()
}

// Processors, memory and a sensor of a real agent. Memory moves, but little while the test runs.
func TestRealVitals(t *testing.T) {
	s := startSnmpd(t)
	for name, c := range credentials() {
		t.Run(name, func(t *testing.T) {
			line := ""
			for _, l := range s.once(t, c.yaml, patient) {
				if strings.HasPrefix(l, "system,") && !strings.Contains(l, "uptime_cs") {
					line = l
				}
			}
			if cpu, temp := number(t, line, "cpu_ratio"), number(t, line, "temp_c"); cpu != 0.4 || temp != 41.5 {
				t.Errorf("cpu_ratio is %v, want 0.4; temp_c %v, want 41.5", cpu, temp)
			}
			out, err := s.query(append(c.options, "--", "1.3.6.1.2.1.25.2.3.1.5.1", "1.3.6.1.2.1.25.2.3.1.6.1")...)
			if err != nil || len(out) != 2 {
				t.Fatalf("%q %v", out, err)
			}
			size, errSize := strconv.ParseFloat(out[0], 64)
			used, errUsed := strconv.ParseFloat(out[1], 64)
			if errSize != nil || errUsed != nil {
				t.Fatalf("%q", out)
			}
			if got, want := number(t, line, "mem_used_ratio"), used/size; math.Abs(got-want) > 0.1 {
				t.Errorf("mem_used_ratio is %v, the agent's own tools say %v", got, want)
			}
		})
	}
}

// number is a field of a line.
func number(t *testing.T, line, key string) float64 {
	t.Helper()
	_, rest, found := strings.Cut(line, key+"=")
	end := strings.IndexAny(rest, ", ")
	if !found || end < 0 {
		t.Fatalf("there is no %s in %q", key, line)
	}
	n, err := strconv.ParseFloat(rest[:end], 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
