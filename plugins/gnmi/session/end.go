package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/haidang-noc/haidang/plugins/gnmi/decode"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
)

// Why sessions end, as the metric has it.
const (
	reasonUnreachable  = "unreachable"
	reasonLogin        = "login"
	reasonCapabilities = "capabilities"
	reasonRefused      = "refused"
	reasonSilent       = "silent"
	reasonHeartbeat    = "heartbeat"
	reasonClosed       = "closed"
)

// failure is why a session ended.
type failure struct {
	reason string
	err    error
}

func (f *failure) Error() string { return f.err.Error() }

func (f *failure) Unwrap() error { return f.err }

func fail(reason string, err error) error { return &failure{reason, err} }

// refusal is that a target does not take a subscription.
type refusal struct{ err error }

func (r *refusal) Error() string {
	return fmt.Sprintf("the target refuses the subscription: %v", r.err)
}

func (r *refusal) Unwrap() error { return r.err }

var (
	errAnew      = errors.New("the target is asked for less")
	errOver      = errors.New("its row of the inventory holds no longer")
	errSilent    = fail(reasonSilent, errors.New("the target has sent nothing for too long"))
	errHeartbeat = fail(reasonHeartbeat, fmt.Errorf("the target sends no heartbeats; its states are sampled from now on: %w", errAnew))
)

// reasonOf sorts what a call came back with.
func reasonOf(err error) string {
	switch status.Code(err) {
	case codes.Unavailable, codes.DeadlineExceeded, codes.Unknown:
		return reasonUnreachable
	case codes.Unauthenticated, codes.PermissionDenied:
		return reasonLogin
	default:
		return reasonClosed
	}
}

// refuses says whether an error is about what was asked for.
func refuses(err error) bool {
	switch status.Code(err) {
	case codes.InvalidArgument, codes.Unimplemented, codes.NotFound, codes.FailedPrecondition, codes.OutOfRange:
		return true
	default:
		return false
	}
}

// judge says what the end of a stream means for the session; nil: nothing. A target that refuses is asked for less: its states
// as samples, then every set alone, then without the set.
func (s *Session) judge(ctx context.Context, a ask, err error) error {
	var no *refusal
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case !errors.As(err, &no):
		return fail(reasonOf(err), err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.cfg.States == Auto && !a.sampled && a.mode == gpb.SubscriptionList_STREAM && onChange(a.sets):
		s.sampled = true
		s.cfg.Metrics.fallbacks.WithLabelValues("sampled_states").Inc()
		return fail(reasonRefused, fmt.Errorf("%w; its states are sampled from now on: %w", err, errAnew))
	case len(a.sets) > 1:
		s.single = true
		s.cfg.Metrics.fallbacks.WithLabelValues("single_sets").Inc()
		return fail(reasonRefused, fmt.Errorf("%w; each path set is asked for alone from now on: %w", err, errAnew))
	}
	s.cfg.Metrics.fallbacks.WithLabelValues("set_left_out").Inc()
	s.cfg.Log.Warn("the target refuses a path set", "device", s.device.Decode.Device, "set", a.sets[0].Name, "error", no.err)
	return nil
}

// begin notes that a connection has begun.
func (s *Session) begin(t *decode.Target, cancel context.CancelCauseFunc, sets []*pathset.Set) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.target, s.cancel, s.since, s.heard = t, cancel, now, now
	s.quiet = max(s.cfg.Heartbeat, s.cfg.Interval) * 5 / 2
	if samples(sets) || s.sampled {
		s.quiet = s.longest(sets) * 5 / 2
	}
	if s.failed != "" {
		s.cfg.Log.Info("target answers again", "device", s.device.Decode.Device)
		s.failed = ""
	}
}

// longest is the longest interval in which something of every set should come.
func (s *Session) longest(sets []*pathset.Set) time.Duration {
	d := s.cfg.Interval
	for _, set := range sets {
		for _, sub := range set.Subscriptions {
			d = max(d, sub.Every)
		}
	}
	return d
}

// end writes what has come, and forgets the connection.
func (s *Session) end(t *decode.Target) {
	t.Flush(time.Now())
	s.mu.Lock()
	defer s.mu.Unlock()
	s.target, s.cancel = nil, nil
}

// report counts and logs why a session ended: the same reason once, until the target has answered.
func (s *Session) report(err error) {
	if err == nil || errors.Is(err, errOver) || errors.Is(err, context.Canceled) {
		return
	}
	reason := reasonClosed
	var f *failure
	if errors.As(err, &f) {
		reason = f.reason
	}
	s.cfg.Metrics.failures.WithLabelValues(reason).Inc()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state = answers; reason == reasonUnreachable || reason == reasonSilent {
		s.state = silent // otherwise it did answer, if not as we want
	}
	if reason == reasonUnreachable { // it may come back with other software
		s.sampled, s.single = s.cfg.States == Sampled, false
	}
	if s.failed != reason {
		s.failed = reason
		s.cfg.Log.Warn("no session with the target", "device", s.device.Decode.Device, "address", s.device.Address, "reason", reason, "error", err)
	}
}
