package usm

import (
	"crypto/hmac"
	"encoding/binary"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
)

// Engine is a device as an authority: its id, how often it was started, and the seconds since.
type Engine struct {
	ID             []byte
	Boots, Seconds uint32
}

// Asked is what a message is answered with.
type Asked struct {
	Engine    Engine
	Responder *snmpd.Responder
	View      snmpd.View
}

// Agent answers v3 messages for any number of engines. It is for one goroutine.
type Agent struct {
	accounts map[string]*account
	salt     uint64
	reports  [7]uint32 // sent so far, by what they tell

	asked, pdu, context, plain, secret, header, fields, security, body []byte // room for the parts of a message
}

// The usmStats that reports tell: the last arc but one of their names.
const (
	unsupportedLevels = 1
	notInTimeWindows  = 2
	unknownUsers      = 3
	unknownEngines    = 4
	wrongDigests      = 5
	decryptionErrors  = 6
)

const (
	timeWindow = 150 // seconds
	overhead   = 64  // octets of a message around its PDU, at most, beside what varies
	shortest   = 484 // what every manager takes (RFC 3412)
)

// New makes an agent that knows the users.
func New(users []User) (*Agent, error) {
	a := &Agent{accounts: map[string]*account{}}
	for _, u := range users {
		account, err := u.account()
		if err != nil {
			return nil, err
		}
		a.accounts[u.Name] = &account
	}
	return a, nil
}

// keys are a user's keys at one engine.
type keys struct {
	account    *account
	auth, priv []byte
}

// Answer appends the answer to a message to dst, or nothing, and returns the number of variable bindings in it.
func (a *Agent) Answer(dst, datagram []byte, asked Asked) ([]byte, int) {
	m, err := parse(datagram)
	if err != nil {
		return dst, 0
	}
	k, wrong := a.admit(&m, asked.Engine)
	if wrong == 0 && m.open(m.data) != nil {
		wrong = decryptionErrors
		if m.flags&flagPriv == 0 {
			return dst, 0
		}
	}
	if wrong != 0 {
		return a.report(dst, &m, asked.Engine, k, wrong), 0
	}
	limit := min(asked.Responder.Limit, int(max(m.maxSize, shortest))) - overhead -
		2*len(asked.Engine.ID) - len(m.user) - len(m.digest) - len(m.salt) - len(m.contextName)
	var binds int
	if a.pdu, binds = asked.Responder.PDU(a.pdu[:0], m.pdu, limit, asked.View); len(a.pdu) == 0 {
		return dst, 0
	}
	return a.seal(dst, &m, asked.Engine, k), binds
}

// admit checks engine, user, level, digest and time in the order of RFC 3414, and decrypts. It returns the keys to
// answer with and, unless all is well, what to report.
func (a *Agent) admit(m *message, e Engine) (k keys, wrong int) {
	if string(m.engine) != string(e.ID) {
		return k, unknownEngines
	}
	u := a.accounts[string(m.user)]
	if u == nil {
		return k, unknownUsers
	}
	if m.flags&(flagAuth|flagPriv) != u.level {
		return k, unsupportedLevels
	}
	if u.level == 0 {
		return keys{account: u}, 0
	}
	auth := u.digest.localise(u.authKey, e.ID)
	if !m.authentic(u.digest, auth) {
		return k, wrongDigests
	}
	k = keys{account: u, auth: auth}
	if early := int64(e.Seconds) - int64(m.time); uint32(m.boots) != e.Boots || early > timeWindow || early < -timeWindow {
		return k, notInTimeWindows
	}
	if u.level&flagPriv == 0 {
		return k, 0
	}
	k.priv = u.digest.localise(u.privKey, e.ID)
	text, _, err := ber.TakeAs(ber.OctetString, m.data)
	if err != nil || len(m.salt) != 8 {
		return k, decryptionErrors
	}
	a.asked = append(a.asked[:0], text...)
	decrypt(a.asked, k.priv, Engine{Boots: uint32(m.boots), Seconds: uint32(m.time)}, m.salt)
	m.data = a.asked
	return k, 0
}

// report tells what was wrong, if the sender wants to know. A clock that is off is told under the user's key.
func (a *Agent) report(dst []byte, m *message, e Engine, k keys, wrong int) []byte {
	if m.flags&flagReportable == 0 {
		return dst
	}
	a.reports[wrong]++
	name := ber.AppendArcs(nil, 1, 3, 6, 1, 6, 3, 15, 1, 1, uint32(wrong), 0)
	bind := ber.AppendUint(ber.AppendBytes(nil, ber.ObjectID, name), ber.Counter32, uint64(a.reports[wrong]))
	pdu := append(ber.AppendInt(nil, ber.Integer, int64(requestID(m))), ber.Integer, 1, 0, ber.Integer, 1, 0)
	pdu = ber.AppendBytes(pdu, ber.Sequence, ber.AppendBytes(nil, ber.Sequence, bind))
	a.pdu = ber.AppendBytes(a.pdu[:0], ber.Report, pdu)
	if wrong != notInTimeWindows {
		k = keys{}
	}
	k.priv = nil
	m.contextName = nil
	return a.seal(dst, m, e, k)
}

// requestID is that of the request, if it can be read.
func requestID(m *message) int32 {
	if m.open(m.data) != nil {
		return 0
	}
	_, content, _, err := ber.Take(m.pdu)
	if err != nil {
		return 0
	}
	id, _, _ := ber.TakeInt(content) // 0 if there is none
	return id
}

// seal wraps a.pdu: encrypted if there is a key for that, signed if there is one for that.
func (a *Agent) seal(dst []byte, m *message, e Engine, k keys) []byte {
	flags, size := byte(0), 0
	var salt []byte
	if k.auth != nil {
		flags, size = flagAuth, k.account.digest.size
	}
	if k.priv != nil {
		flags |= flagPriv
		a.salt++
		salt = binary.BigEndian.AppendUint64(nil, a.salt)
	}
	data := a.scope(m, e, k, salt)
	security := a.sign(m, e, size, salt)

	header := ber.AppendInt(a.header[:0], ber.Integer, int64(m.id))
	header = ber.AppendInt(header, ber.Integer, snmpd.LongestAnswer)
	a.header = append(header, ber.OctetString, 1, flags, ber.Integer, 1, 3)
	body := ber.AppendBytes(append(a.body[:0], ber.Integer, 1, 3), ber.Sequence, a.header)
	body = ber.AppendBytes(body, ber.OctetString, security)
	a.body = append(body, data...)

	start := len(dst)
	dst = ber.AppendBytes(dst, ber.Sequence, a.body)
	if size > 0 {
		h := hmac.New(k.account.digest.hash, k.auth)
		h.Write(dst[start:])
		copy(dst[len(dst)-len(data)-2-len(salt)-size:], h.Sum(nil)[:size])
	}
	return dst
}

// sign writes the security parameters, with room for the digest where it belongs: before the salt, which is last.
func (a *Agent) sign(m *message, e Engine, size int, salt []byte) []byte {
	s := ber.AppendBytes(a.fields[:0], ber.OctetString, e.ID)
	s = ber.AppendInt(s, ber.Integer, int64(e.Boots))
	s = ber.AppendInt(s, ber.Integer, int64(e.Seconds))
	s = ber.AppendBytes(s, ber.OctetString, m.user)
	s = append(append(s, ber.OctetString, byte(size)), make([]byte, size)...)
	a.fields = ber.AppendBytes(s, ber.OctetString, salt)
	a.security = ber.AppendBytes(a.security[:0], ber.Sequence, a.fields)
	return a.security
}

// scope puts a.pdu into its context, and encrypts it.
func (a *Agent) scope(m *message, e Engine, k keys, salt []byte) []byte {
	c := ber.AppendBytes(a.context[:0], ber.OctetString, e.ID)
	c = ber.AppendBytes(c, ber.OctetString, m.contextName)
	a.context = append(c, a.pdu...)
	a.plain = ber.AppendBytes(a.plain[:0], ber.Sequence, a.context)
	if k.priv == nil {
		return a.plain
	}
	encrypt(a.plain, k.priv, e, salt)
	a.secret = ber.AppendBytes(a.secret[:0], ber.OctetString, a.plain)
	return a.secret
}
