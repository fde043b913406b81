package listen

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"github.com/haidang-noc/haidang/internal/conf"
)

// TLS is what a section of an input's configuration says of TLS. Its files are read at every handshake, so that renewed ones
// need no restart.
type TLS struct {
	CertFile     string `yaml:"cert_file"`
	KeyFile      string `yaml:"key_file"`
	ClientCAFile string `yaml:"client_ca_file"` // with it a client has to show a certificate that one of these signed
}

// Config checks the files, which are relative to dir, and makes what a listener needs. Protocols are those of ALPN.
func (t TLS) Config(dir string, protocols ...string) (*tls.Config, error) {
	for _, p := range []*string{&t.CertFile, &t.KeyFile, &t.ClientCAFile} {
		*p = conf.Path(dir, *p)
	}
	load := func(*tls.ClientHelloInfo) (*tls.Config, error) { return t.load(protocols) }
	if _, err := load(nil); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: protocols, GetConfigForClient: load}, nil
}

func (t TLS) load(protocols []string) (*tls.Config, error) {
	if t.CertFile == "" || t.KeyFile == "" {
		return nil, fmt.Errorf("tls: want cert_file and key_file")
	}
	cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return nil, fmt.Errorf("tls: cert_file, key_file: %w", err)
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}, NextProtos: protocols}
	if t.ClientCAFile == "" {
		return c, nil
	}
	text, err := os.ReadFile(t.ClientCAFile)
	if err != nil {
		return nil, fmt.Errorf("tls: client_ca_file: %w", err)
	}
	c.ClientCAs, c.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
	if !c.ClientCAs.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("tls: client_ca_file: %s: no certificate in it", t.ClientCAFile)
	}
	return c, nil
}
