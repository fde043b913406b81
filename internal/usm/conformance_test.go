//go:build conformance

package usm

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func shared(t *testing.T, parts ...string) string {
	t.Helper()
	dir := os.Getenv("SHARED")
	if dir == "" {
		t.Fatal("SHARED is not set: want the folder of the shared data")
	}
	return filepath.Join(append([]string{dir, "data"}, parts...)...)
}

func readJSON(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// plain is a protocol's name here: "AES-192 (net-snmp / …)" is aes192, and AES-128 is just aes.
func plain(name string) string {
	name, _, _ = strings.Cut(strings.ToLower(strings.ReplaceAll(name, "-", "")), " ")
	return strings.Replace(name, "aes128", "aes", 1)
}

// The keys that the RFCs and another implementation make of passwords.
func TestConformanceKeys(t *testing.T) {
	var vectors []struct{ Kind, Auth, Password, EngineID, Ku, Kul string }
	readJSON(t, shared(t, "snmpv3", "usm-vectors.json"), &vectors)
	ok, all := 0, 0
	for _, v := range vectors {
		if v.Kind != "password-to-key" { // the others are about changing keys on a device, which nothing here does
			continue
		}
		all++
		a := AuthProtocols()[plain(v.Auth)]
		engine, err := hex.DecodeString(v.EngineID)
		if err != nil {
			t.Fatal(err)
		}
		ku := a.master([]byte(v.Password))
		if hex.EncodeToString(ku) != v.Ku || hex.EncodeToString(a.localize(ku, engine)) != v.Kul {
			t.Errorf("%s: %x", v.Auth, ku)
			continue
		}
		ok++
	}
	fmt.Printf("keys of passwords: %d of %d\n", ok, all)
}

type captured struct{ User, Auth, AuthPass, Priv, PrivPass string }

func (c captured) user(t *testing.T) *User {
	t.Helper()
	u, err := NewUser(Credentials{Name: c.User, Auth: AuthProtocols()[plain(c.Auth)], Priv: PrivProtocols()[plain(c.Priv)],
		AuthPassword: c.AuthPass, PrivPassword: c.PrivPass})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// A poller that had sent the requests of a captured session finds the engine by its report and takes every answer; with
// another password, at another time or as the answer to another request it takes none.
func TestConformanceSessions(t *testing.T) {
	var keys struct{ Captures map[string]captured }
	readJSON(t, shared(t, "pcap", "snmpv3-netsnmp", "keys.json"), &keys)
	ok, all := 0, 0
	for name, c := range keys.Captures {
		path := shared(t, "pcap", "snmpv3-netsnmp", name+".pcap")
		if c.User == "" || strings.HasPrefix(name, "trap-") {
			continue
		}
		other := c
		other.AuthPass += "x"
		answers, taken := session{t: t, remote: NewRemote(c.user(t), ""), user: c.user(t)}.run(payloads(t, path))
		wrong := 0
		if c.Auth != "" {
			_, wrong = session{t: t, remote: NewRemote(other.user(t), ""), user: c.user(t)}.run(payloads(t, path))
		}
		_, changed := session{t: t, remote: NewRemote(c.user(t), ""), user: c.user(t), change: true}.run(payloads(t, path))
		all += answers
		if wrong > 0 || changed > 0 || answers == 0 {
			t.Errorf("%s: of %d answers %d are taken with a wrong password, %d for a wrong request", name, answers, wrong, changed)
			continue
		}
		ok += taken
	}
	fmt.Printf("answers of SNMPv3 sessions: %d of %d\n", ok, all)
	if ok != all {
		t.Errorf("%d of %d", ok, all)
	}
}

// session plays one capture to a poller.
type session struct {
	t      *testing.T
	remote *Remote
	user   *User // with the right passwords, to read the requests
	change bool  // the poller's requests had other numbers inside
}

func (s session) run(messages [][]byte) (answers, taken int) {
	s.t.Helper()
	var ticket Ticket
	now := time.Unix(1_800_000_000, 0)
	for _, text := range messages {
		m, err := Parse(text)
		if err != nil {
			continue
		}
		if m.Flags&Reportable != 0 {
			ticket = s.ticket(&m)
			continue
		}
		if m.complains() == NoComplaint {
			answers++
		}
		if o := s.remote.Open(&m, ticket, now); o.Verdict == Answered {
			taken++
		}
	}
	return answers, taken
}

// ticket reads the numbers of a request.
func (s session) ticket(m *Message) Ticket {
	text := m.Body
	if m.Flags&Priv != 0 {
		text, _ = s.user.Localize(m.Engine).Decrypt(nil, m)
	}
	scope, ok := ParseScoped(text)
	if !ok {
		s.t.Fatal("a request cannot be read")
	}
	whole := elements(scope.PDU)
	_, pdu := whole.Any()
	r := elements(pdu)
	request := r.number()
	if s.change {
		request ^= 1
	}
	return Ticket{m.ID, request}
}

// payloads are the UDP payloads of a capture over Ethernet in pcap's format.
func payloads(t *testing.T, path string) (out [][]byte) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const file, record, ethernet, ip, udp = 24, 16, 14, 20, 8
	for text = text[file:]; len(text) >= record; {
		n := binary.LittleEndian.Uint32(text[8:])
		if frame := text[record : record+n]; len(frame) > ethernet+ip+udp {
			out = append(out, frame[ethernet+ip+udp:])
		}
		text = text[record+n:]
	}
	return out
}
