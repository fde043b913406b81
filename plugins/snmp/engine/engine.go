// Package engine polls any number of devices over a few shared UDP sockets, in SNMPv2c or v3.
//
// Each socket belongs to one lane, and each lane is one goroutine with one schedule, one window of
// requests under way and one queue of deadlines: no device has a goroutine, a socket or a timer. A
// device has at most one request under way, so one that is slow or dead holds a place in the window
// and nothing else. The sockets live as long as the engine: a port never changes hands while an
// answer to it may be on its way.
package engine

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// MaxWindow is the most requests a lane can have under way.
const MaxWindow = 1 << slotBits

// Config is how the engine polls. Every field has to be set but Pause, Limits and Log.
type Config struct {
	Timeout time.Duration // how long a transmission may stay unanswered
	Window  int           // requests under way per lane, at most MaxWindow
	Lanes   int           // sockets per address family
	Limits  Limits
	Pause   func() bool // while it returns true no round is begun; may be nil
	Log     *slog.Logger
}

// Engine polls targets. Make it with New.
type Engine struct {
	cfg     Config
	metrics *metrics
}

// New returns an engine that has opened nothing yet.
func New(cfg Config, reg prometheus.Registerer) (*Engine, error) {
	if cfg.Timeout <= 0 || cfg.Lanes < 1 || cfg.Window < 1 || cfg.Window > MaxWindow {
		return nil, fmt.Errorf("snmp: engine: timeout %v, window %d, lanes %d: want a timeout above 0, a window of 1 to %d, at least 1 lane",
			cfg.Timeout, cfg.Window, cfg.Lanes, MaxWindow)
	}
	if cfg.Pause == nil {
		cfg.Pause = func() bool { return false }
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{cfg, newMetrics(reg)}, nil
}

// Run polls every target at its interval until ctx is done; it returns nil then.
func (e *Engine) Run(ctx context.Context, targets []poll.Target) error {
	return e.run(ctx, targets, false)
}

// Once polls one round of every target and returns when the last round is over.
func (e *Engine) Once(ctx context.Context, targets []poll.Target) error {
	return e.run(ctx, targets, true)
}

func (e *Engine) run(ctx context.Context, targets []poll.Target, once bool) error {
	lanes, err := e.open(targets, once)
	defer func() {
		for _, l := range lanes {
			l.wire.close()
		}
	}()
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	for _, l := range lanes {
		wg.Go(func() { l.run(ctx) })
	}
	wg.Wait()
	return nil
}

// open makes the lanes that the targets need.
func (e *Engine) open(targets []poll.Target, once bool) (lanes []*lane, err error) {
	for _, members := range e.deal(targets) {
		network := "udp6"
		if members[0].Addr.Addr().Unmap().Is4() {
			network = "udp4"
		}
		s, err := listen(network)
		if err != nil {
			return lanes, fmt.Errorf("snmp: engine: %s socket: %w", network, err)
		}
		l := newLane(e.cfg, s, e.metrics)
		l.add(members, once)
		lanes = append(lanes, l)
	}
	return lanes, nil
}

// deal gives each lane its targets. Those of a subnet are in one lane, which holds them to its limit.
func (e *Engine) deal(targets []poll.Target) map[[2]uint64][]*poll.Target {
	hands := map[[2]uint64][]*poll.Target{}
	for i := range targets {
		t := &targets[i]
		addr := t.Addr.Addr().Unmap()
		h := fnv.New64a()
		h.Write(e.cfg.Limits.subnet(addr).Addr().AsSlice())
		hand := [2]uint64{uint64(addr.BitLen()), h.Sum64() % uint64(e.cfg.Lanes)}
		hands[hand] = append(hands[hand], t)
	}
	return hands
}
