// Package usm is the receiving side of SNMPv3's user-based security model (RFC 3414): it verifies, times and decrypts
// notifications, and seals the answers to informs.
//
// Of a trap the sender is the authoritative engine, whose clock the receiver learns from messages it has verified. Of an
// inform it is the receiver, whose own clock the sender asks for first.
package usm

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// Receiver opens messages of version 3. Its methods may be called from several goroutines.
type Receiver struct {
	mu      sync.Mutex
	self    Identity
	began   time.Time
	users   map[string]*User
	own     map[*User]*keys
	senders map[string]*sender
	seen    replays
	salt    uint64
	told    [reasons]uint32 // how often a reason was given
}

// Identity is the receiver's own engine: boots counts its starts, so that no message of an earlier one is taken again.
type Identity struct {
	ID    []byte
	Boots uint32
}

// maxSenders bounds the engines whose clocks are kept. Only holders of a user's keys can make the receiver learn one.
const maxSenders = 200_000

// New makes a receiver that begins its life now.
func New(self Identity, users []*User, now time.Time) *Receiver {
	var salt [saltOctets]byte
	_, _ = rand.Read(salt[:]) // does not fail
	r := &Receiver{self: self, began: now, users: map[string]*User{}, own: map[*User]*keys{},
		senders: map[string]*sender{}, salt: binary.BigEndian.Uint64(salt[:])}
	for _, u := range users {
		r.users[u.name] = u
	}
	return r
}

// Open verifies and decrypts a message that arrived now. For an inform it returns the answer too, to be sent when what
// the inform says is safe. If the error is a *Refusal, its report, if it has one, is to be sent at once; it is
// packet.ErrOther for a request and packet.ErrMalformed for what cannot be read. The notification may point into
// datagram.
func (r *Receiver) Open(datagram []byte, now time.Time) (n packet.Notification, answer []byte, err error) {
	m, err := packet.ParseSecured(datagram)
	if err != nil {
		return n, nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !bytes.Equal(m.Engine, r.self.ID) {
		n, err = r.fromSender(&m, now)
		return n, nil, err
	}
	return r.toSelf(&m, now)
}

// toSelf opens a message whose authoritative engine is this one.
func (r *Receiver) toSelf(m *packet.Secured, now time.Time) (n packet.Notification, answer []byte, err error) {
	u, k, reason := r.authenticate(m, r.ownKeys)
	if reason == none && k.mac != nil && !r.timely(m, now) {
		reason = timeWindow
	}
	if reason != none {
		return n, nil, r.refuse(m, reason, k, now)
	}
	scope, n, err := r.unseal(m, u, k, now)
	if err != nil {
		return n, nil, err
	}
	if n.Inform {
		return n, r.seal(m, u, k, scope.Response(&n), now), nil
	}
	if k.mac != nil && r.seen.again(m.MAC, now) {
		return n, nil, r.refuse(m, replayed, nil, now)
	}
	return n, nil, nil
}

// fromSender opens a message that claims its sender as the authoritative engine. One that wants to hear of errors may be
// an inform from somebody who does not know this engine yet: it is told.
func (r *Receiver) fromSender(m *packet.Secured, now time.Time) (n packet.Notification, err error) {
	if len(m.Engine) == 0 {
		return n, r.refuse(m, discovery, nil, now)
	}
	u, k, reason := r.authenticate(m, r.senderKeys)
	if reason == none && k.mac != nil {
		reason = r.learn(m, u, k, now)
	}
	if reason == none {
		_, n, err = r.unseal(m, u, k, now)
	}
	switch {
	case n.Inform, reason != none && m.Flags&packet.Reportable != 0:
		reason = unknownEngine
	case reason == none && err == nil && k.mac != nil && r.seen.again(m.MAC, now):
		reason = replayed
	}
	if reason != none {
		return n, r.refuse(m, reason, nil, now)
	}
	return n, err
}

// authenticate finds the user and verifies the message with his keys for the authoritative engine.
func (r *Receiver) authenticate(m *packet.Secured, find func(*User, []byte) *keys) (*User, *keys, reason) {
	u := r.users[string(m.User)]
	if u == nil {
		return nil, nil, unknownUser
	}
	if m.Flags&(packet.Auth|packet.Priv) != u.level() {
		return u, nil, securityLevel
	}
	k := find(u, m.Engine)
	if u.auth != nil && !k.verify(m) {
		return u, nil, wrongDigest
	}
	return u, k, none
}

// ownKeys makes the keys of a user on this engine once.
func (r *Receiver) ownKeys(u *User, engine []byte) *keys {
	k := r.own[u]
	if k == nil {
		k = u.authKeys(engine)
		r.own[u] = k
	}
	return k
}

// unseal decrypts and reads a message that was verified.
func (r *Receiver) unseal(m *packet.Secured, u *User, k *keys, now time.Time) (packet.Scoped, packet.Notification, error) {
	var plain []byte
	if u.priv != nil {
		if k.cryptor.block == nil {
			if err := u.privKeys(k, m.Engine); err != nil {
				return packet.Scoped{}, packet.Notification{}, err
			}
		}
		ok := len(m.Salt) == saltOctets
		if ok {
			plain, ok = k.cryptor.decrypt(m.Body, k.cryptor.vector(m.Boots, m.Time, m.Salt))
		}
		if !ok {
			return packet.Scoped{}, packet.Notification{}, r.refuse(m, decryption, k, now)
		}
	}
	scope, n, err := m.ParseScoped(plain)
	if errors.Is(err, packet.ErrMalformed) && u.priv != nil { // with the wrong key anything comes out
		err = r.refuse(m, decryption, k, now)
	}
	return scope, n, err
}

// window is how far clocks may differ, in seconds (RFC 3414, 3.2, 7).
const (
	window   = 150
	maxBoots = 1<<31 - 1
)

// timely says whether a message to this engine was made within the window.
func (r *Receiver) timely(m *packet.Secured, now time.Time) bool {
	off := int64(m.Time) - int64(r.clock(now))
	return m.Boots == r.self.Boots && m.Boots != maxBoots && off >= -window && off <= window
}

func (r *Receiver) clock(now time.Time) uint32 { return uint32(now.Sub(r.began) / time.Second) }

// head is the outer part of an answer to m.
func (r *Receiver) head(m *packet.Secured, flags byte, now time.Time) packet.Security {
	return packet.Security{MessageID: m.MessageID, Flags: flags, Engine: r.self.ID, Boots: r.self.Boots, Time: r.clock(now)}
}

// seal makes the message that answers m.
func (r *Receiver) seal(m *packet.Secured, u *User, k *keys, body []byte, now time.Time) []byte {
	s := r.head(m, u.level(), now)
	s.User = m.User
	if u.priv != nil {
		s.Salt = r.nextSalt(u)
		body = k.cryptor.encrypt(body, k.cryptor.vector(s.Boots, s.Time, s.Salt))
	}
	s.MAC = make([]byte, k.octets)
	message, place := s.Marshal(body)
	if k.mac != nil {
		k.sign(message, place)
	}
	return message
}

// nextSalt is never the same twice (RFC 3414, 8.1.1.1; RFC 3826, 3.1.2.1).
func (r *Receiver) nextSalt(u *User) []byte {
	r.salt++
	if !u.priv.cbc {
		return binary.BigEndian.AppendUint64(nil, r.salt)
	}
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, r.self.Boots), uint32(r.salt))
}
