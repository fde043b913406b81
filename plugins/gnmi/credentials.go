package gnmi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/plugins/gnmi/pathset"
	"github.com/haidang-noc/haidang/plugins/gnmi/session"
)

// credentialSettings is one element of credentials.
type credentialSettings struct {
	Name     string      `yaml:"name"`
	Username string      `yaml:"username"`
	Password conf.Secret `yaml:"password"`
	Port     uint16      `yaml:"port"`
	TLS      tlsSettings `yaml:"tls"`
	Sets     []string    `yaml:"sets"`
	For      selector    `yaml:"for"`

	sets []*pathset.Set // of Sets
}

// tlsSettings say how targets are known, and how they know us.
type tlsSettings struct {
	CA         string `yaml:"ca_file"`
	Cert       string `yaml:"cert_file"`
	Key        string `yaml:"key_file"`
	ServerName string `yaml:"server_name"`
	Insecure   bool   `yaml:"insecure_skip_verify"`
	Plaintext  bool   `yaml:"plaintext"`
}

// selector says which rows of the inventory a credential is for; an empty list means any value.
type selector struct {
	Vendor   []string `yaml:"vendor"`
	Role     []string `yaml:"role"`
	System   []string `yaml:"system"`
	Province []string `yaml:"province"`
	Profile  []string `yaml:"profile"`
}

// gnmiPort is the port that IANA has registered.
const gnmiPort = 9339

// readCredentials reads the credentials; path sets that they name are looked for in all.
func readCredentials(dir string, sections []conf.Section, all []*pathset.Set) ([]*credentialSettings, error) {
	var creds []*credentialSettings
	for _, section := range sections {
		c := &credentialSettings{Port: gnmiPort}
		if err := conf.Decode(section.File, section.Line, section.Text, c); err != nil {
			return nil, err
		}
		for _, path := range []*string{&c.TLS.CA, &c.TLS.Cert, &c.TLS.Key} {
			*path = conf.Path(dir, *path)
		}
		if slices.ContainsFunc(creds, func(o *credentialSettings) bool { return o.Name == c.Name }) {
			return nil, conf.At(section.File, section.Line, "name", "%q is there twice", c.Name)
		}
		if _, err := c.config(); err != nil && !c.TLS.Plaintext {
			return nil, conf.At(section.File, section.Line, "tls", "credential %q: %v", c.Name, err)
		}
		var err error
		if c.sets, err = named(all, c.Sets); err != nil {
			return nil, conf.Place(section.File, section.Line, section.Text, err)
		}
		creds = append(creds, c)
	}
	return creds, nil
}

// Validate checks the credential by itself.
func (c *credentialSettings) Validate() error {
	switch {
	case c.Name == "":
		return errors.New("name: is empty: want a name")
	case c.Port == 0:
		return errors.New("port: 0: want 1 to 65535")
	case c.Username == "" && !c.Password.IsZero():
		return errors.New("username: is empty, and there is a password")
	case (c.TLS.Cert == "") != (c.TLS.Key == ""):
		return errors.New("tls.cert_file: want both cert_file and key_file, or neither")
	case c.TLS.Plaintext && c.TLS != (tlsSettings{Plaintext: true}):
		return errors.New("tls.plaintext: true goes with no other setting of tls")
	}
	return nil
}

// config reads the certificates.
func (c *credentialSettings) config() (*tls.Config, error) {
	out := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.TLS.ServerName, InsecureSkipVerify: c.TLS.Insecure} //nolint:gosec // the operator's choice
	if c.TLS.CA != "" {
		text, err := os.ReadFile(c.TLS.CA)
		if err != nil {
			return nil, fmt.Errorf("ca_file: %w", err)
		}
		out.RootCAs = x509.NewCertPool()
		if !out.RootCAs.AppendCertsFromPEM(text) {
			return nil, fmt.Errorf("ca_file: %s: has no certificate in PEM", c.TLS.CA)
		}
	}
	if c.TLS.Cert != "" {
		pair, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
		if err != nil {
			return nil, fmt.Errorf("cert_file: %w", err)
		}
		out.Certificates = []tls.Certificate{pair}
	}
	return out, nil
}

// login is how a target with the credential is asked.
func (c *credentialSettings) login() session.Login {
	l := session.Login{Username: c.Username, TLS: c.config}
	if c.TLS.Plaintext {
		l.TLS = nil
	}
	if !c.Password.IsZero() {
		l.Password = c.Password.Reveal
	}
	return l
}

// chosen says that the selector names anything.
func (s *selector) chosen() bool {
	return len(s.Vendor)+len(s.Role)+len(s.System)+len(s.Province)+len(s.Profile) > 0
}

// matches says whether the credential is for a row of the inventory.
func (s *selector) matches(d *devices.Row) bool {
	for _, want := range []struct {
		any   []string
		value string
	}{{s.Vendor, d.Vendor}, {s.Role, d.Role}, {s.System, d.System}, {s.Province, d.Province}, {s.Profile, d.Profile}} {
		if len(want.any) > 0 && !slices.Contains(want.any, want.value) {
			return false
		}
	}
	return true
}
