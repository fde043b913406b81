// Package stamp is the Simple Two-way Active Measurement Protocol (RFC 8762), without extensions (RFC 8972) but the session
// identifier: packets of both sides with and without authentication, and a reflector. TWAMP Light (RFC 5357, appendix I)
// without authentication is the same on the wire.
package stamp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
)

// Port is the protocol's own.
const Port = 862

// The lengths of packets without padding.
const (
	PlainLen         = 44
	AuthenticatedLen = 112
	shortestPlain    = 41 // a reply holds no more; TWAMP Light's senders may send that
	covered          = 96 // octets that the authentication code covers
)

// Test is what a sender's packet says.
type Test struct {
	Sequence uint32
	Sent     Timestamp
	Error    Estimate
	Session  uint16
}

// Reply is what a reflector's packet says.
type Reply struct {
	Sequence uint32 // the reflector's own, or the sender's where it keeps no state
	Received Timestamp
	Sent     Timestamp
	Error    Estimate
	Session  uint16
	TTL      uint8 // of the sender's packet as it arrived
	Test     Test  // as the reflector saw it
}

// What a packet can have wrong.
var (
	ErrShort = errors.New("stamp: the packet is too short")
	ErrCode  = errors.New("stamp: the authentication code is wrong")
)

// Key makes and checks authentication codes: HMAC-SHA-256, cut to 128 bits. It is for one goroutine.
type Key struct {
	mac hash.Hash
	sum [sha256.Size]byte
}

// NewKey makes a key of a secret.
func NewKey(secret []byte) *Key { return &Key{mac: hmac.New(sha256.New, secret)} }

// sign writes the code behind what it covers.
func (k *Key) sign(packet []byte) { copy(packet[covered:AuthenticatedLen], k.code(packet)) }

func (k *Key) code(packet []byte) []byte {
	k.mac.Reset()
	k.mac.Write(packet[:covered]) // never fails
	return k.mac.Sum(k.sum[:0])[:AuthenticatedLen-covered]
}

// Check says whether the packet's code is right.
func (k *Key) Check(packet []byte) error {
	if len(packet) < AuthenticatedLen {
		return ErrShort
	}
	if !hmac.Equal(k.code(packet), packet[covered:AuthenticatedLen]) {
		return ErrCode
	}
	return nil
}

// layout is where the fields stand, with and without authentication.
type layout struct{ sent, error, session, received, sequence2, sent2, error2, ttl int }

func layoutOf(authenticated bool) layout {
	if authenticated {
		return layout{sent: 16, error: 24, session: 26, received: 32, sequence2: 48, sent2: 64, error2: 72, ttl: 80}
	}
	return layout{sent: 4, error: 12, session: 14, received: 16, sequence2: 24, sent2: 28, error2: 36, ttl: 40}
}

// AppendTest adds a sender's packet of at least size octets. key nil: without authentication.
func AppendTest(dst []byte, t Test, key *Key, size int) []byte {
	dst, p := extend(dst, max(size, length(key)))
	l := layoutOf(key != nil)
	binary.BigEndian.PutUint32(p, t.Sequence)
	binary.BigEndian.PutUint64(p[l.sent:], uint64(t.Sent))
	binary.BigEndian.PutUint16(p[l.error:], uint16(t.Error))
	binary.BigEndian.PutUint16(p[l.session:], t.Session)
	if key != nil {
		key.sign(p)
	}
	return dst
}

// AppendReply adds a reflector's packet, as long as the test packet, whose padding it gives back. key nil: without
// authentication.
func AppendReply(dst, test []byte, r Reply, key *Key) []byte {
	dst, p := extend(dst, max(len(test), length(key)))
	if n := length(key); len(test) > n {
		copy(p[n:], test[n:])
	}
	l := layoutOf(key != nil)
	binary.BigEndian.PutUint32(p, r.Sequence)
	binary.BigEndian.PutUint64(p[l.sent:], uint64(r.Sent))
	binary.BigEndian.PutUint16(p[l.error:], uint16(r.Error))
	binary.BigEndian.PutUint16(p[l.session:], r.Session)
	binary.BigEndian.PutUint64(p[l.received:], uint64(r.Received))
	binary.BigEndian.PutUint32(p[l.sequence2:], r.Test.Sequence)
	binary.BigEndian.PutUint64(p[l.sent2:], uint64(r.Test.Sent))
	binary.BigEndian.PutUint16(p[l.error2:], uint16(r.Test.Error))
	p[l.ttl] = r.TTL
	if key != nil {
		key.sign(p)
		return dst
	}
	return dst[:len(dst)-len(p)+min(len(p), max(len(test), shortestPlain))]
}

func length(key *Key) int {
	if key != nil {
		return AuthenticatedLen
	}
	return PlainLen
}

// extend adds n zeros to dst and returns them, too.
func extend(dst []byte, n int) (all, added []byte) {
	from := len(dst)
	dst = slices.Grow(dst, n)[:from+n]
	clear(dst[from:])
	return dst, dst[from:]
}

// ParseTest reads a sender's packet. It does not check its code.
func ParseTest(packet []byte, authenticated bool) (Test, error) {
	if len(packet) < least(authenticated) {
		return Test{}, ErrShort
	}
	l := layoutOf(authenticated)
	return Test{
		Sequence: binary.BigEndian.Uint32(packet),
		Sent:     Timestamp(binary.BigEndian.Uint64(packet[l.sent:])),
		Error:    Estimate(binary.BigEndian.Uint16(packet[l.error:])),
		Session:  binary.BigEndian.Uint16(packet[l.session:]),
	}, nil
}

// ParseReply reads a reflector's packet. It does not check its code.
func ParseReply(packet []byte, authenticated bool) (Reply, error) {
	if len(packet) < least(authenticated) {
		return Reply{}, ErrShort
	}
	l := layoutOf(authenticated)
	r := Reply{
		Sequence: binary.BigEndian.Uint32(packet),
		Error:    Estimate(binary.BigEndian.Uint16(packet[l.error:])),
		Session:  binary.BigEndian.Uint16(packet[l.session:]),
		TTL:      packet[l.ttl],
		Test: Test{
			Sequence: binary.BigEndian.Uint32(packet[l.sequence2:]),
			Sent:     Timestamp(binary.BigEndian.Uint64(packet[l.sent2:])),
			Error:    Estimate(binary.BigEndian.Uint16(packet[l.error2:])),
		},
	}
	r.Sent, r.Received = r.instant(packet[l.sent:]), r.instant(packet[l.received:])
	return r, nil
}

func (r *Reply) instant(field []byte) Timestamp {
	v := binary.BigEndian.Uint64(field)
	if r.Error&ptp != 0 {
		return fromPTP(v)
	}
	return Timestamp(v)
}

// SameScale says whether the reflector counts time as the sender does, so that their timestamps can be compared.
func (r *Reply) SameScale() bool { return r.Error&ptp == 0 }

func least(authenticated bool) int {
	if authenticated {
		return AuthenticatedLen
	}
	return shortestPlain
}
