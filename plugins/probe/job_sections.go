package probe

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/plugins/probe/resolve"
	"github.com/haidang-noc/haidang/plugins/probe/web"
)

// jobTest is a test that one worker does at a time, checked.
type jobTest struct {
	Common
	pool string                                  // whose workers do it
	do   func(ctx context.Context, r *jobResult) // measures
	most int64                                   // octets of the day's account that it may take; 0: it is not bulk
}

// dnsSection is a test of method dns.
type dnsSection struct {
	Common   `yaml:",inline"`
	Server   string        `yaml:"server"`
	Query    string        `yaml:"query"`
	Type     string        `yaml:"type"`
	Rcodes   []string      `yaml:"rcodes"`
	TCP      bool          `yaml:"tcp"`
	Timeout  conf.Duration `yaml:"timeout"`
	Attempts int           `yaml:"attempts"`
}

func (r *reader) dns(section conf.Section) error {
	s := dnsSection{Common: r.common(section), Type: "A", Rcodes: []string{"NOERROR"}, Timeout: conf.Duration(2 * time.Second), Attempts: 2}
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	q, err := s.read()
	if err != nil {
		return place(section, err)
	}
	if a := r.source(q.Server.Addr().Is4()); !a.IsUnspecified() {
		q.Source = a
	}
	return r.job(&jobTest{Common: s.Common, pool: methodDNS, do: func(ctx context.Context, res *jobResult) { doDNS(ctx, q, s.Rcodes, res) }})
}

func (s *dnsSection) read() (*resolve.Query, error) {
	if err := s.job(); err != nil {
		return nil, err
	}
	server, err := address(s.Server, 53)
	if err != nil {
		return nil, fmt.Errorf("server: %s", strings.TrimPrefix(err.Error(), "address: "))
	}
	kind, known := dns.StringToType[s.Type]
	switch _, valid := dns.IsDomainName(s.Query); {
	case !known:
		return nil, fmt.Errorf("type: %q: want a type of record, like A, AAAA, MX", s.Type)
	case !valid || s.Query == "":
		return nil, fmt.Errorf("query: %q: want a domain name", s.Query)
	case s.Timeout.D() < 10*time.Millisecond || s.Timeout.D() > 30*time.Second:
		return nil, fmt.Errorf("timeout: %v: want 10ms to 30s", s.Timeout.D())
	}
	for _, code := range s.Rcodes {
		if _, ok := dns.StringToRcode[code]; !ok {
			return nil, fmt.Errorf("rcodes: %q: want names like NOERROR, NXDOMAIN", code)
		}
	}
	if err := conf.Within("attempts", int64(s.Attempts), 1, 5); err != nil {
		return nil, err
	}
	return &resolve.Query{Server: server, Name: s.Query, Type: kind, TCP: s.TCP, Timeout: s.Timeout.D(), Attempts: s.Attempts}, nil
}

// job checks what jobs have in common.
func (c *Common) job() error {
	if err := c.check(); err != nil {
		return err
	}
	if c.Service == "" {
		return fmt.Errorf("service: want one of %s", strings.Join(services(), ", "))
	}
	return nil
}

func (r *reader) job(j *jobTest) error {
	if err := r.enter(&j.Common); err != nil {
		return err
	}
	r.jobs = append(r.jobs, j)
	return nil
}

// webSection is a test of method web.
type webSection struct {
	Common    `yaml:",inline"`
	URL       string        `yaml:"url"`
	Timeout   conf.Duration `yaml:"timeout"`
	MaxOctets conf.Bytes    `yaml:"max_octets"`
	Parts     int           `yaml:"parts"`
	Trust     string        `yaml:"trust"`
}

func (r *reader) web(section conf.Section) error {
	s := webSection{Common: r.common(section), Timeout: conf.Duration(20 * time.Second), MaxOctets: 8 << 20}
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	err := s.job()
	if err == nil {
		_, err = parseURL(s.URL)
	}
	if err == nil {
		err = cmp.Or(conf.Within("parts", int64(s.Parts), 0, 200), conf.Within("max_octets", int64(s.MaxOctets), 1<<10, 1<<30),
			conf.Within("timeout", s.Timeout.D().Milliseconds(), 100, min(s.Interval.D().Milliseconds(), 120_000)))
	}
	if err != nil {
		return place(section, err)
	}
	trust, err := readTrust(r.config.Dir, s.Trust)
	if err != nil {
		return place(section, err)
	}
	p := &web.Page{URL: s.URL, Timeout: s.Timeout.D(), MaxOctets: int64(s.MaxOctets), Parts: s.Parts, Sources: r.Source, TLS: trust}
	return r.job(&jobTest{Common: s.Common, pool: methodWeb, most: p.MaxOctets, do: func(ctx context.Context, res *jobResult) { doWeb(ctx, p, res) }})
}

// bulkSection is a test of method download or upload.
type bulkSection struct {
	Common     `yaml:",inline"`
	URL        string        `yaml:"url"`
	Streams    int           `yaml:"streams"`
	Warmup     conf.Duration `yaml:"warmup"`
	Time       conf.Duration `yaml:"time"`
	MaxOctets  conf.Bytes    `yaml:"max_octets"`
	Timeout    conf.Duration `yaml:"timeout"`
	Subscribed float64       `yaml:"subscribed_mbps"`
	Trust      string        `yaml:"trust"`
}

func (r *reader) bulk(section conf.Section) error {
	s := bulkSection{Common: r.common(section), Streams: 4, Warmup: conf.Duration(2 * time.Second), Time: conf.Duration(8 * time.Second),
		MaxOctets: 256 << 20, Timeout: conf.Duration(5 * time.Second)}
	s.Interval = conf.Duration(time.Hour)
	if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
		return err
	}
	if err := r.checkBulk(&s); err != nil {
		return place(section, err)
	}
	trust, err := readTrust(r.config.Dir, s.Trust)
	if err != nil {
		return place(section, err)
	}
	t := &web.Transfer{URL: s.URL, Upload: s.Method == methodUpload, Streams: s.Streams, Warmup: s.Warmup.D(), Time: s.Time.D(),
		MaxOctets: int64(s.MaxOctets), Timeout: s.Timeout.D(), Sources: r.Source, TLS: trust, Allowed: r.bulkAllowed}
	return r.job(&jobTest{Common: s.Common, pool: poolBulk, most: t.MaxOctets,
		do: func(ctx context.Context, res *jobResult) { doBulk(ctx, t, s.Subscribed, res) }})
}

func (r *reader) checkBulk(s *bulkSection) error {
	if err := s.job(); err != nil {
		return err
	}
	u, err := parseURL(s.URL)
	if err != nil {
		return err
	}
	if !r.bulkAllowed(u.Hostname()) {
		return fmt.Errorf("url: %s is not among bulk_hosts (%s), where transfers are allowed", u.Hostname(), strings.Join(r.BulkHosts, ", "))
	}
	if s.Subscribed < 0 || s.Subscribed > 1e6 {
		return fmt.Errorf("subscribed_mbps: %v: want 0 to 1000000", s.Subscribed)
	}
	return cmp.Or(
		conf.Within("streams", int64(s.Streams), 1, 32),
		conf.Within("warmup", s.Warmup.D().Milliseconds(), 0, 30_000),
		conf.Within("time", s.Time.D().Milliseconds(), 500, 60_000),
		conf.Within("timeout", s.Timeout.D().Milliseconds(), 100, 60_000),
		conf.Within("max_octets", int64(s.MaxOctets), 64<<10, 16<<30),
	)
}

func parseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	if err != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) || u.Hostname() == "" || u.User != nil {
		return nil, fmt.Errorf("url: %q: want http:// or https:// with a host, and no password", text)
	}
	return u, nil
}
