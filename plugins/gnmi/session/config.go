// Package session keeps the connection to a gNMI target: it connects, asks what the target can do, subscribes, and begins anew
// when something ends. What the target sends goes to package decode.
package session

import (
	"crypto/tls"
	"log/slog"
	"sync"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

// Config is what all sessions have in common.
type Config struct {
	Mode       gpb.SubscriptionList_Mode
	Encoding   Encoding
	Origin     Origin
	States     States
	Interval   time.Duration
	Heartbeat  time.Duration
	Timeout    time.Duration // of connecting and of each answer that is awaited
	RetryMin   time.Duration
	RetryMax   time.Duration
	MaxMessage int
	Sets       []*pathset.Set
	Places     chan struct{} // as many as may connect at a time
	Plans      *Plans
	Metrics    *Metrics
	Log        *slog.Logger
}

// Device is one target.
type Device struct {
	Address  string // host and port
	Login    Login
	Sets     []*pathset.Set // that it is offered; nil: those of the Config
	From, To time.Time      // it is asked in [From, To); zero: unbounded
	Decode   decode.Config
}

// Login is how a target is asked. Its functions read files again at each connection.
type Login struct {
	TLS      func() (*tls.Config, error) // nil: no TLS
	Username string
	Password func() (string, error) // nil: none
}

// States say how the states of interfaces and peers are subscribed to.
type States string

// Auto tries on_change and falls back on samples, for targets that refuse it or never send a heartbeat.
const (
	Auto     States = "auto"
	OnChange States = "on_change"
	Sampled  States = "sample"
)

// Origin says where the origin is put in a request.
type Origin string

// The places of an origin.
const (
	InPath   Origin = "path"
	InPrefix Origin = "prefix"
	InElem   Origin = "element" // before the first element: openconfig:interfaces
	Nowhere  Origin = "none"
)

// Plans keeps one plan for each choice of sets.
type Plans struct {
	mu    sync.Mutex
	plans map[string]*pathset.Plan
}

// NewPlans returns an empty store.
func NewPlans() *Plans { return &Plans{plans: map[string]*pathset.Plan{}} }

// of is the plan of some sets.
func (p *Plans) of(sets []*pathset.Set) *pathset.Plan {
	key := ""
	for _, s := range sets {
		key += s.Name + " "
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.plans[key] == nil {
		p.plans[key] = pathset.NewPlan(sets)
	}
	return p.plans[key]
}

// Metrics count sessions.
type Metrics struct {
	open      prometheus.Gauge
	connects  prometheus.Counter
	failures  *prometheus.CounterVec
	fallbacks *prometheus.CounterVec
}

// NewMetrics registers the counters; reg may be nil.
func NewMetrics(reg prometheus.Registerer) *Metrics {
	m := &Metrics{
		open:     prometheus.NewGauge(prometheus.GaugeOpts{Name: "haidang_gnmi_sessions", Help: "Targets that are subscribed to now."}),
		connects: prometheus.NewCounter(prometheus.CounterOpts{Name: "haidang_gnmi_connects_total", Help: "Attempts to connect to a target."}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_gnmi_session_ends_total",
			Help: "Sessions and attempts that ended, by reason: unreachable, login, capabilities, refused, silent, heartbeat, closed."}, []string{"reason"}),
		fallbacks: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "haidang_gnmi_fallbacks_total",
			Help: "Times that a target was asked for less than the path sets want, by what: sampled_states, single_sets, set_left_out."}, []string{"what"}),
	}
	if reg != nil {
		reg.MustRegister(m.open, m.connects, m.failures, m.fallbacks)
	}
	return m
}
