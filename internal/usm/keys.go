package usm

import (
	"bytes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
)

// Keys are those of one user on one engine. They are for one goroutine at a time. A poller of a nation keeps as many of
// them as there are devices, so what is cheap to make anew for a message is not kept.
type Keys struct {
	user   *User
	engine []byte
	auth   []byte
	block  cipher.Block // nil: not made yet
	pre    [saltOctets]byte
}

// Localize makes the keys of a user on an engine, those for encryption when they are first needed: for some protocols
// they cost as much as a password.
func (u *User) Localize(engine []byte) *Keys {
	k := &Keys{user: u, engine: bytes.Clone(engine)}
	if u.auth != nil {
		k.auth = u.auth.localize(u.authMaster, engine)
	}
	return k
}

// Verify says whether a message has the authentication code that it must have. That of a user without a password has
// none.
func (k *Keys) Verify(m *Message) bool {
	if k.user.auth == nil {
		return true
	}
	if len(m.MAC) != k.user.auth.octets {
		return false
	}
	b := k.user.borrow()
	defer k.user.benches.Put(b)
	before, after := m.around()
	code := b.code(k.auth, before, b.zeros[:len(m.MAC)], after)
	return subtle.ConstantTimeCompare(code[:len(m.MAC)], m.MAC) == 1
}

// sign writes the authentication code of a message into its place there.
func (k *Keys) sign(message, place []byte) {
	b := k.user.borrow()
	defer k.user.benches.Put(b)
	copy(place, b.code(k.auth, message, nil, nil))
}

// Decrypt appends the contents of an encrypted message, which may end in padding, to dst; false if they cannot be. With
// m.Body[:0] as dst they are decrypted in place. The message has to be verified before.
func (k *Keys) Decrypt(dst []byte, m *Message) ([]byte, bool) {
	if k.user.priv == nil || len(m.Salt) != saltOctets || k.user.priv.cbc && len(m.Body)%len(k.pre) != 0 {
		return nil, false
	}
	at := len(dst)
	dst = append(dst, m.Body...)
	b := k.user.borrow()
	defer k.user.benches.Put(b)
	k.prepare()
	copy(b.salt[:], m.Salt)
	b.vector(k, m.Boots, m.Time)
	if k.user.priv.cbc {
		b.decryptCBC(k.block, dst[at:])
	} else {
		b.decryptCFB(k.block, dst[at:])
	}
	return dst, true
}

// encrypt encrypts in place.
func (k *Keys) encrypt(salt uint64, text []byte, boots, time uint32) {
	b := k.user.borrow()
	defer k.user.benches.Put(b)
	k.prepare()
	binary.BigEndian.PutUint64(b.salt[:], salt)
	b.vector(k, boots, time)
	if k.user.priv.cbc {
		b.encryptCBC(k.block, text)
	} else {
		b.encryptCFB(k.block, text)
	}
}

// prepare makes the keys for encryption.
func (k *Keys) prepare() {
	if k.block != nil {
		return
	}
	u := k.user
	key := u.priv.lengthen(u.auth.localize(u.privMaster, k.engine), k.engine, u.auth)
	k.block = u.priv.block(key)
	copy(k.pre[:], key[desKey:]) // used by DES only
}

// padded is the length of n octets once encrypted.
func (k *Keys) padded(n int) int {
	if k.user.priv.cbc {
		return (n + len(k.pre) - 1) / len(k.pre) * len(k.pre)
	}
	return n
}
