package obs

import (
	"errors"
	"fmt"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"
)

// Guard keeps a panic to the one request that it happened in: the client is answered 500, the log has the stack, and a
// counter tells.
type Guard struct {
	log    zerolog.Logger // rate limited
	panics prometheus.Counter
}

// NewGuard registers the counter.
func NewGuard(reg prometheus.Registerer, log zerolog.Logger) (*Guard, error) {
	g := &Guard{log: log.Sample(&zerolog.BurstSampler{Burst: 5, Period: 10 * time.Second}),
		panics: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_web_panics_total",
			Help: "Panics while a request was answered: it got 500, and the log has the stack."})}
	if err := reg.Register(g.panics); err != nil {
		return nil, fmt.Errorf("obs: guard: %w", err)
	}
	return g, nil
}

// Handler is next, guarded. An answer that has begun is cut off: its client must not take it for a whole one.
func (g *Guard) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &answer{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler { //nolint:errorlint,err113 // the value that net/http compares with
				panic(v)
			}
			g.note(r.Method+" "+r.URL.Path, v)
			if out.begun {
				panic(http.ErrAbortHandler)
			}
			http.Error(w, "internal error: the server's log tells more", http.StatusInternalServerError)
		}()
		next.ServeHTTP(out, r)
	})
}

// Collector is c, guarded: a registry collects in goroutines of its own, where a panic would end the process. The scrape
// fails instead.
func (g *Guard) Collector(c prometheus.Collector) prometheus.Collector { return collector{c, g} }

type collector struct {
	prometheus.Collector
	guard *Guard
}

var errPanicked = errors.New("a collector of metrics panicked: the log tells more")

// Collect implements prometheus.Collector.
func (c collector) Collect(ch chan<- prometheus.Metric) {
	defer func() {
		if v := recover(); v != nil {
			c.guard.note("metrics", v)
			ch <- prometheus.NewInvalidMetric(prometheus.NewInvalidDesc(errPanicked), errPanicked)
		}
	}()
	c.Collector.Collect(ch)
}

func (g *Guard) note(what string, v any) {
	g.panics.Inc()
	g.log.Error().Str("request", what).Str("panic", fmt.Sprint(v)).Str("stack", string(debug.Stack())).Msg("a request panicked")
}

// answer knows whether something of it is on its way.
type answer struct {
	http.ResponseWriter
	begun bool
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	a.begun = a.begun || status >= http.StatusOK
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	a.begun = true
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController: deadlines and flushing.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
