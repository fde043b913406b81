// Package login makes SNMPv3 users of what a configuration says, the same for every input.
package login

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/usm"
)

// Key is a protocol and its password, or neither.
type Key struct {
	Protocol string      `yaml:"protocol"`
	Password conf.Secret `yaml:"password"`
}

// User reads the passwords and makes the user.
func User(name string, auth, priv Key) (*usm.User, error) {
	c := usm.Credentials{Name: name}
	var err error
	if c.Auth, c.AuthPassword, err = pick(auth, usm.AuthProtocols()); err != nil {
		return nil, fmt.Errorf("auth: %w", err)
	}
	if c.Priv, c.PrivPassword, err = pick(priv, usm.PrivProtocols()); err != nil {
		return nil, fmt.Errorf("priv: %w", err)
	}
	return usm.NewUser(c)
}

// pick looks a protocol up by its name and reads the password; without a protocol there is neither.
func pick[P any](k Key, known map[string]*P) (p *P, password string, err error) {
	if k == (Key{}) {
		return nil, "", nil
	}
	p, ok := known[k.Protocol]
	if !ok {
		return nil, "", fmt.Errorf("protocol: %q: want one of %s", k.Protocol, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
	}
	if password, err = k.Password.Reveal(); err != nil {
		return nil, "", fmt.Errorf("password: %w", err)
	}
	return p, password, nil
}
