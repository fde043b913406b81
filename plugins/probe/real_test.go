//go:build real

package probe_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/plugins/probe"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// program starts a program of a Debian package and ends it with the test.
func program(t *testing.T, pkg, name string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: apt-get install %s", name, pkg)
	}
	cmd := exec.Command(path, args...)
	cmd.Stderr = os.Stderr
	t.Cleanup(func() {
		if cmd.Process != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		}
	})
	return cmd
}

// listening waits until somebody listens at a port, which he does over UDP and TCP if both are his.
func listening(t *testing.T, port int) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; <-tick.C {
		if c, err := net.Dial("tcp4", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			_ = c.Close()
			return
		}
	}
	t.Fatalf("nobody listens at port %d", port)
}

// once is one round of tests.
func once(t *testing.T, yaml string) plugintest.Lines {
	t.Helper()
	lines, err := plugintest.Once(t, probe.New(), section(t, yaml))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// scapy is a program of scapy's STAMP, another implementation.
func scapy(t *testing.T, args ...string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	if err := exec.Command("/usr/bin/python3", "-c", "import scapy.contrib.stamp").Run(); err != nil {
		t.Fatalf("scapy is not installed: apt-get install python3-scapy (%v)", err)
	}
	cmd := program(t, "python3", "/usr/bin/python3", append([]string{"testdata/stamp_scapy.py"}, args...)...)
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewScanner(out)
}

// Our sender and scapy's reflector, which works for 20 ms on each packet: that is no delay of the network.
func TestRealSTAMPReflector(t *testing.T) {
	t.Parallel()
	_, out := scapy(t, "reflect", "5")
	if !out.Scan() {
		t.Fatal("scapy's reflector has no port")
	}
	lines := once(t, fmt.Sprintf("packets: 5\nspacing: 60ms\ntimeout: 4s\ninterval: 60s\nclock: {source: declared, error: 1ms, max_error: 1s}\n"+
		"tests: [{name: scapy, method: stamp, address: '127.0.0.1:%s', province: '01', service: transport}]", out.Text()))
	if loss := number(t, lines, "scapy", "loss_ratio"); loss != 0 {
		t.Errorf("loss %v", loss)
	}
	trip, there, back := number(t, lines, "scapy", "rtt_ms"), number(t, lines, "scapy", "delay_there_ms"), number(t, lines, "scapy", "delay_back_ms")
	if diff := trip - there - back; diff > 0.1 || diff < -0.1 { // both ways add up, since 20 ms are taken off
		t.Errorf("%v ms there and back, %v there, %v back", trip, there, back)
	}
}

// Scapy's sender and our reflector.
func TestRealSTAMPSender(t *testing.T) {
	t.Parallel()
	for name, stateful := range map[string]bool{"stateless": false, "stateful": true} {
		t.Run(name, func(t *testing.T) {
			at := reflect(t, "127.0.0.1", stamp.ReflectorConfig{Stateful: stateful})
			_, out := scapy(t, "send", strconv.Itoa(int(at.Port())), "4")
			for i := range 4 {
				sequence := 3 * i
				if stateful {
					sequence = i
				}
				want := fmt.Sprintf("%d %d 77 64 1 0 4 True True", sequence, 3*i)
				if !out.Scan() || out.Text() != want {
					t.Errorf("scapy says %q, want %q", out.Text(), want)
				}
			}
		})
	}
}

func TestRealNameServer(t *testing.T) {
	t.Parallel()
	port := loopback.Port(t)
	args := []string{"--keep-in-foreground", "--no-resolv", "--no-hosts", "--conf-file=/dev/null", "--user=root", "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces",
		"--port=" + strconv.Itoa(port), "--address=/example.vn/192.0.2.7", "--address=/gone.vn/"}
	for i := range 12 { // together more than fits a datagram
		args = append(args, fmt.Sprintf("--txt-record=long.vn,%d-%s", i, strings.Repeat("x", 200)))
	}
	cmd := program(t, "dnsmasq-base", "dnsmasq", args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	test := func(name, query, kind string) string {
		return fmt.Sprintf("  - {name: %s, method: dns, server: '127.0.0.1:%d', query: %s, type: %s, province: '01', service: fixed_broadband, timeout: 5s}\n", name, port, query, kind)
	}
	yaml := "tests:\n" + test("a", "www.example.vn", "A") + test("gone", "www.gone.vn", "A") + test("long", "long.vn", "TXT") + test("refused", "elsewhere.org", "A")
	listening(t, port)
	lines := once(t, yaml)
	shape(lines).Golden(t, "testdata/real-dns.lp")
}

// A page with parts, and a download at a rate that the server is told.
func TestRealWebServer(t *testing.T) {
	t.Parallel()
	dir, port := t.TempDir(), loopback.Port(t)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil { //nolint:gosec // of a test
			t.Fatal(err)
		}
	}
	write("index.html", `<!doctype html><link rel="stylesheet" href="a.css"><img src="big"><img src="none.png">`)
	write("a.css", "body {}")
	write("big", strings.Repeat("x", 8<<20))
	write("nginx.conf", fmt.Sprintf(`daemon off; master_process off; pid %[1]s/pid; error_log stderr crit; events {}
http { access_log off; client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
server { listen 127.0.0.1:%[2]d; root %[1]s; location /slow/ { alias %[1]s/; limit_rate 500k; } } }`, dir, port))
	cmd := program(t, "nginx-light", "nginx", "-c", dir+"/nginx.conf", "-p", dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	yaml := fmt.Sprintf(`bulk_hosts: [127.0.0.1]
tests:
  - {name: page, method: web, url: 'http://127.0.0.1:%[1]d/', parts: 10, max_octets: 16MiB, province: '01', service: fixed_broadband}
  - {name: none, method: web, url: 'http://127.0.0.1:%[1]d/none', province: '01', service: fixed_broadband}
  - {name: slow, method: download, url: 'http://127.0.0.1:%[1]d/slow/big', streams: 2, warmup: 1s, time: 3s, subscribed_mbps: 8, province: '01', service: fixed_broadband}
`, port)
	listening(t, port)
	lines := once(t, yaml)
	// Two streams of 500 KiB a second are 8.2 Mbit/s; nginx counts in whole seconds, so two seconds' worth may be added to four.
	if got := number(t, lines, "slow", "octets") * 8e-6 / number(t, lines, "slow", "took_s"); got > 8.2*1.5 || number(t, lines, "slow", "throughput_mbps") <= 0 {
		t.Errorf("%v Mbit/s, want 8.2", got)
	}
	if parts, failed := number(t, lines, "page", "parts"), number(t, lines, "page", "parts_failed"); parts != 2 || failed != 1 {
		t.Errorf("%v parts and %v that failed, want 2 and 1", parts, failed)
	}
	if !strings.Contains(strings.Join(lines, "\n"), "target=none status=404i,up=false") {
		t.Errorf("%q", lines)
	}
}
