package snmp_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// besideColumns are what everybody asks for, with sysUpTime.
var besideColumns = []string{
	"1.3.6.1.2.1.2.2.1.7", "1.3.6.1.2.1.2.2.1.8", "1.3.6.1.2.1.2.2.1.13", "1.3.6.1.2.1.2.2.1.14", "1.3.6.1.2.1.2.2.1.19",
	"1.3.6.1.2.1.2.2.1.20", "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.2.1.31.1.1.1.7", "1.3.6.1.2.1.31.1.1.1.10",
	"1.3.6.1.2.1.31.1.1.1.11", "1.3.6.1.2.1.31.1.1.1.15", "1.3.6.1.2.1.31.1.1.1.19",
}

// subject is a simulated device.
type subject struct {
	name string
	leaf bool // nothing is behind it
	addr netip.AddrPort
	rows []uint32 // ifIndex
	snmp gosnmp.GoSNMP
}

func (s *subject) values() int { return 1 + len(besideColumns)*len(s.rows) }

// nation is a running haidang-simnet.
type nation struct {
	all    []*subject
	faults string // its URL
}

// startNation starts haidang-simnet with so many devices, and learns their interfaces.
func startNation(b *testing.B, devices int) *nation {
	b.Helper()
	dir := b.TempDir()
	exe := filepath.Join(dir, "haidang-simnet")
	command := func(name string, args ...string) {
		b.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			b.Fatalf("%s: %v: %s", name, err, out)
		}
	}
	command("go", "build", "-o", exe, "../../internal/simnet/cmd/haidang-simnet")
	provinces, err := filepath.Abs("../../configs/provinces/provinces-34.csv")
	if err != nil {
		b.Fatal(err)
	}
	config, control := filepath.Join(dir, "simnet.yaml"), loopback.Address(b)
	text := fmt.Sprintf("nation: {seed: 1, since: 2026-01-01T00:00:00+07:00, provinces: %s, devices: %d, interfaces: 10, address: 127.64.0.1}\n"+
		"snmp: {port: %d, community: public}\ncontrol: {listen: '%s'}\nlog: {level: warn}\n", provinces, devices, loopback.Port(b), control)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	command(exe, "inventory", "--config", config, "--out", dir)
	all := subjects(b, filepath.Join(dir, "devices.csv"))
	sim := exec.Command(exe, "--config", config)
	sim.Stderr = os.Stderr
	if err := sim.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = sim.Process.Kill()
		_ = sim.Wait()
	})
	awaitAnswer(b, all[0])
	learnAll(b, all)
	return &nation{all, "http://" + control + "/faults"}
}

// slow makes devices answer so late, or never if delay is 0.
func (n *nation) slow(b *testing.B, devices []*subject, delay time.Duration) {
	b.Helper()
	faults := make([]map[string]string, len(devices))
	for i, s := range devices {
		faults[i] = map[string]string{"kind": "dead", "device": s.name, "from": "2026-01-01T00:00:00+07:00"}
		if delay > 0 {
			faults[i]["kind"], faults[i]["delay"] = "latency", delay.String()
		}
	}
	body, err := json.Marshal(faults)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := http.Post(n.faults, "application/json", bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusCreated {
		b.Fatalf("%s: %s", n.faults, answer.Status)
	}
}

// awaitAnswer waits until the simulator answers for a device.
func awaitAnswer(b *testing.B, s *subject) {
	b.Helper()
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for tries := 300; ; tries-- {
		err := s.snmp.Connect()
		if err == nil {
			_, err = s.snmp.Get([]string{"1.3.6.1.2.1.1.3.0"})
			_ = s.snmp.Conn.Close()
		}
		switch {
		case err == nil:
			return
		case tries == 0:
			b.Fatal(err)
		}
		<-again.C
	}
}

// heal ends all faults.
func (n *nation) heal(b *testing.B) {
	b.Helper()
	request, err := http.NewRequestWithContext(b.Context(), http.MethodDelete, n.faults, nil)
	if err != nil {
		b.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		b.Fatal(err)
	}
	_ = answer.Body.Close()
}

func subjects(b *testing.B, inventory string) (all []*subject) {
	b.Helper()
	f, err := os.Open(inventory)
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		b.Fatal(err)
	}
	parents := map[string]bool{}
	for _, row := range rows {
		parents[row[5]] = true
	}
	for _, row := range rows[1:] {
		s := &subject{name: row[0], leaf: !parents[row[0]], addr: netip.MustParseAddrPort(row[1])}
		s.snmp = gosnmp.GoSNMP{Target: s.addr.Addr().String(), Port: s.addr.Port(), Version: gosnmp.Version2c, Community: "public",
			Timeout: 2 * time.Second, Retries: 5, MaxRepetitions: 12}
		all = append(all, s)
	}
	return all
}

// learnAll asks every device for its interfaces.
func learnAll(b *testing.B, all []*subject) {
	b.Helper()
	eachOf(b, all, func(s *subject) error {
		if err := s.snmp.Connect(); err != nil {
			return err
		}
		b.Cleanup(func() { _ = s.snmp.Conn.Close() })
		pdus, err := s.snmp.BulkWalkAll("1.3.6.1.2.1.2.2.1.1")
		for _, pdu := range pdus {
			s.rows = append(s.rows, uint32(gosnmp.ToBigInt(pdu.Value).Uint64()))
		}
		slices.Sort(s.rows)
		return err
	})
}

// eachOf does something with every device, 64 at a time.
func eachOf(b *testing.B, all []*subject, do func(*subject) error) {
	b.Helper()
	next, failed := atomic.Int64{}, atomic.Pointer[error]{}
	var workers sync.WaitGroup
	for range 64 {
		workers.Go(func() {
			for i := next.Add(1) - 1; int(i) < len(all); i = next.Add(1) - 1 {
				if err := do(all[i]); err != nil {
					failed.Store(&err)
				}
			}
		})
	}
	workers.Wait()
	if err := failed.Load(); err != nil {
		b.Fatal(*err)
	}
}
