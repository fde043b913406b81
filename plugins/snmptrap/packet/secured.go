package packet

import (
	"io"
	"slices"
)

// Levels of security in the flags of a message of version 3.
const (
	Auth       = 1
	Priv       = 2
	Reportable = 4 // its sender wants to hear of errors
)

// Security is what version 3 adds to a message for the user-based security model (RFC 3412, 3414).
type Security struct {
	MessageID int32
	Flags     byte
	Engine    []byte // of the authoritative side: the receiver of an inform, the sender of a trap
	Boots     uint32
	Time      uint32
	User      []byte
	MAC       []byte // its authentication code
	Salt      []byte
}

// Secured is a message of version 3 whose contents are still closed.
type Secured struct {
	Security
	Body  []byte // the scoped PDU, encrypted if Flags say Priv
	whole []byte
}

const userBased = 3

// ParseSecured reads the outer part of a message of version 3; nothing is verified.
func ParseSecured(datagram []byte) (Secured, error) {
	s := Secured{whole: datagram}
	outer := reader{rest: datagram}
	message := reader{rest: outer.want(sequence)}
	message.integer(0)
	header := reader{rest: message.want(sequence)}
	s.MessageID = int32(header.integer(0))
	header.integer(0) // how long an answer may be: those to notifications are no longer than they
	flags, model := header.want(OctetString), header.integer(0)
	parameters := message.want(OctetString)
	tag, body := message.any()
	if !outer.end() || !message.end() || !header.end() || len(flags) != 1 || model != userBased {
		return s, ErrMalformed
	}
	s.Flags, s.Body = flags[0], body
	want := byte(sequence)
	if s.Flags&Priv != 0 {
		want = OctetString
	}
	if tag != want || s.Flags&(Auth|Priv) == Priv || !s.readParameters(parameters) {
		return s, ErrMalformed
	}
	return s, nil
}

func (s *Secured) readParameters(text []byte) bool {
	outer := reader{rest: text}
	r := reader{rest: outer.want(sequence)}
	s.Engine = r.want(OctetString)
	s.Boots, s.Time = uint32(r.integer(0)), uint32(r.integer(0))
	s.User = r.want(OctetString)
	s.MAC = r.want(OctetString)
	s.Salt = r.want(OctetString)
	return r.end() && outer.end() && len(s.Engine) <= 32 && len(s.User) <= 32
}

// WriteUnsigned writes the whole message to w, with zeros in the place of its authentication code: what the code is
// of.
func (s *Secured) WriteUnsigned(w io.Writer) {
	at := cap(s.whole) - cap(s.MAC) // MAC is a part of whole, so their capacities end at the same octet
	_, _ = w.Write(s.whole[:at])
	_, _ = w.Write(make([]byte, len(s.MAC)))
	_, _ = w.Write(s.whole[at+len(s.MAC):])
}

// Scoped is what a message of version 3 is about.
type Scoped struct {
	Engine  []byte // context engine
	Context []byte
}

// ParseScoped reads the contents of a message of version 3; behind what was encrypted there may be padding. If the PDU
// is no notification, the error is ErrOther and the notification has the request's number.
func (s *Secured) ParseScoped(plain []byte) (Scoped, Notification, error) {
	n := Notification{Version: V3}
	r := reader{rest: s.Body}
	if s.Flags&Priv != 0 {
		padded := reader{rest: plain}
		r.rest, r.bad = padded.want(sequence), padded.bad
	}
	scope := Scoped{Engine: r.want(OctetString), Context: r.want(OctetString)}
	tag, contents := r.any()
	if !r.end() {
		return scope, n, ErrMalformed
	}
	if request := (reader{rest: contents}); tag != trapV2 && tag != inform {
		n.RequestID = int32(request.integer(-1 << 31))
		return scope, n, otherwise(tag)
	}
	return scope, n, n.read(tag, contents)
}

// Response is the scoped PDU that answers an inform.
func (s Scoped) Response(n *Notification) []byte {
	return element(sequence, element(OctetString, s.Engine), element(OctetString, s.Context), pdu(response, n.RequestID, n.List))
}

// ReportPDU is the scoped PDU that tells the sender of a message why it was refused: the counter of that reason
// (RFC 3414, 3.2).
func ReportPDU(engine []byte, requestID int32, counter OID, value uint32) []byte {
	varbind := element(sequence, element(ObjectID, counter), number(Counter32, uint64(value)))
	return element(sequence, element(OctetString, engine), element(OctetString), pdu(report, requestID, varbind))
}

// Marshal writes a message of version 3 around a scoped PDU, as it is or encrypted, and returns the place in it that
// the authentication code goes to. MAC is as long as the code is to be, and holds zeros.
func (s *Security) Marshal(body []byte) (message, mac []byte) {
	const longest = 65507
	header := element(sequence, number(Integer, uint64(s.MessageID)), number(Integer, longest),
		element(OctetString, []byte{s.Flags}), number(Integer, userBased))
	after := element(OctetString, s.Salt)
	parameters := element(sequence, element(OctetString, s.Engine), number(Integer, uint64(s.Boots)), number(Integer, uint64(s.Time)),
		element(OctetString, s.User), element(OctetString, s.MAC), after)
	if s.Flags&Priv != 0 {
		body = element(OctetString, body)
	}
	message = element(sequence, number(Integer, uint64(V3)), header, element(OctetString, parameters), body)
	end := len(message) - len(body) - len(after)
	return message, slices.Clip(message[end-len(s.MAC) : end])
}
