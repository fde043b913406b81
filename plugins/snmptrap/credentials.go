package snmptrap

import (
	"fmt"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/login"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// credentialSettings is one element of credentials.
type credentialSettings struct {
	Name      string      `yaml:"name"`
	Version   string      `yaml:"version"`
	Community conf.Secret `yaml:"community"`
	User      string      `yaml:"user"`
	Auth      login.Key   `yaml:"auth"`
	Priv      login.Key   `yaml:"priv"`
}

// readCredentials reads who notifications are taken from.
func (s *setup) readCredentials(c sdk.Config) error {
	names, users := map[string]bool{}, map[string]bool{}
	for _, section := range s.Credentials {
		var one credentialSettings
		if err := conf.Decode(section.File, section.Line, section.Text, &one); err != nil {
			return err
		}
		err := s.credential(&one)
		switch {
		case err != nil:
		case one.Name == "" || names[one.Name]:
			err = fmt.Errorf("name: want a name that no other has")
		case one.User != "" && users[one.User]:
			err = fmt.Errorf("user: %q is there twice", one.User)
		}
		if err != nil {
			return conf.At(section.File, section.Line, fmt.Sprintf("credential %q", one.Name), "%v", err)
		}
		names[one.Name], users[one.User] = true, true
	}
	if len(s.Credentials) == 0 {
		return conf.At(c.File, c.Line, "credentials", "nothing would be taken: want at least one")
	}
	return nil
}

func (s *setup) credential(one *credentialSettings) error {
	switch one.Version {
	case "2c":
		if one.User != "" || one.Auth != (login.Key{}) || one.Priv != (login.Key{}) {
			return fmt.Errorf("user, auth, priv: are of version 3; version 2c has community")
		}
		community, err := one.Community.Reveal()
		if err != nil {
			return fmt.Errorf("community: %w", err)
		}
		s.communities = append(s.communities, community)
		return nil
	case "3":
		u, err := one.user()
		s.users = append(s.users, u)
		return err
	}
	return fmt.Errorf(`version: %q: want "2c", which takes version 1 too, or "3"`, one.Version)
}

func (one *credentialSettings) user() (u *usm.User, err error) {
	if !one.Community.IsZero() {
		return nil, fmt.Errorf("community: is of version 2c; version 3 has user, auth, priv")
	}
	return login.User(one.User, one.Auth, one.Priv)
}
