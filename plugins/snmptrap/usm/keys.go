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
	"encoding/binary"
	"hash"
)

// AuthProtocol is how messages are authenticated: a hash, and how much of it travels.
type AuthProtocol struct {
	hash  func() hash.Hash
	octet int
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
	key    int  // octets
	cbc    bool // DES; the others are AES
	reeder bool // how a key that is too short is made longer
}

// PrivProtocols are the privacy protocols by name (RFC 3414, 3826, draft-blumenthal-aes-usm-04). Those with a c make
// keys longer as Cisco does (draft-reeder-snmpv3-usm-3desede-00).
func PrivProtocols() map[string]*PrivProtocol {
	return map[string]*PrivProtocol{
		"des": {key: 16, cbc: true}, "aes": {key: 16}, "aes192": {key: 24}, "aes256": {key: 32},
		"aes192c": {key: 24, reeder: true}, "aes256c": {key: 32, reeder: true},
	}
}

// master is the key of a password on all engines (RFC 3414, A.2): slow, once for each password.
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

// lengthen makes a localized key long enough for the privacy protocol.
func (p *PrivProtocol) lengthen(key, engine []byte, a *AuthProtocol) []byte {
	for len(key) < p.key {
		if p.reeder {
			key = append(key, a.localize(a.master(key), engine)...)
			continue
		}
		h := a.hash()
		h.Write(key)
		key = h.Sum(key)
	}
	return key[:p.key]
}

// cryptor encrypts and decrypts with one key. Its methods allocate what they return.
type cryptor struct {
	block cipher.Block
	pre   []byte // DES: half of the initial vector; nil for AES
}

func (p *PrivProtocol) cryptor(key []byte) (c cryptor, err error) {
	if p.cbc {
		c.pre = key[8:]
		c.block, err = des.NewCipher(key[:8]) //nolint:gosec // see the import
		return c, err
	}
	c.block, err = aes.NewCipher(key)
	return c, err
}

const saltOctets = 8

// vector is the initial vector of one message.
func (c cryptor) vector(boots, time uint32, salt []byte) []byte {
	if c.pre == nil {
		iv := binary.BigEndian.AppendUint32(nil, boots)
		return append(binary.BigEndian.AppendUint32(iv, time), salt...)
	}
	iv := make([]byte, saltOctets)
	for i := range iv {
		iv[i] = c.pre[i] ^ salt[i]
	}
	return iv
}

// decrypt opens a message; false if it cannot be one.
func (c cryptor) decrypt(text, iv []byte) ([]byte, bool) {
	out := make([]byte, len(text))
	if c.pre == nil {
		cipher.NewCFBDecrypter(c.block, iv).XORKeyStream(out, text) //nolint:staticcheck // the mode of RFC 3826
		return out, true
	}
	if len(text)%des.BlockSize != 0 {
		return nil, false
	}
	cipher.NewCBCDecrypter(c.block, iv).CryptBlocks(out, text)
	return out, true
}

func (c cryptor) encrypt(text, iv []byte) []byte {
	if c.pre == nil {
		out := make([]byte, len(text))
		cipher.NewCFBEncrypter(c.block, iv).XORKeyStream(out, text) //nolint:staticcheck // the mode of RFC 3826
		return out
	}
	out := make([]byte, (len(text)+des.BlockSize-1)/des.BlockSize*des.BlockSize)
	copy(out, text)
	cipher.NewCBCEncrypter(c.block, iv).CryptBlocks(out, out)
	return out
}
