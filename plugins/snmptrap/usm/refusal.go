package usm

import (
	"time"

	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// Refusal is why a message was not taken.
type Refusal struct {
	Reason string // for a counter: discovery unknown_engine unknown_user security_level wrong_digest time_window decryption replay too_many_engines
	Report []byte // what its sender is to be told; nil if it does not want to hear
}

// Error names the reason.
func (r *Refusal) Error() string { return "usm: refused: " + r.Reason }

// reason is why a message is refused.
type reason int

const (
	none reason = iota
	securityLevel
	timeWindow
	unknownUser
	discovery
	unknownEngine
	wrongDigest
	decryption
	replayed
	tooManyEngines
	reasons
)

func (r reason) String() string {
	return [...]string{"none", "security_level", "time_window", "unknown_user", "discovery", "unknown_engine", "wrong_digest",
		"decryption", "replay", "too_many_engines"}[r]
}

// counter is the arc of the reason's counter in SNMP-USER-BASED-SM-MIB; 0 if it has none.
func (r reason) counter() uint32 {
	return [reasons]uint32{securityLevel: 1, timeWindow: 2, unknownUser: 3, discovery: 4, unknownEngine: 4, wrongDigest: 5, decryption: 6}[r]
}

const usmStats = "\x2b\x06\x01\x06\x03\x0f\x01\x01"

// refuse counts a refusal and makes the report. Only that about the time is authenticated, with the keys given: its
// receiver sets its clock by it.
func (r *Receiver) refuse(m *packet.Secured, why reason, k *keys, now time.Time) error {
	r.told[why]++
	refusal := &Refusal{Reason: why.String()}
	if m.Flags&packet.Reportable == 0 || why.counter() == 0 {
		return refusal
	}
	var requestID int32
	if m.Flags&packet.Priv == 0 {
		_, n, _ := m.ParseScoped(nil) // an error: then the number is 0, as RFC 3412, 7.1.3 has it
		requestID = n.RequestID
	}
	told := r.told[why]
	if why == discovery || why == unknownEngine {
		told = r.told[discovery] + r.told[unknownEngine] // one counter in the MIB
	}
	counter := packet.OID(usmStats).Append(why.counter()).Append(0)
	body := packet.ReportPDU(r.self.ID, requestID, counter, told)
	s := r.head(m, 0, now)
	sign := why == timeWindow && k != nil
	if sign {
		s.Flags, s.User, s.MAC = packet.Auth, m.User, make([]byte, k.octets)
	}
	message, place := s.Marshal(body)
	if sign {
		k.sign(message, place)
	}
	refusal.Report = message
	return refusal
}
