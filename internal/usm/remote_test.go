package usm_test

import (
	"bytes"
	"encoding/binary"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/usmtest"
)

// fataler is what *testing.T, *testing.B and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
	Errorf(format string, args ...any)
}

func newUser(t fataler, name, auth, priv, password string) *usm.User {
	t.Helper()
	u, err := usm.NewUser(usm.Credentials{Name: name, Auth: usm.AuthProtocols()[auth], Priv: usm.PrivProtocols()[priv],
		AuthPassword: password, PrivPassword: password})
	if err != nil {
		t.Fatalf("%v", err)
	}
	return u
}

// rig is a poller and an agent with time of their own, and no network between them.
type rig struct {
	t      fataler
	now    time.Time
	agent  *usmtest.Agent
	remote *usm.Remote
	random *rand.Rand
	ticket usm.Ticket
	value  byte // what the agent says
	sent   int  // messages of the last question
	seen   [][]byte
}

func newRig(t fataler, u *usm.User) *rig {
	now := time.Unix(1_800_000_000, 0)
	r := &rig{t: t, now: now, remote: usm.NewRemote(u, ""), random: rand.New(rand.NewPCG(1, 2))}
	r.agent = &usmtest.Agent{Engine: engineID(1), Boots: 5, Began: now.Add(-time.Hour), Users: []*usm.User{u}}
	return r
}

func engineID(n byte) []byte { return []byte{0x80, 0, 0, 0, 5, 1, 2, 3, n} }

// pdu is a PDU of a kind with a request number and a value.
func pdu(kind byte, request uint32, value byte) []byte {
	body := binary.BigEndian.AppendUint32([]byte{2, 4}, request)
	body = append(body, 2, 1, 0, 2, 1, 0, 0x30, 3, 4, 1, value)
	return append([]byte{kind, byte(len(body))}, body...)
}

// request is the next message to the agent; a new question has a new ticket.
func (r *rig) request() []byte {
	return r.remote.Append(nil, r.ticket, pdu(0xa0, r.ticket.Request, 0), r.now)
}

func (r *rig) newTicket() {
	r.ticket = usm.Ticket{Message: 1<<30 | r.random.Uint32()>>2, Request: 1<<30 | r.random.Uint32()>>2}
	r.value++
}

func (r *rig) answer(message []byte) []byte {
	return r.agent.Handle(message, r.now, func(p []byte) []byte {
		return pdu(0xa2, binary.BigEndian.Uint32(p[4:]), r.value)
	})
}

func (r *rig) open(message []byte) usm.Opened {
	m, err := usm.Parse(message)
	if err != nil {
		return usm.Opened{Verdict: usm.WrongID}
	}
	return r.remote.Open(&m, r.ticket, r.now)
}

// ask puts a question and carries messages until it is answered or refused. It returns what came last.
func (r *rig) ask() (o usm.Opened) {
	r.newTicket()
	for r.sent = 1; r.sent < 10; r.sent++ {
		reply := r.answer(r.request())
		if reply == nil {
			r.remote.Silent()
			return usm.Opened{Verdict: usm.Told}
		}
		r.seen = append(r.seen, bytes.Clone(reply))
		if o = r.open(reply); o.Verdict != usm.Again {
			break
		}
	}
	if o.Verdict != usm.Answered {
		r.remote.Silent()
	}
	return o
}

// expect asks until an answer comes, within so many messages.
func (r *rig) expect(what string, messages int) {
	r.t.Helper()
	o := r.ask()
	if o.Verdict != usm.Answered || o.PDU[len(o.PDU)-1] != r.value || r.sent != messages {
		r.t.Errorf("%s: %v, complaint %v, after %d messages; want an answer after %d", what, o.Verdict, o.Complaint, r.sent, messages)
	}
}

func levels() [][2]string {
	return [][2]string{{"", ""}, {"sha", ""}, {"sha256", "aes"}, {"md5", "des"}, {"sha", "aes256c"}}
}

// Finding an engine costs one round trip, or two if it does not tell its time, and afterwards none.
func TestAnEngineIsFoundOnce(t *testing.T) {
	for _, l := range levels() {
		r := newRig(t, newUser(t, "u1", l[0], l[1], "password"))
		r.expect(l[0]+l[1]+" first", 2)
		r.expect(l[0]+l[1]+" second", 1)
		if l[0] == "" {
			continue
		}
		r = newRig(t, newUser(t, "u1", l[0], l[1], "password"))
		r.agent.Shy = true
		r.expect(l[0]+l[1]+" shy", 3)
		r.expect(l[0]+l[1]+" shy, second", 1)
	}
}

// Agents that are not as the RFC has them are understood as long as there is a way.
func TestAgentsOfTheirOwnKind(t *testing.T) {
	r := newRig(t, newUser(t, "u1", "sha256", "aes", "password"))
	r.agent.UserFirst, r.agent.Unsigned = true, true
	r.expect("complains of the user who asks who it is", 2)
	r.agent.Boots, r.agent.Began = 6, r.now
	r.expect("started again, and signs no report", 3)
	r.expect("afterwards", 1)
}

func TestWhatHappensToDevices(t *testing.T) {
	for _, l := range levels()[1:] {
		r := newRig(t, newUser(t, "u1", l[0], l[1], "password"))
		r.expect("first", 2)
		r.agent.Boots, r.agent.Began = 6, r.now
		r.expect("restarted", 2)
		r.now = r.now.Add(time.Hour)
		r.expect("an hour later", 1)
		r.agent.Boots, r.agent.Began = 1, r.now
		r.expect("its boots set back", 2)
		r.agent.Began = r.now.Add(200 * time.Second)
		r.now = r.now.Add(time.Hour)
		r.expect("its clock set back", 2)
		r.agent.Engine = engineID(2)
		r.agent.Forget()
		r.expect("exchanged", 2)
		r.agent.Engine, r.agent.Boots, r.agent.Shy = engineID(3), 9, true
		r.agent.Forget()
		r.expect("exchanged by a shy one", 3)
		r.now = r.now.Add(400 * time.Hour)
		r.expect("after a long silence", 1)
		r.agent.Engine, r.agent.Shy, r.agent.Mute = engineID(4), false, true
		r.agent.Forget()
		if o := r.ask(); o.Verdict == usm.Answered {
			t.Error("one that does not complain answered")
		}
		r.expect("exchanged by one that does not complain", 2)
	}
}

func TestAWrongUserStaysOne(t *testing.T) {
	right := newUser(t, "u1", "sha256", "aes", "password")
	for name, c := range map[string]struct {
		user *usm.User
		want usm.Complaint
	}{
		"name":     {newUser(t, "u2", "sha256", "aes", "password"), usm.UnknownUser},
		"password": {newUser(t, "u1", "sha256", "aes", "passw0rd"), usm.WrongCode},
		"protocol": {newUser(t, "u1", "sha", "aes", "password"), usm.WrongCode},
		"level":    {newUser(t, "u1", "sha256", "", "password"), usm.UnsupportedLevel},
		"cipher":   {newUser(t, "u1", "sha256", "des", "password"), usm.DecryptionFailed},
	} {
		r := newRig(t, c.user)
		r.agent.Users = []*usm.User{right}
		for range 3 {
			if o := r.ask(); o.Verdict != usm.Told || o.Complaint != c.want || r.sent > 2 {
				t.Errorf("%s: %v, %v after %d messages; want %v", name, o.Verdict, o.Complaint, r.sent, c.want)
			}
		}
	}
}

// Whatever an agent complains of, and whoever signs it: a question costs no more than a few messages.
func TestAQuestionCostsFewMessages(t *testing.T) {
	u := newUser(t, "u1", "sha", "aes", "password")
	for c := usm.UnsupportedLevel; c < usm.Complaints; c++ {
		for _, flags := range []byte{0, usm.Auth} {
			r := newRig(t, u)
			r.expect("first", 2)
			r.newTicket()
			again := 0
			for i := range byte(20) {
				r.request()
				h := usm.Header{ID: r.ticket.Message, Flags: flags, Engine: r.agent.Engine, Boots: uint32(i), Time: uint32(i), User: []byte("u1")}
				if flags == 0 && i%2 == 1 {
					h.Engine = engineID(100 + i)
				}
				if o := r.open(usm.Append(nil, &h, &usm.Scoped{PDU: usm.Report(0, c, 1)}, u.Localize(h.Engine), 0)); o.Verdict == usm.Again {
					again++
				}
			}
			if again > 3 {
				t.Errorf("%v, flags %d: sent again %d times", c, flags, again)
			}
			r.remote.Silent()
			r.expect("afterwards", 2)
		}
	}
}

// No initial vector comes twice.
func TestSaltsDiffer(t *testing.T) {
	r := newRig(t, newUser(t, "u1", "sha", "aes", "password"))
	r.expect("first", 2)
	seen := map[string]bool{}
	for range 1000 {
		m, err := usm.Parse(r.request())
		if err != nil || seen[string(m.Salt)] {
			t.Fatalf("%v, salt %x", err, m.Salt)
		}
		seen[string(m.Salt)] = true
	}
}

// Every single changed octet of an answer costs it its validity, and the answer itself is taken after all of them.
func TestNoChangedAnswerIsTaken(t *testing.T) {
	for _, l := range levels()[1:] {
		r := newRig(t, newUser(t, "u1", l[0], l[1], "password"))
		r.expect("first", 2)
		r.newTicket()
		good := r.answer(r.request())
		for i := range good {
			for _, flip := range []byte{1, 2, 0x80, 0xff} {
				bad := bytes.Clone(good)
				bad[i] ^= flip
				if o := r.open(bad); o.Verdict == usm.Answered {
					t.Errorf("octet %d changed by %#x: taken", i, flip)
				}
			}
		}
		if o := r.open(bytes.Clone(good)); o.Verdict != usm.Answered {
			t.Errorf("unchanged: %v", o.Verdict)
		}
	}
}

// An answer that somebody kept back until it is too old is not taken, and one in time is.
func TestAnswersOutOfTheirTimeAreNotTaken(t *testing.T) {
	r := newRig(t, newUser(t, "u1", "sha256", "aes", "password"))
	r.expect("first", 2)
	for _, c := range []struct {
		late time.Duration
		want usm.Verdict
	}{{151 * time.Second, usm.Untimely}, {150 * time.Second, usm.Answered}} {
		r.newTicket()
		kept := r.answer(r.request())
		r.now = r.now.Add(c.late)
		if o := r.open(kept); o.Verdict != c.want {
			t.Errorf("after %v: %v; want %v", c.late, o.Verdict, c.want)
		}
	}
	r.agent.Boots--
	r.newTicket()
	m, _ := usm.Parse(r.request())
	old := r.agent.Seal(&m, r.agent.Keys(r.agent.Users[0]), pdu(0xa2, r.ticket.Request, 1), r.now)
	if o := r.open(old); o.Verdict != usm.Untimely {
		t.Errorf("of an earlier boot: %v", o.Verdict)
	}
}

// The order of the checks, each with a message in which everything behind it is wrong too.
func TestChecksComeInTheirOrder(t *testing.T) {
	u, other := newUser(t, "u1", "sha256", "aes", "password"), newUser(t, "u2", "sha", "", "password")
	r := newRig(t, u)
	r.expect("first", 2)
	r.newTicket()
	right, wrong := u.Localize(r.agent.Engine), newUser(t, "u1", "sha256", "aes", "passw0rd").Localize(r.agent.Engine)
	garbled := newUser(t, "u1", "sha256", "des", "password").Localize(r.agent.Engine)
	seconds := uint32(3600)
	make := func(h usm.Header, k *usm.Keys, request uint32) []byte {
		if h.ID == 0 {
			h.ID = r.ticket.Message
		}
		return usm.Append(nil, &h, &usm.Scoped{PDU: pdu(0xa2, request, 0)}, k, 1)
	}
	for want, message := range map[usm.Verdict][]byte{
		usm.WrongID:     make(usm.Header{ID: 1, Flags: 3, Engine: engineID(9), User: []byte("u2"), Boots: 1}, wrong, 1),
		usm.WrongEngine: make(usm.Header{Flags: 1, Engine: engineID(9), User: []byte("u2"), Boots: 1}, other.Localize(engineID(9)), 1),
		usm.WrongUser:   make(usm.Header{Flags: 1, Engine: r.agent.Engine, User: []byte("u2"), Boots: 1}, other.Localize(engineID(1)), 1),
		usm.WrongLevel:  make(usm.Header{Engine: r.agent.Engine, User: []byte("u1"), Boots: 1}, nil, 1),
		usm.WrongDigest: make(usm.Header{Flags: 3, Engine: r.agent.Engine, User: []byte("u1"), Boots: 1}, wrong, 1),
		usm.Untimely:    make(usm.Header{Flags: 3, Engine: r.agent.Engine, User: []byte("u1"), Boots: 1}, garbled, 1),
		usm.Undecipherable: make(usm.Header{Flags: 3, Engine: r.agent.Engine, User: []byte("u1"), Boots: 5, Time: seconds},
			garbled, 1),
		usm.WrongRequest: make(usm.Header{Flags: 3, Engine: r.agent.Engine, User: []byte("u1"), Boots: 5, Time: seconds}, right, 1),
		usm.Answered:     make(usm.Header{Flags: 3, Engine: r.agent.Engine, User: []byte("u1"), Boots: 5, Time: seconds}, right, r.ticket.Request),
	} {
		if o := r.open(message); o.Verdict != want {
			t.Errorf("%v; want %v", o.Verdict, want)
		}
	}
	signed := make(usm.Header{Flags: 1, Engine: r.agent.Engine, User: []byte("u1"), Boots: 5, Time: seconds}, right, r.ticket.Request)
	if o := r.open(signed); o.Verdict != usm.WrongLevel {
		t.Errorf("signed and not encrypted: %v", o.Verdict)
	}
}
