package usm

import (
	crand "crypto/rand"
	"encoding/binary"
	"time"
)

// Remote is a device as its poller knows it: a user, and the engine with its clock, which are found out on the way. It is
// for one goroutine at a time.
//
// Of what nobody signed only three things are ever taken, and only from a report that answers the request under way: an
// engine id, its boots and its time. They make a guess. The request is sent again under the guess, and only an answer that
// verifies under its keys, is within its time and has both unforeseeable numbers of that request makes it known. Until
// then what was known before stays, and answers under it are taken as ever.
//
// A signed report of another time makes a guess in the same way, so neither a device that was exchanged nor one whose
// boots were set back needs anything else to be found again.
type Remote struct {
	user    *User
	context []byte
	known   engine // proved by an answer
	guess   engine // not proved yet; requests are made with it while it is there
	salt    uint64
	steps   uint8 // guesses made for the request under way
	lost    bool  // the next request asks who is there
}

// engine is the authoritative engine of a device with its clock. Without keys it is nobody.
type engine struct {
	keys  *Keys
	boots uint32
	time  uint32 // the latest it was heard with
	at    time.Time
}

// mostSteps bounds what a request can be made to cost by reports: one to find the engine, one for its time, one more
// for a device that is exchanged meanwhile.
const mostSteps = 3

// Ticket is what ties an answer to its request: two numbers in [2^30, 2^31) that nobody can foresee, one in the outer
// part of the message and one in the PDU.
type Ticket struct{ Message, Request uint32 }

// NewRemote returns a device of which nothing is known yet. The context is most often empty.
func NewRemote(u *User, context string) *Remote {
	var random [8]byte
	crand.Read(random[:]) // never fails
	return &Remote{user: u, context: []byte(context), salt: binary.BigEndian.Uint64(random[:]), lost: true}
}

// Append writes the message that carries a PDU, in which the ticket's request number already is; while nobody knows who
// is there, it is the message that asks that.
func (r *Remote) Append(dst []byte, t Ticket, pdu []byte, now time.Time) []byte {
	h := Header{ID: t.Message, Flags: Reportable}
	e := &r.known
	if r.guess.keys != nil {
		e = &r.guess
	} else if r.lost {
		return Append(dst, &h, &Scoped{PDU: question(t.Request)}, nil, 0)
	}
	r.salt++
	h.Flags |= r.user.level
	h.Engine, h.Boots, h.Time, h.User = e.keys.engine, e.boots, e.clock(now), r.user.name
	return Append(dst, &h, &Scoped{Engine: h.Engine, Context: r.context, PDU: pdu}, e.keys, r.salt)
}

// Preparation is what has to be done before the next Append because that would take milliseconds otherwise; nil is nothing.
// It may be done by another goroutine, while nobody uses the remote.
func (r *Remote) Preparation() (work func()) {
	if k := r.asked().keys; k != nil && r.user.costly && k.block == nil {
		return k.prepare
	}
	return nil
}

// question is a request for nothing, to which an engine says who it is (RFC 3414, 4).
func question(id uint32) []byte {
	pdu := binary.BigEndian.AppendUint32([]byte{0xa0, 14, tagInteger, 4}, id)
	return append(pdu, tagInteger, 1, 0, tagInteger, 1, 0, tagSequence, 0)
}

// Verdict is what became of a message.
type Verdict uint8

// The verdicts. Answered comes with a PDU. Again says that the request has to be sent once more, as the engine is known
// better now. After all others nothing has changed, and the request is under way as before.
const (
	Answered Verdict = iota
	Again
	Told // the engine complains, and that cannot be helped
	WrongID
	WrongEngine
	WrongUser
	WrongLevel
	WrongDigest
	Untimely
	Undecipherable
	WrongRequest // no response, or to another request

	Verdicts // how many there are
)

// String is the verdict's name for a counter.
func (v Verdict) String() string {
	return [Verdicts]string{"answered", "again", "report", "message_id", "engine", "user", "security_level", "digest", "time_window",
		"decryption", "request_id"}[v]
}

// Opened is what came out of a message.
type Opened struct {
	Verdict   Verdict
	Complaint Complaint // of a report
	PDU       []byte    // of a response, an element; it is where the message was
}

// Open verifies and decrypts what may be the answer to the request with the ticket. It looks, in this order, at the number
// of the message, engine, user, level, authentication code, and time; only then it decrypts, in place, and reads.
func (r *Remote) Open(m *Message, t Ticket, now time.Time) Opened {
	if m.ID != t.Message {
		return Opened{Verdict: WrongID}
	}
	if m.Flags&levels == 0 { // what is not signed is looked at for a complaint only, unless the user never signs
		if c := m.complains(); c != NoComplaint {
			return r.hint(m, c, now)
		}
	}
	k := r.keys(m.Engine)
	if v := r.verify(m, k); v != Answered {
		return Opened{Verdict: v}
	}
	if m.Flags&Priv == 0 {
		if c := m.complains(); c != NoComplaint { // signed: such a report is sent because its time cannot be right
			return r.advice(m, k, c, now)
		}
	}
	if m.Flags&levels != r.user.level {
		return Opened{Verdict: WrongLevel}
	}
	if r.user.level != 0 && !r.timely(m, now) {
		return Opened{Verdict: Untimely}
	}
	return r.read(m, k, t, now)
}

// keys are those for an engine, if it is the one known or guessed.
func (r *Remote) keys(id []byte) *Keys {
	for _, e := range []*engine{&r.guess, &r.known} {
		if e.is(id) {
			return e.keys
		}
	}
	return nil
}

// verify looks at all that can be looked at without reading: Answered says that it is as it must be. A report may be
// signed without being encrypted, so a level may be lower than the user's as long as it is signed.
func (r *Remote) verify(m *Message, k *Keys) Verdict {
	level := m.Flags & levels
	switch {
	case k == nil:
		return WrongEngine
	case string(m.User) != string(r.user.name):
		return WrongUser
	case level&^r.user.level != 0 || level&Auth != r.user.level&Auth:
		return WrongLevel
	case !k.Verify(m):
		return WrongDigest
	}
	return Answered
}

// timely says whether a message is within the time of the engine known or guessed.
func (r *Remote) timely(m *Message, now time.Time) bool {
	return r.known.timely(m, now) || r.guess.timely(m, now)
}

// read decrypts and reads a message that was verified. The answer to the request under way proves its engine.
func (r *Remote) read(m *Message, k *Keys, t Ticket, now time.Time) Opened {
	text := m.Body
	if m.Flags&Priv != 0 {
		var ok bool
		if text, ok = k.Decrypt(m.Body[:0], m); !ok {
			return Opened{Verdict: Undecipherable}
		}
	}
	s, ok := ParseScoped(text)
	if !ok { // with the wrong key anything comes out
		return Opened{Verdict: Undecipherable}
	}
	if c := s.Complains(); c != NoComplaint {
		return r.advice(m, k, c, now)
	}
	if answerTo(s.PDU) != t.Request {
		return Opened{Verdict: WrongRequest}
	}
	r.adopt(m, k, now)
	return Opened{PDU: s.PDU}
}

// answerTo is the request number of a response; 0, which no ticket has, if it is none: what else has it may be the
// request itself, sent back.
func answerTo(pdu []byte) uint32 {
	whole := elements(pdu)
	r := elements(whole.Want(tagResponse))
	return r.number()
}

// adopt takes the engine of an answer as proved.
func (r *Remote) adopt(m *Message, k *Keys, now time.Time) {
	if !r.known.timely(m, now) {
		r.known = engine{keys: k}
	}
	r.known.advance(m, now)
	r.guess, r.steps, r.lost = engine{}, 0, false
}

// hint takes a complaint that nobody signed. An engine of another name is guessed to be there; one that cannot be timed is
// asked who it is, since what it says of its time here proves nothing.
func (r *Remote) hint(m *Message, c Complaint, now time.Time) Opened {
	o := Opened{Verdict: Told, Complaint: c}
	asking := r.lost && r.guess.keys == nil
	switch {
	case len(m.Engine) == 0 || r.steps >= mostSteps:
	case asking || c == UnknownEngine && !r.asked().is(m.Engine):
		k := r.keys(m.Engine)
		if k == nil {
			k = r.user.Localize(m.Engine)
		}
		return r.suppose(engine{k, m.Boots, m.Time, now}, o)
	case c == NotInTimeWindow && r.user.level != 0 && r.asked().is(m.Engine):
		r.lost = true
		return r.suppose(engine{}, o)
	}
	return o
}

// advice takes a complaint that was signed.
func (r *Remote) advice(m *Message, k *Keys, c Complaint, now time.Time) Opened {
	o := Opened{Verdict: Told, Complaint: c}
	if c != NotInTimeWindow || m.Boots == MaxBoots || r.steps >= mostSteps {
		return o
	}
	return r.suppose(engine{k, m.Boots, m.Time, now}, o)
}

func (r *Remote) suppose(e engine, o Opened) Opened {
	r.guess = e
	r.steps++
	o.Verdict = Again
	return o
}

// asked is the engine that requests are made for.
func (r *Remote) asked() *engine {
	if r.guess.keys != nil {
		return &r.guess
	}
	return &r.known
}

// Silent says that a request stayed without an answer for good. The next one asks who is there: a device may have been
// exchanged or restarted, and some do not complain of what they do not understand.
func (r *Remote) Silent() {
	r.guess, r.steps, r.lost = engine{}, 0, true
}

func (e *engine) is(id []byte) bool { return e.keys != nil && string(e.keys.engine) == string(id) }

// clock is the engine's time now, as far as it can be told.
func (e *engine) clock(now time.Time) uint32 {
	return uint32(min(int64(e.time)+int64(now.Sub(e.at)/time.Second), MaxBoots))
}

// timely says whether a message of this engine is no older than the window (RFC 3414, 3.2, 7b).
func (e *engine) timely(m *Message, now time.Time) bool {
	switch {
	case !e.is(m.Engine) || m.Boots == MaxBoots:
		return false
	case m.Boots != e.boots:
		return m.Boots > e.boots
	}
	return int64(m.Time)+Window >= int64(e.clock(now))
}

// advance sets the clock by a message if it is the latest.
func (e *engine) advance(m *Message, now time.Time) {
	if e.at.IsZero() || m.Boots > e.boots || m.Boots == e.boots && m.Time > e.time {
		e.boots, e.time, e.at = m.Boots, m.Time, now
	}
}
