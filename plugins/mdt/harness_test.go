package mdt

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/sdk"
	"github.com/haidang-noc/haidang/plugins/sdk/plugintest"
)

// running is an input that listens.
type running struct {
	t     testing.TB
	in    *Input
	addrs []string // as the endpoints are listed

	mu    sync.Mutex
	lines plugintest.Lines
	more  chan struct{} // closed when there are more lines
}

const local = "devices: [{device: d1, address: 127.0.0.1}]\n"

// start runs an input whose device is d1, and which believes time stamps of any age.
func start(t testing.TB, dir, yaml string, listen ...string) *running {
	t.Helper()
	log, found := plugintest.Listening(t, len(listen))
	r := &running{t: t, in: New(), more: make(chan struct{})}
	err := r.in.Configure(sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: dir, Log: log,
		YAML: []byte("listen: ['" + strings.Join(listen, "', '") + "']\n" + local + yaml)})
	if err != nil {
		t.Fatal(err)
	}
	r.in.setup.Skew = conf.Duration(100 * 365 * 24 * time.Hour)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.in.listen(ctx, r.write) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for range listen {
		select {
		case addr := <-found:
			r.addrs = append(r.addrs, addr)
		case err := <-ended:
			ended <- nil
			t.Fatal(err)
		}
	}
	return r
}

func (r *running) write(_ context.Context, text []byte, _ int) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")...)
	close(r.more)
	r.more = make(chan struct{})
	return nil
}

// wait waits until there are so many lines, and takes them.
func (r *running) wait(n int) plugintest.Lines {
	r.t.Helper()
	for {
		r.mu.Lock()
		lines, more := r.lines, r.more
		if len(lines) >= n {
			r.lines = nil
			r.mu.Unlock()
			return lines
		}
		r.mu.Unlock()
		select {
		case <-more:
		case <-r.t.Context().Done():
			r.t.Fatalf("%d lines, want %d: %q", len(lines), n, lines)
		}
	}
}

// counted is the sum of a counter, or of its part with that label.
func (r *running) counted(name, label string) (sum float64) {
	r.t.Helper()
	families, err := r.in.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue()
			}
		}
	}
	return sum
}

// until waits until a counter has a value: for what makes no lines.
func (r *running) until(name, label string, want float64) {
	r.t.Helper()
	for r.counted(name, label) < want {
		select {
		case <-time.After(time.Millisecond):
		case <-r.t.Context().Done():
			r.t.Fatalf("%s %s: %v, want %v", name, label, r.counted(name, label), want)
		}
	}
}
