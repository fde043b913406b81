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
	"syscall"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/snmp/engine"
	"github.com/haidang-noc/haidang/plugins/snmp/ifmib"
	"github.com/haidang-noc/haidang/plugins/snmp/outbox"
	"github.com/haidang-noc/haidang/plugins/snmp/poll"
	"github.com/haidang-noc/haidang/plugins/snmp/snmptest"
)

const (
	benchDevices = 1000
	benchPorts   = 10
	responderEnv = "SNMP_BENCH_RESPONDER"
)

// TestMain lets the test binary be the devices of a benchmark, so that their CPU is not measured.
func TestMain(m *testing.M) {
	if os.Getenv(responderEnv) != "" {
		if err := respond(os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// respond serves the devices until in ends.
func respond(in io.Reader, out io.Writer) error {
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
		port = d.Addr().Port()
	}
	fmt.Fprintln(out, port)
	_, err = io.Copy(io.Discard, in)
	return err
}

func benchAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 30, byte(i >> 8), byte(i)}) }

// startResponder runs the devices in a process of their own and returns their port.
func startResponder(b *testing.B) uint16 {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), responderEnv+"=1")
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

// A thousand devices of ten interfaces each, from requests to line protocol. A value is a useful
// varbind: sysUpTime and twelve columns of each interface, ifName among them. On loopback.
func BenchmarkPoll(b *testing.B) {
	port := startResponder(b)
	box, reg := outbox.New(), prometheus.NewRegistry()
	e, err := engine.New(engine.Config{Timeout: 2 * time.Second, Window: 2048, Lanes: 1, Pause: box.Full}, reg)
	if err != nil {
		b.Fatal(err)
	}
	devices := ifmib.New(ifmib.Config{
		Interval: time.Minute, Relearn: time.Hour, Retries: 1, MaxPDU: 1472, MaxInterfaces: 100,
		Key: sdk.Config{Agent: "a"}.Key, Box: box, Log: slog.New(slog.DiscardHandler),
	}, reg)
	targets := make([]poll.Target, benchDevices)
	for i := range targets {
		name := fmt.Sprintf("hni-bts-%04d", i)
		targets[i] = poll.Target{Device: name, Addr: netip.AddrPortFrom(benchAddress(i), port), Dialog: devices.Device(name, "public")}
	}
	ctx, cancel := context.WithCancel(b.Context())
	lines := 0
	done := make(chan error, 1)
	go func() {
		done <- box.Run(ctx, func(_ context.Context, text []byte, points int) error {
			lines += points
			return nil
		})
	}()
	poll := func() {
		if err := e.Once(ctx, targets); err != nil {
			b.Fatal(err)
		}
	}
	poll() // learns
	before, rounds := cpuSeconds(), 0
	for b.Loop() {
		poll()
		rounds++
	}
	values := float64(rounds * benchDevices * (1 + 12*benchPorts))
	b.ReportMetric((cpuSeconds()-before)/values*1e6, "cpu-s/Mvalues")
	cancel()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	if want := (rounds + 1) * benchDevices * (2 + benchPorts); lines != want {
		b.Errorf("%d lines, want %d", lines, want)
	}
}

func cpuSeconds() float64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		return 0
	}
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e9
}
