//go:build real

package snmp_test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
	"github.com/haidang-noc/haidang/plugins/snmp"
)

const (
	authPassword = "auth-pass-12345"
	privPassword = "priv-pass-12345"
)

// program finds a Debian program; the Makefile's setup installs its package.
func program(t *testing.T, name, pkg string) string {
	t.Helper()
	for _, dir := range append(filepath.SplitList(os.Getenv("PATH")), "/usr/sbin") {
		if path := filepath.Join(dir, name); exec.Command("test", "-x", path).Run() == nil {
			return path
		}
	}
	t.Fatalf("%s is not installed: run make setup, or apt-get install %s", name, pkg)
	return ""
}

// snmpd is a net-snmp agent of the test's own.
type snmpd struct {
	addr string
	get  string // snmpget
}

func startSnmpd(t *testing.T) *snmpd {
	t.Helper()
	s, _ := startSnmpdAt(t, freeAddress(t))
	return s
}

// startSnmpdAt starts an agent with keys and an engine of its own; stop ends it before the test does.
func startSnmpdAt(t *testing.T, addr string) (s *snmpd, stop func()) {
	t.Helper()
	daemon, get := program(t, "snmpd", "snmpd"), program(t, "snmpget", "snmp")
	dir := t.TempDir()
	config := fmt.Sprintf(`rocommunity public 127.0.0.0/8
createUser both SHA-256 %[1]s AES %[2]s
createUser only SHA-256 %[1]s
createUser none
rouser both priv
rouser only auth
rouser none noauth
`, authPassword, privPassword) + overrides()
	if err := os.WriteFile(filepath.Join(dir, "snmpd.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s = &snmpd{addr: addr, get: get}
	cmd := exec.Command(daemon, "-f", "-C", "-c", filepath.Join(dir, "snmpd.conf"), "-LO", "4", "-I", "-smux", "udp:"+s.addr)
	cmd.Env = append(os.Environ(), "SNMP_PERSISTENT_DIR="+dir, "SNMPCONFPATH="+dir, "MIBS=")
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	stop = sync.OnceFunc(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	t.Cleanup(func() {
		stop()
		if t.Failed() {
			t.Logf("snmpd: %s", output.String())
		}
	})
	s.await(t)
	return s, stop
}

// await waits until the agent answers; each try waits for its own timeout, or the kernel's refusal.
func (s *snmpd) await(t *testing.T) {
	t.Helper()
	for begin := time.Now(); time.Since(begin) < 5*time.Minute; {
		if _, err := s.query("-v2c", "-c", "public", "-t", "0.5", "-r", "0", "--", "1.3.6.1.2.1.1.3.0"); err == nil {
			return
		}
	}
	t.Fatal("snmpd does not answer")
}

// freeAddress is one for an agent of net-snmp, which others than this test's are not asked for.
func freeAddress(t *testing.T) string {
	t.Helper()
	return fmt.Sprintf("127.0.0.3:%d", loopback.Port(t))
}

// query runs snmpget: options, "--", names. It returns the values as text.
func (s *snmpd) query(args ...string) ([]string, error) {
	var options, names []string
	for i, a := range args {
		if a == "--" {
			options, names = args[:i], args[i+1:]
		}
	}
	full := append(append([]string{"-m", "", "-Oqvnt"}, options...), s.addr)
	out, err := exec.Command(s.get, append(full, names...)...).Output()
	return strings.Split(strings.TrimSpace(string(out)), "\n"), err
}

// How long a test waits for answers that must come, and for such that must not.
const (
	patient   = 20 * time.Second
	impatient = 450 * time.Millisecond
)

func (s *snmpd) config(credential string, timeout time.Duration) sdk.Config {
	yaml := fmt.Sprintf("credentials:\n  - %s\ntimeout: %v\ninterfaces: {all_packets: true}\ntargets:\n  - {device: host, address: %q}\n", credential, timeout, s.addr)
	return sdk.Config{Agent: "a1", YAML: []byte(yaml), File: "agent.yaml", Line: 1}
}

func (s *snmpd) once(t *testing.T, credential string, timeout time.Duration) plugintest.Lines {
	t.Helper()
	t.Setenv("TEST_COMMUNITY", "public")
	t.Setenv("TEST_AUTH", authPassword)
	t.Setenv("TEST_PRIV", privPassword)
	t.Setenv("TEST_WRONG", "another-password")
	lines, err := plugintest.Once(t, snmp.New(), s.config(credential, timeout))
	if err != nil {
		t.Fatal(err)
	}
	return lines
}

// The credentials snmpd knows, each with the options that snmpget needs to say the same.
func credentials() map[string]struct {
	yaml    string
	options []string
} {
	return map[string]struct {
		yaml    string
		options []string
	}{
		"v2c": {`{name: c, version: 2c, community: "env:TEST_COMMUNITY"}`, []string{"-v2c", "-c", "public"}},
		"v3 authPriv": {`{name: c, version: 3, user: both, auth: {protocol: sha256, password: "env:TEST_AUTH"}, priv: {protocol: aes, password: "env:TEST_PRIV"}}`,
			[]string{"-v3", "-l", "authPriv", "-u", "both", "-a", "SHA-256", "-A", authPassword, "-x", "AES", "-X", privPassword}},
		"v3 authNoPriv": {`{name: c, version: 3, user: only, auth: {protocol: sha256, password: "env:TEST_AUTH"}}`,
			[]string{"-v3", "-l", "authNoPriv", "-u", "only", "-a", "SHA-256", "-A", authPassword}},
		"v3 noAuthNoPriv": {`{name: c, version: 3, user: none}`, []string{"-v3", "-l", "noAuthNoPriv", "-u", "none"}},
	}
}

// Every value of every interface lies between what snmpget says just before and just after.
func TestRealValuesEqualSnmpget(t *testing.T) {
	s := startSnmpd(t)
	for name, c := range credentials() {
		t.Run(name, func(t *testing.T) {
			before := s.interfaces(t, c.options)
			lines := s.once(t, c.yaml, patient)
			after := s.interfaces(t, c.options)
			between(t, lines, before, after)
		})
	}
}

// between compares lines with what snmpget said before and after they were polled.
func between(t *testing.T, lines plugintest.Lines, before, after map[string]map[string]uint64) {
	t.Helper()
	if len(before) == 0 {
		t.Fatal("snmpget finds no interfaces")
	}
	for ifname, low := range before {
		line := find(lines, "interface,agent=a1,device=host,ifname="+ifname+" ")
		for field, n := range low {
			got, err := value(line, field)
			if err != nil || got < n || got > after[ifname][field] {
				t.Errorf("%s %s: %d (%v), want %d to %d\n%s", ifname, field, got, err, n, after[ifname][field], line)
			}
		}
	}
	if up := find(lines, "reach,agent=a1,device=host,method=snmp "); !strings.Contains(up, "up=true,rtt_ms=") {
		t.Errorf("reach: %q", up)
	}
}

// columns of snmpget by field; counters only grow and the rest stays.
func columns() map[string]string {
	return map[string]string{
		"admin": "1.3.6.1.2.1.2.2.1.7", "oper": "1.3.6.1.2.1.2.2.1.8", "speed_mbps": "1.3.6.1.2.1.31.1.1.1.15",
		"in_octets": "1.3.6.1.2.1.31.1.1.1.6", "out_octets": "1.3.6.1.2.1.31.1.1.1.10",
		"in_ucast_pkts": "1.3.6.1.2.1.31.1.1.1.7", "out_ucast_pkts": "1.3.6.1.2.1.31.1.1.1.11",
		"out_mcast_pkts": "1.3.6.1.2.1.31.1.1.1.12", "out_bcast_pkts": "1.3.6.1.2.1.31.1.1.1.13",
		"in_errors": "1.3.6.1.2.1.2.2.1.14", "out_errors": "1.3.6.1.2.1.2.2.1.20",
		"in_discards": "1.3.6.1.2.1.2.2.1.13", "out_discards": "1.3.6.1.2.1.2.2.1.19",
		"discontinuity_cs": "1.3.6.1.2.1.31.1.1.1.19",
	}
}

// interfaces asks snmpget for everything that the input writes of an interface.
func (s *snmpd) interfaces(t *testing.T, options []string) map[string]map[string]uint64 {
	t.Helper()
	out := map[string]map[string]uint64{}
	for index := 1; index < 100; index++ {
		names, err := s.query(append(options, "--", fmt.Sprintf("1.3.6.1.2.1.31.1.1.1.1.%d", index))...)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(names[0], "No Such") {
			continue
		}
		fields := map[string]uint64{"uptime_cs": s.number(t, options, "1.3.6.1.2.1.1.3.0")}
		for field, column := range columns() {
			fields[field] = s.number(t, options, fmt.Sprintf("%s.%d", column, index))
		}
		out[strings.Trim(names[0], `"`)] = fields
	}
	return out
}

func (s *snmpd) number(t *testing.T, options []string, name string) uint64 {
	t.Helper()
	text, err := s.query(append(options, "--", name)...)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseUint(text[0], 10, 64)
	if err != nil {
		t.Fatalf("snmpget says %q to %s", text[0], name)
	}
	return n
}

func find(lines plugintest.Lines, prefix string) string {
	for _, l := range lines {
		if strings.HasPrefix(l, prefix) {
			return l
		}
	}
	return ""
}

func value(line, field string) (uint64, error) {
	m := regexp.MustCompile(`[ ,]` + field + `=([0-9]+)[iu]`).FindStringSubmatch(line)
	if m == nil {
		return 0, fmt.Errorf("%s is not there", field)
	}
	return strconv.ParseUint(m[1], 10, 64)
}

// A device that answers, but not to us, is not up: what it says cannot be verified.
func TestRealWrongKeysAreNoAnswer(t *testing.T) {
	s := startSnmpd(t)
	for name, credential := range map[string]string{
		"community":     `{name: c, version: 2c, community: "env:TEST_WRONG"}`,
		"user":          `{name: c, version: 3, user: nobody}`,
		"auth password": `{name: c, version: 3, user: only, auth: {protocol: sha256, password: "env:TEST_WRONG"}}`,
		"auth protocol": `{name: c, version: 3, user: only, auth: {protocol: sha, password: "env:TEST_AUTH"}}`,
		"priv password": `{name: c, version: 3, user: both, auth: {protocol: sha256, password: "env:TEST_AUTH"}, priv: {protocol: aes, password: "env:TEST_WRONG"}}`,
		"priv protocol": `{name: c, version: 3, user: both, auth: {protocol: sha256, password: "env:TEST_AUTH"}, priv: {protocol: des, password: "env:TEST_PRIV"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			lines := s.once(t, credential, impatient)
			if len(lines) != 1 || !strings.HasPrefix(lines[0], "reach,agent=a1,device=host,method=snmp up=false,interval_s=60i ") {
				t.Errorf("lines: %q", lines)
			}
		})
	}
}

// An agent that says it may not tell is up all the same; there is nothing to write of its interfaces.
func TestRealRefusalIsAnAnswer(t *testing.T) {
	s := startSnmpd(t)
	for name, credential := range map[string]string{
		"no auth": `{name: c, version: 3, user: only}`,
		"no priv": `{name: c, version: 3, user: both, auth: {protocol: sha256, password: "env:TEST_AUTH"}}`,
	} {
		t.Run(name, func(t *testing.T) {
			lines := s.once(t, credential, patient)
			if len(lines) != 1 || !strings.HasPrefix(lines[0], "reach,agent=a1,device=host,method=snmp up=true,") {
				t.Errorf("lines: %q", lines)
			}
		})
	}
}

// What is known of an engine is kept over rounds, and the device is learned again in each.
func TestRealRoundsGoOn(t *testing.T) {
	s := startSnmpd(t)
	for name, c := range credentials() {
		t.Run(name, func(t *testing.T) {
			t.Setenv("TEST_COMMUNITY", "public")
			t.Setenv("TEST_AUTH", authPassword)
			t.Setenv("TEST_PRIV", privPassword)
			config := s.config(c.yaml, 950*time.Millisecond)
			config.YAML = append(config.YAML, "interval: 2s\nrelearn: 2s\n"...)
			start := time.Now()
			lines := plugintest.Run(t, snmp.New(), config, func(lines plugintest.Lines) bool {
				return strings.Count(strings.Join(lines, "\n"), "reach,") >= 3 || time.Since(start) > 5*time.Minute
			})
			if text := strings.Join(lines, "\n"); strings.Contains(text, "up=false") || strings.Count(text, "ifname=lo ") < 3 {
				t.Errorf("lines:\n%s", text)
			}
		})
	}
}

// An answer that is changed on its way is no answer: somebody in between cannot say that a device is up.
func TestRealTamperedAnswersAreNoAnswer(t *testing.T) {
	s := startSnmpd(t)
	upstream := s.addr
	for name, c := range credentials() {
		if name != "v3 authPriv" && name != "v3 authNoPriv" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			s.addr = tamper(t, upstream)
			lines := s.once(t, c.yaml, impatient)
			if len(lines) != 1 || !strings.Contains(lines[0], "up=false") {
				t.Errorf("lines: %q", lines)
			}
		})
	}
}

// tamper passes datagrams on and changes the last octet of every answer after the first, which is the
// discovery and carries no key.
func tamper(t *testing.T, upstream string) string {
	t.Helper()
	front, err := net.ListenPacket("udp4", "127.0.0.4:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = front.Close() })
	go func() {
		buf := make([]byte, 1<<16)
		for first := true; ; first = false {
			n, from, err := front.ReadFrom(buf)
			if err != nil {
				return
			}
			answer, err := ask(upstream, buf[:n])
			if err != nil {
				continue
			}
			if !first {
				answer[len(answer)-1] ^= 1
			}
			_, _ = front.WriteTo(answer, from)
		}
	}()
	return front.LocalAddr().String()
}

func ask(addr string, question []byte) ([]byte, error) {
	conn, err := net.Dial("udp4", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patient)); err != nil {
		return nil, err
	}
	if _, err := conn.Write(question); err != nil {
		return nil, err
	}
	buf := make([]byte, 1<<16)
	n, err := conn.Read(buf)
	return buf[:n], err
}
