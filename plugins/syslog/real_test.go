//go:build real

package syslog_test

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/certtest"
	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// program finds a program or says which package has it.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Fatalf("%s is not installed: apt-get install %s", name, pkg)
	}
	return path
}

// withoutHosts makes lines the same on every machine.
func withoutHosts(lines plugintest.Lines) plugintest.Lines {
	host := regexp.MustCompile(`,host="[^"]*"`)
	out := make(plugintest.Lines, len(lines))
	for i, line := range lines {
		out[i] = host.ReplaceAllString(line, "")
	}
	return out.WithoutTimes().Sorted()
}

// Util-linux's logger in both standards, over UDP and TCP, in both framings.
func TestRealLogger(t *testing.T) {
	logger := program(t, "logger", "bsdutils")
	lines := trial{t.TempDir(), local, []string{"udp://127.0.0.1:0", "tcp://127.0.0.1:0"}, 12}.run(t, func(addrs []string) {
		for i, args := range [][]string{
			{"-d", "--rfc3164"}, {"-d", "--rfc5424"}, {"-T", "--rfc3164"}, {"-T", "--rfc5424"}, {"-T", "--rfc5424", "--octet-count"}, {"-T", "--rfc3164", "--octet-count"},
		} {
			_, port, _ := net.SplitHostPort(addrs[min(i/2, 1)])
			args = append(args, "-n", "127.0.0.1", "-P", port, "-p", "local7.err", "-t", "%LINK-3-UPDOWN", "--",
				fmt.Sprintf("Interface GigabitEthernet0/0/%d, changed state to down", i))
			if out, err := exec.Command(logger, args...).CombinedOutput(); err != nil {
				t.Errorf("logger %s: %v: %s", strings.Join(args, " "), err, out)
			}
		}
	})
	for i, line := range lines {
		lines[i] = regexp.MustCompile(`text="[^"]*Interface`).ReplaceAllString(strings.ReplaceAll(line, `\"`, `'`), `text="Interface`)
	}
	withoutHosts(lines).Golden(t, "testdata/real-logger.lp")
}

const rsyslogConf = `
global(workDirectory="%[1]s" defaultNetstreamDriverCAFile="%[1]s/server.pem" defaultNetstreamDriverCertFile="%[1]s/server.pem" defaultNetstreamDriverKeyFile="%[1]s/server.key")
module(load="imtcp")
input(type="imtcp" address="127.0.0.1" port="%[2]s")
action(type="omfwd" target="127.0.0.1" port="%[3]s" protocol="udp" template="RSYSLOG_TraditionalForwardFormat")
action(type="omfwd" target="127.0.0.1" port="%[4]s" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted")
action(type="omfwd" target="127.0.0.1" port="%[4]s" protocol="tcp" template="RSYSLOG_ForwardFormat")
action(type="omfwd" target="127.0.0.1" port="%[5]s" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format" TCP_Framing="octet-counted"
  StreamDriver="gtls" StreamDriverMode="1" StreamDriverAuthMode="x509/name" StreamDriverPermittedPeers="localhost")
`

// What devices send to rsyslog arrives by way of it, in its formats over UDP, TCP and mutual TLS, as that of the devices.
func TestRealRsyslogForwards(t *testing.T) {
	rsyslogd := program(t, "rsyslogd", "rsyslog-gnutls")
	dir := t.TempDir()
	certtest.Write(t, dir)
	messages := []string{
		"<187>" + time.Now().Format(time.Stamp) + " xr1 %PKT_INFRA-LINK-3-UPDOWN: Interface HundredGigE0/0/0/1, changed state to Down",
		"<188>" + time.Now().Format(time.Stamp) + " ne40 %%01IFNET/4/IF_STATE(l)[53]:Interface GigabitEthernet0/0/13 has turned into UP state.",
	}
	yaml := secured + "relays: [127.0.0.1/32]\ndevices: [{device: x, address: 10.0.0.1}]\nhosts: {xr1: core-1, ne40: metro-1}\n"
	lines := trial{dir, yaml, []string{"udp://127.0.0.1:0", "tcp://127.0.0.1:0", "tls://127.0.0.1:0"}, 4 * 2 * len(messages)}.run(t, func(addrs []string) {
		ports := []any{dir, strconv.Itoa(loopback.Port(t))}
		for _, a := range addrs {
			_, port, _ := net.SplitHostPort(a)
			ports = append(ports, port)
		}
		conf := filepath.Join(dir, "rsyslog.conf")
		if err := os.WriteFile(conf, fmt.Appendf(nil, rsyslogConf, ports...), 0o600); err != nil {
			t.Error(err)
			return
		}
		daemon := exec.Command(rsyslogd, "-n", "-f", conf, "-i", filepath.Join(dir, "pid"))
		daemon.Stdout, daemon.Stderr = t.Output(), t.Output()
		if err := daemon.Start(); err != nil {
			t.Error(err)
			return
		}
		t.Cleanup(func() { _ = daemon.Process.Kill(); _ = daemon.Wait() })
		conn := dial(t, "127.0.0.1:"+ports[1].(string))
		if conn == nil {
			return
		}
		defer conn.Close()
		for _, m := range messages {
			if _, err := fmt.Fprintln(conn, m); err != nil {
				t.Error(err)
			}
		}
	})
	states := map[string]int{}
	for _, line := range lines.WithoutTimes() {
		if strings.HasPrefix(line, "state,") {
			states[line]++
		}
	}
	const one, other = "state,agent=a1,device=core-1,ifname=HundredGigE0/0/0/1,source=syslog up=false", "state,agent=a1,device=metro-1,ifname=GigabitEthernet0/0/13,source=syslog up=true"
	if len(states) != 2 || states[one] != 4 || states[other] != 4 {
		t.Errorf("%v, want each of two states four times:\n%s", states, strings.Join(lines, "\n"))
	}
}

// dial tries until somebody listens.
func dial(t *testing.T, addr string) net.Conn {
	t.Helper()
	for range 3000 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			return conn
		}
		select {
		case <-time.After(10 * time.Millisecond):
		case <-t.Context().Done():
			return nil
		}
	}
	t.Errorf("nobody listens at %s", addr)
	return nil
}
