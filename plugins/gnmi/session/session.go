package session

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sync"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"

	"github.com/haidang-noc/haidang/internal/pause"
	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

// Session is what goes on with one target, one connection after the other.
type Session struct {
	cfg    *Config
	device *Device
	reach  []byte // the key of its lines
	phase  time.Duration
	who    decode.Identity

	mu      sync.Mutex // guards all below
	target  *decode.Target
	cancel  context.CancelCauseFunc
	state   reachability
	since   time.Time // of the connection
	heard   time.Time // the last message
	quiet   time.Duration
	due     time.Time // when the next line of reach is
	sampled bool      // states are sampled: the target does not do on_change
	single  bool      // each set has a stream of its own: the target refused them together
	failed  string    // the reason that the log has been told
}

// reachability is what is known of whether the target answers.
type reachability uint8

const (
	untried reachability = iota
	silent
	answers
)

// New makes a session that has not begun.
func New(cfg *Config, device *Device) *Session {
	s := &Session{cfg: cfg, device: device, sampled: cfg.States == Sampled}
	s.reach = device.Decode.Key("reach", point.Tag{Key: "device", Value: device.Decode.Device}, point.Tag{Key: "method", Value: "gnmi"})
	h := fnv.New64a()
	_, _ = h.Write([]byte(device.Decode.Device)) // never fails
	s.phase = time.Duration(h.Sum64() % uint64(cfg.Interval))
	return s
}

// Run keeps the session up until ctx is done.
func (s *Session) Run(ctx context.Context) {
	for tries := 0; s.valid(ctx); {
		began := time.Now()
		err := s.connect(ctx, ask{mode: s.cfg.Mode})
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > s.cfg.RetryMax || errors.Is(err, errAnew) {
			tries = 0
		}
		s.report(err)
		if !pause.For(ctx, s.backoff(tries)) {
			return
		}
		tries++
	}
}

// Once asks for everything once.
func (s *Session) Once(ctx context.Context) error {
	now := time.Now()
	if now.Before(s.device.From) || !s.device.To.IsZero() && !now.Before(s.device.To) {
		return nil
	}
	err := s.connect(ctx, ask{mode: gpb.SubscriptionList_ONCE, alone: true})
	if s.report(err); err != nil {
		s.writeReach(time.Now(), 0)
	}
	return err
}

// backoff is how long to wait after so many failures: twice as long each time, and never the same.
func (s *Session) backoff(tries int) time.Duration {
	d := min(s.cfg.RetryMin<<min(tries, 20), s.cfg.RetryMax)
	return d/2 + rand.N(d/2+1) //nolint:gosec // no secret
}

// valid waits until the target's row of the inventory holds; false when ctx is done, or it never will.
func (s *Session) valid(ctx context.Context) bool {
	if until := time.Until(s.device.From); until > 0 && !pause.For(ctx, until) {
		return false
	}
	return ctx.Err() == nil && (s.device.To.IsZero() || time.Now().Before(s.device.To))
}

// connect makes a connection and stays until it ends. It always returns why.
func (s *Session) connect(ctx context.Context, a ask) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if !s.device.To.IsZero() {
		defer time.AfterFunc(time.Until(s.device.To), func() { cancel(errOver) }).Stop()
	}
	select {
	case s.cfg.Places <- struct{}{}:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	var once sync.Once
	leave := func() { once.Do(func() { <-s.cfg.Places }) }
	defer leave()
	s.cfg.Metrics.connects.Inc()
	conn, err := s.dial()
	if err != nil {
		return fail(reasonLogin, err)
	}
	defer func() { _ = conn.Close() }() // whatever was there to know, the streams know
	if ctx, err = s.login(ctx); err != nil {
		return fail(reasonLogin, err)
	}
	asks, err := s.meet(ctx, conn, a)
	if err != nil {
		return err
	}
	return s.stay(ctx, cancel, conn, asks, leave)
}

// meet asks what the target can do, and says what to ask it for.
func (s *Session) meet(ctx context.Context, conn *grpc.ClientConn, one ask) ([]ask, error) {
	asked := time.Now()
	can, err := s.capabilities(ctx, conn)
	if err != nil {
		return nil, fail(reasonOf(err), fmt.Errorf("capabilities: %w", err))
	}
	now := time.Now()
	s.answered(now)
	s.writeReach(now, now.Sub(asked))
	if one.encoding, err = can.choose(s.cfg.Encoding); err != nil {
		return nil, fail(reasonCapabilities, err)
	}
	offered := s.device.Sets
	if offered == nil {
		offered = s.cfg.Sets
	}
	sets, missing, err := can.sets(offered)
	if err != nil {
		return nil, fail(reasonCapabilities, err)
	}
	s.cfg.Log.Debug("target", "device", s.device.Decode.Device, "version", can.version, "encoding", one.encoding, "sets", setNames(sets), "without", missing)
	sampled, single := s.less()
	one.sets, one.sampled = sets, sampled
	if single = single || s.cfg.Origin == InPrefix; !single {
		return []ask{one}, nil
	}
	asks := make([]ask, len(sets))
	for i, set := range sets {
		asks[i] = one
		asks[i].sets = []*pathset.Set{set}
	}
	return asks, nil
}

// less is what the target has to be asked for less, as it has shown.
func (s *Session) less() (sampled, single bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sampled, s.single
}

func setNames(sets []*pathset.Set) (names []string) {
	for _, s := range sets {
		names = append(names, s.Name)
	}
	return names
}

// stay subscribes and reads until one of the streams ends.
func (s *Session) stay(ctx context.Context, cancel context.CancelCauseFunc, conn *grpc.ClientConn, asks []ask, leave func()) error {
	var sets []*pathset.Set
	for _, a := range asks {
		sets = append(sets, a.sets...)
	}
	sampled := asks[0].sampled || asks[0].mode != gpb.SubscriptionList_STREAM
	target := decode.New(&s.device.Decode, s.cfg.Plans.of(sets), sampled, &s.who)
	s.begin(target, cancel, sets)
	s.cfg.Metrics.open.Inc()
	defer s.cfg.Metrics.open.Dec()
	defer s.end(target)

	var all sync.WaitGroup
	ends := make(chan error, len(asks))
	for _, a := range asks {
		all.Go(func() {
			err := s.stream(ctx, conn, target, a)
			if err = s.judge(ctx, a, err); err != nil {
				cancel(err)
			}
			ends <- err
		})
	}
	leave()
	all.Wait()
	close(ends)
	for err := range ends {
		if err != nil {
			return context.Cause(ctx) // of the first that ended
		}
	}
	if asks[0].alone {
		return nil
	}
	return fail(reasonRefused, errors.New("the target refuses every path set"))
}
