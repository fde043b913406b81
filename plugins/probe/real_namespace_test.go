//go:build real

package probe_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

const inside = "HAIDANG_PROBE_NAMESPACE"

// A network of its own, in which routes can be missing. The test runs itself again in it.
func TestRealNamespace(t *testing.T) {
	if os.Getenv(inside) != "" {
		inNamespace(t)
		return
	}
	t.Parallel()
	cmd := program(t, "util-linux", "unshare", "-rn", os.Args[0], "-test.run=^TestRealNamespace$", "-test.v")
	cmd.Env, cmd.Stderr = append(os.Environ(), inside+"=1"), nil
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "--- PASS: TestRealNamespace") {
		t.Fatalf("%v\n%s", err, out)
	}
}

func ip(t *testing.T, args string) {
	t.Helper()
	if out, err := exec.Command("ip", strings.Fields(args)...).CombinedOutput(); err != nil {
		t.Fatalf("ip %s: %v: %s (apt-get install iproute2)", args, err, out)
	}
}

// inNamespace looks at what is not the target's fault, at what is, and at both kinds of sockets for ICMP.
func inNamespace(t *testing.T) {
	ip(t, "link set lo up")
	ip(t, "link add far type veth peer name end") // nobody is behind it
	ip(t, "addr add 198.51.100.1/24 dev far")
	ip(t, "link set far up")
	ip(t, "link set end up")
	ip(t, "neigh add 198.51.100.7 lladdr 02:00:00:00:00:07 dev far")
	ip(t, "route add prohibit 203.0.113.0/24")
	lines := once(t, `
packets: 2
spacing: 20ms
tests:
  - {name: icmp-unroutable, method: icmp, address: 192.0.2.1, device: d1, service: transport, reach: true}
  - {name: stamp-unroutable, method: stamp, address: 192.0.2.1, device: d1, service: transport}
  - {name: dns-unroutable, method: dns, server: 192.0.2.1, query: example.vn, device: d1, service: transport}
  - {name: web-unroutable, method: web, url: 'http://192.0.2.1/', device: d1, service: transport}
  - {name: web-no-resolver, method: web, url: 'http://www.example.vn/', timeout: 1s, device: d1, service: transport}
  - {name: icmp-prohibited, method: icmp, address: 203.0.113.1, device: d1, service: transport}
  - {name: icmp-silent, method: icmp, address: 198.51.100.7, device: d1, service: transport, reach: true}
  - {name: web-silent, method: web, url: 'http://198.51.100.7/', timeout: 1s, device: d1, service: transport}
  - {name: dns-silent, method: dns, server: 198.51.100.7, query: example.vn, timeout: 100ms, device: d1, service: transport}
`)
	shape(lines).Golden(t, "testdata/real-namespace.lp")

	for _, groups := range []string{"", "0 0"} { // a new namespace allows unprivileged sockets to nobody: a raw one; then to our group
		if groups != "" {
			if err := os.WriteFile("/proc/sys/net/ipv4/ping_group_range", []byte(groups), 0o644); err != nil { //nolint:gosec // of the namespace
				t.Fatal(err)
			}
		}
		lines := once(t, `
packets: 3
spacing: 20ms
timeout: 6s
tests:
  - {name: v4, method: icmp, address: 127.0.0.1, device: d1, service: transport}
  - {name: again, method: icmp, address: 127.0.0.1, device: d2, service: transport, size: 1400, dscp: 46}
  - {name: v6, method: icmp, address: "::1", device: d1, service: transport}
`)
		for _, name := range []string{"v4", "again", "v6"} {
			if loss := number(t, lines, name, "loss_ratio"); loss != 0 {
				t.Errorf("%s with groups %q: loss %v", name, groups, loss)
			}
		}
	}
}
