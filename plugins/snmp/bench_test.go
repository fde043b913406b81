package snmp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/outbox"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const (
	benchDevices = 1000
	benchPorts   = 10
	responderEnv = "SNMP_BENCH_RESPONDER"

	benchPassword = "bench-pass-12345"
)

// TestMain lets the test binary be the devices of a benchmark, so that their CPU is not measured.
func TestMain(m *testing.M) {
	if os.Getenv(responderEnv) != "" {
		if err := respond(os.Stdin, os.Stdout, os.Getenv(responderEnv)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// respond serves devices with a user of such protocols until in ends.
func respond(in io.Reader, out io.Writer, protocols string) error {
	u, err := benchUser(protocols)
	if err != nil {
		return err
	}
	r, err := snmptest.Listen()
	if err != nil {
		return err
	}
	defer r.Close()
	rows := make([]snmptest.Interface, benchPorts)
	for i := range rows {
		rows[i] = snmptest.Interface{Index: uint32(i + 1), Name: fmt.Sprintf("ge-0/0/%d", i), Type: 6,
			Admin: 1, Oper: 1, Mbps: 1000, N: 1e12 * uint64(i+1)}
	}
	port := uint16(0)
	for i := range benchDevices {
		d := r.Device(benchAddress(i).String())
		d.SetInterfaces(rows...)
		if u != nil {
			d.Secure(&usmtest.Agent{Engine: []byte{0x80, 0, 0, 0, 5, byte(i >> 8), byte(i), 1, 2, 3, 4}, Boots: 1, Began: time.Now(), Users: []*usm.User{u}})
		}
		port = d.Addr().Port()
	}
	fmt.Fprintln(out, port)
	_, err = io.Copy(io.Discard, in)
	return err
}

// benchUser is a user with protocols as in "sha aes"; nil for "v2c".
func benchUser(protocols string) (*usm.User, error) {
	auth, priv, _ := strings.Cut(protocols, " ")
	if auth == "v2c" {
		return nil, nil
	}
	return usm.NewUser(usm.Credentials{Name: "bench", Auth: usm.AuthProtocols()[auth], Priv: usm.PrivProtocols()[priv],
		AuthPassword: benchPassword, PrivPassword: benchPassword})
}

func benchAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 30, byte(i >> 8), byte(i)}) }

// startResponder runs the devices in a process of their own and returns their port.
func startResponder(b *testing.B, protocols string) uint16 {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), responderEnv+"="+protocols)
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	var port uint16
	if _, err := fmt.Fscan(bufio.NewReader(out), &port); err != nil {
		b.Fatal(err)
	}
	return port
}

// bench is a poller of a thousand devices of ten interfaces each, from requests to line protocol. A value
// is a useful varbind: sysUpTime and twelve columns of each interface, ifName among them. On loopback.
type bench struct {
	engine  *engine.Engine
	targets []poll.Target
	fresh   func() []poll.Target // of which nothing is known yet
	lines   atomic.Int64
}

const linesPerRound = benchDevices * (2 + benchPorts)

// startBench is a bench whose devices are learned.
func startBench(b *testing.B, protocols string, every time.Duration) *bench {
	b.Helper()
	x := prepareBench(b, protocols, every)
	x.targets = x.fresh()
	if err := x.engine.Once(b.Context(), x.targets); err != nil {
		b.Fatal(err)
	}
	return x
}

func prepareBench(b *testing.B, protocols string, every time.Duration) *bench {
	b.Helper()
	port := startResponder(b, protocols)
	u, err := benchUser(protocols)
	if err != nil {
		b.Fatal(err)
	}
	box, reg := outbox.New(), prometheus.NewRegistry()
	e, err := engine.New(engine.Config{Timeout: 2 * time.Second, Window: 2048, Lanes: 1, Pause: box.Full}, reg)
	if err != nil {
		b.Fatal(err)
	}
	out := &bench{engine: e}
	out.fresh = func() []poll.Target {
		devices := ifmib.New(ifmib.Config{
			Interval: time.Minute, Relearn: time.Hour, Retries: 1, MaxPDU: 1472, MaxInterfaces: 100,
			Key: sdk.Config{Agent: "a"}.Key, Box: box, Log: slog.New(slog.DiscardHandler),
		}, prometheus.NewRegistry())
		targets := make([]poll.Target, benchDevices)
		for i := range targets {
			name := fmt.Sprintf("hni-bts-%04d", i)
			t := poll.Target{Device: name, Addr: netip.AddrPortFrom(benchAddress(i), port), Every: every}
			if u == nil {
				t.Dialog = devices.Device(name, "public")
			} else {
				t.Dialog, t.Remote = devices.Device(name, ""), usm.NewRemote(u, "")
			}
			targets[i] = t
		}
		return targets
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- box.Run(ctx, outbox.Sink{Write: func(_ context.Context, _ []byte, points int) error {
			out.lines.Add(int64(points))
			return nil
		}})
	}()
	b.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			b.Error(err)
		}
	})
	return out
}

// report says what a value cost since before.
func (x *bench) report(b *testing.B, before float64, rounds float64) {
	b.ReportMetric((cpuSeconds()-before)/(rounds*benchDevices*(1+12*benchPorts))*1e6, "cpu-s/Mvalues")
}

// All devices at once, one round after the other.
func BenchmarkPoll(b *testing.B) {
	for _, protocols := range []string{"v2c", "sha aes", "sha256 aes", "sha512 aes256"} {
		b.Run(protocols, func(b *testing.B) {
			x := startBench(b, protocols, 0)
			before := cpuSeconds()
			for b.Loop() {
				if err := x.engine.Once(b.Context(), x.targets); err != nil {
					b.Fatal(err)
				}
			}
			x.report(b, before, float64(b.N))
		})
	}
}

// A thousand devices a second, evenly spread: what 60,000 are that are polled every minute.
func BenchmarkSpread(b *testing.B) {
	for _, protocols := range []string{"v2c", "sha aes", "sha256 aes"} {
		b.Run(protocols, func(b *testing.B) { spread(b, protocols) })
	}
}

func spread(b *testing.B, protocols string) {
	x := startBench(b, protocols, time.Second)
	ctx, cancel := context.WithCancel(b.Context())
	done := make(chan error, 1)
	go func() { done <- x.engine.Run(ctx, x.targets) }()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	<-tick.C
	before, lines := cpuSeconds(), x.lines.Load()
	for b.Loop() {
		<-tick.C
	}
	x.report(b, before, float64(x.lines.Load()-lines)/linesPerRound)
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
}

func cpuSeconds() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
