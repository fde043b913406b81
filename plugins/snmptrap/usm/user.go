package usm

import (
	"crypto/hmac"
	"errors"
	"hash"

	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// User is whoever notifications are taken from.
type User struct {
	name       string
	auth       *AuthProtocol
	priv       *PrivProtocol
	authMaster []byte
	privMaster []byte
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
	case c.Name == "" || len(c.Name) > 32:
		return nil, errors.New("user: want a name of 1 to 32 octets")
	case c.Priv != nil && c.Auth == nil:
		return nil, errors.New("auth: is not there: priv needs it")
	case c.Auth != nil && len(c.AuthPassword) < shortest:
		return nil, errors.New("auth: password: is too short: want at least 8 characters")
	case c.Priv != nil && len(c.PrivPassword) < shortest:
		return nil, errors.New("priv: password: is too short: want at least 8 characters")
	}
	u := &User{name: c.Name, auth: c.Auth, priv: c.Priv}
	if u.auth != nil {
		u.authMaster = u.auth.master([]byte(c.AuthPassword))
	}
	if u.priv != nil {
		u.privMaster = u.auth.master([]byte(c.PrivPassword))
	}
	return u, nil
}

// level is the only level of security at which the user's messages are taken.
func (u *User) level() byte {
	switch {
	case u.priv != nil:
		return packet.Auth | packet.Priv
	case u.auth != nil:
		return packet.Auth
	}
	return 0
}

// keys are those of one user on one engine. They are for one goroutine at a time.
type keys struct {
	mac     hash.Hash
	octets  int
	sum     []byte
	cryptor cryptor
}

// authKeys makes the keys that verifying needs: cheap enough to be made for an engine nobody has heard of.
func (u *User) authKeys(engine []byte) *keys {
	if u.auth == nil {
		return &keys{}
	}
	return &keys{mac: hmac.New(u.auth.hash, u.auth.localize(u.authMaster, engine)), octets: u.auth.octet}
}

// privKeys makes the other keys, once a message was verified: some protocols take milliseconds for it.
func (u *User) privKeys(k *keys, engine []byte) (err error) {
	if u.priv == nil {
		return nil
	}
	key := u.priv.lengthen(u.auth.localize(u.privMaster, engine), engine, u.auth)
	k.cryptor, err = u.priv.cryptor(key)
	return err
}

// verify says whether a message has the authentication code that it must have.
func (k *keys) verify(m *packet.Secured) bool {
	if len(m.MAC) != k.octets {
		return false
	}
	k.mac.Reset()
	m.WriteUnsigned(k.mac)
	k.sum = k.mac.Sum(k.sum[:0])
	return hmac.Equal(k.sum[:k.octets], m.MAC)
}

// sign puts the authentication code of a message into its place.
func (k *keys) sign(message, place []byte) {
	k.mac.Reset()
	k.mac.Write(message)
	k.sum = k.mac.Sum(k.sum[:0])
	copy(place, k.sum)
}
