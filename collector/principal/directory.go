package principal

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/prometheus/client_golang/prometheus"
)

// file is the form of the file of principals.
type file struct {
	Principals []entry `yaml:"principals"`
}

// entry is one principal. Exactly one of token and token_sha256 is given.
type entry struct {
	Name        string      `yaml:"name"`
	Role        Role        `yaml:"role"`
	Token       conf.Secret `yaml:"token"`
	TokenSHA256 string      `yaml:"token_sha256"`
	Provinces   []string    `yaml:"provinces"` // what it sees, or writes where there is no device; none: all
	Devices     []string    `yaml:"devices"`   // agent: the devices it may write; * stands for any characters
	Inventory   bool        `yaml:"inventory"` // agent: also those whose inventory row names it
}

// Directory knows all principals. It is safe for concurrent use, also while it reloads.
type Directory struct {
	path  string
	list  atomic.Pointer[[]*Principal]
	fails *prometheus.CounterVec
}

// Open reads the file of principals and the tokens it refers to.
func Open(path string, reg prometheus.Registerer) (*Directory, error) {
	d := &Directory{path: path, fails: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "haidang_principal_refused_total",
		Help: "Requests refused because the caller showed no token, an unknown one, or has not the role.",
	}, []string{"reason"})}
	for _, reason := range []string{"no_token", "unknown_token", "role"} {
		d.fails.WithLabelValues(reason)
	}
	if err := reg.Register(d.fails); err != nil {
		return nil, fmt.Errorf("principal: %w", err)
	}
	return d, d.Reload()
}

// Reload reads the file again. On an error everything stays as it was.
func (d *Directory) Reload() error {
	var f file
	if err := conf.Load(d.path, &f); err != nil {
		return err
	}
	list := make([]*Principal, 0, len(f.Principals))
	for i, e := range f.Principals {
		p, err := e.principal()
		if err != nil {
			return fmt.Errorf("%s: principals[%d] %q: %w", d.path, i, e.Name, err)
		}
		list = append(list, p)
	}
	d.list.Store(&list)
	return nil
}

// Validate finds what concerns several principals; Reload checks each.
func (f *file) Validate() error {
	names := map[string]bool{}
	for i, e := range f.Principals {
		if names[e.Name] {
			return fmt.Errorf("principals[%d].name: %q appears twice", i, e.Name)
		}
		names[e.Name] = true
	}
	return nil
}

func (e entry) principal() (*Principal, error) {
	switch {
	case e.Name == "":
		return nil, fmt.Errorf("name: want one")
	case !e.Role.valid():
		return nil, fmt.Errorf("role: %q: want agent, viewer, operator, approver or admin", e.Role)
	case e.Role == Agent && len(e.Devices) == 0 && !e.Inventory:
		return nil, fmt.Errorf(`devices: want patterns, ["*"] for all, or inventory: true`)
	case e.Role != Agent && (len(e.Devices) > 0 || e.Inventory):
		return nil, fmt.Errorf("devices and inventory are for role agent")
	}
	hash, err := e.hash()
	if err != nil {
		return nil, err
	}
	return &Principal{Name: e.Name, Role: e.Role, provinces: slices.Clone(e.Provinces),
		devices: slices.Clone(e.Devices), inventory: e.Inventory, hash: hash}, nil
}

// hash is the SHA-256 of the token, from wherever the file says.
func (e entry) hash() (hash [32]byte, err error) {
	if e.Token.IsZero() == (e.TokenSHA256 == "") {
		return hash, fmt.Errorf("token: want either token or token_sha256")
	}
	if e.TokenSHA256 != "" {
		b, err := hex.DecodeString(e.TokenSHA256)
		if err != nil || len(b) != len(hash) {
			return hash, fmt.Errorf("token_sha256: want 64 hexadecimal digits")
		}
		return [32]byte(b), nil
	}
	token, err := e.Token.Reveal()
	if err != nil {
		return hash, fmt.Errorf("token: %w", err)
	}
	if len(token) < 16 {
		return hash, fmt.Errorf("token: want 16 characters or more")
	}
	return sha256.Sum256([]byte(token)), nil
}

// find compares with every principal, in a time that tells nothing of the tokens.
func (d *Directory) find(token string) *Principal {
	hash := sha256.Sum256([]byte(token))
	var found *Principal
	for _, p := range *d.list.Load() {
		if subtle.ConstantTimeCompare(hash[:], p.hash[:]) == 1 {
			found = p
		}
	}
	return found
}
