package month

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// Stream writes batches one after another: zstd frames that zstdcat prints.
type Stream struct{ W io.Writer }

// Put writes the batch.
func (s Stream) Put(_ context.Context, _ uint64, b point.Batch) error {
	if _, err := s.W.Write(b.Frames); err != nil {
		return fmt.Errorf("month: write: %w", err)
	}
	return nil
}

// Flush has nothing to wait for.
func (s Stream) Flush(context.Context) error { return nil }

// Upload sends each batch as one write request of a spool. Batches may be sent several at a time; none
// is sent while one that is 64 before it is not accepted.
type Upload struct {
	URL    string // of the collector, for example http://127.0.0.1:8470
	Token  string
	Spool  string // spool-id, 32 hexadecimal digits
	Client *http.Client

	round []request
}

type request struct {
	sequence uint64
	frames   []byte
}

// abreast is how many requests are under way at once.
const abreast = 8

// Put sends the batch, together with its neighbours.
func (u *Upload) Put(ctx context.Context, number uint64, b point.Batch) error {
	u.round = append(u.round, request{number, b.Frames})
	if len(u.round) < abreast {
		return nil
	}
	return u.Flush(ctx)
}

// Flush sends what is left and waits for all of it.
func (u *Upload) Flush(ctx context.Context) error {
	errs := make(chan error, len(u.round))
	for _, r := range u.round {
		go func() { errs <- u.send(ctx, r) }()
	}
	var first error // the others say the same
	for range u.round {
		if err := <-errs; first == nil {
			first = err
		}
	}
	u.round = u.round[:0]
	return first
}

// patience is how often a request is repeated before the month is given up.
const patience = 30

func (u *Upload) send(ctx context.Context, r request) error {
	for try := 1; ; try++ {
		wait, err := u.post(ctx, r)
		if err == nil || wait == 0 || try == patience {
			return err
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// post sends one request. After an error it says how long to wait before another try, 0 for never.
func (u *Upload) post(ctx context.Context, r request) (wait time.Duration, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.URL+"/api/v2/write", bytes.NewReader(r.frames))
	if err != nil {
		return 0, fmt.Errorf("month: upload: %w", err)
	}
	req.Header.Set("Authorization", "Token "+u.Token)
	req.Header.Set("Content-Encoding", "zstd")
	req.Header.Set("Haidang-Batch", u.Spool+"/"+strconv.FormatUint(r.sequence, 10))
	req.Header.Set("Haidang-Sent", strconv.FormatInt(time.Now().UnixNano(), 10))
	resp, err := u.Client.Do(req)
	if err != nil {
		return time.Second, fmt.Errorf("month: upload: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, _ := io.ReadAll(io.LimitReader(resp.Body, 400)) // an explanation, if there is one
	if resp.StatusCode/100 == 2 {
		return 0, nil
	}
	err = fmt.Errorf("month: upload: batch %d: %s: %s", r.sequence, resp.Status, bytes.TrimSpace(text))
	if resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode < 500 {
		return 0, err
	}
	seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After")) // absent or a date: one second
	return time.Duration(max(seconds, 1)) * time.Second, err
}
