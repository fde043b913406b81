package shipper

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/conf"
)

// clientCertificate writes a key and a certificate that signs itself.
func clientCertificate(t *testing.T) (certFile, keyFile string, pool *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "hn-01"}, NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	pool = x509.NewCertPool()
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(cert)
	return writePEM(t, "CERTIFICATE", der), writePEM(t, "PRIVATE KEY", raw), pool
}

func writePEM(t *testing.T, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTLSWithBothCertificates(t *testing.T) {
	certFile, keyFile, clients := clientCertificate(t)
	c := &collector{}
	srv := httptest.NewUnstartedServer(c)
	srv.EnableHTTP2 = true
	srv.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: clients}
	srv.StartTLS()
	defer srv.Close()
	ca := writePEM(t, "CERTIFICATE", srv.Certificate().Raw)
	r := newRig(t, srv.URL, func(c *Config) { c.TLS = TLS{CAFile: ca, CertFile: certFile, KeyFile: keyFile} })
	if err := r.shipper.cfg.Check(); err != nil {
		t.Fatal(err)
	}
	r.append(20)
	stop := r.run()
	r.untilEmpty()
	stop()
	if n := len(c.requests()); n != 20 {
		t.Errorf("%d requests", n)
	}
}

func TestAnUnknownAuthorityIsRefused(t *testing.T) {
	c := &collector{}
	srv := httptest.NewTLSServer(c)
	defer srv.Close()
	r := newRig(t, srv.URL, nil)
	r.append(1)
	a := r.shipper.send(t.Context(), mustNext(t, r))
	if a.err == nil || !strings.Contains(a.err.Error(), "certificate") || a.verdict() != again || len(c.requests()) != 0 {
		t.Errorf("%+v, %d requests", a, len(c.requests()))
	}
}

func TestConfigMistakes(t *testing.T) {
	for want, edit := range map[string]func(*Config){
		`collector.url: "": want`:                           func(c *Config) { c.URL = "" },
		`collector.url: "collector:8470": want`:             func(c *Config) { c.URL = "collector:8470" },
		"collector.url: holds a user":                       func(c *Config) { c.URL = "https://a:b@c" },
		"collector.tls: set, but collector.url is http://c": func(c *Config) { c.URL, c.TLS.CAFile = "http://c", "x" },
		"collector.tls: cert_file and key_file: want both":  func(c *Config) { c.TLS.CertFile = "x" },
		"collector.in_flight: 65: want 1 to 64":             func(c *Config) { c.InFlight = 65 },
		"collector.timeout: 0s":                             func(c *Config) { c.Timeout = 0 },
		"collector.retry_min: 1m0s: want more than 0s":      func(c *Config) { c.RetryMin = conf.Duration(time.Minute) },
		"which is at most 1h":                               func(c *Config) { c.RetryMax = conf.Duration(2 * time.Hour) },
		"collector.tls.ca_file: open /nowhere":              func(c *Config) { c.TLS.CAFile = "/nowhere" },
	} {
		cfg := DefaultConfig()
		cfg.URL = "https://collector.example.net:8470"
		edit(&cfg)
		_, err := New(cfg, Deps{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
		if err != nil && strings.Contains(err.Error(), "a:b") {
			t.Errorf("the error shows a password: %v", err)
		}
	}
}

func TestCheckReadsWhatTheConfigurationRefersTo(t *testing.T) {
	certFile, keyFile, _ := clientCertificate(t)
	token, err := conf.NewSecret("env:HAIDANG_TEST_NO_SUCH_TOKEN")
	if err != nil {
		t.Fatal(err)
	}
	for want, c := range map[string]Config{
		"collector.tls.ca_file: " + keyFile + ": no certificate": {TLS: TLS{CAFile: keyFile}},
		"collector.tls: ":   {TLS: TLS{CertFile: certFile, KeyFile: certFile}},
		"collector.token: ": {Token: token},
	} {
		if err := c.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
