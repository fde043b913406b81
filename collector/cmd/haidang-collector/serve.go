package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/alarm"
	"github.com/haidang-noc/haidang/collector/board"
	"github.com/haidang-noc/haidang/collector/config"
	"github.com/haidang-noc/haidang/collector/ingest"
	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/log"
	"github.com/haidang-noc/haidang/collector/maintenance"
	"github.com/haidang-noc/haidang/collector/metrics"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/principal"
	"github.com/haidang-noc/haidang/collector/store"
	"github.com/haidang-noc/haidang/collector/view"
	"github.com/haidang-noc/haidang/internal/obs"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/internal/run"
)

// collector is everything that serve wires together.
type collector struct {
	cfg        config.Config
	log        zerolog.Logger
	registry   *prometheus.Registry
	guard      *obs.Guard
	store      *store.Store
	queue      *log.Log
	principals *principal.Directory
	users      *principal.Users                // nil: no board
	files      atomic.Pointer[inventory.Index] // as the operator's files are
	inventory  atomic.Pointer[inventory.Index] // with the windows of the register
	book       *maintenance.Book
	planned    planned
	naming     *ingest.Naming
	listener   net.Listener
	ingest     *ingest.Handler
	partitions []*partition.Partition
	view       *view.View
	changes    *partition.Changes // from the partitions to the alarms
	alarms     *alarm.Engine
	board      *board.Board
}

// serve runs the collector until a signal.
func serve(ctx context.Context, cfg config.Config) error {
	logger, err := obs.NewLogger(os.Stderr, cfg.Log.Level, cfg.Log.Format)
	if err != nil {
		return err
	}
	c := &collector{cfg: cfg, log: logger, registry: obs.NewRegistry("haidang-collector")}
	defer c.close()
	if err := c.open(ctx); err != nil {
		return err
	}
	return c.run(ctx)
}

func (c *collector) open(ctx context.Context) error {
	for _, step := range []func(context.Context) error{c.makeGuard, c.openFiles, c.listen, c.openStore, c.openMaintenance, c.openQueue, c.makePartitions, c.makeIngest, c.makeView, c.makeAlarms, c.makeBoard} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// run starts the actors. Who hands what to whom:
//
//	http ─► ingest ─► queue ─► partition 0..n ─► store
//	                    ▲            │ open days    │ closed days
//	                watchdog         ├──► view ◄────┘
//	                                 │      └──► /metrics
//	                                 └ changes ─► alarms ─► store, /metrics, stream
func (c *collector) run(ctx context.Context) error {
	var g run.Group
	g.Add("signals", run.Signals)
	for _, p := range c.partitions {
		g.Add(fmt.Sprintf("partition %d", p.ID), p.Run)
	}
	g.Add("view", c.view.Run)
	g.Add("alarms", c.alarms.Run)
	g.Add("maintenance", c.watchMaintenance)
	g.Add("closing", c.closing)
	if c.board != nil {
		g.Add("board", c.board.Run)
	}
	g.Add("watchdog", c.watchdog)
	g.Add("http", c.http)
	return g.Run(ctx, c.log)
}

func (c *collector) makeGuard(context.Context) (err error) {
	c.guard, err = obs.NewGuard(c.registry, c.log)
	return err
}

// openFiles reads everything that the configuration names, and tells all mistakes at once.
func (c *collector) openFiles(context.Context) error {
	inv, err := inventory.Load(c.cfg.Inventory)
	if err == nil {
		c.files.Store(inv)
	}
	errs := []error{err}
	c.principals, err = principal.Open(c.cfg.Principals, c.registry)
	errs = append(errs, err, c.openUsers())
	if c.cfg.Telegraf != "" {
		c.naming, err = ingest.LoadNaming(c.cfg.Telegraf)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, checkWeb(c.cfg.WebConfig))...)
}

// listen takes the address before anything is written: a second collector ends here.
func (c *collector) listen(ctx context.Context) (err error) {
	if c.listener, err = new(net.ListenConfig).Listen(ctx, "tcp", c.cfg.Listen); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return nil
}

func (c *collector) openStore(ctx context.Context) (err error) {
	if err := os.MkdirAll(c.cfg.DataDir, 0o750); err != nil {
		return fmt.Errorf("data_dir: %w", err)
	}
	c.store, err = store.Open(ctx, store.Config{Path: storePath(c.cfg), Partitions: c.cfg.Partitions.Count}, c.registry)
	return err
}

func storePath(cfg config.Config) string { return filepath.Join(cfg.DataDir, "store.db") }

func (c *collector) openQueue(ctx context.Context) (err error) {
	q := log.Config{Partitions: c.store.Partitions(), MaxBytes: int64(c.cfg.Queue.MaxBytes), Dir: filepath.Join(c.cfg.DataDir, "log"),
		URL: c.cfg.Queue.URL, Credentials: c.cfg.Queue.Credentials, RootCA: c.cfg.Queue.RootCA, Replicas: c.cfg.Queue.Replicas}
	for p := range q.Partitions {
		seq, _, err := c.store.Load(ctx, p)
		if err != nil {
			return err
		}
		q.Positions = append(q.Positions, seq)
	}
	c.queue, err = log.Open(ctx, q, c.log, c.registry)
	return err
}

func (c *collector) makePartitions(context.Context) error {
	m, err := partition.NewMetrics(c.registry)
	if err != nil {
		return err
	}
	c.changes = partition.NewChanges()
	p := c.cfg.Partitions
	owner := p.Owner
	if owner == "" {
		host, err := os.Hostname()
		if err != nil {
			return fmt.Errorf("partitions.owner: %w", err)
		}
		owner = fmt.Sprintf("%s/%d/%d", host, os.Getpid(), time.Now().UnixNano())
	}
	for id := range c.store.Partitions() {
		c.partitions = append(c.partitions, partition.New(partition.Config{ID: id, Owner: owner, Lease: p.Lease.D(),
			CheckpointEvery: p.CheckpointEvery.D(), CloseAfter: p.CloseAfter.D(), CloseIdle: p.CloseIdle.D(),
			DaysInMemory: p.DaysInMemory, KeepDays: p.KeepDays, MaxUnknown: p.MaxUnknown},
			partition.Deps{Store: c.store, Queue: c.queue, Inventory: c.inventory.Load, Now: time.Now, Log: c.log, Metrics: m, Changes: c.changes}))
	}
	return nil
}

func (c *collector) makeIngest(context.Context) (err error) {
	c.ingest, err = ingest.New(ingest.DefaultConfig(), ingest.Deps{Principals: c.principals, Owner: c.ownerOf, Naming: c.naming,
		Sink: c.accept, Log: c.log, Registerer: c.registry})
	return err
}

// ownerOf is the agent that the device's inventory row names.
func (c *collector) ownerOf(device string) string {
	if d := c.inventory.Load().Device(device, time.Now().Unix()); d != nil {
		return d.Agent
	}
	return ""
}

// accept is ingest's sink: it returns when the message is durable in its sender's partition of the log.
func (c *collector) accept(ctx context.Context, m ingest.Message) error {
	msg := log.Message{Principal: m.Principal, Received: m.Received, Batch: m.Batch}
	if m.Spool != "" {
		msg.ID = fmt.Sprintf("%s/%d", m.Spool, m.Sequence)
	}
	err := c.queue.Publish(ctx, partition.Of(m.Principal, c.store.Partitions()), msg)
	if errors.Is(err, log.ErrFull) {
		return errors.Join(ingest.ErrBusy, err)
	}
	return err
}

func (c *collector) makeView(context.Context) (err error) {
	c.view, err = view.New(view.Deps{Every: c.cfg.View.Every.D(), Store: c.store, Partitions: c.partitions, Inventory: c.inventory.Load,
		Now: time.Now, Log: c.log, Registerer: c.registry})
	if err == nil {
		err = c.registry.Register(c.guard.Collector(metrics.New(c.cfg.Metrics, c.view.Latest)))
	}
	return err
}

func (c *collector) makeAlarms(context.Context) (err error) {
	c.alarms, err = alarm.New(c.cfg.Alarms, alarm.Deps{Store: c.store, Partitions: c.partitions, Changes: c.changes, Inventory: c.inventory.Load,
		Now: time.Now, Log: c.log, Registerer: c.registry})
	return err
}

// watchdog sends a point through the whole collector every few seconds. The time stamp of the last one
// applied is a metric: its age tells that, and how far, the monitor itself is behind.
func (c *collector) watchdog(ctx context.Context) error {
	packer, err := point.NewPacker()
	if err != nil {
		return err
	}
	tick := time.NewTicker(10 * time.Second)
	defer tick.Stop()
	for {
		for p := range c.store.Partitions() {
			if err := c.pulse(ctx, p, packer); err != nil && ctx.Err() == nil {
				c.log.Warn().Err(err).Int("partition", p).Msg("the watchdog's point was not accepted")
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (c *collector) pulse(ctx context.Context, p int, packer *point.Packer) error {
	now := time.Now().UnixNano()
	var e point.Encoder
	e.Begin(point.AppendKey(nil, "agent", point.Tag{Key: "agent", Value: partition.WatchdogAgent}))
	e.Bool("up", true)
	e.End(now)
	if err := packer.Add(e.Bytes(), 1); err != nil {
		return err
	}
	return c.queue.Publish(ctx, p, log.Message{Principal: partition.WatchdogAgent, Received: now, Batch: packer.Take()})
}

// reload takes up changed files, all of them or none; its error holds every mistake of each.
func (c *collector) reload() error {
	inv, err := inventory.Load(c.cfg.Inventory)
	if err != nil {
		_, more := principal.Open(c.cfg.Principals, prometheus.NewRegistry())
		return errors.Join(err, more, c.checkUsers())
	}
	if err := c.checkUsers(); err != nil {
		return err
	}
	if err := c.principals.Reload(); err != nil {
		return err
	}
	if c.users != nil {
		if err := c.users.Reload(); err != nil {
			return err
		}
	}
	c.files.Store(inv)
	c.ingest.Forget()
	return c.replan(context.Background())
}

// ready says why the collector does not answer questions yet.
func (c *collector) ready() error {
	if c.view.Latest() == nil {
		return errors.New("no KPIs are computed yet")
	}
	return nil
}

// close undoes what was opened, the last first.
func (c *collector) close() {
	var errs []error
	if c.listener != nil {
		_ = c.listener.Close() // again, if the server was there to do it
	}
	if c.queue != nil {
		errs = append(errs, c.queue.Close())
	}
	if c.store != nil {
		errs = append(errs, c.store.Close())
	}
	if err := errors.Join(errs...); err != nil {
		c.log.Error().Err(err).Msg("closing")
	}
}
