// Package usmtest is the side of SNMPv3 that is asked, for tests of those who ask.
package usmtest

import (
	"bytes"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
)

// Agent is an authoritative engine. Its fields may be changed between messages, Engine and Users only together with
// Forget.
type Agent struct {
	Engine []byte
	Boots  uint32
	Began  time.Time
	Users  []*usm.User

	Shy       bool // does not tell its time to those who ask who it is
	Mute      bool // complains of nothing but a message without an engine
	UserFirst bool // complains of the user before it looks at the engine
	Unsigned  bool // signs no report

	keys map[*usm.User]*usm.Keys
	salt uint64
	told [usm.Complaints]uint32
}

// Forget makes the agent's keys be made anew.
func (a *Agent) Forget() { a.keys = nil }

// Handle answers a message: with what answer makes of its PDU, or with a report. Nil is silence.
func (a *Agent) Handle(datagram []byte, now time.Time, answer func(pdu []byte) []byte) []byte {
	m, err := usm.Parse(bytes.Clone(datagram))
	if err != nil {
		return nil
	}
	k, pdu, c := a.open(&m, now)
	if c != usm.NoComplaint {
		return a.complain(&m, k, c, now)
	}
	if pdu = answer(pdu); pdu == nil {
		return nil
	}
	return a.Seal(&m, k, pdu, now)
}

// Keys are those of a user on the agent.
func (a *Agent) Keys(u *usm.User) *usm.Keys {
	if a.keys == nil {
		a.keys = map[*usm.User]*usm.Keys{}
	}
	if a.keys[u] == nil {
		a.keys[u] = u.Localize(a.Engine)
	}
	return a.keys[u]
}

func (a *Agent) open(m *usm.Message, now time.Time) (k *usm.Keys, pdu []byte, c usm.Complaint) {
	u := a.user(m.User)
	switch known := bytes.Equal(m.Engine, a.Engine); {
	case !known && (u != nil || !a.UserFirst):
		return nil, nil, usm.UnknownEngine
	case u == nil:
		return nil, nil, usm.UnknownUser
	}
	if m.Flags&(usm.Auth|usm.Priv) != u.Level() {
		return nil, nil, usm.UnsupportedLevel
	}
	k = a.Keys(u)
	off := int64(m.Time) - int64(a.clock(now))
	switch {
	case !k.Verify(m):
		return nil, nil, usm.WrongCode
	case u.Level() != 0 && (m.Boots != a.Boots || off < -usm.Window || off > usm.Window):
		return k, nil, usm.NotInTimeWindow
	}
	text, ok := m.Body, true
	if m.Flags&usm.Priv != 0 {
		text, ok = k.Decrypt(nil, m)
	}
	s, read := usm.ParseScoped(text)
	if !ok || !read {
		return nil, nil, usm.DecryptionFailed
	}
	return k, s.PDU, usm.NoComplaint
}

func (a *Agent) user(name []byte) *usm.User {
	for _, u := range a.Users {
		if u.Name() == string(name) {
			return u
		}
	}
	return nil
}

func (a *Agent) clock(now time.Time) uint32 { return uint32(now.Sub(a.Began) / time.Second) }

// complain makes a report, which is signed if it is about time.
func (a *Agent) complain(m *usm.Message, k *usm.Keys, c usm.Complaint, now time.Time) []byte {
	if a.Mute && len(m.Engine) > 0 || m.Flags&usm.Reportable == 0 {
		return nil
	}
	a.told[c]++
	h := usm.Header{ID: m.ID, Engine: a.Engine, Boots: a.Boots, Time: a.clock(now), User: m.User}
	if c == usm.NotInTimeWindow && !a.Unsigned {
		h.Flags = usm.Auth
	} else if a.Shy {
		h.Boots, h.Time = 0, 0
	}
	return usm.Append(nil, &h, &usm.Scoped{Engine: a.Engine, PDU: usm.Report(0, c, a.told[c])}, k, 0)
}

// Seal makes the message that answers m.
func (a *Agent) Seal(m *usm.Message, k *usm.Keys, pdu []byte, now time.Time) []byte {
	a.salt++
	h := usm.Header{ID: m.ID, Flags: m.Flags &^ usm.Reportable, Engine: a.Engine, Boots: a.Boots, Time: a.clock(now), User: m.User}
	return usm.Append(nil, &h, &usm.Scoped{Engine: a.Engine, PDU: pdu}, k, a.salt)
}
