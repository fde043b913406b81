package shipper

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/agent/spool"
	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/obs"
	"github.com/haidang-noc/haidang/internal/pause"
)

// answer is how one attempt ended.
type answer struct {
	status     int    // 0 when there was no answer
	message    string // the collector's error
	retryAfter time.Duration
	err        error  // why there was no answer
	stuck      bool   // it has failed too often, while others were taken
	cause      string // the same as a label
}

func (a answer) verdict() verdict {
	switch {
	case a.stuck:
		return rejected
	case a.err != nil:
		return again
	}
	return judge(a.status, a.message)
}

// reason is the label of the metrics: the status, or what kept it from coming.
func (a answer) reason() string {
	if a.err == nil {
		return strconv.Itoa(a.status)
	}
	return a.cause
}

// ship sends r until the collector has decided about it, or it is at the end of the queue; false means that ctx was done
// first.
func (s *Shipper) ship(ctx context.Context, r spool.Record) bool {
	trouble := s.moved.take(r.Sequence)
	for {
		turn, err := s.gate.pass(ctx)
		if err != nil {
			return false
		}
		start := time.Now()
		a := s.send(ctx, r)
		if ctx.Err() != nil && a.err != nil {
			return false
		}
		s.metrics.requestSeconds.Observe(time.Since(start).Seconds())
		if a.verdict() == again {
			s.retry(turn, r, a)
			if !trouble.failed(s.taken.Load(), time.Now()) {
				continue
			}
			if a.stuck = trouble.hopeless(time.Now()); !a.stuck {
				if s.move(r, trouble) {
					return true
				}
				continue
			}
		} else {
			s.gate.succeeded(turn)
		}
		if s.finish(r, a) {
			return true
		}
		if !pause.For(ctx, s.cfg.RetryMax.D()) {
			return false
		}
	}
}

// retry closes the gate for a while.
func (s *Shipper) retry(turn int, r spool.Record, a answer) {
	if a.status == http.StatusUnauthorized {
		s.token.forget()
	}
	s.metrics.retries.WithLabelValues(a.reason()).Inc()
	s.rare.retry.Warn().Err(a.err).Int("status", a.status).Str("answer", a.message).Uint64("sequence", r.Sequence).
		Msg("batch not taken, it will be sent again")
	s.gate.failed(turn, a.retryAfter)
}

// finish counts a batch that is decided about; false means that it could not be put aside and must be sent again.
func (s *Shipper) finish(r spool.Record, a answer) bool {
	switch a.verdict() {
	case again, done:
	case rejected:
		if err := s.spool.Reject(r, a.note()); err != nil {
			s.rare.disk.Error().Err(err).Msg("rejected batch not put aside, it will be sent again")
			return false
		}
		s.metrics.refused(a.reason(), r)
		s.rare.reject.Error().Int("status", a.status).Str("answer", a.message).Uint64("sequence", r.Sequence).
			Int("points", r.Batch.Points).Msg("batch rejected for good, put aside in rejected/")
		return true
	case partial:
		s.metrics.partial.Inc()
		s.rare.partial.Warn().Str("answer", a.message).Strs("devices", devices(a.message)).Uint64("sequence", r.Sequence).
			Msg("some lines of a batch rejected, the others are stored")
	}
	s.taken.Add(1)
	s.metrics.sent(r)
	return true
}

func (a answer) note() string {
	if a.err != nil {
		return a.err.Error()
	}
	return fmt.Sprintf("%d %s: %s", a.status, http.StatusText(a.status), a.message)
}

// send makes one request and waits for its answer, at most Config.Timeout.
func (s *Shipper) send(ctx context.Context, r spool.Record) answer {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Timeout.D())
	defer cancel()
	req, err := s.request(ctx, r)
	if err != nil {
		return answer{err: err, cause: "token"}
	}
	res, err := s.client.Do(req)
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return answer{err: err, cause: "timeout"}
	case err != nil:
		return answer{err: err, cause: "network"}
	}
	defer res.Body.Close() //nolint:errcheck // the status has decided
	a := answer{status: res.StatusCode, retryAfter: retryAfter(res.Header.Get("Retry-After"), time.Now())}
	body, err := io.ReadAll(io.LimitReader(res.Body, maxMessage)) // to its end, so that the connection is used again
	if err == nil {
		a.message = collectorMessage(body)
	}
	return a
}

// maxMessage bounds what is read of an answer.
const maxMessage = 64 << 10

func (s *Shipper) request(ctx context.Context, r spool.Record) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.endpoint, bytes.NewReader(r.Batch.Frames))
	if err != nil {
		return nil, err
	}
	authorization, err := s.token.header()
	if err != nil {
		return nil, err
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	req.Header.Set("Content-Type", "text/plain; charset=utf-8")
	req.Header.Set("Content-Encoding", "zstd")
	req.Header.Set("User-Agent", "haidang-agent/"+obs.Version)
	req.Header.Set("Haidang-Batch", s.spool.ID()+"/"+strconv.FormatUint(r.Sequence, 10))
	req.Header.Set("Haidang-Sent", strconv.FormatInt(time.Now().UnixNano(), 10))
	return req, nil
}

// token keeps the revealed secret until the collector refuses it.
type token struct {
	secret conf.Secret
	mu     sync.Mutex
	value  string
}

func (t *token) header() (string, error) {
	if t.secret.IsZero() {
		return "", nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.value == "" {
		v, err := t.secret.Reveal()
		if err != nil {
			return "", fmt.Errorf("collector.token: %w", err)
		}
		t.value = v
	}
	return "Token " + t.value, nil
}

func (t *token) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.value = ""
}
