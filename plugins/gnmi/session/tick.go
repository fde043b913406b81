package session

import (
	"time"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// Tick writes what is due, and ends a connection on which nothing comes any more. Somebody calls it a few times a second.
func (s *Session) Tick(now time.Time) {
	s.mu.Lock()
	target := s.target
	s.watch(now)
	due := s.state != untried && !now.Before(s.due)
	s.mu.Unlock()
	if target != nil {
		target.Sweep(now)
	}
	if due {
		s.writeReach(now, 0)
	}
}

// watch ends what is of no use any more: streams that are silent, and those without heartbeats where states can be sampled.
// The caller has the lock.
func (s *Session) watch(now time.Time) {
	if s.target == nil {
		return
	}
	if now.Sub(s.heard) > s.quiet {
		s.cancel(errSilent)
		return
	}
	told := s.target.StatesTold()
	if s.cfg.Mode == gpb.SubscriptionList_STREAM && s.cfg.States == Auto && !s.sampled && told != 0 && now.Sub(time.Unix(0, told)) > 2*s.cfg.Heartbeat {
		s.sampled = true
		s.cfg.Metrics.fallbacks.WithLabelValues("sampled_states").Inc()
		s.cancel(errHeartbeat)
	}
}

// hear notes that the target has sent something.
func (s *Session) hear(now time.Time) {
	s.mu.Lock()
	s.heard = now
	s.mu.Unlock()
}

// answered notes that the target has answered.
func (s *Session) answered(now time.Time) {
	s.mu.Lock()
	s.state = answers
	s.mu.Unlock()
	s.hear(now)
}

// writeReach writes whether the target answers; with how long that took, if it was just asked.
func (s *Session) writeReach(now time.Time, rtt time.Duration) {
	s.mu.Lock()
	up := s.state == answers
	s.due = next(now, s.cfg.Interval, s.phase)
	s.mu.Unlock()
	e := s.device.Decode.Box.Open()
	defer s.device.Decode.Box.Close()
	e.Begin(s.reach)
	e.Bool("up", up)
	if rtt > 0 {
		e.Float("rtt_ms", float64(rtt.Microseconds())/1000)
	}
	e.Int("interval_s", int64(s.cfg.Interval/time.Second))
	e.End(now.UnixNano())
}
