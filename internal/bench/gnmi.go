package bench

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/point"
)

const (
	gnmiTargets = 500
	gnmiWarmup  = 15 * time.Second
	gnmiWindow  = 20 // seconds, times the scale
	gnmiCuts    = 40 // links that fail, one after the other
	gnmiPause   = 250 * time.Millisecond
)

const gnmiSimnet = `nation: {seed: 1, since: 2026-01-01T00:00:00+07:00, provinces: %s, devices: %d, interfaces: 10, address: 127.72.0.1}
snmp: {port: 0}
gnmi: {port: %d}
control: {listen: '%s'}
log: {level: warn}
`

const gnmiAgent = `name: bench-0
listen: %s
log: {level: warn}
spool: {dir: spool}
collector: {url: "%s", token: "file:token"}
plugins: %s
inputs:
  - type: gnmi
    config:
      interval: 1s
      sets: [openconfig-interfaces]
      credentials: [{name: lab, tls: {plaintext: true}}]
      targets:
`

const telegrafGNMI = `[agent]
  interval = "10s"
  flush_interval = "1s"
  metric_buffer_limit = 1000000
[[outputs.discard]]
[[inputs.gnmi]]
  encoding = "proto"
  addresses = [%s]
  [[inputs.gnmi.subscription]]
    name = "counters"
    origin = "openconfig"
    path = "/interfaces/interface/state/counters"
    subscription_mode = "sample"
    sample_interval = "1s"
`

// gnmiNation is a running simulated network that answers gNMI.
type gnmiNation struct {
	program *proc.Program
	dir     string
	control string
	targets [][2]string // device and address
}

// gnmi measures the gNMI input on targets that each send eight counters of ten interfaces every second, and how long the news of
// a link that fails meanwhile takes to leave the agent.
func (c Config) gnmi() (Part, error) {
	p := Part{Title: fmt.Sprintf("gNMI: %d targets, ten interfaces, eight counters of each every second", gnmiTargets),
		Columns: []string{"updates per CPU s", "CPU s/M updates", "× Telegraf", "M updates", "peak MB"},
		Notes: []string{"Without TLS, over loopback. Telegraf is a build with inputs.gnmi and outputs.discard alone and writes nothing; " +
			"the agent spools, compresses and ships."}}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	sim, err := c.startGNMI(dir)
	if err != nil {
		return p, err
	}
	defer sim.program.Stop()
	peer, err := c.telegrafGNMI(sim)
	if err != nil {
		p.Notes = append(p.Notes, fmt.Sprintf("Telegraf: %v", err))
	}
	rows, late, err := c.agentGNMI(sim)
	if err != nil {
		return p, err
	}
	if peer.Values > 0 {
		p.gnmiRow("telegraf: inputs.gnmi, outputs.discard", peer, peer)
	}
	for _, r := range rows {
		p.gnmiRow(r.name, r.polled, peer)
	}
	alarmed, err := c.alarmsGNMI(sim)
	p.Notes = append(p.Notes, late, alarmed)
	return p, err
}

func (p *Part) gnmiRow(name string, got, peer polled) {
	row := Row{Name: name, Values: []float64{1e6 / got.perMillion(), got.perMillion(), 0, float64(got.Values) / 1e6, float64(got.Peak) / 1e6}}
	if peer.Values > 0 {
		row.Values[2] = peer.perMillion() / got.perMillion()
	}
	p.Rows = append(p.Rows, row)
}

func (c Config) startGNMI(dir string) (*gnmiNation, error) {
	port, err := freeAddress()
	if err != nil {
		return nil, err
	}
	control, err := freeAddress()
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(port[strings.LastIndexByte(port, ':')+1:])
	if err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "simnet.yaml")
	text := fmt.Sprintf(gnmiSimnet, filepath.Join(c.Configs, "provinces", "provinces-34.csv"), gnmiTargets, n, control)
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, err
	}
	exe := filepath.Join(c.Bin, "haidang-simnet")
	if out, err := exec.Command(exe, "inventory", "--config", config, "--out", dir).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("haidang-simnet inventory: %w: %s", err, out)
	}
	sim := &gnmiNation{dir: dir, control: "http://" + control}
	if err := sim.readTargets(n); err != nil {
		return nil, err
	}
	if sim.program, err = proc.Start(dir, "simnet", exe, "--config", config); err != nil {
		return nil, err
	}
	err = sim.program.Until("simulated targets", patience, func() (bool, error) { _, err := sim.updates(); return err == nil, err })
	if err != nil {
		sim.program.Stop()
	}
	return sim, err
}

// rows are those of a file of the inventory, without the header.
func (n *gnmiNation) rows(name string) ([][]string, error) {
	f, err := os.Open(filepath.Join(n.dir, name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil || len(rows) == 0 {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return rows[1:], nil
}

func (n *gnmiNation) readTargets(port int) error {
	rows, err := n.rows("devices.csv")
	for _, row := range rows {
		host, _, found := strings.Cut(row[1], ":")
		if !found {
			host = row[1]
		}
		n.targets = append(n.targets, [2]string{row[0], net.JoinHostPort(host, strconv.Itoa(port))})
	}
	return err
}

// updates is how many values the targets have sent so far.
func (n *gnmiNation) updates() (int, error) {
	text, err := get(n.control + "/metrics")
	if err != nil {
		return 0, err
	}
	const name = "\nhaidang_simnet_gnmi_updates_total "
	_, rest, ok := strings.Cut(text, name)
	if !ok {
		return 0, fmt.Errorf("the simulator has no metric%s", name)
	}
	value, _, _ := strings.Cut(rest, "\n")
	v, err := strconv.ParseFloat(value, 64)
	return int(v), err
}

// telegrafGNMI measures Telegraf, if there is one in bin/tools or in the path.
func (c Config) telegrafGNMI(sim *gnmiNation) (p polled, err error) {
	exe := filepath.Join(c.Bin, "tools", "telegraf")
	if _, err := os.Stat(exe); err != nil {
		if exe, err = exec.LookPath("telegraf"); err != nil {
			return p, fmt.Errorf("%w; make bench-tools builds a small one", err)
		}
	}
	var addresses []string
	for _, t := range sim.targets {
		addresses = append(addresses, strconv.Quote(t[1]))
	}
	config := filepath.Join(sim.dir, "telegraf.conf")
	if err := os.WriteFile(config, fmt.Appendf(nil, telegrafGNMI, strings.Join(addresses, ", ")), 0o600); err != nil {
		return p, err
	}
	program, err := proc.Start(sim.dir, "telegraf", exe, "--config", config)
	if err != nil {
		return p, err
	}
	defer program.Stop()
	<-time.After(gnmiWarmup)
	rows, err := c.gnmiDuring(sim, map[string]int{"telegraf": program.PID()})
	if err != nil {
		return p, err
	}
	if len(rows) == 0 || rows[0].Values == 0 {
		return p, fmt.Errorf("it got nothing: %s", program.Tail())
	}
	return rows[0].polled, nil
}

// gnmiDuring is what programs used while the targets sent for a while.
func (c Config) gnmiDuring(sim *gnmiNation, programs map[string]int) (rows []agentRow, err error) {
	before := map[string]proc.CPU{}
	for name, pid := range programs {
		if before[name], err = proc.Used(pid); err != nil {
			return nil, err
		}
	}
	sent, err := sim.updates()
	if err != nil {
		return nil, err
	}
	<-time.After(time.Duration(c.scaled(gnmiWindow)) * time.Second)
	now, err := sim.updates()
	if err != nil {
		return nil, err
	}
	for name, pid := range programs {
		used, err := proc.Used(pid)
		if err != nil {
			return nil, err
		}
		peak, err := proc.PeakRSS(pid)
		if err != nil {
			return nil, err
		}
		rows = append(rows, agentRow{name, polled{Values: now - sent, CPU: used.Minus(before[name]), Peak: peak}})
	}
	slices.SortFunc(rows, func(a, b agentRow) int { return -strings.Compare(a.name, b.name) })
	return rows, nil
}

// agentGNMI measures the agent with the input, and then how long news takes.
func (c Config) agentGNMI(sim *gnmiNation) (rows []agentRow, late string, err error) {
	s, err := newSink()
	if err != nil {
		return nil, "", err
	}
	defer s.close()
	news := &gnmiNews{came: map[string]time.Time{}}
	s.each = news.see
	agent, err := c.startGNMIAgent(sim, s.url())
	if err != nil {
		return nil, "", err
	}
	defer agent.Stop()
	<-time.After(gnmiWarmup)
	children, err := proc.Children(agent.PID())
	if err != nil {
		return nil, "", err
	}
	input, ok := children["haidang-input-gnmi"]
	if !ok {
		return nil, "", fmt.Errorf("the agent has started no input: %s", agent.Tail())
	}
	if rows, err = c.gnmiDuring(sim, map[string]int{"haidang-input-gnmi": input, "haidang-agent": agent.PID()}); err != nil {
		return nil, "", err
	}
	both := agentRow{name: "agent and input together", polled: rows[0].polled}
	both.CPU.User, both.CPU.System = rows[0].CPU.User+rows[1].CPU.User, rows[0].CPU.System+rows[1].CPU.System
	both.Peak = rows[0].Peak + rows[1].Peak
	late, err = sim.cutLinks(news)
	return append(rows, both), late, err
}

func (c Config) startGNMIAgent(sim *gnmiNation, url string) (*proc.Program, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	config := fmt.Appendf(nil, gnmiAgent, address, url, c.Bin)
	for _, t := range sim.targets {
		config = fmt.Appendf(config, "        - {device: %s, address: '%s'}\n", t[0], t[1])
	}
	for name, text := range map[string][]byte{"agent.yaml": config, "token": []byte("bench-token-for-nothing")} {
		if err := os.WriteFile(filepath.Join(sim.dir, name), text, 0o600); err != nil {
			return nil, err
		}
	}
	return proc.Start(sim.dir, "agent", filepath.Join(c.Bin, "haidang-agent"), "run", "--config", filepath.Join(sim.dir, "agent.yaml"))
}

// gnmiNews notes when events arrive.
type gnmiNews struct {
	mu   sync.Mutex
	came map[string]time.Time // by device and ifname
}

func (n *gnmiNews) see(l *point.Line) {
	if !bytes.HasPrefix(l.Key, []byte("state,")) {
		return
	}
	s, err := point.ParseKey(l.Key)
	if err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if key := s.Tag("device") + " " + s.Tag("ifname"); n.came[key].IsZero() {
		n.came[key] = time.Now()
	}
}

// cutLinks lets links fail, one after the other, and says how long it took for the event to arrive at the sink.
func (n *gnmiNation) cutLinks(news *gnmiNews) (string, error) {
	rows, err := n.rows("links.csv")
	if err != nil {
		return "", err
	}
	began := map[string]time.Time{}
	for _, row := range rows[:min(gnmiCuts, len(rows))] {
		began[row[1]+" "+row[2]] = time.Now()
		if err := n.cut(row[0]); err != nil {
			return "", err
		}
		<-time.After(gnmiPause)
	}
	<-time.After(4 * gnmiPause)
	var took []float64
	news.mu.Lock()
	defer news.mu.Unlock()
	for key, at := range began {
		if came := news.came[key]; !came.IsZero() {
			took = append(took, came.Sub(at).Seconds()*1000)
		}
	}
	return late(took, len(began), "their event was where the agent ships to")
}

// late says how long it took until something was so.
func late(took []float64, of int, what string) (string, error) {
	if len(took) == 0 {
		return "", fmt.Errorf("of none of %d failed links: %s", of, what)
	}
	slices.Sort(took)
	at := func(q float64) float64 { return took[int(math.Ceil(q*float64(len(took))))-1] }
	return fmt.Sprintf("Of %d links that failed under that load, %d: %s, median %.0f ms, p99 %.0f ms after the fault; the simulator takes up to 100 of that to notice.",
		of, len(took), what, at(0.5), at(0.99)), nil
}
