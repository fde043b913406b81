package usm

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/binary"
	"hash"
)

// bench is the memory of one calculation, used again and again: whatever is handed to a hash or a cipher behind its
// interface would have to be allocated otherwise.
type bench struct {
	hash  hash.Hash
	pad   [sha512.BlockSize]byte // of the longest hash
	sum   [sha512.Size]byte
	zeros [sha512.Size]byte // stay
	salt  [saltOctets]byte
	iv    [aes.BlockSize]byte
	next  [aes.BlockSize]byte
}

func (u *User) borrow() *bench { return u.benches.Get().(*bench) } //nolint:forcetypeassert // New makes no other

// code is the HMAC (RFC 2104) of three texts in a row. It is valid until the bench is used again. No key is longer than
// a block. Keeping the states of the hash after the padded key would save two of its blocks in twenty-odd, for half a
// kilobyte of each device.
func (b *bench) code(key, first, second, third []byte) []byte {
	b.restart(key, 0x36)
	b.hash.Write(first)
	b.hash.Write(second)
	b.hash.Write(third)
	inner := b.hash.Sum(b.sum[:0])
	b.restart(key, 0x5c)
	b.hash.Write(inner)
	return b.hash.Sum(b.sum[:0])
}

func (b *bench) restart(key []byte, fill byte) {
	pad := b.pad[:b.hash.BlockSize()]
	for i := range pad {
		pad[i] = fill
	}
	subtle.XORBytes(pad, pad, key)
	b.hash.Reset()
	b.hash.Write(pad)
}

// vector makes the initial vector of a message from its salt.
func (b *bench) vector(k *Keys, boots, time uint32) {
	if k.user.priv.cbc {
		subtle.XORBytes(b.iv[:], k.pre[:], b.salt[:])
		return
	}
	binary.BigEndian.PutUint32(b.iv[:], boots)
	binary.BigEndian.PutUint32(b.iv[4:], time)
	copy(b.iv[8:], b.salt[:])
}

// decryptCFB and its inverse work in place, as those of crypto/cipher do, and allocate nothing.
func (b *bench) decryptCFB(c cipher.Block, text []byte) {
	for len(text) > 0 {
		c.Encrypt(b.next[:], b.iv[:])
		n := copy(b.iv[:], text)
		subtle.XORBytes(text, text[:n], b.next[:n])
		text = text[n:]
	}
}

func (b *bench) encryptCFB(c cipher.Block, text []byte) {
	for len(text) > 0 {
		c.Encrypt(b.next[:], b.iv[:])
		n := subtle.XORBytes(text, text, b.next[:])
		copy(b.iv[:], text[:n])
		text = text[n:]
	}
}

// decryptCBC and its inverse take whole blocks.
func (b *bench) decryptCBC(c cipher.Block, text []byte) {
	for ; len(text) > 0; text = text[desBlock:] {
		block := text[:desBlock]
		copy(b.next[:], block)
		c.Decrypt(block, block)
		subtle.XORBytes(block, block, b.iv[:])
		b.iv = b.next
	}
}

func (b *bench) encryptCBC(c cipher.Block, text []byte) {
	for ; len(text) > 0; text = text[desBlock:] {
		block := text[:desBlock]
		subtle.XORBytes(block, block, b.iv[:])
		c.Encrypt(block, block)
		copy(b.iv[:], block)
	}
}
