// Package ingest takes line protocol in over InfluxDB's write API: it authenticates, bounds, decodes and
// checks every line, and answers 204 only when the batch is durable. What it stores is what it was sent:
// a zstd body in nanoseconds goes to the log byte for byte, everything else is packed again.
//
//	POST /api/v2/write, /write ──► bound ──► worker (decode, check) ──► Sink ──► 204
package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Message is one accepted request.
type Message struct {
	Principal string // who sent it
	Spool     string // of header Haidang-Batch; empty: at least once
	Sequence  uint64
	Received  int64 // Unix nanoseconds
	Batch     point.Batch
}

// Sink makes a message durable and returns when it is. It must not keep Batch.Frames after that.
type Sink func(ctx context.Context, m Message) error

// ErrBusy is what a Sink returns when its log is full: the client is asked to come back.
var ErrBusy = errors.New("log full")

// Config bounds what a client may ask for.
type Config struct {
	MaxBody    int           // bytes of a body as sent, whatever its encoding
	MaxText    int           // bytes of its text
	MaxFuture  time.Duration // how far a point may be ahead of this clock
	Requests   int           // in flight; more are answered 429
	Workers    int           // that decode at once
	CachedKeys int           // series remembered for each principal; twice as many at most
	RetryAfter time.Duration // told to clients that are answered 429 or 503
	BodyWithin time.Duration // a body must arrive in this time
}

// DefaultConfig suits a collector of any size.
func DefaultConfig() Config {
	return Config{MaxBody: 8 << 20, MaxText: 64 << 20, MaxFuture: 10 * time.Minute, Requests: 256,
		Workers: runtime.GOMAXPROCS(0), CachedKeys: 1 << 20, RetryAfter: 5 * time.Second, BodyWithin: 2 * time.Minute}
}

// Deps is what a Handler works with.
type Deps struct {
	Principals *principal.Directory
	Owner      func(device string) string // the agent that the device's inventory row names, or empty
	Naming     *Naming                    // nil: no measurement is renamed
	Sink       Sink
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// Handler serves the write API.
type Handler struct {
	cfg     Config
	deps    Deps
	log     zerolog.Logger // rate limited
	metrics *metrics
	slots   chan struct{} // of requests
	workers chan *worker  // idle ones
	bodies  sync.Pool     // of *bytes.Buffer

	mu   sync.Mutex
	keys map[string]*keys // by principal
}

// New makes a Handler; it starts nothing.
func New(cfg Config, deps Deps) (*Handler, error) {
	h := &Handler{cfg: cfg, deps: deps, metrics: newMetrics(), keys: map[string]*keys{},
		log:   deps.Log.Sample(&zerolog.BurstSampler{Burst: 5, Period: 10 * time.Second}),
		slots: make(chan struct{}, cfg.Requests), workers: make(chan *worker, cfg.Workers)}
	for range cfg.Workers {
		w, err := newWorker(cfg, deps.Naming)
		if err != nil {
			return nil, fmt.Errorf("ingest: %w", err)
		}
		h.workers <- w
	}
	if err := h.metrics.register(deps.Registerer); err != nil {
		return nil, fmt.Errorf("ingest: %w", err)
	}
	return h, nil
}

// Register adds the write API, and what InfluxDB's clients ask before they write, to mux.
func (h *Handler) Register(mux *http.ServeMux) {
	mux.Handle("POST /api/v2/write", h.writer(precisions2))
	mux.Handle("POST /write", h.writer(precisions1))
	mux.Handle("POST /query", h.deps.Principals.Require(principal.Agent, http.HandlerFunc(query)))
	mux.HandleFunc("GET /ping", ping) // and HEAD
	mux.HandleFunc("GET /health", health)
}

func (h *Handler) writer(units map[string]point.Precision) http.Handler {
	return h.deps.Principals.Require(principal.Agent, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Influxdb-Version", influxVersion)
		if f := h.write(w, r, units); f != nil {
			h.answer(w, f)
			return
		}
		h.metrics.requests.WithLabelValues("204").Inc()
		w.WriteHeader(http.StatusNoContent)
	}))
}

// Forget drops what was decided about series. Call it when the inventory has changed.
func (h *Handler) Forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	clear(h.keys)
}

// keysOf is what was decided about the series of this principal. After a reload of the principals
// nothing is.
func (h *Handler) keysOf(p *principal.Principal) *keys {
	h.mu.Lock()
	defer h.mu.Unlock()
	k := h.keys[p.Name]
	if k == nil || k.who != p {
		k = newKeys(p, h.deps, h.cfg.CachedKeys)
		h.keys[p.Name] = k
	}
	return k
}
