package snmp

import (
	"fmt"
	"slices"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/devices"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/login"
)

// credentialSettings is one element of credentials.
type credentialSettings struct {
	Name      string      `yaml:"name"`
	Version   string      `yaml:"version"`
	Community conf.Secret `yaml:"community"`
	User      string      `yaml:"user"`
	Auth      login.Key   `yaml:"auth"`
	Priv      login.Key   `yaml:"priv"`
	Context   string      `yaml:"context"`
	For       selector    `yaml:"for"`
}

// selector says which rows of the inventory a credential is for; an empty list means any value.
type selector struct {
	Vendor   []string `yaml:"vendor"`
	Role     []string `yaml:"role"`
	System   []string `yaml:"system"`
	Province []string `yaml:"province"`
	Profile  []string `yaml:"profile"`
}

// credential is what a device is asked with: a community, or a v3 user.
type credential struct {
	name      string
	community string
	user      *usm.User // nil: v2c
	context   string    // of v3
	wants     selector
}

func readCredentials(sections []conf.Section) ([]credential, error) {
	var out []credential
	for _, section := range sections {
		var s credentialSettings
		if err := conf.Decode(section.File, section.Line, section.Text, &s); err != nil {
			return nil, err
		}
		c, err := s.credential()
		if err == nil && slices.ContainsFunc(out, func(o credential) bool { return o.name == s.Name }) {
			err = fmt.Errorf("name: %q is there twice", s.Name)
		}
		if err != nil {
			return nil, conf.At(section.File, section.Line, fmt.Sprintf("credential %q", s.Name), "%v", err)
		}
		out = append(out, c)
	}
	return out, nil
}

func (s *credentialSettings) credential() (credential, error) {
	c := credential{name: s.Name, context: s.Context, wants: s.For}
	if s.Name == "" {
		return c, fmt.Errorf("name: want a name")
	}
	var err error
	switch s.Version {
	case "2c":
		c.community, err = s.readCommunity()
	case "3":
		c.user, err = s.readUser()
	default:
		err = fmt.Errorf(`version: %q: want "2c" or "3"`, s.Version)
	}
	return c, err
}

func (s *credentialSettings) readCommunity() (string, error) {
	if s.User != "" || s.Auth != (login.Key{}) || s.Priv != (login.Key{}) || s.Context != "" {
		return "", fmt.Errorf("user, auth, priv, context: are of version 3; version 2c has community")
	}
	community, err := s.Community.Reveal()
	if err != nil {
		return "", fmt.Errorf("community: %w", err)
	}
	return community, nil
}

func (s *credentialSettings) readUser() (*usm.User, error) {
	if !s.Community.IsZero() {
		return nil, fmt.Errorf("community: is of version 2c; version 3 has user, auth, priv, context")
	}
	return login.User(s.User, s.Auth, s.Priv)
}

// matches says whether the credential is for a row of the inventory.
func (s selector) matches(d *devices.Row) bool {
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
