package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

// Transfer is a download or an upload that measures speed.
type Transfer struct {
	URL       string
	Upload    bool
	Streams   int           // connections at a time
	Warmup    time.Duration // at the beginning, which does not count: TCP is still finding out how fast it may go
	Time      time.Duration // that counts, at most
	MaxOctets int64         // of all streams, warm-up included
	Timeout   time.Duration // until the first octet
	Sources   []netip.Addr  // as those of a page
	TLS       *tls.Config   // nil: the system's authorities

	// Allowed says whether a host may be used, with redirects too; nil: any.
	Allowed func(host string) bool
}

// Speed is what a transfer brought.
type Speed struct {
	Mbps   float64 // after the warm-up
	Octets int64   // of everything
	Took   time.Duration
	Steady bool // enough came after the warm-up to say Mbps
}

// least of the time that counts for a speed to be one.
const least = 200 * time.Millisecond

// ErrNotAllowed means that a transfer was sent on to a host that may not be used.
var ErrNotAllowed = errors.New("web: a redirect to a host that bulk_hosts does not have")

// meter counts the octets of all streams.
type meter struct {
	octets atomic.Int64
	most   int64
	full   context.CancelFunc
}

// add counts, and says whether that were all octets that may be.
func (m *meter) add(n int) bool {
	full := m.octets.Add(int64(n)) >= m.most
	if full {
		m.full()
	}
	return full
}

// errFull ends a stream when all octets are used up.
var errFull = errors.New("web: max_octets are transferred")

// Run transfers until the time is over or the octets are used up. An error says that nothing could be transferred.
func (t *Transfer) Run(ctx context.Context) (Speed, error) {
	ctx, cancel := context.WithTimeout(ctx, t.Timeout+t.Warmup+t.Time)
	defer cancel()
	m := &meter{most: t.MaxOctets, full: cancel}
	transport := newTransport(t.Sources, t.TLS)
	transport.ResponseHeaderTimeout = t.Timeout
	transport.ForceAttemptHTTP2, transport.DisableCompression, transport.MaxConnsPerHost = false, true, 0
	transport.TLSNextProto = map[string]func(string, *tls.Conn) http.RoundTripper{} // a connection for each stream
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: t.redirect}
	began := time.Now()
	errs := make(chan error, t.Streams)
	var streams sync.WaitGroup
	for range t.Streams {
		streams.Go(func() {
			err := t.stream(ctx, client, m)
			if err != nil && ctx.Err() == nil {
				errs <- err
				cancel()
			}
		})
	}
	s := t.watch(ctx, m, &streams)
	s.Octets, s.Took = m.octets.Load(), time.Since(began)
	close(errs)
	return s, <-errs
}

// watch measures between the end of the warm-up and that of the transfer.
func (t *Transfer) watch(ctx context.Context, m *meter, streams *sync.WaitGroup) Speed {
	ended := make(chan struct{})
	go func() {
		streams.Wait()
		close(ended)
	}()
	warm := time.NewTimer(t.Warmup)
	defer warm.Stop()
	select {
	case <-warm.C:
	case <-ended:
		return Speed{}
	}
	from, began := m.octets.Load(), time.Now()
	end := time.NewTimer(t.Time)
	defer end.Stop()
	select {
	case <-end.C:
	case <-ctx.Done():
	case <-ended:
	}
	got, took := m.octets.Load()-from, time.Since(began)
	m.full()
	<-ended
	return Speed{Mbps: float64(got) * 8 / took.Seconds() / 1e6, Steady: took >= least && got > 0}
}

// stream transfers over one connection, again and again.
func (t *Transfer) stream(ctx context.Context, client *http.Client, m *meter) error {
	for ctx.Err() == nil {
		before := m.octets.Load()
		if err := t.once(ctx, client, m); err != nil {
			return err
		}
		if m.octets.Load() == before {
			return errors.New("web: the transfer is empty")
		}
	}
	return nil
}

func (t *Transfer) once(ctx context.Context, client *http.Client, m *meter) error {
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if t.Upload {
		method, body = http.MethodPost, io.LimitReader(&source{m: m}, t.MaxOctets)
	}
	req, err := http.NewRequestWithContext(ctx, method, t.URL, body)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	req.Header.Set("User-Agent", "haidang-probe")
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("web: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if resp.StatusCode >= 400 {
		return fmt.Errorf("%w: %s", ErrStatus, resp.Status)
	}
	sink := io.Writer(&drain{m: m})
	if t.Upload {
		sink = io.Discard
	}
	if _, err := io.Copy(sink, resp.Body); err != nil && !errors.Is(err, errFull) {
		return fmt.Errorf("web: %w", err)
	}
	return nil
}

func (t *Transfer) redirect(req *http.Request, via []*http.Request) error {
	if len(via) >= 5 {
		return errors.New("web: more than 5 redirects")
	}
	if t.Allowed != nil && !t.Allowed(req.URL.Hostname()) {
		return fmt.Errorf("%w: %s", ErrNotAllowed, req.URL.Hostname())
	}
	return nil
}

// drain counts what is downloaded.
type drain struct{ m *meter }

// Write counts.
func (d *drain) Write(p []byte) (int, error) {
	if d.m.add(len(p)) {
		return len(p), errFull
	}
	return len(p), nil
}

// source is what is uploaded: it cannot be compressed on the way.
type source struct {
	m    *meter
	next uint64
}

// Read gives octets, and counts them as sent.
func (s *source) Read(p []byte) (int, error) {
	if s.m.octets.Load() >= s.m.most {
		return 0, io.EOF
	}
	for i := range p {
		s.next = s.next*6364136223846793005 + 1442695040888963407
		p[i] = byte(s.next >> 56)
	}
	s.m.add(len(p))
	return len(p), nil
}
