package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
)

const (
	// roundEvery is how often the agent polls here, six times as often as it would.
	roundEvery = 10 * time.Second
	// settling is for the first rounds, in which the interfaces are learned.
	settling = 2*roundEvery + roundEvery/2
)

const simnetConfig = `nation: {seed: 1, since: 2026-01-01T00:00:00+07:00, provinces: %s, devices: %d, interfaces: 10, address: 127.64.0.1}
snmp: {port: %d, community: public, users: [{name: bench, auth: sha, auth_password: bench-pass-12345, priv: aes, priv_password: bench-pass-12345}]}
control: {listen: ""}
log: {level: warn}
`

const agentConfig = `name: bench-0
listen: %s
log: {level: warn}
spool: {dir: spool}
collector: {url: "%s", token: "file:token"}
plugins: %s
inputs:
  - type: snmp
    config:
      interval: %s
      timeout: %s
      inventory: devices.csv
      credentials: [%s]
`

// dialect is how devices are asked.
type dialect struct {
	name       string // as gosnmp's command takes it
	title      string
	credential string // of the input
}

func dialects() []dialect {
	return []dialect{
		{"2c", "SNMPv2c", `{name: public, version: "2c", community: "file:secret"}`},
		{"3", "SNMPv3, SHA and AES", `{name: noc, version: "3", user: bench, auth: {protocol: sha, password: "file:secret"}, priv: {protocol: aes, password: "file:secret"}}`},
	}
}

// secret is what the dialect's file holds.
func (d dialect) secret() string {
	if d.name == "3" {
		return benchPassword
	}
	return "public"
}

const (
	benchPassword = "bench-pass-12345"
	sinkToken     = "bench-token-for-nothing"
)

// polled is what a poller cost for so many values.
type polled struct {
	Values  int
	CPU     proc.CPU
	Peak    int64
	Seconds float64
}

func (p polled) perMillion() float64 { return p.CPU.Total().Seconds() / float64(p.Values) * 1e6 }

// agent measures the agent and its SNMP input, and gosnmp, on the devices of one simulator.
func (c Config) agent() (Part, error) { return c.polling(dialects()[0], 1000, 10_000) }

// secure measures the same over SNMPv3.
func (c Config) secure() (Part, error) { return c.polling(dialects()[1], 1000, 10_000) }

func (c Config) polling(d dialect, sizes ...int) (Part, error) {
	p := Part{Title: "Polling simulated devices over " + d.title,
		Columns: []string{"CPU s/M values", "× gosnmp", "M values", "CPU s", "system %", "peak MB"},
		Notes: []string{"Values are what was asked of a device and reached the sink. The floor of this task (one socket, prepared " +
			"requests, batched system calls) is not run here; docs/benchmarks.md has what it was elsewhere."}}
	for _, devices := range sizes {
		if err := c.agentFor(&p, d, devices); err != nil {
			return p, fmt.Errorf("%d devices: %w", devices, err)
		}
	}
	return p, nil
}

func (c Config) agentFor(p *Part, d dialect, devices int) error {
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	sim, err := c.startSimnet(dir, devices)
	if err != nil {
		return err
	}
	defer sim.Stop()
	peer, err := gosnmpApart(dir, d, c.scaled(3))
	if err != nil {
		return fmt.Errorf("gosnmp: %w", err)
	}
	p.add(fmt.Sprintf("%6d devices: gosnmp, packed GET", devices), peer, peer)
	rows, err := c.pollWithAgent(dir, d)
	for _, r := range rows {
		p.add(fmt.Sprintf("%6d devices: %s", devices, r.name), r.polled, peer)
	}
	return err
}

func (p *Part) add(name string, got, peer polled) {
	p.Rows = append(p.Rows, Row{Name: name, Values: []float64{got.perMillion(), peer.perMillion() / got.perMillion(), float64(got.Values) / 1e6,
		got.CPU.Total().Seconds(), 100 * got.CPU.System.Seconds() / got.CPU.Total().Seconds(), float64(got.Peak) / 1e6}})
}

// startSimnet starts the simulated devices and writes their inventory into dir.
func (c Config) startSimnet(dir string, devices int) (*proc.Program, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	exe, config := filepath.Join(c.Bin, "haidang-simnet"), filepath.Join(dir, "simnet.yaml")
	text := fmt.Sprintf(simnetConfig, filepath.Join(c.Configs, "provinces", "provinces-34.csv"), devices, port)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	if out, err := exec.Command(exe, "inventory", "--config", config, "--out", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("haidang-simnet inventory: %w: %s", err, out)
	}
	sim, err := proc.Start(dir, "simnet", exe, "--config", config)
	if err != nil {
		return nil, err
	}
	if err := answering(sim, filepath.Join(dir, "devices.csv")); err != nil {
		sim.Stop()
		return nil, err
	}
	return sim, nil
}

// answering waits until the first device answers.
func answering(sim *proc.Program, inventory string) error {
	all, err := open(inventory)
	if err != nil {
		return err
	}
	first := all[0]
	return sim.Until("simulated devices", patience, func() (bool, error) {
		err := first.learn()
		if first.snmp.Conn != nil {
			_ = first.snmp.Conn.Close() // the next attempt opens another
		}
		return err == nil, err
	})
}

// freePort is a UDP port that nobody has at the moment.
func freePort() (int, error) {
	l, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, fmt.Errorf("bench: %w", err)
	}
	defer l.Close()
	return l.LocalAddr().(*net.UDPAddr).Port, nil
}

type agentRow struct {
	name string
	polled
}

// pollWithAgent runs the agent for some rounds, after those in which it learns.
func (c Config) pollWithAgent(dir string, d dialect) ([]agentRow, error) {
	s, err := newSink()
	if err != nil {
		return nil, err
	}
	defer s.close()
	agent, err := c.startAgent(dir, s.url(), roundEvery, d)
	if err != nil {
		return nil, err
	}
	defer agent.Stop()
	<-time.After(settling)
	programs, err := agent.programs()
	if err != nil {
		return nil, err
	}
	return during(programs, s, time.Duration(c.scaled(3))*roundEvery)
}

// during is what the programs used while so much time passed, each and together.
func during(programs map[string]int, s *sink, d time.Duration) ([]agentRow, error) {
	before, values := map[string]proc.CPU{}, s.values.Load()
	for name, pid := range programs {
		used, err := proc.Used(pid)
		if err != nil {
			return nil, err
		}
		before[name] = used
	}
	<-time.After(d)
	got := int(s.values.Load() - values)
	both := polled{Values: got, Seconds: d.Seconds()}
	var rows []agentRow
	for _, name := range []string{"haidang-input-snmp", "haidang-agent"} {
		used, err := proc.Used(programs[name])
		if err != nil {
			return nil, err
		}
		one := polled{Values: got, CPU: used.Minus(before[name]), Seconds: d.Seconds()}
		if one.Peak, err = proc.PeakRSS(programs[name]); err != nil {
			return nil, err
		}
		both.CPU.User, both.CPU.System, both.Peak = both.CPU.User+one.CPU.User, both.CPU.System+one.CPU.System, both.Peak+one.Peak
		rows = append(rows, agentRow{name, one})
	}
	return append(rows, agentRow{"agent and input together", both}), nil
}

// runningAgent is an agent with an SNMP input.
type runningAgent struct {
	*proc.Program
	metrics string // URL
}

// programs are the agent and its input.
func (a *runningAgent) programs() (map[string]int, error) {
	children, err := proc.Children(a.PID())
	if err != nil {
		return nil, err
	}
	input, ok := children["haidang-input-snmp"]
	if !ok {
		return nil, fmt.Errorf("the agent has started no input: %s", a.Tail())
	}
	return map[string]int{"haidang-agent": a.PID(), "haidang-input-snmp": input}, nil
}

// startAgent runs an agent that polls the inventory in dir so often and ships to the URL.
func (c Config) startAgent(dir, url string, every time.Duration, d dialect) (*runningAgent, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := fmt.Sprintf(agentConfig, address, url, c.Bin, every, min(2*time.Second, every/4), d.credential)
	for name, text := range map[string]string{"agent.yaml": config, "token": sinkToken, "secret": d.secret()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}
	p, err := proc.Start(dir, "agent", filepath.Join(c.Bin, "haidang-agent"), "run", "--config", filepath.Join(dir, "agent.yaml"))
	return &runningAgent{p, "http://" + address + "/metrics"}, err
}

// gosnmpApart runs PollWithGosnmp in a process of its own, for it to be measured alone.
func gosnmpApart(dir string, d dialect, rounds int) (p polled, err error) {
	self, err := os.Executable()
	if err != nil {
		return p, err
	}
	var out, said bytes.Buffer
	cmd := exec.Command(self, "gosnmp", filepath.Join(dir, "devices.csv"), fmt.Sprint(rounds), d.name)
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return p, fmt.Errorf("%w: %s", err, said.Bytes())
	}
	return p, json.Unmarshal(out.Bytes(), &p)
}
