package alarm

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"github.com/haidang-noc/haidang/collector/inventory"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/store"
)

// Deps are what an Engine works with.
type Deps struct {
	Store      *store.Store
	Partitions []*partition.Partition
	Changes    *partition.Changes // that the partitions tell
	Inventory  func() *inventory.Index
	Now        func() time.Time
	Log        zerolog.Logger
	Registerer prometheus.Registerer
}

// ErrNotOpen says that there is no open alarm with the id.
var ErrNotOpen = errors.New("there is no such open alarm")

// Engine keeps the alarms. Its methods may be called from any goroutine, also before and after Run.
//
// Of several collectors on one store the one that owns partition 0 keeps the alarms; the others have none.
type Engine struct {
	Config
	Deps
	m        meters
	requests chan request
	ended    chan struct{}
	latest   atomic.Pointer[snapshot]

	// What follows belongs to the goroutine of Run.
	net      *network
	book     *book // nil: another process keeps the alarms
	findings []finding
	behind   map[int]bool // partitions whose states must be asked for
	stream   stream
	listened time.Time // when silence was looked for last
	pruned   time.Time
}

// request runs in the engine's goroutine.
type request struct {
	do   func() error
	done chan error
}

// New makes an Engine; Run starts it.
func New(c Config, d Deps) (*Engine, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	e := &Engine{Config: c, Deps: d, requests: make(chan request), ended: make(chan struct{}), behind: map[int]bool{}}
	e.latest.Store(&snapshot{})
	var err error
	if e.m, err = newMeters(d.Registerer, e); err != nil {
		return nil, fmt.Errorf("alarm: %w", err)
	}
	return e, nil
}

// pause is the least time between two rounds: what comes together is judged together.
const pause = 50 * time.Millisecond

// Run keeps the alarms until ctx ends. It is called once.
func (e *Engine) Run(ctx context.Context) error {
	defer close(e.ended)
	defer e.stream.close()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	rest := time.NewTimer(0)
	defer rest.Stop()
	wake := (<-chan struct{})(nil)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case r := <-e.requests:
			r.done <- r.do()
			continue
		case <-rest.C:
			wake = e.Changes.Wake()
			continue
		case <-wake:
		case <-tick.C:
		}
		start := time.Now()
		e.round(ctx, e.now())
		took := time.Since(start)
		e.m.round.Observe(took.Seconds())
		wake = nil
		rest.Reset(max(pause, 2*took)) // a third of one core at most
	}
}

func (e *Engine) now() time.Time { return e.Now().In(model.Local) }

// round takes what changed and brings the alarms up to date.
func (e *Engine) round(ctx context.Context, now time.Time) {
	if inv := e.Inventory(); e.net == nil || inv != e.net.inv || now.Unix() >= e.net.until {
		e.survey(inv, now)
	}
	news := e.Changes.Take()
	e.net.heard(news)
	for p, s := range news.Parts {
		if !e.net.learnPart(p, s) {
			e.m.failures.WithLabelValues("parts").Inc()
		}
	}
	for _, s := range news.States {
		e.net.learn(s, e.wanted)
	}
	e.follow(ctx, news.Owned)
	if e.book == nil {
		return
	}
	e.tick(now)
	r := round{book: e.book, net: e.net, now: now}
	e.findings = r.run()
	e.finish(ctx)
	e.m.raised(r.decided, e.Now())
	e.prune(ctx, now)
}

// survey starts over with another inventory, or the rows of it that hold now.
func (e *Engine) survey(inv *inventory.Index, now time.Time) {
	e.net = newNetwork(inv, now.Unix(), e.net)
	e.net.expect(now.Unix(), e.Store.Partitions())
	e.listened = time.Time{}
	for p := range e.net.owned {
		e.behind[p] = true
	}
}

// follow asks the partitions that are owned anew for all of their states. One that cannot tell now is
// asked again in the next round.
func (e *Engine) follow(ctx context.Context, owned map[int]bool) {
	for p, yes := range owned {
		delete(e.net.owned, p)
		delete(e.behind, p)
		if yes {
			e.behind[p] = true
		}
		if p == 0 && e.book != nil { // also when it is ours again: somebody else may have kept them meanwhile
			e.drop()
		}
	}
	if e.behind[0] && e.book == nil {
		if err := e.load(ctx); err != nil {
			e.Log.Error().Err(err).Msg("the alarms cannot be read")
			return
		}
	}
	for p := range e.behind {
		states, err := e.states(ctx, p)
		if err != nil {
			e.m.failures.WithLabelValues("states").Inc()
			e.Log.Warn().Err(err).Int("partition", p).Msg("the states cannot be read now")
			continue
		}
		e.net.forget(p)
		for _, s := range states {
			s.Applied = time.Time{} // nobody waited for it
			e.net.learn(s, e.wanted)
		}
		e.net.owned[p] = true
		delete(e.behind, p)
	}
}

// patience is how long a partition may take to tell its states.
const patience = 10 * time.Second

func (e *Engine) states(ctx context.Context, p int) ([]partition.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return e.Partitions[p].States(ctx, e.ports())
}

// ports are those of links that have an alarm or belong to a composite: they are wanted even if they are up.
func (e *Engine) ports() map[model.Port]bool {
	out := map[model.Port]bool{}
	for l := range e.net.members.links {
		out[l.A], out[l.B] = true, true
	}
	if e.book == nil {
		return out
	}
	for t := range e.book.open {
		if t.Cause == LinkDown {
			if l := e.net.linkNamed(t.Name); l != nil {
				out[l.A], out[l.B] = true, true
			}
		}
	}
	return out
}

// wanted says whether the link has an alarm.
func (e *Engine) wanted(l *model.Link) bool {
	return e.book != nil && e.book.open[thing{LinkDown, l.Name}] != nil
}

// listenEvery is how often silence is looked for: it takes a look at every device.
const listenEvery = 5 * time.Second

// tick does what only time changes.
func (e *Engine) tick(now time.Time) {
	if now.Sub(e.listened) < listenEvery {
		return
	}
	fresh := e.listened.IsZero()
	e.listened = now
	e.net.listen(int64(e.SilentAfter.D() / time.Second))
	e.book.forget(now)
	e.net.age(now.Unix(), int64(e.PartKeep.D()/time.Second), func(name string) bool { return e.book.open[thing{PartFailed, name}] != nil })
	for t, a := range e.book.open {
		if e.net.judged(t) {
			e.book.mute(a, e.net.window(t, now.Unix()), now)
		}
		if !fresh || a.Kind == Agent {
			continue
		}
		if p, known := e.net.describe(t); known {
			e.book.move(e.book.open[t], p, now)
		}
	}
}

// ask runs do in the engine's goroutine.
func (e *Engine) ask(ctx context.Context, do func() error) error {
	r := request{do, make(chan error, 1)}
	select {
	case e.requests <- r:
	case <-e.ended:
		return errors.New("the alarm engine has ended")
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-r.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}
