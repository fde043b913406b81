package usm

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"  //nolint:gosec // RFC 3414 has it, and so have old devices
	"crypto/md5"  //nolint:gosec // the same
	"crypto/sha1" //nolint:gosec // the same
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// AuthProtocol is how messages are authenticated: a hash, and how much of it travels.
type AuthProtocol struct {
	hash   func() hash.Hash
	octets int
}

// AuthProtocols are the authentication protocols by name (RFC 3414, 7860).
func AuthProtocols() map[string]*AuthProtocol {
	return map[string]*AuthProtocol{
		"md5": {md5.New, 12}, "sha": {sha1.New, 12}, "sha224": {sha256.New224, 16},
		"sha256": {sha256.New, 24}, "sha384": {sha512.New384, 32}, "sha512": {sha512.New, 48},
	}
}

// PrivProtocol is how messages are encrypted.
type PrivProtocol struct {
	octets int  // of a key
	cbc    bool // DES; the others are AES
	reeder bool // how a key that is too short is made longer
}

// PrivProtocols are the privacy protocols by name (RFC 3414, 3826, draft-blumenthal-aes-usm-04). Those with a c make
// keys longer as Cisco does (draft-reeder-snmpv3-usm-3desede-00).
func PrivProtocols() map[string]*PrivProtocol {
	return map[string]*PrivProtocol{
		"des": {octets: 16, cbc: true}, "aes": {octets: 16}, "aes192": {octets: 24}, "aes256": {octets: 32},
		"aes192c": {octets: 24, reeder: true}, "aes256c": {octets: 32, reeder: true},
	}
}

// master is the key of a password on all engines (RFC 3414, A.2): a megabyte of hashing, so it is kept.
func (a *AuthProtocol) master(password []byte) []byte {
	const whole, chunk = 1 << 20, 64
	h := a.hash()
	text := bytes.Repeat(password, chunk/len(password)+2) // holds a chunk from wherever in the password it begins
	for done := 0; done < whole; done += chunk {
		from := done % len(password)
		h.Write(text[from : from+chunk])
	}
	return h.Sum(nil)
}

// localize is the key of a password on one engine.
func (a *AuthProtocol) localize(master, engine []byte) []byte {
	h := a.hash()
	h.Write(master)
	h.Write(engine)
	h.Write(master)
	return h.Sum(nil)
}

// lengthen makes a localized key long enough for the privacy protocol. Reeder's way costs as much as another password.
func (p *PrivProtocol) lengthen(key, engine []byte, a *AuthProtocol) []byte {
	for len(key) < p.octets {
		if p.reeder {
			key = append(key, a.localize(a.master(key), engine)...)
			continue
		}
		h := a.hash()
		h.Write(key)
		key = h.Sum(key)
	}
	return key[:p.octets]
}

const (
	saltOctets = 8
	desBlock   = des.BlockSize
	desKey     = 8 // of a key for DES; the rest of it goes into initial vectors
)

// block is the cipher under a key made by lengthen, whose length is one that it takes.
func (p *PrivProtocol) block(key []byte) (b cipher.Block) {
	if p.cbc {
		b, _ = des.NewCipher(key[:desKey]) //nolint:gosec // see the import
		return b
	}
	b, _ = aes.NewCipher(key)
	return b
}
