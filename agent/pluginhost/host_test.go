package pluginhost_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/wire"
)

// plugins is the folder in which TestMain builds the test plugin.
var plugins string

func TestMain(m *testing.M) {
	if dir := os.Getenv("TEST_AGENT_PLUGINS"); dir != "" {
		runTestAgent(dir)
		return
	}
	os.Exit(withPlugins(m.Run))
}

func withPlugins(run func() int) int {
	dir, err := os.MkdirTemp("", "plugins")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	plugins = dir
	build := exec.Command("go", "build", "-o", dir+"/", "./testdata/haidang-input-test")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "%v\n%s", err, out)
		return 1
	}
	return run()
}

// runTestAgent is an agent that writes what it is delivered to standard output and never stops by itself.
func runTestAgent(dir string) {
	deliver := func(_ context.Context, _ string, b point.Batch) error {
		text, err := point.Unpack(nil, b.Frames, wire.MaxText)
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(text)
		return err
	}
	config := pluginhost.Config{Agent: "a1", Plugins: dir, Inputs: []pluginhost.Input{input("pid")}}
	h, err := pluginhost.New(config, deliver, zerolog.New(os.Stderr), prometheus.NewRegistry())
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = h.Run(context.Background())
}

// agent is a host under test with what it did.
type agent struct {
	*pluginhost.Host
	reg  *prometheus.Registry
	log  *record
	done chan error
	stop context.CancelFunc
}

// input configures the test plugin for a mode.
func input(mode string) pluginhost.Input {
	return pluginhost.Input{Type: "test", Config: conf.Section{File: "agent.yaml", Line: 5, Text: []byte(mode)}}
}

func newAgent(t *testing.T, deliver pluginhost.Deliver, inputs ...pluginhost.Input) *agent {
	t.Helper()
	return newHastyAgent(t, time.Minute, deliver, inputs...)
}

// shortDir is a folder of the test's whose name leaves room for that of a socket, which may have 107 bytes.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "a")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newHastyAgent is an agent that gives its inputs so long to stop.
func newHastyAgent(t *testing.T, stopTimeout time.Duration, deliver pluginhost.Deliver, inputs ...pluginhost.Input) *agent {
	t.Helper()
	t.Setenv("TMPDIR", shortDir(t))
	a := &agent{reg: prometheus.NewRegistry(), log: &record{}, done: make(chan error, 1)}
	c := pluginhost.Config{Agent: "a1", Plugins: plugins, Inputs: inputs, StopTimeout: conf.Duration(stopTimeout)}
	h, err := pluginhost.New(c, deliver, zerolog.New(a.log).Level(zerolog.DebugLevel), a.reg)
	if err != nil {
		t.Fatal(err)
	}
	a.Host = h
	return a
}

// start runs the host until the test ends or calls finish.
func (a *agent) start(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	a.stop = stop
	go func() { a.done <- a.Run(ctx) }()
	t.Cleanup(func() { a.finish(t) })
}

func (a *agent) finish(t *testing.T) {
	if a.stop == nil {
		return
	}
	a.stop()
	a.stop = nil
	<-a.done
	left, err := filepath.Glob(os.Getenv("TMPDIR") + "/*")
	if err != nil || len(left) > 0 {
		t.Errorf("the host left %v in the temporary folder", left)
	}
}

func (a *agent) value(t *testing.T, name, label string) float64 {
	t.Helper()
	families, err := a.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || strings.Contains(m.String(), `"`+label+`"`)) {
				return m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	t.Fatalf("no metric %s %s", name, label)
	return 0
}

// record is a log that can be waited for.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
	more []chan struct{}
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.more {
		close(c)
	}
	r.more = nil
	return r.text.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// wait returns the text once the pattern has matched it n times.
func (r *record) wait(t *testing.T, pattern string, n int) string {
	t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(5 * time.Minute)
	for {
		r.mu.Lock()
		text := r.text.String()
		more := make(chan struct{})
		r.more = append(r.more, more)
		r.mu.Unlock()
		if len(re.FindAllString(text, -1)) >= n {
			return text
		}
		select {
		case <-more:
		case <-deadline:
			t.Fatalf("%q did not come %d times in:\n%s", pattern, n, text)
		}
	}
}

// spool collects the text of what is delivered.
func spool(t *testing.T) (*record, pluginhost.Deliver) {
	text := &record{}
	return text, func(_ context.Context, _ string, b point.Batch) error {
		lines, err := point.Unpack(nil, b.Frames, wire.MaxText)
		if err != nil || len(lines) != b.Raw || bytes.Count(lines, []byte("\n")) != b.Points {
			t.Errorf("a batch of %d bytes says %d bytes, %d points: %v", len(lines), b.Raw, b.Points, err)
		}
		_, err = text.Write(lines)
		return err
	}
}

func expected(n int) string {
	var want strings.Builder
	for i := range n {
		fmt.Fprintf(&want, "test,agent=a1,device=d1 n=%di %d\n", i, 1_700_000_000_000_000_000+i)
	}
	return want.String()
}

func TestEveryLineArrivesOnceAndInOrder(t *testing.T) {
	text, deliver := spool(t)
	a := newAgent(t, deliver, input("count"))
	a.start(t)
	text.wait(t, "n=19999i", 1)
	a.finish(t)
	if text.String() != expected(20_000) {
		t.Error("the delivered text is not what the input wrote")
	}
	if got := a.value(t, "haidang_pluginhost_points_total", ""); got != 20_000 {
		t.Errorf("counted %v points", got)
	}
	if got := a.value(t, "haidang_pluginhost_text_bytes_total", ""); int(got) != len(expected(20_000)) {
		t.Errorf("counted %v bytes of text", got)
	}
	if got := a.value(t, "haidang_pluginhost_input_state", "stopped"); got != 1 {
		t.Error("the input is not stopped")
	}
}

func TestStopCarriesTheLastWords(t *testing.T) {
	text, deliver := spool(t)
	a := newAgent(t, deliver, input("last-words"))
	a.start(t)
	a.log.wait(t, "warn line", 1)
	a.finish(t)
	if text.String() != expected(1) {
		t.Errorf("delivered %q", text.String())
	}
}

func TestStopEndsAnInputThatHangs(t *testing.T) {
	a := newHastyAgent(t, 2*time.Second, nil, input("hang"))
	a.start(t)
	a.log.wait(t, "warn line", 1)
	a.finish(t)
	if !strings.Contains(a.log.String(), "the input does not stop in time") {
		t.Errorf("the log does not say so:\n%s", a.log)
	}
}

func TestLogIsForwarded(t *testing.T) {
	a := newAgent(t, nil, input("print"))
	a.start(t)
	a.log.wait(t, "printed to (stdout|stderr)", 2)
	log := a.log.wait(t, "warn line", 1)
	for _, want := range []string{
		`{"level":"warn","input":"test","count":3,"device":"d1","plugin_input":"mine","message":"warn line"}`,
		`{"level":"debug","input":"test","message":"debug line"}`,
		`{"level":"info","input":"test","message":"printed to stdout"}`,
	} {
		if !strings.Contains(log, want+"\n") {
			t.Errorf("no line %s in:\n%s", want, log)
		}
	}
}

func TestFailuresAreLoggedAndTheInputStartsAgain(t *testing.T) {
	for mode, want := range map[string]string{
		"fail":      `"error":"no such community"`,
		"panic":     `"panic":"index out of everything","stack":"goroutine.*main\.go`,
		"crash":     `"stack":"panic: in a goroutine\\n\\ngoroutine.*main\.go.*the plugin crashed`,
		"die-early": `input ended`,
		"refuse":    `"error":"agent.yaml:5: mode: refuse is not allowed"`,
	} {
		t.Run(mode, func(t *testing.T) {
			text, deliver := spool(t)
			a := newAgent(t, deliver, input(mode))
			a.start(t)
			a.log.wait(t, want, 2)
			if mode == "panic" && !strings.HasPrefix(text.String(), expected(3)) {
				t.Errorf("what was written before the panic is not delivered: %q", text)
			}
			if got := a.value(t, "haidang_pluginhost_restarts_total", ""); got < 1 {
				t.Errorf("%v restarts", got)
			}
		})
	}
}

func TestChecksumPinsTheProgram(t *testing.T) {
	program, err := os.ReadFile(filepath.Join(plugins, "haidang-input-test"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(program)
	in := input("count")
	in.SHA256 = strings.ToUpper(hex.EncodeToString(sum[:]))
	if err := newAgent(t, nil, in).Check(t.Context()); err != nil {
		t.Errorf("the right checksum is refused: %v", err)
	}
	in.SHA256 = strings.Repeat("0", 64)
	err = newAgent(t, nil, in).Check(t.Context())
	if err == nil || !strings.Contains(err.Error(), hex.EncodeToString(sum[:])) {
		t.Errorf("the wrong checksum gives %v", err)
	}
}

func TestCheckNamesEveryMistake(t *testing.T) {
	script := filepath.Join(t.TempDir(), "haidang-input-script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho out of order >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	future := input("count")
	future.Env = []string{"TEST_SERVE"}
	t.Setenv("TEST_SERVE", "future")
	for name, c := range map[string]struct {
		in      pluginhost.Input
		plugins string
		want    string
	}{
		"configuration": {input("refuse"), plugins, `input test: agent.yaml:5: mode: refuse is not allowed`},
		"protocol":      {future, plugins, `version v9.0.0) speaks protocol 2 and this agent 1: install the plugin that came`},
		"no program":    {pluginhost.Input{Type: "snmp"}, plugins, `haidang-input-test"`},
		"no plugin":     {pluginhost.Input{Type: "script"}, filepath.Dir(script), `ended before it was ready: exit status 3`},
	} {
		t.Run(name, func(t *testing.T) {
			config := pluginhost.Config{Plugins: c.plugins, Inputs: []pluginhost.Input{c.in}}
			h, err := pluginhost.New(config, nil, zerolog.Nop(), prometheus.NewRegistry())
			if err != nil {
				t.Fatal(err)
			}
			if err := h.Check(t.Context()); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v; want it to contain %q", err, c.want)
			}
		})
	}
}

func TestOncePrintsLineProtocol(t *testing.T) {
	var text bytes.Buffer
	err := newAgent(t, nil, input("count")).Once(t.Context(), "test", &text)
	if err == nil || err.Error() != "input test: d2 does not answer" {
		t.Errorf("error = %v", err)
	}
	if text.String() != expected(2) {
		t.Errorf("printed %q", text.String())
	}
	err = newAgent(t, nil, input("count")).Once(t.Context(), "smnp", io.Discard)
	if err == nil || err.Error() != "input smnp is not configured: there are [test]" {
		t.Errorf("error = %v", err)
	}
}

func TestThePluginSeesOnlyTheEnvironmentItNeeds(t *testing.T) {
	t.Setenv("TEST_SECRET", "s3cret")
	t.Setenv("TEST_ALLOWED", "yes")
	in := input("environment")
	in.Env = []string{"TEST_ALLOWED"}
	var text bytes.Buffer
	if err := newAgent(t, nil, in).Once(t.Context(), "test", &text); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "TEST_SECRET") || !strings.Contains(text.String(), "TEST_ALLOWED") {
		t.Errorf("the plugin sees\n%s", text.String())
	}
}

func TestAPluginStartedByHandSaysWhatItIs(t *testing.T) {
	out, err := exec.Command(filepath.Join(plugins, "haidang-input-test")).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "haidang-agent once --config agent.yaml INPUT") {
		t.Errorf("%v: %s", err, out)
	}
}

// Where the kernel does not kill a plugin with its agent, the end of its standard input ends it.
func TestAPluginEndsWithItsStandardInput(t *testing.T) {
	p := exec.Command(filepath.Join(plugins, "haidang-input-test"))
	h := wire.Handshake()
	p.Env = append(os.Environ(), h.MagicCookieKey+"="+h.MagicCookieValue, "TMPDIR="+shortDir(t))
	stdin, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := bufio.NewReader(stdout).ReadString('\n'); err != nil {
		t.Errorf("no handshake: %v", err)
	}
	stdin.Close()
	if err := p.Wait(); p.ProcessState.ExitCode() != 1 {
		t.Errorf("the plugin ended with %v", err)
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, c := range map[string]struct {
		inputs []pluginhost.Input
		want   string
	}{
		"path as type": {[]pluginhost.Input{{Type: "../sh"}}, `inputs[0].type: "../sh" is not the name`},
		"twice":        {[]pluginhost.Input{{Type: "snmp"}, {Type: "snmp"}}, `inputs[1].type: snmp is there twice`},
		"short sum":    {[]pluginhost.Input{{Type: "snmp", SHA256: "ab"}}, `inputs[0].sha256: "ab" is not`},
	} {
		t.Run(name, func(t *testing.T) {
			err := pluginhost.Config{Inputs: c.inputs}.Validate()
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error = %v; want it to contain %q", err, c.want)
			}
		})
	}
}
