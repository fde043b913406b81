package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// plugins is the folder in which TestMain builds the test's input.
var plugins string

func TestMain(m *testing.M) { os.Exit(withPlugins(m.Run)) }

func withPlugins(run func() int) int {
	dir, err := os.MkdirTemp("", "plugins")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	plugins = dir
	if out, err := exec.Command("go", "build", "-o", dir+"/", "./testdata/haidang-input-echo").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return run()
}

// stream is text that can be waited for.
type stream struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newStream() *stream { return &stream{changed: make(chan struct{})} }

func (s *stream) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.changed)
	s.changed = make(chan struct{})
	return s.text.Write(p)
}

// wait returns the text when ready says so.
func (s *stream) wait(t *testing.T, ready func(string) bool) string {
	t.Helper()
	deadline := time.After(5 * time.Minute)
	for {
		s.mu.Lock()
		text, changed := s.text.String(), s.changed
		s.mu.Unlock()
		if ready(text) {
			return text
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("still waiting; so far:\n%s", text)
		}
	}
}

func has(words string) func(string) bool {
	return func(text string) bool { return strings.Contains(text, words) }
}

// collector is a server that keeps the text of what it is sent, once per batch.
func collector(t *testing.T) (url string, text *stream) {
	t.Helper()
	text = newStream()
	var seen sync.Map
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		frames, err := io.ReadAll(r.Body)
		if err != nil || r.URL.Path != "/api/v2/write" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		lines, err := point.Unpack(nil, frames, 1<<20)
		if err != nil {
			t.Error(err)
		}
		if _, twice := seen.LoadOrStore(r.Header.Get("Haidang-Batch"), true); !twice {
			_, _ = text.Write(lines)
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, text
}

func configFile(t *testing.T, url, inputs string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "agent.yaml")
	text := fmt.Sprintf("name: hn-01\nlisten: 127.0.0.1:0\nspool:\n  dir: spool\n  min_free_bytes: 0\ncollector:\n  url: %s\nplugins: %s\n%s", url, plugins, inputs)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const echo = "inputs:\n  - type: echo\n    config:\n      say: something\n"

// execute runs the program in this process.
func execute(ctx context.Context, stderr io.Writer, args ...string) (stdout string, err error) {
	cmd := command()
	var out bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(stderr)
	cmd.SetArgs(args)
	err = cmd.ExecuteContext(ctx)
	return out.String(), err
}

// started is an agent that runs; stop ends it and returns how it ended.
func started(t *testing.T, config string) (log *stream, stop func() error) {
	t.Helper()
	log = newStream()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		_, err := execute(ctx, log, "run", "--config", config)
		ended <- err
	}()
	return log, func() error { cancel(); return <-ended }
}

// address finds where the agent listens.
func address(t *testing.T, log *stream) string {
	t.Helper()
	for line := range strings.SplitSeq(log.wait(t, has(`"message":"listening"`)), "\n") {
		var entry struct{ Address, Message string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Message == "listening" {
			return entry.Address
		}
	}
	t.Fatal("no address")
	return ""
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func TestRunShipsWhatTheInputsAndTheHeartbeatSay(t *testing.T) {
	url, text := collector(t)
	log, stop := started(t, configFile(t, url, echo))
	text.wait(t, has("echo,agent=hn-01 words=\"first words\" 1\n"))
	text.wait(t, has("agent,agent=hn-01 up=true,interval_s=60i,"))
	addr := address(t, log)
	for path, want := range map[string]string{
		"/-/healthy": "healthy", "/-/ready": "ready",
		"/metrics": "haidang_spool_appended_batches_total",
	} {
		if code, body := get(t, "http://"+addr+path); code != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", path, code, body)
		}
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// The input's last words are said after the signal, when shipping goes on or has ended: they arrive, or the next run
// sends them.
func TestLastWordsAreKept(t *testing.T) {
	url, text := collector(t)
	config := configFile(t, url, echo)
	_, stop := started(t, config)
	text.wait(t, has("first words"))
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	_, stop = started(t, config)
	text.wait(t, func(got string) bool {
		return strings.Count(got, "last words") == 1 && strings.Count(got, "first words") == 2
	})
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

func TestACollectorThatIsAwayMakesTheAgentUnready(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	config := configFile(t, srv.URL, "")
	srv.Close()
	log, stop := started(t, config)
	addr := address(t, log)
	log.wait(t, has("batch not taken"))
	if code, body := get(t, "http://"+addr+"/-/ready"); code != 503 || !strings.Contains(body, "does not take batches") {
		t.Errorf("%d %s", code, body)
	}
	if code, _ := get(t, "http://"+addr+"/-/healthy"); code != 200 {
		t.Errorf("healthy: %d", code)
	}
	if err := stop(); err != nil {
		t.Fatal(err)
	}
	out, err := execute(t.Context(), io.Discard, "spool", "inspect", "--config", config)
	if err != nil || !strings.Contains(out, "whole") {
		t.Errorf("inspect: %v\n%s", err, out)
	}
}

func TestAnAddressInUseEndsTheAgent(t *testing.T) {
	url, _ := collector(t)
	config := configFile(t, url, "")
	raw, err := os.ReadFile(config)
	if err != nil {
		t.Fatal(err)
	}
	raw = bytes.Replace(raw, []byte("127.0.0.1:0"), []byte(strings.TrimPrefix(url, "http://")), 1)
	if err := os.WriteFile(config, raw, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = execute(t.Context(), io.Discard, "run", "--config", config)
	if err == nil || !strings.Contains(err.Error(), "http: listen: ") {
		t.Errorf("run = %v", err)
	}
}

func TestOnceCheckAndVersion(t *testing.T) {
	config := configFile(t, "http://127.0.0.1:1", echo)
	if out, err := execute(t.Context(), io.Discard, "once", "echo", "--config", config); err != nil || out != "echo,agent=hn-01 words=\"once\" 1\n" {
		t.Errorf("once: %q, %v", out, err)
	}
	if out, err := execute(t.Context(), io.Discard, "check", "--config", config); err != nil || out != "ok: agent hn-01, 1 inputs\n" {
		t.Errorf("check: %q, %v", out, err)
	}
	if out, err := execute(t.Context(), io.Discard, "version"); err != nil || out != "dev\n" {
		t.Errorf("version: %q, %v", out, err)
	}
	for want, args := range map[string][]string{
		"agent.yaml:12: want say":                           {"check", "--config", configFile(t, "http://c", strings.Replace(echo, "say", "tell", 1))},
		"input nothing is not configured: there are [echo]": {"once", "nothing", "--config", config},
		"collector.url: ":                                   {"check", "--config", configFile(t, "nowhere", echo)},
		"log level":                                         {"check", "--config", configFile(t, "http://c", "log:\n  level: loud\n")},
		"no such file":                                      {"run", "--config", "none.yaml"},
		"web.yaml":                                          {"check", "--config", configFile(t, "http://c", "web_config: web.yaml\n")},
	} {
		if _, err := execute(t.Context(), io.Discard, args...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}
