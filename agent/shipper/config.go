package shipper

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Config says where the collector is and how to speak to it.
type Config struct {
	URL      string        `yaml:"url"`       // https://host:port; /api/v2/write is added
	Token    conf.Secret   `yaml:"token"`     // read again whenever the collector answers 401
	TLS      TLS           `yaml:"tls"`       //
	InFlight int           `yaml:"in_flight"` // requests at a time
	Timeout  conf.Duration `yaml:"timeout"`   // of one request
	RetryMin conf.Duration `yaml:"retry_min"` // first pause after a failure; it doubles up to retry_max
	RetryMax conf.Duration `yaml:"retry_max"`
}

// TLS names the files of a connection to an https URL. The certificate and its key are read at every handshake, so
// they may be renewed while the agent runs.
type TLS struct {
	CAFile     string `yaml:"ca_file"`     // instead of the system's authorities
	CertFile   string `yaml:"cert_file"`   // the agent's own certificate
	KeyFile    string `yaml:"key_file"`    // and its key
	ServerName string `yaml:"server_name"` // when the certificate is for another name than the URL's
}

// maxSpan bounds how far a sequence in flight may be above the oldest unacknowledged one: the collector's
// window of applied sequences has 64 places.
const maxSpan = 64

// DefaultConfig is what an absent key means; URL has no default.
func DefaultConfig() Config {
	return Config{
		InFlight: 8, Timeout: conf.Duration(30 * time.Second),
		RetryMin: conf.Duration(500 * time.Millisecond), RetryMax: conf.Duration(30 * time.Second),
	}
}

// Validate checks what the types cannot.
func (c Config) Validate() error {
	u, err := url.Parse(c.URL)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return fmt.Errorf("collector.url: %q: want for example https://collector.example.net:8470", c.URL)
	case u.User != nil:
		return errors.New("collector.url: holds a user: want the secret in collector.token")
	case u.Scheme == "http" && c.TLS != TLS{}:
		return fmt.Errorf("collector.tls: set, but collector.url is %s: want https", c.URL)
	case (c.TLS.CertFile == "") != (c.TLS.KeyFile == ""):
		return errors.New("collector.tls: cert_file and key_file: want both or none")
	case c.InFlight < 1 || c.InFlight > maxSpan:
		return fmt.Errorf("collector.in_flight: %d: want 1 to %d", c.InFlight, maxSpan)
	case c.Timeout <= 0:
		return errors.New("collector.timeout: 0s: want more, for example 30s")
	case c.RetryMin <= 0 || c.RetryMax < c.RetryMin || c.RetryMax.D() > time.Hour:
		return fmt.Errorf("collector.retry_min: %v: want more than 0s and at most retry_max (%v), which is at most 1h",
			c.RetryMin.D(), c.RetryMax.D())
	}
	return nil
}

// Check reads what the configuration refers to: certificates, key and token.
func (c Config) Check() error {
	_, err := c.TLS.client()
	if err == nil && c.TLS.CertFile != "" {
		_, err = c.TLS.certificate()
	}
	if err != nil {
		return err
	}
	if c.Token.IsZero() {
		return nil
	}
	if _, err := c.Token.Reveal(); err != nil {
		return fmt.Errorf("collector.token: %w", err)
	}
	return nil
}

func (c Config) endpoint() (string, error) { return url.JoinPath(c.URL, "api/v2/write") }

// transport keeps as many connections as there are requests at a time. It never compresses: frames are zstd.
func (c Config) transport() (*http.Transport, error) {
	t, err := c.TLS.client()
	if err != nil {
		return nil, err
	}
	return &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: t, TLSHandshakeTimeout: 10 * time.Second,
		MaxConnsPerHost: c.InFlight, MaxIdleConnsPerHost: c.InFlight, IdleConnTimeout: 90 * time.Second,
		DisableCompression: true, ForceAttemptHTTP2: true,
	}, nil
}

func (t TLS) client() (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: t.ServerName}
	if t.CertFile != "" {
		cfg.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return t.certificate() }
	}
	if t.CAFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return nil, fmt.Errorf("collector.tls.ca_file: %w", err)
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("collector.tls.ca_file: %s: no certificate in it: want PEM", t.CAFile)
	}
	return cfg, nil
}

func (t TLS) certificate() (*tls.Certificate, error) {
	c, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("collector.tls: %w", err)
	}
	return &c, nil
}
