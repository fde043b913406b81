package bench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/proc"
	"github.com/haidang-noc/haidang/internal/point"
)

// peerDevices is few enough for the peers to keep up on two processors.
const peerDevices = 5000

// peer is a published Go program.
type peer struct {
	name, module, version, pkg string
	tags                       string
}

// Telegraf is built with the one input and the one output that are used here, as its own tool for small builds does it.
func telegraf() peer {
	return peer{"telegraf", "github.com/influxdata/telegraf", "v1.37.2", "./cmd/telegraf", "custom,inputs.snmp,outputs.file,serializers.influx"}
}

func snmpExporter() peer {
	return peer{"snmp_exporter", "github.com/prometheus/snmp_exporter", "v0.29.0", ".", ""}
}

// build makes the program from the module proxy, unless it is there already.
func (c Config) build(p peer) (exe string, err error) {
	exe = filepath.Join(c.Bin, "peers", p.name+"-"+p.version)
	if _, err := os.Stat(exe); err == nil {
		return exe, nil
	}
	c.say("building %s %s", p.module, p.version)
	out, err := exec.Command("go", "mod", "download", "-json", p.module+"@"+p.version).Output()
	if err != nil {
		return "", fmt.Errorf("%s: go mod download: %w: %s", p.module, err, out)
	}
	var module struct{ Dir string }
	if err := json.Unmarshal(out, &module); err != nil {
		return "", fmt.Errorf("%s: go mod download: %w", p.module, err)
	}
	cmd := exec.Command("go", "build", "-mod=readonly", "-tags", p.tags, "-o", exe, p.pkg)
	cmd.Dir = module.Dir
	if said, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: go build: %w: %s", p.module, err, said)
	}
	return exe, nil
}

// peers measures Telegraf and snmp_exporter on the devices that the agent polls.
func (c Config) peers() (Part, error) {
	p := Part{Title: fmt.Sprintf("Polling %d simulated devices over SNMPv2c, beside Telegraf and snmp_exporter", peerDevices),
		Columns: []string{"CPU s/M values", "× Telegraf", "M values", "CPU s", "system %", "peak MB"},
		Notes: []string{"All ask for sysUpTime and the same twelve columns of each interface, and for its name: Telegraf every 10 s, snmp_exporter when it is " +
			"asked, 64 devices at a time. Telegraf writes line protocol to a file, snmp_exporter text to its caller, the agent ships batches."}}
	dir, err := os.MkdirTemp("", "haidang-bench-")
	if err != nil {
		return p, err
	}
	defer os.RemoveAll(dir)
	sim, err := c.startSimnet(dir, peerDevices)
	if err != nil {
		return p, err
	}
	defer sim.Stop()
	devices, err := open(filepath.Join(dir, "devices.csv"))
	if err != nil {
		return p, err
	}
	first, err := c.pollWithTelegraf(dir, devices)
	if err != nil {
		return p, err
	}
	p.add("Telegraf, inputs.snmp", first, first)
	second, err := c.pollWithExporter(dir, devices)
	if err != nil {
		return p, err
	}
	p.add("snmp_exporter", second, first)
	rows, err := c.pollWithAgent(dir, dialects()[0])
	for _, r := range rows {
		p.add(r.name, r.polled, first)
	}
	return p, err
}

// pollWithTelegraf runs Telegraf for some rounds after its first.
func (c Config) pollWithTelegraf(dir string, devices []*device) (p polled, err error) {
	exe, err := c.build(telegraf())
	if err != nil {
		return p, err
	}
	config, lines := filepath.Join(dir, "telegraf.conf"), filepath.Join(dir, "telegraf.lp")
	if err := os.WriteFile(config, []byte(telegrafConfig(devices, lines)), 0o600); err != nil {
		return p, err
	}
	program, err := proc.Start(dir, "telegraf", exe, "--config", config)
	if err != nil {
		return p, err
	}
	defer program.Stop()
	betweenRounds(lines)
	began, before, err := telegrafSight(program, lines)
	if err != nil {
		return p, err
	}
	rounds := c.scaled(3)
	<-time.After(time.Duration(rounds)*roundEvery - roundEvery/2)
	betweenRounds(lines)
	ended, after, err := telegrafSight(program, lines)
	if err != nil {
		return p, fmt.Errorf("telegraf: %w: %s", err, program.Tail())
	}
	p = polled{Values: ended - began, CPU: after.Minus(before), Seconds: float64(rounds) * roundEvery.Seconds()}
	p.Peak, err = proc.PeakRSS(program.PID())
	if err == nil && p.Values == 0 {
		err = fmt.Errorf("telegraf has written nothing: %s", program.Tail())
	}
	return p, err
}

// betweenRounds waits until a round is written and the next one has not begun; at most three rounds.
func betweenRounds(lines string) {
	tick := time.NewTicker(roundEvery / 40)
	defer tick.Stop()
	last, still := int64(0), 0
	for range 120 {
		<-tick.C
		info, err := os.Stat(lines)
		switch {
		case err != nil || info.Size() == 0:
		case info.Size() != last:
			last, still = info.Size(), 0
		default:
			if still++; still == 10 {
				return
			}
		}
	}
}

// telegrafSight is how many values Telegraf has written, and what it has used.
func telegrafSight(program *proc.Program, lines string) (n int, used proc.CPU, err error) {
	if used, err = proc.Used(program.PID()); err != nil {
		return 0, used, err
	}
	text, err := os.ReadFile(lines)
	if err != nil {
		return 0, used, err
	}
	text = text[:bytes.LastIndexByte(text, '\n')+1]
	for s := point.NewScanner(text, point.Options{}); s.Next(); {
		if s.Err() == nil {
			n += len(s.Line().Fields)
		}
	}
	return n, used, nil
}

func telegrafConfig(devices []*device, out string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[agent]\n  interval = \"%s\"\n  round_interval = false\n  metric_batch_size = 5000\n  metric_buffer_limit = 1000000\n"+
		"  flush_interval = \"1s\"\n  omit_hostname = true\n[[outputs.file]]\n  files = [%q]\n  data_format = \"influx\"\n[[inputs.snmp]]\n  agents = [\n", roundEvery, out)
	for _, d := range devices {
		fmt.Fprintf(&b, "    \"udp://%s:%d\",\n", d.snmp.Target, d.snmp.Port)
	}
	fmt.Fprintf(&b, "  ]\n  version = 2\n  community = \"public\"\n  timeout = \"2s\"\n  retries = 1\n  max_repetitions = 12\n  path = []\n"+
		"  [[inputs.snmp.field]]\n    name = \"sysUpTime\"\n    oid = %q\n  [[inputs.snmp.table]]\n    name = \"interface\"\n"+
		"    [[inputs.snmp.table.field]]\n      name = \"ifName\"\n      oid = %q\n      is_tag = true\n", sysUpTime, ifName)
	for i, oid := range columns() {
		fmt.Fprintf(&b, "    [[inputs.snmp.table.field]]\n      name = \"c%d\"\n      oid = %q\n", i, oid)
	}
	return b.String()
}

const ifName = "1.3.6.1.2.1.31.1.1.1.1"

// pollWithExporter has snmp_exporter poll every device for some rounds, after one that is not counted.
func (c Config) pollWithExporter(dir string, devices []*device) (p polled, err error) {
	exe, err := c.build(snmpExporter())
	if err != nil {
		return p, err
	}
	address, err := freeAddress()
	if err != nil {
		return p, err
	}
	config := filepath.Join(dir, "snmp.yml")
	if err := os.WriteFile(config, []byte(exporterConfig()), 0o600); err != nil {
		return p, err
	}
	program, err := proc.Start(dir, "snmp_exporter", exe, "--config.file="+config, "--web.listen-address="+address, "--log.level=error")
	if err != nil {
		return p, err
	}
	defer program.Stop()
	url := "http://" + address
	if err := program.Until("start", patience, func() (bool, error) {
		_, err := get(url + "/")
		return err == nil, err
	}); err != nil {
		return p, err
	}
	if _, err := scrapeAll(url, devices); err != nil {
		return p, err
	}
	before, err := proc.Used(program.PID())
	if err != nil {
		return p, err
	}
	start := time.Now()
	for range c.scaled(3) {
		n, err := scrapeAll(url, devices)
		if err != nil {
			return p, err
		}
		p.Values += n
	}
	used, err := proc.Used(program.PID())
	if err != nil {
		return p, err
	}
	p.CPU, p.Seconds = used.Minus(before), time.Since(start).Seconds()
	p.Peak, err = proc.PeakRSS(program.PID())
	return p, err
}

func exporterConfig() string {
	var b strings.Builder
	b.WriteString("auths:\n  public_v2:\n    community: public\n    version: 2\nmodules:\n  bench:\n    walk:\n")
	for _, oid := range append([]string{ifName}, columns()...) {
		fmt.Fprintf(&b, "    - %s\n", oid)
	}
	fmt.Fprintf(&b, "    get:\n    - %s\n    max_repetitions: 12\n    retries: 1\n    timeout: 2s\n    metrics:\n"+
		"    - {name: sysUpTime, oid: %s, type: gauge, help: up}\n", sysUpTime, strings.TrimSuffix(sysUpTime, ".0"))
	for i, oid := range columns() {
		fmt.Fprintf(&b, "    - name: c%d\n      oid: %s\n      type: counter\n      help: a column\n      indexes: [{labelname: ifIndex, type: gauge}]\n"+
			"      lookups: [{labels: [ifIndex], labelname: ifName, oid: %s, type: DisplayString}]\n", i, oid, ifName)
	}
	return b.String()
}

// scrapeAll asks snmp_exporter for every device, several at a time, and counts the values.
func scrapeAll(url string, devices []*device) (int, error) {
	client := http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: pollers}}
	defer client.CloseIdleConnections()
	var values atomic.Int64
	err := eachOf(devices, func(d *device) error {
		n, err := scrapeOne(&client, fmt.Sprintf("%s/snmp?module=bench&auth=public_v2&target=%s:%d", url, d.snmp.Target, d.snmp.Port))
		values.Add(int64(n))
		return err
	})
	return int(values.Load()), err
}

func scrapeOne(client *http.Client, url string) (values int, err error) {
	answer, err := client.Get(url)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var text bytes.Buffer
	if _, err := text.ReadFrom(answer.Body); err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s: %.200s", url, answer.Status, text.Bytes())
	}
	for line := range bytes.Lines(text.Bytes()) {
		if !bytes.HasPrefix(line, []byte("#")) && !bytes.HasPrefix(line, []byte("snmp_")) {
			values++
		}
	}
	return values, nil
}
