package main

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/internal/obs"
)

// files copies the shipped configuration, changed where a test says so, and returns its main file.
func files(t *testing.T, changes map[string]func(string) string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../../configs")); err != nil {
		t.Fatal(err)
	}
	for _, who := range []string{"AGENT", "VIEWER", "OPERATOR"} {
		t.Setenv("HAIDANG_"+who+"_TOKEN", "token-of-"+strings.ToLower(who)+"-0123456789")
	}
	all := map[string]func(string) string{"collector.yaml": func(s string) string { return s }}
	maps.Copy(all, changes)
	for name, change := range all {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil && !os.IsNotExist(err) {
			t.Fatal(err)
		}
		out := change(string(text))
		if name == "collector.yaml" {
			out = replacer("127.0.0.1:8470", "127.0.0.1:0", "../data/collector", "data", "every: 15s", "every: 1s",
				"checkpoint_every: 5s", "checkpoint_every: 200ms", "close_idle: 30s", "close_idle: 0s")(out)
		}
		if err := os.WriteFile(path, []byte(out), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "collector.yaml")
}

func replacer(pairs ...string) func(string) string { return strings.NewReplacer(pairs...).Replace }

// command runs one and returns what it said.
func (c call) run(args ...string) (string, error) {
	root := command()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetArgs(append(args, "--config", c.file))
	err := root.ExecuteContext(context.Background())
	return out.String(), err
}

type call struct{ file string }

func TestCheckCountsWhatIsThere(t *testing.T) {
	out, err := call{files(t, nil)}.run("check")
	if want := "ok: 13 devices, 10 links, 2 composites, 2 maintenance windows, 28 freezes, 13 systems\n"; out != want || err != nil {
		t.Errorf("%q, %v; want %q", out, err, want)
	}
}

// Each kind of mistake is found by check, is told with its place, and also stops serve.
func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]func(string) string
		want    []string
	}{
		"unknown key":   {map[string]func(string) string{"collector.yaml": replacer("listen:", "lisen:")}, []string{"collector.yaml:3:1", "lisen"}},
		"log level":     {map[string]func(string) string{"collector.yaml": replacer("level: info", "level: loud")}, []string{"collector.yaml:10", `"loud"`}},
		"queue":         {map[string]func(string) string{"collector.yaml": replacer("20GiB", "1MiB")}, []string{"queue.max_bytes"}},
		"device":        {map[string]func(string) string{"devices.csv": replacer(",olt-gpon,", ",olt-gpom,")}, []string{"devices.csv:", "system", "olt-gpom"}},
		"targets":       {map[string]func(string) string{"targets.yaml": replacer("theta: 0.80", "theta: 80")}, []string{"targets.yaml:", "theta"}},
		"no principals": {map[string]func(string) string{"collector.yaml": replacer("principals.yaml", "people.yaml")}, []string{"people.yaml"}},
		"role":          {map[string]func(string) string{"principals.yaml": replacer("role: viewer", "role: view")}, []string{"principals.yaml", `"noc"`, "viewer, operator"}},
		"telegraf":      {map[string]func(string) string{"collector.yaml": replacer("telegraf: telegraf.yaml", "telegraf: nope.yaml")}, []string{"nope.yaml"}},
		"certificate": {map[string]func(string) string{"collector.yaml": replacer(`web_config: ""`, "web_config: web.yaml"),
			"web.yaml": func(string) string { return "tls_server_config: {cert_file: no.pem, key_file: no.key}\n" }}, []string{"web_config", "no.pem"}},
		"basic auth": {map[string]func(string) string{"collector.yaml": replacer(`web_config: ""`, "web_config: web.yaml"),
			"web.yaml": func(string) string {
				return "basic_auth_users: {a: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi}\n"
			}}, []string{"basic_auth_users", "principals.yaml"}},
		"several at once": {map[string]func(string) string{"devices.csv": replacer(",olt-gpon,", ",olt-gpom,"), "principals.yaml": replacer("role: viewer", "role: view"),
			"collector.yaml": replacer("telegraf: telegraf.yaml", "telegraf: nope.yaml")}, []string{"olt-gpom", "principals.yaml", "nope.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			file := files(t, c.changes)
			for _, command := range []string{"check", "serve"} {
				_, err := call{file}.run(command)
				if err == nil {
					t.Fatalf("%s finds nothing", command)
				}
				for _, want := range c.want {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%s: %v; want %q in it", command, err, want)
					}
				}
				if strings.Contains(err.Error(), "token-of-") {
					t.Errorf("%s shows a token: %v", command, err)
				}
			}
		})
	}
}

// started is a collector that serves until the test ends.
type started struct {
	t    *testing.T
	c    *collector
	url  string
	stop func() error
}

func start(t *testing.T, file string) *started {
	t.Helper()
	return startAt(t, file, "")
}

// startAt listens on the address, if there is one, and not on the file's.
func startAt(t *testing.T, file, address string) *started {
	t.Helper()
	cfg, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	cfg.Listen = cmp.Or(address, cfg.Listen)
	c := &collector{cfg: cfg, log: zerolog.Nop(), registry: obs.NewRegistry("haidang-collector")}
	if err := c.open(t.Context()); err != nil {
		c.close()
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		err := c.run(ctx)
		c.close() // before anybody is told: its files are the test's to remove then
		ended <- err
	}()
	s := &started{t: t, c: c, url: "http://" + c.listener.Addr().String()}
	if cfg.WebConfig != "" {
		s.url = "https://" + c.listener.Addr().String()
	}
	stopped := false
	s.stop = func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-ended
	}
	t.Cleanup(func() { _ = s.stop() })
	return s
}

// patience is how long a test waits for what must come. It only ends a test that hangs, on a slow machine, too.
const patience = 5 * time.Minute

var client = http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}

// do returns the answer's status and text.
func (s *started) do(method, path, token, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Token "+token)
	answer, err := client.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// until asks again and again.
// It returns the answer that was good.
func (s *started) until(path string, done func(string) bool) string {
	s.t.Helper()
	deadline, tick := time.NewTimer(patience), time.NewTicker(20*time.Millisecond)
	defer deadline.Stop()
	defer tick.Stop()
	for {
		status, text := s.do("GET", path, "", "")
		if status == 200 && done(text) {
			return text
		}
		select {
		case <-tick.C:
		case <-deadline.C:
			s.t.Fatalf("%s: waited %v in vain, now %d %s", path, patience, status, text)
		}
	}
}

func anything(string) bool { return true }

// month writes a scorecard and returns its files' text by name.
func month(t *testing.T, file, name string) map[string]string {
	t.Helper()
	dir := t.TempDir()
	if out, err := (call{file}).run("scorecard", "--month", name, "--out", dir); err != nil {
		t.Fatal(out, err)
	}
	all := map[string]string{}
	list, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		text, err := os.ReadFile(filepath.Join(dir, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name()] = string(text)
	}
	if len(all) < 20 {
		t.Fatalf("only %d files", len(all))
	}
	return all
}

// A collector takes points in, shows them, is backed up while it serves; restored elsewhere it gives the
// same scorecards, byte for byte. Stopping is no error.
func TestServeBackupRestore(t *testing.T) {
	file := files(t, nil)
	s := start(t, file)
	s.until("/-/ready", anything)
	last := time.Now().AddDate(0, -1, -time.Now().Day()) // in a month that is over
	last = model.DayOf(last.Unix()).Time()               // ten hours of one day
	var lines strings.Builder
	for i := range int64(600) {
		fmt.Fprintf(&lines, "reach,device=hni-olt-cgy1,method=snmp up=%t,interval_s=60i %d000000000\n", i%100 > 5, last.Unix()+i*60)
	}
	if status, text := s.do("POST", "/api/v2/write", "token-of-agent-0123456789", lines.String()); status != 204 {
		t.Fatal(status, text)
	}
	s.until("/metrics", func(text string) bool {
		return strings.Contains(text, "haidang_watchdog_applied_timestamp_seconds{partition=\"0\"} 1.") && strings.Contains(text, `haidang_partition_lines_total{partition="`) &&
			!strings.Contains(text, "haidang_view_last_success_timestamp_seconds 0")
	})
	name := last.Format("2006-01")
	s.until("/metrics", func(text string) bool { // the points are in a checkpoint
		return strings.Contains(text, "haidang_partition_day_closings_total{partition=\"0\"} 1") || strings.Contains(text, "haidang_partition_day_closings_total{partition=\"1\"} 1") ||
			strings.Contains(text, "haidang_partition_day_closings_total{partition=\"2\"} 1") || strings.Contains(text, "haidang_partition_day_closings_total{partition=\"3\"} 1")
	})
	want := month(t, file, name)
	if all := fmt.Sprint(want); !strings.Contains(all, `"counted"`) {
		t.Errorf("no outage in the scorecards: the test tests nothing")
	}
	copied := filepath.Join(t.TempDir(), "backup.db")
	if out, err := (call{file}).run("backup", copied); err != nil {
		t.Fatal(out, err)
	}
	if _, err := (call{file}).run("restore", copied); err == nil {
		t.Error("restore over a store without --force")
	}
	if _, err := (call{file}).run("restore", "--force", copied); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("restore over a store in use: %v", err)
	}
	if err := s.stop(); err != nil {
		t.Errorf("stopping: %v", err)
	}
	other := files(t, nil)
	if err := os.MkdirAll(filepath.Join(filepath.Dir(other), "data"), 0o750); err != nil {
		t.Fatal(err)
	}
	if out, err := (call{other}).run("restore", copied); err != nil {
		t.Fatal(out, err)
	}
	for f, text := range month(t, other, name) {
		if text != want[f] {
			t.Errorf("%s differs after the restore", f)
		}
	}
}

// A month without data has scorecards that say so; one that has not begun has none; the partition count
// is fixed.
func TestScorecardWithoutDataAndOtherCount(t *testing.T) {
	file := files(t, nil)
	if _, err := (call{file}).run("scorecard", "--month", "2026-09"); err == nil || !strings.Contains(err.Error(), "store.db") {
		t.Errorf("without a store: %v", err)
	}
	s := start(t, file)
	s.until("/-/ready", anything)
	if err := s.stop(); err != nil {
		t.Fatal(err)
	}
	for name, text := range month(t, file, "2025-10") {
		if strings.HasSuffix(name, "vn.json") && !strings.Contains(text, "no_data") {
			t.Errorf("%s does not say that there is no data", name)
		}
	}
	if _, err := (call{file}).run("scorecard", "--month", "2099-01"); err == nil || !strings.Contains(err.Error(), "has not begun") {
		t.Errorf("a month to come: %v", err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(replacer("count: 4", "count: 3")(string(text))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := (call{file}).run("serve"); err == nil || !strings.Contains(err.Error(), "4 partitions") || !strings.Contains(err.Error(), "says 3") {
		t.Errorf("another number of partitions: %v", err)
	}
}
