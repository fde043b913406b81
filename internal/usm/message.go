package usm

import (
	"encoding/binary"
	"errors"
)

// ErrMalformed says that a datagram is not a message of version 3 for this security model, or has a mistake in it.
var ErrMalformed = errors.New("usm: malformed")

const (
	version   = 3
	userBased = 3
	longest   = 65507 // no UDP datagram holds more
	maxName   = 32    // octets of an engine id and of a user's name
)

// Header is what a message says outside of its contents.
type Header struct {
	ID     uint32 // below 2^31
	Flags  byte
	Engine []byte // the authoritative one: who is asked, or who sends a trap
	Boots  uint32
	Time   uint32
	User   []byte
}

// Message is a message of which nothing was verified and whose contents are still closed. It points into the datagram.
type Message struct {
	Header
	MAC   []byte // its authentication code
	Salt  []byte
	Body  []byte // the scoped PDU, an element; if the flags say Priv, encrypted and without its head
	whole []byte
}

// Parse reads the outer part of a message.
func Parse(datagram []byte) (Message, error) {
	m := Message{whole: datagram}
	outer := elements(datagram)
	message := elements(outer.Want(tagSequence))
	v := message.number()
	header := elements(message.Want(tagSequence))
	m.ID = header.number()
	header.number() // how long an answer may be
	flags, model := header.Want(tagOctets), header.number()
	parameters := message.Want(tagOctets)
	m.Body = message.Rest
	tag, contents := message.Any()
	if !outer.End() || !message.End() || !header.End() || v != version || model != userBased || len(flags) != 1 {
		return m, ErrMalformed
	}
	m.Flags = flags[0]
	want := byte(tagSequence)
	if m.Flags&Priv != 0 {
		want, m.Body = tagOctets, contents
	}
	if tag != want || m.Flags&levels == Priv || !m.readParameters(parameters) {
		return m, ErrMalformed
	}
	return m, nil
}

func (m *Message) readParameters(text []byte) bool {
	outer := elements(text)
	r := elements(outer.Want(tagSequence))
	m.Engine = r.Want(tagOctets)
	m.Boots, m.Time = r.number(), r.number()
	m.User = r.Want(tagOctets)
	m.MAC = r.Want(tagOctets)
	m.Salt = r.Want(tagOctets)
	return r.End() && outer.End() && len(m.Engine) <= maxName && len(m.User) <= maxName
}

// around is the message before and behind its authentication code, in whose place there were zeros when it was made.
func (m *Message) around() (before, after []byte) {
	at := cap(m.whole) - cap(m.MAC) // MAC is a part of whole, so their capacities end at the same octet
	return m.whole[:at], m.whole[at+len(m.MAC):]
}

// Scoped is what a message is about. The slices point into what it was read from.
type Scoped struct {
	Engine  []byte // context engine
	Context []byte
	PDU     []byte // an element
}

// ParseScoped reads the contents of a message. Behind what was encrypted there may be padding, which is left out.
func ParseScoped(text []byte) (s Scoped, ok bool) {
	padded := elements(text)
	r := elements(padded.Want(tagSequence))
	s.Engine, s.Context = r.Want(tagOctets), r.Want(tagOctets)
	s.PDU = r.Rest
	r.Any()
	return s, r.End()
}

// length of the element.
func (s *Scoped) length() int { return size(len(s.Engine)) + size(len(s.Context)) + len(s.PDU) }

func (s *Scoped) append(dst []byte) []byte {
	dst = appendHead(dst, tagSequence, s.length())
	dst = appendOctets(dst, s.Engine)
	dst = appendOctets(dst, s.Context)
	return append(dst, s.PDU...)
}

// Append writes a message, encrypted and signed as its flags say. The keys may be nil if they say neither. A salt must
// not come twice with the same keys: the caller counts, from a random number on.
func Append(dst []byte, h *Header, s *Scoped, k *Keys, salt uint64) []byte {
	l := h.measure(s, k)
	start := len(dst)
	dst = appendHead(dst, tagSequence, l.whole)
	dst = append(dst, tagInteger, 1, version)
	dst = h.append(dst, l.header)
	dst = appendHead(dst, tagOctets, size(l.parameters))
	dst = appendHead(dst, tagSequence, l.parameters)
	dst = appendOctets(dst, h.Engine)
	dst = appendNumber(dst, tagInteger, h.Boots)
	dst = appendNumber(dst, tagInteger, h.Time)
	dst = appendOctets(dst, h.User)
	dst = appendHead(dst, tagOctets, l.mac)
	mac := len(dst)
	dst = appendZeros(dst, l.mac)
	dst = appendHead(dst, tagOctets, l.salt)
	if l.salt > 0 {
		dst = binary.BigEndian.AppendUint64(dst, salt)
		dst = appendHead(dst, tagOctets, l.body)
	}
	body := len(dst)
	dst = s.append(dst)
	dst = appendZeros(dst, l.body-(len(dst)-body))
	if l.salt > 0 {
		k.encrypt(salt, dst[body:], h.Boots, h.Time)
	}
	if l.mac > 0 {
		k.sign(dst[start:], dst[mac:mac+l.mac])
	}
	return dst
}

func appendZeros(dst []byte, n int) []byte {
	for range n {
		dst = append(dst, 0)
	}
	return dst
}

func (h *Header) append(dst []byte, length int) []byte {
	dst = appendHead(dst, tagSequence, length)
	dst = appendNumber(dst, tagInteger, h.ID)
	dst = appendNumber(dst, tagInteger, longest)
	dst = append(dst, tagOctets, 1, h.Flags)
	return append(dst, tagInteger, 1, userBased)
}

// lengths are those of the contents of a message's elements, from the outside in.
type lengths struct{ whole, header, parameters, mac, salt, body int }

func (h *Header) measure(s *Scoped, k *Keys) (l lengths) {
	l.body = size(s.length())
	end := l.body
	if h.Flags&Auth != 0 {
		l.mac = k.user.auth.octets
	}
	if h.Flags&Priv != 0 {
		l.salt = saltOctets
		l.body = k.padded(l.body)
		end = size(l.body)
	}
	l.header = size(width(h.ID)) + size(width(longest)) + size(1) + size(1)
	l.parameters = size(len(h.Engine)) + size(width(h.Boots)) + size(width(h.Time)) + size(len(h.User)) + size(l.mac) + size(l.salt)
	l.whole = size(1) + size(l.header) + size(size(l.parameters)) + end
	return l
}

// complains reads the complaint of a message that is not encrypted; NoComplaint if it is no report.
func (m *Message) complains() Complaint {
	s, ok := ParseScoped(m.Body)
	if !ok {
		return NoComplaint
	}
	return s.Complains()
}
