// Package engine is the input's own SNMP engine of version 3: it verifies, times and decrypts notifications, and seals
// the answers to informs. Messages and keys are internal/usm's.
//
// Of a trap the sender is the authoritative engine, whose clock the receiver learns from messages it has verified. Of an
// inform it is the receiver, whose own clock the sender asks for first.
package engine

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"sync"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// Receiver opens messages of version 3. Its methods may be called from several goroutines.
type Receiver struct {
	mu      sync.Mutex
	self    Identity
	began   time.Time
	users   map[string]*usm.User
	own     map[*usm.User]*usm.Keys
	senders map[string]*sender
	seen    replays
	salt    uint64
	told    [usm.Complaints]uint32 // how often a complaint was made
}

// Identity is the receiver's own engine: boots counts its starts, so that no message of an earlier one is taken again.
type Identity struct {
	ID    []byte
	Boots uint32
}

// maxSenders bounds the engines whose clocks are kept. Only holders of a user's keys can make the receiver learn one.
const maxSenders = 200_000

// New makes a receiver that begins its life now.
func New(self Identity, users []*usm.User, now time.Time) *Receiver {
	var salt [8]byte
	_, _ = rand.Read(salt[:]) // does not fail
	r := &Receiver{self: self, began: now, users: map[string]*usm.User{}, own: map[*usm.User]*usm.Keys{},
		senders: map[string]*sender{}, salt: binary.BigEndian.Uint64(salt[:])}
	for _, u := range users {
		r.users[u.Name()] = u
	}
	return r
}

// Open verifies and decrypts a message that arrived now. For an inform it returns the answer too, to be sent when what
// the inform says is safe. If the error is a *Refusal, its report, if it has one, is to be sent at once; it is
// packet.ErrOther for a request and packet.ErrMalformed for what cannot be read. The notification may point into
// datagram.
func (r *Receiver) Open(datagram []byte, now time.Time) (n packet.Notification, answer []byte, err error) {
	m, err := usm.Parse(datagram)
	if err != nil {
		return n, nil, packet.ErrMalformed
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
func (r *Receiver) toSelf(m *usm.Message, now time.Time) (n packet.Notification, answer []byte, err error) {
	u, k, reason := r.authenticate(m, r.ownKeys)
	if reason == none && u.Level() != 0 && !r.timely(m, now) {
		reason = timeWindow
	}
	if reason != none {
		return n, nil, r.refuse(m, reason, k, now)
	}
	scope, n, err := r.unseal(m, k, now)
	if err != nil {
		return n, nil, err
	}
	if n.Inform {
		scope.PDU = n.Reply()
		return n, r.seal(m, u, k, &scope, now), nil
	}
	if u.Level() != 0 && r.seen.again(m.MAC, now) {
		return n, nil, r.refuse(m, replayed, nil, now)
	}
	return n, nil, nil
}

// fromSender opens a message that claims its sender as the authoritative engine. One that wants to hear of errors may be
// an inform from somebody who does not know this engine yet: it is told.
func (r *Receiver) fromSender(m *usm.Message, now time.Time) (n packet.Notification, err error) {
	if len(m.Engine) == 0 {
		return n, r.refuse(m, discovery, nil, now)
	}
	u, k, reason := r.authenticate(m, r.senderKeys)
	if reason == none && u.Level() != 0 {
		reason = r.learn(m, u, k, now)
	}
	if reason == none {
		_, n, err = r.unseal(m, k, now)
	}
	switch {
	case n.Inform, reason != none && m.Flags&usm.Reportable != 0:
		reason = unknownEngine
	case reason == none && err == nil && u.Level() != 0 && r.seen.again(m.MAC, now):
		reason = replayed
	}
	if reason != none {
		return n, r.refuse(m, reason, nil, now)
	}
	return n, err
}

// authenticate finds the user and verifies the message with its keys for the authoritative engine.
func (r *Receiver) authenticate(m *usm.Message, find func(*usm.User, []byte) *usm.Keys) (*usm.User, *usm.Keys, reason) {
	u := r.users[string(m.User)]
	if u == nil {
		return nil, nil, unknownUser
	}
	if m.Flags&(usm.Auth|usm.Priv) != u.Level() {
		return u, nil, securityLevel
	}
	k := find(u, m.Engine)
	if !k.Verify(m) {
		return u, nil, wrongDigest
	}
	return u, k, none
}

// ownKeys makes the keys of a user on this engine once.
func (r *Receiver) ownKeys(u *usm.User, id []byte) *usm.Keys {
	k := r.own[u]
	if k == nil {
		k = u.Localize(id)
		r.own[u] = k
	}
	return k
}

// unseal decrypts and reads a message that was verified.
func (r *Receiver) unseal(m *usm.Message, k *usm.Keys, now time.Time) (usm.Scoped, packet.Notification, error) {
	text, ok := m.Body, true
	if m.Flags&usm.Priv != 0 {
		text, ok = k.Decrypt(nil, m)
	}
	var n packet.Notification
	scope, read := usm.ParseScoped(text)
	err := packet.ErrMalformed
	if ok && read {
		n, err = packet.ParsePDU(scope.PDU)
	}
	if errors.Is(err, packet.ErrMalformed) && m.Flags&usm.Priv != 0 { // with the wrong key anything comes out
		err = r.refuse(m, decryption, k, now)
	}
	return scope, n, err
}

// timely says whether a message to this engine was made within the window.
func (r *Receiver) timely(m *usm.Message, now time.Time) bool {
	off := int64(m.Time) - int64(r.clock(now))
	return m.Boots == r.self.Boots && m.Boots != usm.MaxBoots && off >= -usm.Window && off <= usm.Window
}

func (r *Receiver) clock(now time.Time) uint32 { return uint32(now.Sub(r.began) / time.Second) }

// head is the outer part of an answer to m.
func (r *Receiver) head(m *usm.Message, flags byte, now time.Time) usm.Header {
	return usm.Header{ID: m.ID, Flags: flags, Engine: r.self.ID, Boots: r.self.Boots, Time: r.clock(now)}
}

// seal makes the message that answers m.
func (r *Receiver) seal(m *usm.Message, u *usm.User, k *usm.Keys, scope *usm.Scoped, now time.Time) []byte {
	h := r.head(m, u.Level(), now)
	h.User = m.User
	r.salt++
	return usm.Append(nil, &h, scope, k, r.salt)
}
