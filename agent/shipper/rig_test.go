package shipper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// rig is a shipper on a real spool.
type rig struct {
	t       *testing.T
	dir     string
	reg     *prometheus.Registry
	log     *bytes.Buffer
	spool   *spool.Spool
	shipper *Shipper
}

func newRig(t *testing.T, url string, edit func(*Config)) *rig {
	t.Helper()
	return openRig(t, t.TempDir(), url, edit)
}

func openRig(t *testing.T, dir, url string, edit func(*Config)) *rig {
	t.Helper()
	r := &rig{t: t, dir: dir, reg: prometheus.NewRegistry(), log: &bytes.Buffer{}}
	sc := spool.DefaultConfig()
	sc.Dir, sc.MinFree = dir, 0
	var err error
	if r.spool, err = spool.Open(sc, spool.Deps{Log: zerolog.Nop(), Registerer: r.reg}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.spool.Close() })
	cfg := DefaultConfig()
	cfg.URL, cfg.RetryMin = url, conf.Duration(time.Millisecond)
	if edit != nil {
		edit(&cfg)
	}
	if r.shipper, err = New(cfg, Deps{Log: zerolog.New(zerolog.SyncWriter(r.log)), Registerer: r.reg, Spool: r.spool}); err != nil {
		t.Fatal(err)
	}
	return r
}

// answers puts f in the network's place, so that fake time works.
func (r *rig) answers(f func(*http.Request) (*http.Response, error)) {
	r.shipper.client.Transport = roundTrip(f)
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func status(code int) *http.Response {
	return &http.Response{StatusCode: code, Header: http.Header{}, Body: http.NoBody}
}

func (r *rig) append(n int) {
	r.t.Helper()
	for i := range n {
		text := fmt.Sprintf("batch %d", i)
		if _, err := r.spool.Append(point.Batch{Frames: []byte(text), Points: 10, Raw: 100}); err != nil {
			r.t.Fatal(err)
		}
	}
}

// run ships until stop is called, which waits for the end.
func (r *rig) run() (stop func()) {
	r.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.shipper.Run(ctx) }()
	return func() {
		r.t.Helper()
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			r.t.Errorf("run = %v", err)
		}
	}
}

// untilEmpty waits until everything is committed.
func (r *rig) untilEmpty() {
	r.t.Helper()
	deadline := time.After(5 * time.Minute)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for r.spool.Stats().PendingBatches > 0 {
		select {
		case <-tick.C:
		case <-deadline:
			r.t.Fatalf("still in the spool: %+v\n%s", r.spool.Stats(), r.log)
		}
	}
}

// metric is the sum of a metric over the label value given, if any.
func (r *rig) metric(name, label string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	sum := 0.0
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (label == "" || m.GetLabel()[0].GetValue() == label) {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// collector is a server that remembers what it was sent.
type collector struct {
	mu      sync.Mutex
	names   []string // Haidang-Batch of each request
	bodies  map[string]string
	answer  func(w http.ResponseWriter, r *http.Request, nth int)
	headers http.Header
}

func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	name := r.Header.Get("Haidang-Batch")
	c.mu.Lock()
	if c.bodies == nil {
		c.bodies = map[string]string{}
	}
	c.names = append(c.names, name)
	nth := 0
	for _, n := range c.names {
		if n == name {
			nth++
		}
	}
	c.bodies[name], c.headers = string(body), r.Header
	answer := c.answer
	c.mu.Unlock()
	if answer == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	answer(w, r, nth)
}

func (c *collector) requests() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string(nil), c.names...)
}

func sequence(r *http.Request) int {
	_, seq, _ := strings.Cut(r.Header.Get("Haidang-Batch"), "/")
	n, _ := strconv.Atoi(seq)
	return n
}

func mustNext(t *testing.T, r *rig) spool.Record {
	t.Helper()
	record, err := r.spool.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return record
}
