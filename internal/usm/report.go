package usm

import "encoding/binary"

// Complaint is what an engine has against a message, as it tells in a report: the arc of its counter in
// SNMP-USER-BASED-SM-MIB (RFC 3414, 5).
type Complaint uint8

// The complaints of the security model, none, and those of everybody else.
const (
	NoComplaint Complaint = iota
	UnsupportedLevel
	NotInTimeWindow
	UnknownUser
	UnknownEngine
	WrongCode
	DecryptionFailed
	OtherComplaint

	Complaints // how many there are
)

// String is the complaint's name for a counter.
func (c Complaint) String() string {
	return [Complaints]string{"none", "security_level", "time_window", "unknown_user", "unknown_engine", "wrong_digest", "decryption", "other"}[c]
}

// usmStats are the counters' names, of which the arc and a 0 are missing: 1.3.6.1.6.3.15.1.1.
const usmStats = "\x2b\x06\x01\x06\x03\x0f\x01\x01"

// Report is the PDU that tells the sender of a request of a complaint: its counter, told so often.
func Report(requestID uint32, c Complaint, told uint32) []byte {
	name := append([]byte(usmStats), byte(c), 0)
	varbind := appendNumber(append(appendHead(nil, tagObjectID, len(name)), name...), tagCounter, told)
	list := append(appendHead(nil, tagSequence, len(varbind)), varbind...)
	pdu := binary.BigEndian.AppendUint32([]byte{tagInteger, 4}, requestID)
	pdu = append(pdu, tagInteger, 1, 0, tagInteger, 1, 0)
	pdu = append(appendHead(pdu, tagSequence, len(list)), list...)
	return append(appendHead(nil, tagReport, len(pdu)), pdu...)
}

// Complains reads the complaint of a report; NoComplaint if the PDU is none.
func (s *Scoped) Complains() Complaint {
	whole := elements(s.PDU)
	tag, pdu := whole.Any()
	if tag != tagReport || !whole.End() {
		return NoComplaint
	}
	r := elements(pdu)
	for range 3 { // request-id, which may be any number, error-status, error-index
		r.Want(tagInteger)
	}
	list := elements(r.Want(tagSequence))
	varbind := elements(list.Want(tagSequence))
	name := string(varbind.Want(tagObjectID))
	if len(name) != len(usmStats)+2 || name[:len(usmStats)] != usmStats {
		return OtherComplaint
	}
	c := Complaint(name[len(usmStats)])
	if c == NoComplaint || c > OtherComplaint {
		return OtherComplaint
	}
	return c
}
