package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/agent/config"
	"github.com/haidang-noc/haidang/agent/heartbeat"
	"github.com/haidang-noc/haidang/agent/pluginhost"
	"github.com/haidang-noc/haidang/agent/shipper"
	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/obs"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/run"
)

// agent is everything that run wires together.
type agent struct {
	cfg       config.Config
	log       zerolog.Logger
	registry  *prometheus.Registry
	guard     *obs.Guard
	spool     *spool.Spool
	shipper   *shipper.Shipper
	host      *pluginhost.Host
	heartbeat *heartbeat.Heartbeat
}

// wire makes every part; nothing runs yet, but the spool is open.
func wire(cfg config.Config, log zerolog.Logger) (_ *agent, err error) {
	a := &agent{cfg: cfg, log: log, registry: obs.NewRegistry("haidang-agent")}
	if a.guard, err = obs.NewGuard(a.registry, log); err != nil {
		return nil, err
	}
	if a.spool, err = spool.Open(cfg.Spool, spool.Deps{Log: log, Registerer: a.registry}); err != nil {
		return nil, err
	}
	if err := a.wireAround(); err != nil {
		return nil, errors.Join(err, a.spool.Close())
	}
	return a, nil
}

// wireAround makes the parts that use the spool.
func (a *agent) wireAround() (err error) {
	if a.shipper, err = shipper.New(a.cfg.Collector, shipper.Deps{Log: a.log, Registerer: a.registry, Spool: a.spool}); err != nil {
		return err
	}
	if a.host, err = pluginhost.New(a.cfg.Host, a.store, a.log, a.registry); err != nil {
		return err
	}
	a.heartbeat, err = heartbeat.New(a.cfg.Name, a.cfg.Heartbeat.D(), a.spool, a.log)
	return err
}

// store is where the inputs' batches go: acknowledged when synced.
func (a *agent) store(_ context.Context, _ string, b point.Batch) error {
	_, err := a.spool.Append(b)
	return err
}

// run runs the agent until a signal. The actors, and who hands what to whom:
//
//	above                     below
//
//	inputs ────┐
//	           ├──► spool ──► shipper ──► collector
//	heartbeat ─┘      │          │
//	                  └──► http ◄┘  /metrics, health
//	signals
//
// What is above stops first and is waited for, so that an input's last words are stored; then what is below;
// then the spool is closed. If anything below ends, everything does.
func (a *agent) run(ctx context.Context) error {
	belowCtx, stopBelow := context.WithCancel(context.WithoutCancel(ctx))
	defer stopBelow()
	below, belowEnded, belowErr := run.Group{}, make(chan struct{}), error(nil)
	below.Add("shipper", a.shipper.Run)
	below.Add("spool", a.spool.Run)
	below.Add("http", a.http)
	go func() {
		defer close(belowEnded)
		belowErr = below.Run(belowCtx, a.log)
	}()
	var above run.Group
	above.Add("signals", run.Signals)
	above.Add("inputs", a.host.Run)
	above.Add("heartbeat", a.heartbeat.Run)
	above.Add("below", func(ctx context.Context) error {
		select {
		case <-belowEnded:
			return belowErr
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	err := above.Run(ctx, a.log)
	stopBelow()
	<-belowEnded
	return errors.Join(err, a.spool.Close())
}

// http serves the metrics of the agent and its inputs, and the agent's health. It is ready unless the collector does not take its batches.
func (a *agent) http(ctx context.Context) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	a.log.Info().Str("address", listener.Addr().String()).Str("version", obs.Version).Msg("listening")
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(a.host.Gatherer(a.registry),
		promhttp.HandlerOpts{Registry: a.registry, EnableOpenMetrics: true}))
	obs.Health(mux, a.shipper.Reachable)
	return obs.Serve(ctx, listener, a.cfg.WebConfig, a.guard.Handler(mux))
}
