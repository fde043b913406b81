// Package bench measures the programs of this repository beside others, and beside what nobody can do
// without, on the same bytes and in the same run. What it reports are medians and ratios; it passes
// no judgement. docs/benchmarks.md says how to read them.
package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/haidang-noc/haidang/internal/bench/load"
	"github.com/haidang-noc/haidang/internal/bench/proc"
)

// server is a running program that takes line protocol.
type server struct {
	*proc.Program
	dir     string
	write   string // URL
	settled func(l load.Load) error
}

// patience bounds every wait for a program.
const patience = 2 * time.Minute

const collectorConfig = `listen: %s
data_dir: data
principals: principals.yaml
telegraf: ""
log: {level: warn}
inventory: {devices: devices.csv, links: links.csv, maintenance: maintenance.csv, targets: %s, holidays: "", provinces: %s}
`

// startCollector runs haidang-collector with its default settings and an inventory for the load.
func (c Config) startCollector(dir string, l load.Load) (*server, error) {
	if err := l.Files(dir); err != nil {
		return nil, err
	}
	s, url, err := c.serve(dir)
	if err != nil {
		return nil, err
	}
	s.settled = func(l load.Load) error { return s.committed(url+"/metrics", l) }
	return s, nil
}

// serve runs haidang-collector on the inventory and the principals in dir, and waits until it is ready.
func (c Config) serve(dir string) (s *server, url string, err error) {
	address, err := freeAddress()
	if err != nil {
		return nil, "", err
	}
	text := fmt.Sprintf(collectorConfig, address, filepath.Join(c.Configs, "targets.yaml"), filepath.Join(c.Configs, "provinces"))
	config := filepath.Join(dir, "collector.yaml")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		return nil, "", err
	}
	p, err := proc.Start(dir, "collector", filepath.Join(c.Bin, "haidang-collector"), "serve", "--config", config)
	if err != nil {
		return nil, "", err
	}
	url = "http://" + address
	s = &server{Program: p, dir: filepath.Join(dir, "data"), write: url + "/api/v2/write"}
	return s, url, s.ready(url + "/-/ready")
}

// committed waits until all lines are applied and the checkpoint behind them is made.
func (s *server) committed(metrics string, l load.Load) error {
	applied := -1.0
	return s.Until("commit", patience, func() (bool, error) {
		m, err := scrape(metrics)
		if err != nil {
			return false, err
		}
		if applied < 0 && m.sum("haidang_partition_lines_total", "") >= float64(l.Lines()) {
			applied = m.sum("haidang_partition_applied_log_sequence", "")
		}
		return applied >= 0 && m.sum("haidang_partition_committed_log_sequence", "") >= applied, nil
	})
}

// startVictoria runs VictoriaMetrics with its default settings.
func (c Config) startVictoria(dir string, _ load.Load) (*server, error) {
	address, err := freeAddress()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	p, err := proc.Start(dir, "victoria", c.Victoria, "-storageDataPath="+data, "-retentionPeriod=12", "-httpListenAddr="+address, "-loggerLevel=ERROR")
	if err != nil {
		return nil, err
	}
	s := &server{Program: p, dir: data, write: "http://" + address + "/write"}
	s.settled = func(l load.Load) error { return s.inserted("http://"+address, l) }
	return s, s.ready("http://" + address + "/health")
}

// inserted waits until all samples are in its tables, and makes them visible and durable.
func (s *server) inserted(base string, l load.Load) error {
	want := float64(l.Lines() * load.Fields)
	err := s.Until("insert", patience, func() (bool, error) {
		m, err := scrape(base + "/metrics")
		return m.sum("vm_rows_inserted_total", `type="influx"`) >= want, err
	})
	if err != nil {
		return err
	}
	_, err = get(base + "/internal/force_flush")
	return err
}

func (s *server) ready(url string) error {
	err := s.Until("start", patience, func() (bool, error) {
		_, err := get(url)
		return err == nil, err
	})
	if err != nil {
		s.Stop()
	}
	return err
}

// freeAddress is one that nobody listens on at the moment.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("bench: %w", err)
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func get(url string) (string, error) {
	client := http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{DisableCompression: true, DisableKeepAlives: true}}
	answer, err := client.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("%s: %s: %.200s", url, answer.Status, text)
	}
	return string(text), err
}

// metrics is a page in Prometheus' text format.
type metrics string

func scrape(url string) (metrics, error) {
	text, err := get(url)
	return metrics(text), err
}

// sum adds the values of all series of that name whose labels contain the given ones.
func (m metrics) sum(name, labels string) (total float64) {
	for line := range strings.Lines(string(m)) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok || rest == "" || rest[0] != '{' && rest[0] != ' ' {
			continue
		}
		i := strings.LastIndexByte(rest, ' ')
		v, err := strconv.ParseFloat(strings.TrimSpace(rest[i:]), 64)
		if err == nil && strings.Contains(rest[:i], labels) {
			total += v
		}
	}
	return total
}
