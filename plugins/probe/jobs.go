package probe

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/miekg/dns"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/probe/resolve"
	"github.com/haidang-noc/haidang/plugins/probe/schedule"
	"github.com/haidang-noc/haidang/plugins/probe/web"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// poolBulk are the workers of downloads and uploads together.
const poolBulk = "bulk"

// jobResult is what a job writes into a point.
type jobResult struct {
	enc     sdk.Encoder
	up      bool
	unknown string // why nothing can be said; empty: the point holds
	octets  int64
}

// job is a test in the schedule: at its time it is given to a worker, unless it still runs.
type job struct {
	*jobTest
	key  []byte
	busy atomic.Bool
	pool *pool
	once bool
	due  bool // the first time is behind it
}

// Act hands the job to the workers.
func (j *job) Act(now time.Time) time.Time {
	if j.due || j.once {
		j.pool.offer(j)
	}
	if j.once {
		return time.Time{}
	}
	j.due = true
	return schedule.Next(now, j.Interval.D(), schedule.Phase(j.Device+"/"+j.Province+"/"+j.Service+"/"+j.Name, j.Interval.D()))
}

// pool is the workers of one kind of job.
type pool struct {
	queue   chan *job
	parts   *parts
	workers int
}

func newPool(p *parts, workers, jobs int) *pool {
	return &pool{queue: make(chan *job, jobs), parts: p, workers: workers}
}

// offer puts a job into the queue, which has room for each once.
func (p *pool) offer(j *job) {
	if !j.busy.CompareAndSwap(false, true) {
		p.parts.metrics.lost(j.Method, "overlap")
		return
	}
	p.queue <- j
}

// run works until ctx is done, or the queue is closed and empty.
func (p *pool) run(ctx context.Context) {
	var all sync.WaitGroup
	for range p.workers {
		all.Go(func() {
			for {
				select {
				case j, more := <-p.queue:
					if !more {
						return
					}
					p.parts.work(ctx, j)
					j.busy.Store(false)
				case <-ctx.Done():
					return
				}
			}
		})
	}
	all.Wait()
}

// work does a job and writes its point.
func (p *parts) work(ctx context.Context, j *job) {
	began := time.Now()
	if j.most > 0 {
		if refused := p.budget.take(began, j.most); refused != "" {
			p.metrics.lost(j.Method, refused)
			return
		}
	}
	var r jobResult
	r.enc.Begin(j.key)
	j.do(ctx, &r)
	p.metrics.octets.WithLabelValues(j.Method).Add(float64(r.octets))
	if j.most > 0 {
		p.budget.giveBack(max(j.most-r.octets, 0))
	}
	switch {
	case ctx.Err() != nil: // stopped in the middle
		return
	case r.unknown != "":
		p.metrics.lost(j.Method, r.unknown)
		return
	}
	ended := time.Now()
	r.enc.Bool("up", r.up)
	r.enc.Int("interval_s", int64(j.Interval.D()/time.Second))
	r.enc.End(ended.UnixNano())
	p.judge.settle(finding{method: j.Method, began: began, ended: ended, answered: r.up, lossy: !r.up}, &r.enc)
}

func doDNS(ctx context.Context, q *resolve.Query, rcodes []string, r *jobResult) {
	a, err := q.Ask(ctx)
	if err != nil {
		r.unknown = ownFault(err)
		return
	}
	code := dns.RcodeToString[a.Rcode]
	r.up = slices.Contains(rcodes, code)
	r.enc.Float("dns_ms", ms(a.Took))
	r.enc.String("rcode", code)
	r.enc.Int("records", int64(a.Records))
	r.enc.Int("attempts", int64(a.Asked))
	r.enc.Bool("tcp", a.TCP)
}

func doWeb(ctx context.Context, p *web.Page, r *jobResult) {
	v, err := p.Visit(ctx)
	r.octets = v.Octets
	if v.Status > 0 {
		r.enc.Int("status", int64(v.Status))
	}
	if err != nil {
		r.unknown = ownFault(err)
		return
	}
	r.up = true
	r.enc.Float("web_load_s", v.Total.Seconds())
	r.enc.Float("dns_ms", ms(v.Lookup))
	r.enc.Float("connect_ms", ms(v.Connect))
	r.enc.Float("tls_ms", ms(v.Handshake))
	r.enc.Float("first_byte_ms", ms(v.FirstByte))
	r.enc.Int("octets", v.Octets)
	if p.Parts > 0 {
		r.enc.Int("parts", int64(v.Parts))
		r.enc.Int("parts_failed", int64(v.Failed))
	}
}

func doBulk(ctx context.Context, t *web.Transfer, subscribed float64, r *jobResult) {
	s, err := t.Run(ctx)
	r.octets = s.Octets
	switch {
	case err != nil:
		r.unknown = ownFault(err)
		return
	case !s.Steady:
		r.unknown = "too_short"
		return
	}
	r.up = true
	name, sold := "throughput_mbps", "subscribed_mbps"
	if t.Upload {
		name, sold = "upload_mbps", "subscribed_upload_mbps"
	}
	r.enc.Float(name, s.Mbps)
	if subscribed > 0 {
		r.enc.Float(sold, subscribed)
	}
	r.enc.Int("octets", s.Octets)
	r.enc.Float("took_s", s.Took.Seconds())
}

// readTrust reads the authorities that a test's server may have its certificate of; empty: the system's.
func readTrust(dir, path string) (*tls.Config, error) {
	if path == "" {
		return nil, nil //nolint:nilnil // web takes nil for the system's
	}
	text, err := os.ReadFile(conf.Path(dir, path))
	if err != nil {
		return nil, fmt.Errorf("trust: %w", err)
	}
	authorities := x509.NewCertPool()
	if !authorities.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("trust: %s: want certificates in PEM", path)
	}
	return &tls.Config{RootCAs: authorities, MinVersion: tls.VersionTLS12}, nil
}
