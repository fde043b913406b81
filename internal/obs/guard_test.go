package obs_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/internal/obs"
)

// broken panics when it is collected.
type broken struct{}

func (broken) Describe(ch chan<- *prometheus.Desc) {
	ch <- prometheus.NewDesc("broken", "It is.", nil, nil)
}
func (broken) Collect(chan<- prometheus.Metric) { panic("no metrics") }

// A real server goes on after any panic, and every client learns that its request failed.
func TestPanicsStayInTheirRequests(t *testing.T) {
	var log bytes.Buffer
	reg := prometheus.NewRegistry()
	guard, err := obs.NewGuard(reg, zerolog.New(&log))
	if err != nil {
		t.Fatal(err)
	}
	metrics := prometheus.NewRegistry()
	metrics.MustRegister(guard.Collector(broken{}), prometheus.NewCounter(prometheus.CounterOpts{Name: "sound"}))
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", obs.Handler(metrics))
	mux.HandleFunc("GET /panic", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		panic("no answer")
	})
	mux.HandleFunc("GET /begun", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "[1, 2")
		_ = http.NewResponseController(w).Flush()
		panic("half an answer")
	})
	mux.HandleFunc("GET /abort", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	mux.HandleFunc("GET /fine", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "fine") })
	url := serve(t, guard.Handler(mux))

	for path, want := range map[string]string{"/panic": "500 internal error", "/begun": "200 [1, 2 cut off", "/abort": "cut off", "/metrics": "500 An error", "/fine": "200 fine"} {
		if got := get(t, url+path); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
	for _, want := range []string{"GET /panic", "no answer", "GET /begun", "half an answer", "no metrics", "guard_test.go"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %q: %s", want, &log)
		}
	}
	families, err := reg.Gather()
	if err != nil || families[0].GetName() != "haidang_web_panics_total" || families[0].GetMetric()[0].GetCounter().GetValue() != 3 {
		t.Errorf("%v %v, want 3 panics", families, err)
	}
}

// serve serves a handler until the test ends.
func serve(t *testing.T, h http.Handler) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- obs.Serve(ctx, listener, "", h) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return "http://" + listener.Addr().String()
}

// get tells what a client gets: status and body, and whether they were cut off.
func get(t *testing.T, url string) string {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		return "cut off"
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		body = append(body, " cut off"...)
	}
	return resp.Status[:4] + string(body)
}
