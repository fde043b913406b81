package usm

import (
	"errors"
	"sync"
)

// User is who asks or tells, with the keys that its passwords make on any engine: made once, as they take milliseconds.
// It may be used by several goroutines.
type User struct {
	name       []byte
	level      byte
	auth       *AuthProtocol // nil: none
	priv       *PrivProtocol // nil: none
	authMaster []byte
	privMaster []byte
	costly     bool      // keys for encryption cost as much as a password
	benches    sync.Pool // of *bench
}

// Credentials are what a user is made of. Passwords are secret: do not print them.
type Credentials struct {
	Name         string
	Auth         *AuthProtocol // nil: none
	Priv         *PrivProtocol // nil: none
	AuthPassword string
	PrivPassword string
}

// NewUser makes the user's keys.
func NewUser(c Credentials) (*User, error) {
	const shortest = 8 // RFC 3414, 11.2
	switch {
	case c.Name == "" || len(c.Name) > maxName:
		return nil, errors.New("user: want a name of 1 to 32 octets")
	case c.Priv != nil && c.Auth == nil:
		return nil, errors.New("auth: is not there: priv needs it")
	case c.Auth != nil && len(c.AuthPassword) < shortest:
		return nil, errors.New("auth: password: is too short: want at least 8 characters")
	case c.Priv != nil && len(c.PrivPassword) < shortest:
		return nil, errors.New("priv: password: is too short: want at least 8 characters")
	}
	u := &User{name: []byte(c.Name), auth: c.Auth, priv: c.Priv}
	if u.auth != nil {
		u.level = Auth
		u.authMaster = u.auth.master([]byte(c.AuthPassword))
		u.benches.New = func() any { return &bench{hash: c.Auth.hash()} }
	}
	if u.priv != nil {
		u.level = levels
		u.privMaster = u.auth.master([]byte(c.PrivPassword))
		u.costly = u.priv.reeder && len(u.privMaster) < u.priv.octets
	}
	return u, nil
}

// Name is the user's name.
func (u *User) Name() string { return string(u.name) }

// Level is the only level of security at which the user's messages are taken: Auth, Auth|Priv or 0.
func (u *User) Level() byte { return u.level }
