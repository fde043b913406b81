package bench

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

const (
	probeTargets = 10_000
	probeEvery   = time.Minute
	probePackets = 10 // to each, in every minute
	probeSpacing = time.Second
	probeFirst   = "127.96.0.1"
)

const probeConfig = `name: bench-0
listen: %s
log: {level: warn}
spool: {dir: spool}
collector: {url: "%s", token: "file:token"}
plugins: %s
inputs:
  - type: probe
    config:
      interval: %s
      packets: %d
      spacing: %s
      tests:
`

const reflectorConfig = `reflector: {listen: ['0.0.0.0:%d'], allow: [127.0.0.0/8], rate: 1000000}
`

// prober is what sending so many packets, and taking their answers, cost.
type prober struct {
	packets float64
	cpu     proc.CPU
	rss     int64 // at the end; 0: not known
	peak    int64
}

func (p prober) row(name string, peer prober) Row {
	each := func(p prober) float64 { return p.cpu.Total().Seconds() / p.packets * 1e6 }
	ratio := 0.0
	if peer.packets > 0 {
		ratio = each(peer) / each(p)
	}
	return Row{Name: name, Values: []float64{each(p), ratio, p.packets, p.cpu.Total().Seconds(), float64(p.rss) / 1e6, float64(p.peak) / 1e6}}
}

// probe measures the input for probes beside fping, at the same rate, on addresses of the loopback interface.
func (c Config) probe() (Part, error) {
	p := Part{Title: fmt.Sprintf("Probing %d targets, %d packets each a minute", probeTargets, probePackets),
		Columns: []string{"CPU µs/packet", "× fping", "packets", "CPU s", "RSS MB", "peak MB"},
		Notes: []string{"On the loopback interface the kernel answers ICMP in the sender's time, so the cost of the answer is in both figures of ICMP. " +
			"The peak is that of reading 10,000 tests written out in YAML."}}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	peer, err := c.fping(dir)
	if err != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("fping: %v", err))
	} else {
		p.Rows = append(p.Rows, peer.row("fping, ICMP", peer))
	}
	for _, method := range []string{"icmp", "stamp"} {
		got, reflector, err := c.probeWith(dir, method)
		if err != nil {
			return p, fmt.Errorf("%s: %w", method, err)
		}
		p.Rows = append(p.Rows, got.row("haidang-input-probe, "+method, peer))
		if method == "stamp" {
			p.Rows = append(p.Rows, reflector.row("its reflector", prober{}))
		}
	}
	return p, nil
}

// probeAddresses are those of the targets.
func probeAddresses() (all []string) {
	for a := netip.MustParseAddr(probeFirst); len(all) < probeTargets; a = a.Next() {
		all = append(all, a.String())
	}
	return all
}

// fping sends as many packets, at the same rate.
func (c Config) fping(dir string) (prober, error) {
	exe, err := exec.LookPath("fping")
	if err != nil {
		return prober{}, errors.New("it is not installed (Debian package fping), its row is left out")
	}
	targets := filepath.Join(dir, "targets")
	if err := os.WriteFile(targets, []byte(strings.Join(probeAddresses(), "\n")+"\n"), 0o600); err != nil {
		return prober{}, err
	}
	gap := probeEvery.Seconds() * 1000 / (probeTargets * probePackets) // ms between two packets, of the same rate
	count := c.scaled(3)
	cmd := exec.Command(exe, "-q", "-c", fmt.Sprint(count), "-i", fmt.Sprintf("%.2f", gap), "-p", "1000", "-f", targets)
	if out, err := cmd.CombinedOutput(); err != nil {
		return prober{}, fmt.Errorf("%w: %s", err, out[max(0, len(out)-200):])
	}
	used := cmd.ProcessState
	usage, ok := used.SysUsage().(*syscall.Rusage)
	if !ok {
		return prober{}, errors.New("nothing is known of what it used")
	}
	return prober{packets: float64(probeTargets * count), cpu: proc.CPU{User: used.UserTime(), System: used.SystemTime()}, peak: usage.Maxrss << 10}, nil
}

// probeWith runs the agent with the input, and for STAMP a reflector, and looks at a part of a minute.
func (c Config) probeWith(dir, method string) (input, reflector prober, err error) {
	s, err := newSink()
	if err != nil {
		return input, reflector, err
	}
	defer s.close()
	port, err := freePort()
	if err != nil {
		return input, reflector, err
	}
	reflecting, err := c.startReflector(dir, port)
	if err != nil {
		return input, reflector, err
	}
	defer reflecting.Stop()
	agent, err := c.startProber(dir, method, port, s)
	if err != nil {
		return input, reflector, err
	}
	defer agent.Stop()
	var pid int
	err = agent.Until("the input", patience, func() (bool, error) {
		children, err := proc.Children(agent.PID())
		pid = children["haidang-input-probe"]
		return pid != 0, err
	})
	if err != nil {
		return input, reflector, err
	}
	<-time.After(probeEvery / 4) // by then as many rounds begin as end
	return look(pid, reflecting.PID(), time.Duration(c.scaled(20))*time.Second)
}

// look is what both programs use while so much time passes. As many packets are sent as the configuration says.
func look(pid, other int, d time.Duration) (input, reflector prober, err error) {
	packets := d.Seconds() / probeEvery.Seconds() * probeTargets * probePackets
	out := []*prober{&input, &reflector}
	for i, p := range []int{pid, other} {
		if out[i].cpu, err = proc.Used(p); err != nil {
			return input, reflector, err
		}
	}
	<-time.After(d)
	for i, p := range []int{pid, other} {
		used, err := proc.Used(p)
		if err != nil {
			return input, reflector, err
		}
		out[i].packets, out[i].cpu = packets, used.Minus(out[i].cpu)
		if out[i].rss, err = proc.RSS(p); err != nil {
			return input, reflector, err
		}
		if out[i].peak, err = proc.PeakRSS(p); err != nil {
			return input, reflector, err
		}
	}
	return input, reflector, nil
}

func (c Config) startReflector(dir string, port int) (*proc.Program, error) {
	config := filepath.Join(dir, "reflector.yaml")
	if err := os.WriteFile(config, fmt.Appendf(nil, reflectorConfig, port), 0o600); err != nil {
		return nil, err
	}
	return proc.Start(dir, "reflector", filepath.Join(c.Bin, "haidang-input-probe"), "reflector", "--config", config)
}

func (c Config) startProber(dir, method string, port int, s *sink) (*proc.Program, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	var text strings.Builder
	fmt.Fprintf(&text, probeConfig, address, s.url(), c.Bin, probeEvery, probePackets, probeSpacing)
	for i, a := range probeAddresses() {
		if method == "stamp" {
			a = fmt.Sprintf("'%s:%d'", a, port)
		}
		fmt.Fprintf(&text, "        - {name: t%d, method: %s, address: %s, province: \"01\", service: transport}\n", i, method, a)
	}
	for name, content := range map[string]string{"agent.yaml": text.String(), "token": "bench-token-for-nothing"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			return nil, err
		}
	}
	return proc.Start(dir, "agent", filepath.Join(c.Bin, "haidang-agent"), "run", "--config", filepath.Join(dir, "agent.yaml"))
}
