package usm

import (
	"crypto/aes"
	"crypto/hmac"
	"encoding/binary"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
)

// message is a decoded v3 message; its slices point into the datagram.
type message struct {
	id, maxSize  int32
	flags        byte
	engine       []byte
	boots, time  int32
	user         []byte
	digest, salt []byte
	data         []byte // the scoped PDU: with its tag, or encrypted
	whole        []byte
	contextName  []byte
	pdu          []byte // with its tag
}

// IsV3 says whether a datagram begins like a v3 message.
func IsV3(datagram []byte) bool {
	content, _, err := ber.TakeAs(ber.Sequence, datagram)
	if err != nil {
		return false
	}
	version, _, err := ber.TakeInt(content)
	return err == nil && version == 3
}

// fields reads elements one after another and remembers the first error.
type fields struct {
	rest []byte
	err  error
}

func (f *fields) octets(tag byte) (content []byte) {
	if f.err == nil {
		content, f.rest, f.err = ber.TakeAs(tag, f.rest)
	}
	return content
}

func (f *fields) integer() (v int32) {
	if f.err == nil {
		v, f.rest, f.err = ber.TakeInt(f.rest)
	}
	return v
}

func parse(datagram []byte) (m message, err error) {
	m.whole = datagram
	f := fields{rest: datagram}
	f.rest = f.octets(ber.Sequence)
	f.integer() // version
	header := fields{rest: f.octets(ber.Sequence), err: f.err}
	m.id, m.maxSize = header.integer(), header.integer()
	flags := header.octets(ber.OctetString)
	model := header.integer()
	security := fields{rest: f.octets(ber.OctetString), err: header.err}
	security.rest = security.octets(ber.Sequence)
	m.engine = security.octets(ber.OctetString)
	m.boots, m.time = security.integer(), security.integer()
	m.user = security.octets(ber.OctetString)
	m.digest, m.salt = security.octets(ber.OctetString), security.octets(ber.OctetString)
	m.data = f.rest
	if f.err != nil || security.err != nil || len(flags) != 1 || model != 3 {
		return m, ber.ErrMalformed
	}
	m.flags = flags[0]
	return m, nil
}

// open reads the scoped PDU, once it is plain.
func (m *message) open(plain []byte) error {
	f := fields{rest: plain}
	f.rest = f.octets(ber.Sequence)
	f.octets(ber.OctetString) // context engine: there is but one
	m.contextName = f.octets(ber.OctetString)
	m.pdu = f.rest
	return f.err
}

// authentic says whether the digest is that of the message with zeros in its place.
func (m *message) authentic(d digest, key []byte) bool {
	if len(m.digest) != d.size {
		return false
	}
	at := cap(m.whole) - cap(m.digest) // both end where the datagram's room ends
	h := hmac.New(d.hash, key)
	h.Write(m.whole[:at])
	h.Write(make([]byte, d.size))
	h.Write(m.whole[at+d.size:])
	return hmac.Equal(m.digest, h.Sum(nil)[:d.size])
}

// decrypt decrypts text in place, encrypt the other way round: AES-128 in CFB mode (RFC 3826).
func decrypt(text, key []byte, e Engine, salt []byte) { cfb(text, key, iv(e, salt), false) }

func encrypt(text, key []byte, e Engine, salt []byte) { cfb(text, key, iv(e, salt), true) }

func iv(e Engine, salt []byte) (v [aes.BlockSize]byte) {
	binary.BigEndian.PutUint32(v[:], e.Boots)
	binary.BigEndian.PutUint32(v[4:], e.Seconds)
	copy(v[8:], salt)
	return v
}

func cfb(text, key []byte, shift [aes.BlockSize]byte, encrypting bool) {
	block, err := aes.NewCipher(key[:aes.BlockSize])
	if err != nil {
		return // there is no other length than 16
	}
	var pad [aes.BlockSize]byte
	for len(text) > 0 {
		block.Encrypt(pad[:], shift[:])
		n := min(len(text), aes.BlockSize)
		for i := range n {
			in := text[i]
			text[i] ^= pad[i]
			shift[i] = in
			if encrypting {
				shift[i] = text[i]
			}
		}
		text = text[n:]
	}
}
