//go:build conformance

package recordings

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/haidang-noc/haidang/internal/loopback"
	"github.com/haidang-noc/haidang/internal/point"
)

// build builds the programs into a folder of the test's own.
func build(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	module := "github.com/haidang-noc/haidang/"
	cmd := exec.Command("go", "build", "-o", dir+"/", module+"agent/cmd/haidang-agent",
		module+"plugins/snmp/cmd/haidang-input-snmp", module+"internal/simnet/cmd/haidang-simnet")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return dir
}

// simulator is haidang-simnet with its recordings.
type simulator struct {
	addresses map[string]string // by recording
	port      int
}

// simulate starts haidang-simnet and returns when all its recordings answer; the test's end ends it.
func simulate(t *testing.T, bin, recordings string) simulator {
	t.Helper()
	provinces, err := filepath.Abs("../../../configs/provinces/provinces-34.csv")
	if err != nil {
		t.Fatal(err)
	}
	config := filepath.Join(t.TempDir(), "simnet.yaml")
	write(t, config, fmt.Sprintf(`nation: {provinces: %q, devices: 170}
snmp: {port: 0}
recordings: {dir: %q, port: %d, address: 127.8.0.1, community: recorded}
control: {listen: ""}
log: {format: json}
`, provinces, recordings, loopback.Port(t)))
	cmd := exec.Command(filepath.Join(bin, "haidang-simnet"), "--config", config)
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make(chan []byte)
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		for range said { // what it says until it has ended
		}
		if err := cmd.Wait(); err != nil {
			t.Errorf("haidang-simnet: %v", err)
		}
	})
	go func() {
		defer close(said)
		for lines := bufio.NewScanner(log); lines.Scan(); {
			said <- bytes.Clone(lines.Bytes())
		}
	}()
	return ready(t, said)
}

// ready reads the simulator's log until it says that it answers.
func ready(t *testing.T, said <-chan []byte) simulator {
	t.Helper()
	s := simulator{addresses: map[string]string{}}
	for line := range said {
		var entry struct {
			Message, Recording, Address string
			Port                        int
		}
		if err := json.Unmarshal(line, &entry); err != nil {
			t.Fatalf("haidang-simnet says %s", line)
		}
		switch {
		case entry.Recording != "":
			s.addresses[entry.Recording] = entry.Address
		case entry.Message == "recordings answer SNMP":
			s.port = entry.Port
			return s
		}
	}
	t.Fatal("haidang-simnet ended before it answered")
	return s
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// polled is what the agent wrote about one device.
type polled struct {
	up    []bool // of reach
	ports map[string]port
	twice []string // names of interfaces that came more than once
}

// once runs haidang-agent once over all devices.
func (s simulator) once(t *testing.T, bin string) map[string]*polled {
	t.Helper()
	var config strings.Builder
	fmt.Fprintf(&config, `name: recorder
spool: {dir: %q}
collector: {url: "http://127.0.0.1:1"}
inputs:
  - type: snmp
    env: [RECORDED_COMMUNITY]
    config:
      timeout: 20s
      credentials:
        - {name: recorded, version: 2c, community: "env:RECORDED_COMMUNITY"}
      targets:
`, t.TempDir())
	for name, address := range s.addresses {
		fmt.Fprintf(&config, "        - {device: %q, address: '%s:%d'}\n", name, address, s.port)
	}
	path := filepath.Join(t.TempDir(), "agent.yaml")
	write(t, path, config.String())
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "haidang-agent"), "once", "snmp", "--config", path)
	cmd.Env = append(os.Environ(), "RECORDED_COMMUNITY=recorded")
	var out, log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &log
	if err := cmd.Run(); err != nil {
		t.Fatalf("haidang-agent once snmp: %v\n%s", err, log.String())
	}
	if bytes.Contains(log.Bytes(), []byte("panic")) {
		t.Errorf("haidang-agent says:\n%s", log.String())
	}
	_, _ = io.Copy(t.Output(), &log)
	return read(t, out.Bytes())
}

// read sorts lines by device.
func read(t *testing.T, text []byte) map[string]*polled {
	t.Helper()
	all := map[string]*polled{}
	lines := point.NewScanner(text, point.Options{})
	for lines.Next() {
		if err := lines.Err(); err != nil {
			t.Fatal(err)
		}
		key, err := point.ParseKey(lines.Line().Key)
		if err != nil {
			t.Fatalf("line %d: %v", lines.Line().No, err)
		}
		name := key.Tag("device")
		if all[name] == nil {
			all[name] = &polled{ports: map[string]port{}}
		}
		all[name].take(key, lines.Line().Fields)
	}
	return all
}

func (p *polled) take(key point.Series, fields []point.Field) {
	values := map[string]uint64{}
	for _, f := range fields {
		if n, ok := f.Uint(); ok {
			values[string(f.Key)] = n
		}
		if key.Measurement == "reach" && string(f.Key) == "up" {
			p.up = append(p.up, f.Bits == 1)
		}
	}
	if key.Measurement != "interface" {
		return
	}
	name := key.Tag("ifname")
	if _, twice := p.ports[name]; twice {
		p.twice = append(p.twice, name)
	}
	p.ports[name] = port{name: name, values: values}
}

// isUp says that the device was reported up, once.
func (p *polled) isUp() bool { return p != nil && slices.Equal(p.up, []bool{true}) }
