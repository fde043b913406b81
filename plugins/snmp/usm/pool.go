package usm

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// Config is how the pool polls. Every field has to be set but Pause.
type Config struct {
	Timeout time.Duration
	Workers int         // rounds at the same time
	Pause   func() bool // while it returns true no round is begun; may be nil
	Log     *slog.Logger
}

// Target is a device with the user to ask as.
type Target struct {
	poll.Target
	User *User
}

// Pool polls v3 targets. Make it with New.
type Pool struct {
	cfg     Config
	metrics *metrics
}

// New returns a pool that has opened nothing yet.
func New(cfg Config, reg prometheus.Registerer) *Pool {
	if cfg.Pause == nil {
		cfg.Pause = func() bool { return false }
	}
	return &Pool{cfg, newMetrics(reg)}
}

// Run polls every target at its interval until ctx is done; it returns nil then.
func (p *Pool) Run(ctx context.Context, targets []Target) error {
	return p.run(ctx, targets, false)
}

// Once polls one round of every target and returns when the last round is over.
func (p *Pool) Once(ctx context.Context, targets []Target) error {
	return p.run(ctx, targets, true)
}

// run hands rounds that are due to workers. A target whose last round is still running is passed over.
func (p *Pool) run(ctx context.Context, targets []Target, once bool) error {
	sessions := make([]*session, len(targets))
	var schedule poll.Schedule
	for i, t := range targets {
		every := t.Every
		if once {
			every = 0
		}
		sessions[i] = newSession(p, t)
		schedule.Add(i, poll.FirstDue(t.Device, every, time.Now()), every)
	}
	work := make(chan *session)
	var workers sync.WaitGroup
	for range min(p.cfg.Workers, len(targets)) {
		workers.Go(func() {
			for s := range work {
				s.round(ctx)
				s.busy.Store(false)
			}
		})
	}
	p.dispatch(ctx, &schedule, sessions, work)
	close(work)
	workers.Wait()
	return nil
}

// dispatch hands out rounds until ctx is done or none will ever be due.
func (p *Pool) dispatch(ctx context.Context, schedule *poll.Schedule, sessions []*session, work chan<- *session) {
	for {
		due, ok := schedule.Next()
		if !ok || !sleepUntil(ctx, due) {
			return
		}
		for p.cfg.Pause() {
			if !sleepUntil(ctx, time.Now().Add(50*time.Millisecond)) {
				return
			}
		}
		now := time.Now()
		d, ok := schedule.Pop(now)
		if !ok {
			continue
		}
		p.metrics.skipped.Add(float64(d.Skipped))
		s := sessions[d.Target]
		if !s.busy.CompareAndSwap(false, true) {
			p.metrics.skipped.Inc()
			continue
		}
		select {
		case work <- s:
			p.metrics.lateness.Observe(time.Since(d.At).Seconds())
		case <-ctx.Done():
			return
		}
	}
}

// sleepUntil returns false if ctx ends first.
func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

type metrics struct {
	requests prometheus.Counter
	answers  prometheus.Counter
	failures *prometheus.CounterVec
	skipped  prometheus.Counter
	lateness prometheus.Histogram
}

func newMetrics(reg prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "haidang_snmp_v3_requests_total", Help: "Requests sent over v3, repeated ones included."}),
		answers: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "haidang_snmp_v3_answers_total", Help: "Answers over v3, verified as the user's security level asks."}),
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "haidang_snmp_v3_failures_total", Help: "Requests over v3 without a usable answer, by reason: timeout, authentication, other."}, []string{"reason"}),
		skipped: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "haidang_snmp_v3_rounds_skipped_total", Help: "Rounds over v3 left out because the last one was still running or the poller was late."}),
		lateness: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "haidang_snmp_v3_round_lateness_seconds", Help: "Time between the moment a round over v3 was due and its beginning.",
			Buckets: []float64{0.001, 0.01, 0.1, 1, 10}}),
	}
	reg.MustRegister(m.requests, m.answers, m.failures, m.skipped, m.lateness)
	return m
}
