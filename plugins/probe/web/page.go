// Package web measures what people do with a network: how long a page takes, and how fast a transfer is.
package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"sync"
	"sync/atomic"
	"time"
)

// Page is a page to visit.
type Page struct {
	URL       string
	Timeout   time.Duration // for all of it
	MaxOctets int64         // that are read, of the page and its parts together
	Parts     int           // at most so many pictures, scripts and style sheets are fetched, too
	Sources   []netip.Addr  // to send from, one of each version; none: the system's choice
	TLS       *tls.Config   // nil: the system's authorities
}

// Visit is what a visit took. Times are of the page itself, Total of its parts, too.
type Visit struct {
	Lookup, Connect, Handshake time.Duration
	FirstByte, Total           time.Duration // since the beginning
	Status                     int
	Octets                     int64
	Parts, Failed              int // fetched, and those that could not be
}

// ErrStatus means that the server answered with an error.
var ErrStatus = errors.New("web: the server refused")

// Visit fetches the page with connections of its own. An error says that the page did not come.
func (p *Page) Visit(ctx context.Context) (Visit, error) {
	ctx, cancel := context.WithTimeout(ctx, p.Timeout)
	defer cancel()
	transport := newTransport(p.Sources, p.TLS)
	defer transport.CloseIdleConnections()
	t := tracer{began: time.Now()}
	client, body := &http.Client{Transport: transport}, &quota{most: p.MaxOctets}
	final, text, err := t.fetch(ctx, client, p.URL, body, p.Parts > 0)
	v := t.seen()
	if err == nil && p.Parts > 0 {
		v.Parts, v.Failed = fetchParts(ctx, client, links(final, text, p.Parts), body)
	}
	v.Octets, v.Total = body.used.Load(), time.Since(t.began)
	return v, err
}

// newTransport makes connections that nobody used before.
func newTransport(sources []netip.Addr, config *tls.Config) *http.Transport {
	return &http.Transport{DialContext: dial(sources), TLSClientConfig: config, ForceAttemptHTTP2: true,
		MaxConnsPerHost: 6, MaxIdleConnsPerHost: 6, DisableCompression: false}
}

// dial connects from one of the sources, whose versions of IP are the only ones that are used then.
func dial(sources []netip.Addr) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (conn net.Conn, err error) {
		if len(sources) == 0 {
			return new(net.Dialer).DialContext(ctx, network, address)
		}
		for _, source := range sources {
			d := net.Dialer{LocalAddr: &net.TCPAddr{IP: source.AsSlice()}}
			if conn, err = d.DialContext(ctx, network, address); err == nil {
				return conn, nil
			}
		}
		return nil, err
	}
}

// tracer notes when things happen. Redirects add up. Its functions may be called after a visit has ended, of connections that
// nobody waits for any more.
type tracer struct {
	began time.Time

	mu                         sync.Mutex
	lookup, connect, handshake time.Time
	visit                      Visit
}

func (t *tracer) seen() Visit {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.visit
}

// start and stop measure one stage.
func (t *tracer) start(stage *time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*stage = time.Now()
}

func (t *tracer) stop(stage time.Time, sum *time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	*sum += time.Since(stage)
}

func (t *tracer) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSStart:          func(httptrace.DNSStartInfo) { t.start(&t.lookup) },
		DNSDone:           func(httptrace.DNSDoneInfo) { t.stop(t.lookup, &t.visit.Lookup) },
		ConnectStart:      func(string, string) { t.start(&t.connect) },
		ConnectDone:       func(string, string, error) { t.stop(t.connect, &t.visit.Connect) },
		TLSHandshakeStart: func() { t.start(&t.handshake) },
		TLSHandshakeDone:  func(tls.ConnectionState, error) { t.stop(t.handshake, &t.visit.Handshake) },
		GotFirstResponseByte: func() {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.visit.FirstByte = time.Since(t.began)
		},
	}
}

// fetch gets the page and, if keep says so, returns the beginning of its text and where it came from in the end.
func (t *tracer) fetch(ctx context.Context, client *http.Client, from string, quota *quota, keep bool) (*url.URL, []byte, error) {
	resp, err := get(httptrace.WithClientTrace(ctx, t.trace()), client, from)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	t.mu.Lock()
	t.visit.Status = resp.StatusCode
	t.mu.Unlock()
	if resp.StatusCode >= 400 {
		return nil, nil, fmt.Errorf("%w: %s", ErrStatus, resp.Status)
	}
	var text bytes.Buffer
	into := io.Discard
	if keep {
		into = &text
	}
	if _, err := io.Copy(into, quota.reader(resp.Body)); err != nil {
		return nil, nil, fmt.Errorf("web: %w", err)
	}
	return resp.Request.URL, text.Bytes(), nil
}

func get(ctx context.Context, client *http.Client, from string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, from, nil)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	req.Header.Set("User-Agent", "haidang-probe")
	resp, err := client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	return resp, nil
}

// ErrTooLong means that more came than may be read.
var ErrTooLong = errors.New("web: more octets than max_octets")

// quota is what may be read, of several bodies together.
type quota struct {
	most int64
	used atomic.Int64
}

func (q *quota) reader(r io.Reader) io.Reader { return metered{r, q} }

type metered struct {
	io.Reader
	quota *quota
}

// Read reads, and refuses when the quota is used up.
func (m metered) Read(p []byte) (int, error) {
	n, err := m.Reader.Read(p)
	if m.quota.used.Add(int64(n)) > m.quota.most {
		return n, ErrTooLong
	}
	return n, err
}
