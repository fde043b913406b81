package engine

import (
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

// Refusal is why a message was not taken.
type Refusal struct {
	Reason string // for a counter: discovery unknown_engine unknown_user security_level wrong_digest time_window decryption replay too_many_engines
	Report []byte // what its sender is to be told; nil if it does not want to hear
}

// Error names the reason.
func (r *Refusal) Error() string { return "snmptrap: refused: " + r.Reason }

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

// complaint is what the sender is told; none if it is told nothing.
func (r reason) complaint() usm.Complaint {
	return [reasons]usm.Complaint{securityLevel: usm.UnsupportedLevel, timeWindow: usm.NotInTimeWindow, unknownUser: usm.UnknownUser,
		discovery: usm.UnknownEngine, unknownEngine: usm.UnknownEngine, wrongDigest: usm.WrongCode, decryption: usm.DecryptionFailed}[r]
}

// refuse counts a refusal and makes the report. Only that about the time is authenticated, with the keys given: its
// receiver sets its clock by it.
func (r *Receiver) refuse(m *usm.Message, why reason, k *usm.Keys, now time.Time) error {
	c := why.complaint()
	r.told[c]++
	refusal := &Refusal{Reason: why.String()}
	if m.Flags&usm.Reportable == 0 || c == usm.NoComplaint {
		return refusal
	}
	h := r.head(m, 0, now)
	if why == timeWindow && k != nil {
		h.Flags, h.User = usm.Auth, m.User
	}
	report := usm.Report(requestID(m), c, r.told[c])
	refusal.Report = usm.Append(nil, &h, &usm.Scoped{Engine: r.self.ID, PDU: report}, k, 0)
	return refusal
}

// requestID is that of the request inside, or 0 if that cannot be read (RFC 3412, 7.1.3).
func requestID(m *usm.Message) uint32 {
	if m.Flags&usm.Priv != 0 {
		return 0
	}
	scope, _ := usm.ParseScoped(m.Body)
	n, _ := packet.ParsePDU(scope.PDU)
	return uint32(n.RequestID)
}
