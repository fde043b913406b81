//go:build real

package gnmi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/plugins/gnmi"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// tool is a program of openconfig/gnmi that `make tools` has built.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("..", "..", "bin", "tools", name))
	must(t, err)
	if _, err := os.Stat(path); err != nil {
		t.Fatalf("%v: make tools builds it", err)
	}
	return path
}

const insideVariable = "GNMI_TEST_INSIDE"

// alone runs the test again in a network of its own, which has nothing but a loopback interface: fake_server listens on all
// addresses that there are. It returns false there, and true outside, when the test has run.
func alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(insideVariable) != "" {
		must(t, loopbackUp())
		return false
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), insideVariable+"=1")
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET, Pdeathsig: syscall.SIGKILL}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		cmd.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Geteuid(), Size: 1}}
	}
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	must(t, err)
	return true
}

// loopbackUp switches the loopback interface on.
func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, lo)
}

// flapping is a target whose interface goes down and up every 400 ms, with counters.
const flapping = `target: "lab-1"
client_type: GRPC_GNMI
disable_eof: true
enable_delay: true
values: {
  path: ["interfaces", "interface[name=xe-0/0/1]", "state", "admin-status"]
  timestamp: { timestamp: %[1]d }
  repeat: 1
  string_value: { value: "UP" }
}
values: {
  path: ["interfaces", "interface[name=xe-0/0/1]", "state", "oper-status"]
  timestamp: { timestamp: %[1]d delta_min: 400000000 delta_max: 400000000 }
  string_value: { value: "UP" list: { options: "UP" options: "DOWN" } }
}
values: {
  path: ["interfaces", "interface[name=xe-0/0/1]", "state", "counters", "in-octets"]
  timestamp: { timestamp: %[1]d delta_min: 500000000 delta_max: 500000000 }
  uint_value: { value: 1000 range: { minimum: 0 maximum: 18446744073709551615 delta_min: 1000 delta_max: 1000 } }
}
values: {
  path: ["interfaces", "interface[name=xe-0/0/1]", "state", "counters", "out-octets"]
  timestamp: { timestamp: %[1]d delta_min: 500000000 delta_max: 500000000 }
  uint_value: { value: 1000 range: { minimum: 0 maximum: 18446744073709551615 delta_min: 1000 delta_max: 1000 } }
}
`

// openconfig's own fake target, subscribed with ON_CHANGE and with SAMPLE: the interface that flaps is seen to.
func TestRealFakeServer(t *testing.T) {
	server := tool(t, "fake_server")
	if alone(t) {
		return
	}
	for _, states := range []string{"on_change", "sample"} {
		t.Run(states, func(t *testing.T) {
			dir := t.TempDir()
			address := startFake(t, server, dir)
			yaml := fmt.Sprintf("states: %s\ntargets: [{device: lab-1, address: '%s', target: lab-1}]\n"+
				"credentials: [{name: lab, tls: {ca_file: server.crt, server_name: localhost}}]\n", states, address)
			config := sdk.Config{Agent: "a1", File: filepath.Join(dir, "agent.yaml"), Dir: dir, Line: 1, YAML: []byte(yaml)}
			lines := plugintest.Run(t, gnmi.New(), config, func(lines plugintest.Lines) bool {
				all := parse(t, lines)
				_, down := find(all, "state", "xe-0/0/1", "up=false")
				_, up := find(all, "state", "xe-0/0/1", "up=true")
				_, counted := find(all, "interface", "xe-0/0/1", "in_octets", "out_octets", "admin=1i")
				return down && up && counted
			})
			checkFlap(t, parse(t, lines))
		})
	}
}

// checkFlap looks for an event beside every change, at its very time.
func checkFlap(t *testing.T, all []told) {
	t.Helper()
	events := 0
	for _, event := range all {
		if event.Measurement != "state" {
			continue
		}
		events++
		oper := map[string]string{"true": "oper=1i", "false": "oper=2i"}[event.fields["up"]]
		same := func(l told) bool {
			return l.Measurement == "interface" && l.time == event.time && has(l, oper, "admin=1i")
		}
		found := false
		for _, l := range all {
			found = found || same(l)
		}
		if !found {
			t.Errorf("no line of the interface beside %v", event)
		}
	}
	if _, ok := find(all, "reach", "", "up=true"); !ok || events < 2 {
		t.Errorf("%d events in %v", events, all)
	}
}

// startFake starts fake_server on a free port.
func startFake(t *testing.T, server, dir string) string {
	t.Helper()
	cert, key := selfSigned(t)
	config := fmt.Sprintf(flapping, time.Now().UnixNano())
	for name, text := range map[string]string{"server.crt": cert, "server.key": key, "fake.textproto": config} {
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	address := loopback.Address(t)
	_, port, err := net.SplitHostPort(address)
	must(t, err)
	in := func(name string) string { return filepath.Join(dir, name) }
	start(t, server, "--config", in("fake.textproto"), "--text", "--port", port, "--server_crt", in("server.crt"),
		"--server_key", in("server.key"), "--allow_no_client_auth", "--logtostderr")
	return address
}

// start starts a program that is killed at the end of the test.
func start(t *testing.T, name string, args ...string) {
	t.Helper()
	var said bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() {
			t.Logf("%s: %s", name, said.Bytes())
		}
	})
}

// openconfig's client asks the simulated network.
func TestRealClientAgainstSimnet(t *testing.T) {
	cli, sim := tool(t, "gnmi_cli"), simulate(t)
	port, link := sim.linked(t)
	device, name := sim.Devices[port.Device].Name, string(sim.IfName(port))
	must(t, sim.Add([]fault.Fault{{Kind: fault.LinkDown, Link: link}}, time.Now().Add(-time.Minute)))
	address := fmt.Sprintf("%v:%d", sim.Address(port.Device), sim.gnmi)
	run := func(args ...string) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		out, err := exec.CommandContext(ctx, cli, append([]string{"-a", address, "-insecure"}, args...)...).CombinedOutput()
		return string(out), err
	}
	ask := func(args ...string) string {
		t.Helper()
		out, err := run(args...)
		if err != nil {
			t.Fatalf("gnmi_cli %v: %v\n%s", args, err, out)
		}
		return out
	}
	if got := ask("-capabilities"); !strings.Contains(got, `"openconfig-interfaces"`) {
		t.Errorf("capabilities: %s", got)
	}
	var tree map[string]any
	shown := regexp.MustCompile(`\{Deprecated TypedValue_JsonVal ([^}]*)\}`).ReplaceAllString(ask("-qt", "once", "-t", device, "-q", "interfaces"), `"$1"`)
	must(t, json.Unmarshal([]byte(shown), &tree))
	state := dig(tree, device, "interfaces", "interface", name, "state")
	counters, _ := state["counters"].(map[string]any)
	if state["oper-status"] != "DOWN" || state["admin-status"] != "UP" || len(counters) != 8 {
		t.Errorf("once: %v of %v", state, tree)
	}
	request := fmt.Sprintf(`prefix: {target: %q} path: {elem: {name: "interfaces"} elem: {name: "interface" key: {key: "name" value: %q}} elem: {name: "state"} elem: {name: "oper-status"}}`, device, name)
	if got := ask("-get", "-proto", request); strings.Count(got, "DOWN") != 1 {
		t.Errorf("get: %s", got)
	}
	if got := ask("-qt", "polling", "-pi", "100ms", "-c", "2", "-t", device, "-q", "interfaces"); strings.Count(got, `"oper-status": {Deprecated TypedValue_JsonVal DOWN}`) < 2 {
		t.Errorf("polling: %s", got)
	}
	for _, long := range []string{"1s", "10s", "50s"} { // the client ends with an error when the time is over, whatever has come
		got, err := run("-qt", "streaming", "-sd", long, "-t", device, "-q", "interfaces", "-dt", "p")
		if strings.Contains(got, "oper-status") && strings.Contains(got, "sync_response: true") {
			return
		}
		t.Logf("streaming: %v: %s", err, got)
	}
	t.Error("the client is not told everything")
}

// dig goes down a tree.
func dig(tree map[string]any, path ...string) map[string]any {
	for _, name := range path {
		next, ok := tree[name].(map[string]any)
		if !ok {
			return map[string]any{}
		}
		tree = next
	}
	return tree
}

// The way an operator goes: haidang-agent check and once, with a target that is there.
func TestRealThroughTheAgent(t *testing.T) {
	sim, bin := simulate(t), t.TempDir()
	module := "github.com/haidang-noc/haidang/"
	out, err := exec.Command("go", "build", "-o", bin+"/", module+"agent/cmd/haidang-agent", module+"plugins/gnmi/cmd/haidang-input-gnmi").CombinedOutput()
	if err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	port, _ := sim.linked(t)
	config := filepath.Join(t.TempDir(), "agent.yaml")
	text := fmt.Sprintf("name: a1\nlisten: 127.0.0.1:0\nspool: {dir: spool}\ncollector: {url: 'http://127.0.0.1:1', token: 'env:HOME'}\nplugins: %s\ninputs:\n  - type: gnmi\n"+
		"    config:\n      targets: [{device: %s, address: '%v:%d'}]\n      credentials: [{name: lab, tls: {plaintext: true}}]\n",
		bin, sim.Devices[port.Device].Name, sim.Address(port.Device), sim.gnmi)
	must(t, os.WriteFile(config, []byte(text), 0o600))
	for _, args := range [][]string{{"check"}, {"once", "gnmi"}} {
		var said bytes.Buffer
		cmd := exec.Command(filepath.Join(bin, "haidang-agent"), append([]string{args[0], "--config", config}, args[1:]...)...)
		cmd.Stderr = &said
		out, err := cmd.Output()
		if err != nil {
			t.Fatalf("%v: %v\n%s", args, err, said.Bytes())
		}
		if args[0] == "once" {
			all := parse(t, strings.Split(strings.TrimSpace(string(out)), "\n"))
			if l, ok := find(all, "interface", string(sim.IfName(port)), "oper=1i", "admin=1i", "in_octets", "interval_s=60i"); !ok {
				t.Errorf("%v of %s", l, out)
			}
		}
	}
}
