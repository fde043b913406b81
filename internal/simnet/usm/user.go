// Package usm gives simulated devices SNMPv3 with the user-based security model (RFC 3412, 3414, 3826, 7860). It shares
// nothing with the poller's side, so that each checks the other.
package usm

import (
	"crypto/md5"  //nolint:gosec // what RFC 3414 asks for
	"crypto/sha1" //nolint:gosec // as above
	"crypto/sha256"
	"crypto/sha512"
	"fmt"
	"hash"
	"maps"
	"slices"
	"strings"
)

// User is who may ask every device: at exactly the security level that its passwords make.
type User struct {
	Name         string `yaml:"name"`
	Auth         string `yaml:"auth"` // md5, sha, sha224, sha256, sha384, sha512; empty: noAuthNoPriv
	AuthPassword string `yaml:"auth_password"`
	Priv         string `yaml:"priv"` // aes (AES-128); empty: no privacy
	PrivPassword string `yaml:"priv_password"`
}

// digest is an authentication protocol: its hash and the octets of the HMAC that travel.
type digest struct {
	hash func() hash.Hash
	size int
}

func digests() map[string]digest {
	return map[string]digest{
		"md5": {md5.New, 12}, "sha": {sha1.New, 12}, "sha224": {sha256.New224, 16},
		"sha256": {sha256.New, 24}, "sha384": {sha512.New384, 32}, "sha512": {sha512.New, 48},
	}
}

// account is a user with the keys of its passwords, not yet of any engine.
type account struct {
	level            byte
	digest           digest
	authKey, privKey []byte
}

// The bits of msgFlags.
const (
	flagAuth       = 1
	flagPriv       = 2
	flagReportable = 4
)

func (u User) account() (account, error) {
	if u.Name == "" {
		return account{}, fmt.Errorf("usm: a user has no name")
	}
	if u.Auth == "" && u.Priv == "" {
		return account{}, nil
	}
	d, ok := digests()[u.Auth]
	switch {
	case !ok:
		return account{}, fmt.Errorf("usm: user %s: auth: %q: want one of %v", u.Name, u.Auth, slices.Sorted(maps.Keys(digests())))
	case u.Priv != "" && u.Priv != "aes":
		return account{}, fmt.Errorf("usm: user %s: priv: %q: want aes, or nothing", u.Name, u.Priv)
	case len(u.AuthPassword) < 8 || u.Priv != "" && len(u.PrivPassword) < 8:
		return account{}, fmt.Errorf("usm: user %s: passwords have at least 8 characters", u.Name)
	}
	a := account{level: flagAuth, digest: d, authKey: stretch(d, u.AuthPassword)}
	if u.Priv != "" {
		a.level, a.privKey = flagAuth|flagPriv, stretch(d, u.PrivPassword)
	}
	return a, nil
}

// stretch makes a key of a password: the hash of its first megabyte when repeated (RFC 3414, A.2).
func stretch(d digest, password string) []byte {
	const total = 1 << 20
	h := d.hash()
	h.Write([]byte(strings.Repeat(password, total/len(password)+1)[:total]))
	return h.Sum(nil)
}

// localise makes the key of one engine.
func (d digest) localise(key, engine []byte) []byte {
	h := d.hash()
	h.Write(key)
	h.Write(engine)
	h.Write(key)
	return h.Sum(make([]byte, 0, 64))
}
