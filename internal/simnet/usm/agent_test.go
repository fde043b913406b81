package usm_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd/snmpdtest"
	"github.com/haidang-noc/haidang/internal/simnet/usm"
)

func engine() usm.Engine {
	return usm.Engine{ID: []byte("\x80\x00\x07\xdb\x03engine"), Boots: 3, Seconds: 1 << 22}
}

func security(u usm.User, e usm.Engine) *gosnmp.UsmSecurityParameters {
	p := &gosnmp.UsmSecurityParameters{UserName: u.Name, AuthoritativeEngineID: string(e.ID), AuthoritativeEngineBoots: e.Boots,
		AuthoritativeEngineTime: e.Seconds, AuthenticationProtocol: gosnmp.NoAuth, PrivacyProtocol: gosnmp.NoPriv}
	if u.Auth != "" {
		p.AuthenticationProtocol, p.AuthenticationPassphrase = gosnmp.SHA256, u.AuthPassword
	}
	if u.Priv != "" {
		p.PrivacyProtocol, p.PrivacyPassphrase = gosnmp.AES, u.PrivPassword
	}
	return p
}

// message is a GETBULK as gosnmp sends it.
func message(t testing.TB, u usm.User, e usm.Engine, max uint32) []byte {
	t.Helper()
	p := security(u, e)
	if err := p.InitSecurityKeys(); err != nil {
		t.Fatal(err)
	}
	flags := gosnmp.NoAuthNoPriv
	if u.Auth != "" {
		flags = gosnmp.AuthNoPriv
	}
	if u.Priv != "" {
		flags = gosnmp.AuthPriv
	}
	packet := &gosnmp.SnmpPacket{Version: gosnmp.Version3, MsgID: 5, MsgFlags: flags | gosnmp.Reportable, MsgMaxSize: 65507,
		SecurityModel: gosnmp.UserSecurityModel, SecurityParameters: p, ContextEngineID: string(e.ID), PDUType: gosnmp.GetBulkRequest,
		RequestID: 7, MaxRepetitions: max, Variables: []gosnmp.SnmpPDU{{Name: ".1.3.6.1.9", Type: gosnmp.Null}}}
	if err := p.InitPacket(packet); err != nil {
		t.Fatal(err)
	}
	out, err := packet.MarshalMsg()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// levels are a user of each security level.
func levels() []usm.User {
	return []usm.User{{Name: "guest"}, {Name: "signed", Auth: "sha256", AuthPassword: "signed and"},
		{Name: "sealed", Auth: "sha256", AuthPassword: "signed and", Priv: "aes", PrivPassword: "delivered"}}
}

func agent(t testing.TB) *usm.Agent {
	t.Helper()
	a, err := usm.New(levels())
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Whatever room there is, an answer fits it, at every level, and uses most of it.
func TestAnswersFitTheirLimit(t *testing.T) {
	a := agent(t)
	for _, u := range levels() {
		ask := message(t, u, engine(), 400)
		for limit := 484; limit < 1500; limit += 7 {
			answer, binds := a.Answer([]byte("kept"), ask, usm.Asked{Engine: engine(), Responder: &snmpd.Responder{Limit: limit}, View: snmpdtest.Table(500)})
			if !bytes.HasPrefix(answer, []byte("kept")) || len(answer) > limit+4 || len(answer) < limit-40 || binds < 10 {
				t.Fatalf("%s: %d octets, %d bindings, at most %d allowed", u.Name, len(answer)-4, binds, limit)
			}
		}
	}
}

// A clock that is off is reported under the user's key, so that it can be believed; a change of any octet is not answered as
// if nothing had been.
func TestTimeWindowAndChanges(t *testing.T) {
	a, now := agent(t), engine()
	asked := usm.Asked{Engine: now, Responder: &snmpd.Responder{Limit: 1472}, View: snmpdtest.Table(50)}
	for off, want := range map[int64]bool{0: true, 150: true, -150: true, 151: false, -151: false} {
		e := now
		e.Seconds = uint32(int64(e.Seconds) + off)
		if _, binds := a.Answer(nil, message(t, levels()[2], e, 5), asked); (binds == 5) != want {
			t.Errorf("%d seconds off: %d bindings", off, binds)
		}
	}
	e := now
	e.Boots++
	if report, binds := a.Answer(nil, message(t, levels()[2], e, 5), asked); binds != 0 || !bytes.Contains(report, notInTime(t)) {
		t.Errorf("other boots: %d bindings, % x", binds, report)
	}
	for _, u := range levels()[1:] {
		ask := message(t, u, now, 5)
		for i := range ask {
			ask[i] ^= 0x40
			if _, binds := a.Answer(nil, ask, asked); binds != 0 {
				t.Errorf("%s: octet %d changed: %d bindings", u.Name, i, binds)
			}
			ask[i] ^= 0x40
		}
	}
}

func notInTime(t *testing.T) []byte {
	t.Helper()
	oid, err := hex.DecodeString("2b060106030f01010200") // usmStatsNotInTimeWindows.0
	if err != nil {
		t.Fatal(err)
	}
	return oid
}

// No datagram makes the agent panic, and every answer is a whole message.
func FuzzAnswer(f *testing.F) {
	for _, u := range levels() {
		f.Add(message(f, u, engine(), 5))
	}
	f.Add(message(f, levels()[0], usm.Engine{}, 5))
	a := agent(f)
	f.Fuzz(func(t *testing.T, datagram []byte) {
		answer, _ := a.Answer(nil, datagram, usm.Asked{Engine: engine(), Responder: &snmpd.Responder{Limit: 1472}, View: snmpdtest.Table(50)})
		if _, rest, err := ber.TakeAs(ber.Sequence, answer); len(answer) > 0 && (err != nil || len(rest) > 0) {
			t.Fatalf("% x answered with % x", datagram, answer)
		}
	})
}
