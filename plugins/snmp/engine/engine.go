// Package engine polls any number of SNMPv2c devices over a few shared UDP sockets.
//
// Each socket belongs to one lane, and each lane is one goroutine with one schedule, one window of
// requests under way and one queue of deadlines: no device has a goroutine, a socket or a timer. A
// device has at most one request under way, so one that is slow or dead holds a place in the window
// and nothing else. The sockets live as long as the engine: a port never changes hands while an
// answer to it may be on its way.
package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/snmp/poll"
)

// MaxWindow is the most requests a lane can have under way.
const MaxWindow = 1 << slotBits

// Config is how the engine polls. Every field has to be set but Pause.
type Config struct {
	Timeout time.Duration // how long a transmission may stay unanswered
	Window  int           // requests under way per lane, at most MaxWindow
	Lanes   int           // sockets per address family
	Pause   func() bool   // while it returns true no round is begun; may be nil
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
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	lanes, err := e.open(targets, once)
	defer closeAll(lanes)
	if err != nil {
		return err
	}
	var wg sync.WaitGroup
	errs := make([]error, len(lanes))
	for i, l := range lanes {
		wg.Go(func() {
			if errs[i] = l.run(ctx); errs[i] != nil {
				cancel()
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// open makes the lanes that the targets need and deals the targets out to them.
func (e *Engine) open(targets []poll.Target, once bool) ([]*lane, error) {
	families := map[string][]poll.Target{}
	for _, t := range targets {
		network := "udp6"
		if t.Addr.Addr().Unmap().Is4() {
			network = "udp4"
		}
		families[network] = append(families[network], t)
	}
	var lanes []*lane
	for network, members := range families {
		n := min(e.cfg.Lanes, len(members))
		for i := range n {
			s, err := listen(network)
			if err != nil {
				return lanes, fmt.Errorf("snmp: engine: %s socket: %w", network, err)
			}
			l := newLane(e.cfg, s, e.metrics)
			for j := i; j < len(members); j += n {
				l.add(members[j], once)
			}
			lanes = append(lanes, l)
		}
	}
	return lanes, nil
}

func closeAll(lanes []*lane) {
	for _, l := range lanes {
		l.sock.close()
	}
}
