//go:build e2e

package e2e

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/loopback"
)

// The tokens of the site's principals.
const (
	agentToken    = "agent-token-of-the-tests"
	agent2Token   = "agent-two-token-of-the-tests"
	viewerToken   = "viewer-token-of-the-tests"
	operatorToken = "operator-token-of-the-tests"
)

// site is a folder with the configuration of one collector and the agents that feed it.
type site struct {
	t      *testing.T
	dir    string
	listen string
	nation string // the simulated network's configuration
}

// newSite writes the inventory of the simulated network and the collector's files.
func newSite(t *testing.T, nation string) *site {
	t.Helper()
	s := &site{t: t, dir: t.TempDir(), listen: loopback.Address(t), nation: nation}
	s.output("haidang-simnet", "inventory", "--config", nation, "--out", s.dir)
	s.write("targets.yaml", read(t, root("configs/targets.yaml")))
	s.write("principals.yaml", fmt.Sprintf(`principals:
  - {name: agent-01, role: agent, token: env:E2E_AGENT, inventory: true, devices: ["*"]}
  - {name: agent-02, role: agent, token: env:E2E_AGENT2, inventory: true}
  - {name: noc, role: viewer, token: env:E2E_VIEWER}
  - {name: lead, role: operator, token: env:E2E_OPERATOR}
`))
	s.collectorConfig("collector.yaml", s.listen, "")
	return s
}

// collectorConfig writes a collector's configuration; more is YAML for section partitions and beyond.
func (s *site) collectorConfig(name, listen, more string) {
	s.write(name, fmt.Sprintf(`listen: %s
data_dir: data
principals: principals.yaml
inventory: {devices: devices.csv, links: links.csv, maintenance: maintenance.csv, targets: targets.yaml, holidays: "", provinces: %s, unit_set: "34"}
view: {every: 1s}
%s`, listen, root("configs/provinces"), more))
}

// eagerClosing makes days close while the test still runs, so that kills meet that, too.
const eagerClosing = "partitions: {count: 3, checkpoint_every: 200ms, close_idle: 1s, lease: 3s, owner: one}\n"

// replayAgent writes the configuration of an agent that plays a file.
func (s *site) replayAgent(plugins, file string) {
	s.write("agent.yaml", fmt.Sprintf(`name: agent-01
listen: %s
heartbeat: 1h
spool: {dir: spool}
collector: {url: "http://%s", token: env:E2E_AGENT, retry_min: 50ms, retry_max: 500ms}
plugins: %s
inputs:
  - type: replay
    config: {file: %q, chunk: 8000, pause: 1ms, note: %q, done: %q}
`, loopback.Address(s.t), s.listen, plugins, file, s.path("note"), s.path("played")))
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(name, text string) {
	s.t.Helper()
	if err := os.WriteFile(s.path(name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// root is a path below the repository.
func root(path string) string {
	abs, err := filepath.Abs(filepath.Join("..", "..", path))
	if err != nil {
		panic(err) // the working directory is gone
	}
	return abs
}

func environment() []string {
	return append(os.Environ(), "E2E_AGENT="+agentToken, "E2E_AGENT2="+agent2Token, "E2E_VIEWER="+viewerToken, "E2E_OPERATOR="+operatorToken)
}

// output runs a program to its end and returns what it printed.
func (s *site) output(program string, args ...string) string {
	s.t.Helper()
	cmd := exec.Command(root("bin/"+program), args...)
	cmd.Env = environment()
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		s.t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, errs.String())
	}
	return out.String()
}

// daemon is a running program.
type daemon struct {
	t    *testing.T
	cmd  *exec.Cmd
	done chan struct{}
	log  string // file
}

// start runs a program until the test ends it.
func (s *site) start(program string, args ...string) *daemon {
	s.t.Helper()
	d := &daemon{t: s.t, cmd: exec.Command(root("bin/"+program), args...), done: make(chan struct{}), log: s.path(program + ".log")}
	log, err := os.OpenFile(d.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	d.cmd.Env, d.cmd.Stdout, d.cmd.Stderr = environment(), log, log
	if err := d.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	go func() {
		_ = d.cmd.Wait() // how it ended is in its log
		log.Close()
		close(d.done)
	}()
	s.t.Cleanup(func() {
		d.end()
		if s.t.Failed() {
			s.t.Logf("log of %s:\n%s", program, tail(d.log))
		}
	})
	return d
}

func tail(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-4000):])
}

func (d *daemon) signal(s syscall.Signal) {
	if d.running() {
		_ = d.cmd.Process.Signal(s) // it may just have ended
	}
}

func (d *daemon) running() bool {
	select {
	case <-d.done:
		return false
	default:
		return true
	}
}

// kill is kill -9, and waits for the end.
func (d *daemon) kill() {
	d.signal(syscall.SIGKILL)
	<-d.done
}

// stop asks it to end, and waits.
func (d *daemon) stop() {
	d.signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(patience):
		d.t.Fatalf("%s does not stop:\n%s", d.cmd.Path, tail(d.log))
	}
}

// end is the test's: an agent that is asked to end has its inputs end first, which write into the test's folder.
func (d *daemon) end() {
	d.signal(syscall.SIGCONT)
	d.signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(time.Minute):
		d.kill()
	}
}

func (s *site) collector() *daemon {
	return s.start("haidang-collector", "serve", "--config", s.path("collector.yaml"))
}
func (s *site) agent() *daemon {
	return s.start("haidang-agent", "run", "--config", s.path("agent.yaml"))
}

// patience is how long a test waits for what must come. It only ends a test that hangs, on a slow machine, too.
const patience = 5 * time.Minute

// until polls a condition; what says what is waited for.
func (s *site) until(what string, done func() bool) {
	s.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}

// metrics reads all samples of a daemon; nil while it is away.
func metrics(address string) map[string]float64 {
	body, status := get("http://"+address+"/metrics", "")
	if status != http.StatusOK {
		return nil
	}
	out := map[string]float64{}
	for line := range strings.Lines(body) {
		i := strings.LastIndexByte(line, ' ')
		if strings.HasPrefix(line, "#") || i < 0 {
			continue
		}
		var v float64
		if _, err := fmt.Sscan(line[i+1:], &v); err == nil {
			out[line[:i]] = v
		}
	}
	return out
}

// get returns body and status, 0 if there was no answer.
func get(url, token string) (string, int) {
	return do(http.MethodGet, url, token, nil)
}

func do(method, url, token string, body io.Reader) (string, int) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err.Error(), 0
	}
	if token != "" {
		req.Header.Set("Authorization", "Token "+token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error(), 0
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error(), 0
	}
	return string(text), res.StatusCode
}

// settled waits until the collector has committed everything in its log. The log has grown by at most
// the watchdog's points since, which change nothing.
func (s *site) settled() {
	s.t.Helper()
	for range 2 { // lines passed on to another partition are in its log after the first round
		var target map[string]float64
		s.until("the log's end is known", func() bool {
			target = sequences(metrics(s.listen), "haidang_log_last_sequence")
			return len(target) > 0
		})
		s.until("everything is committed", func() bool {
			done := sequences(metrics(s.listen), "haidang_partition_committed_log_sequence")
			for p, seq := range target {
				if done[p] < seq {
					return false
				}
			}
			return len(done) == len(target)
		})
	}
}

// sequences picks one metric by its label partition.
func sequences(all map[string]float64, name string) map[string]float64 {
	out := map[string]float64{}
	for sample, v := range all {
		if rest, ok := strings.CutPrefix(sample, name+`{partition="`); ok {
			out[strings.TrimSuffix(rest, `"}`)] = v
		}
	}
	return out
}

// scorecards writes the month's scorecards and returns them by file name.
func (s *site) scorecards(config, month string) map[string]string {
	s.t.Helper()
	dir := s.t.TempDir()
	s.output("haidang-collector", "scorecard", "--config", s.path(config), "--month", month, "--out", dir)
	files, err := os.ReadDir(dir)
	if err != nil {
		s.t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range files {
		out[f.Name()] = read(s.t, filepath.Join(dir, f.Name()))
	}
	return out
}

// month makes the simulated month of one agent once and returns the file.
func (s *site) month(interval string, more ...string) string {
	s.t.Helper()
	file := s.path("month.zst")
	s.output("haidang-simnet", append([]string{"month", "--config", s.nation, "--month", "2026-10", "--interval", interval, "--out", file}, more...)...)
	return file
}
