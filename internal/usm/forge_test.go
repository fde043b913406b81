package usm_test

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/usm"
)

// forger reads everything on the wire, may put in whatever it likes before the device's own answer arrives, and has the
// keys of a user of its own on the device. What it does not have is the poller's password.
type forger struct {
	*rig
	draw *rapid.T
	own  *usm.User
}

// forge makes a message from those that were seen, from the answer that is coming, or from nothing.
func (f *forger) forge(coming []byte) []byte {
	kinds := map[string]func([]byte) []byte{
		"changed": f.changed, "replayed": f.replayed, "unsigned": f.unsigned, "own": f.signedByItself, "report": f.report, "cut": f.cut,
		"reflected": func([]byte) []byte { return f.request() },
	}
	names := []string{"changed", "replayed", "unsigned", "own", "report", "cut", "reflected"}
	return kinds[rapid.SampledFrom(names).Draw(f.draw, "kind")](coming)
}

// changed changes some octets: of values, digest, flags, engine, time or whatever is there.
func (f *forger) changed(coming []byte) []byte {
	bad := bytes.Clone(coming)
	for range rapid.IntRange(1, 4).Draw(f.draw, "octets") {
		bad[rapid.IntRange(0, len(bad)-1).Draw(f.draw, "at")] ^= byte(rapid.IntRange(1, 255).Draw(f.draw, "by"))
	}
	if bytes.Equal(bad, coming) {
		bad[len(bad)-1] ^= 1
	}
	return bad
}

// replayed sends an old message again, as it was or with the new one's number.
func (f *forger) replayed(coming []byte) []byte {
	if len(f.seen) == 0 {
		return f.cut(coming)
	}
	old := bytes.Clone(rapid.SampledFrom(f.seen).Draw(f.draw, "old"))
	m, err := usm.Parse(old)
	if err == nil && rapid.Bool().Draw(f.draw, "renumbered") {
		m.ID = f.ticket.Message
		return f.rewrite(&m, old)
	}
	return old
}

// rewrite writes a message's header anew around its body and code.
func (f *forger) rewrite(m *usm.Message, old []byte) []byte {
	at := bytes.Index(old, []byte{2, 4}) // the number is the first INTEGER of four octets
	if at < 0 {
		return old
	}
	return append(append(bytes.Clone(old[:at]), 2, 4, byte(m.ID>>24), byte(m.ID>>16), byte(m.ID>>8), byte(m.ID)), old[at+6:]...)
}

func (f *forger) header(flags byte) usm.Header {
	return usm.Header{
		ID: f.ticket.Message, Flags: flags, User: []byte("u1"), Engine: rapid.SampledFrom([][]byte{f.agent.Engine, engineID(77), {}}).Draw(f.draw, "engine"),
		Boots: rapid.SampledFrom([]uint32{0, 4, 5, 6, usm.MaxBoots}).Draw(f.draw, "boots"), Time: rapid.SampledFrom([]uint32{0, 3600, 7200, usm.MaxBoots}).Draw(f.draw, "time"),
	}
}

// unsigned has everything right but the code.
func (f *forger) unsigned([]byte) []byte {
	h := f.header(0)
	return usm.Append(nil, &h, &usm.Scoped{Engine: h.Engine, PDU: pdu(0xa2, f.ticket.Request, 0xee)}, nil, 0)
}

// signedByItself is signed with the forger's own keys, in the name of the poller's user.
func (f *forger) signedByItself([]byte) []byte {
	h := f.header(rapid.SampledFrom([]byte{usm.Auth, usm.Auth | usm.Priv}).Draw(f.draw, "flags"))
	kind := rapid.SampledFrom([]byte{0xa2, 0xa8}).Draw(f.draw, "pdu")
	return usm.Append(nil, &h, &usm.Scoped{Engine: h.Engine, PDU: pdu(kind, f.ticket.Request, 0xee)}, f.own.Localize(h.Engine), 7)
}

// report complains without a signature.
func (f *forger) report([]byte) []byte {
	h := f.header(0)
	c := usm.Complaint(rapid.IntRange(1, int(usm.OtherComplaint)).Draw(f.draw, "complaint"))
	return usm.Append(nil, &h, &usm.Scoped{Engine: h.Engine, PDU: usm.Report(f.ticket.Request, c, 1)}, nil, 0)
}

func (f *forger) cut(coming []byte) []byte {
	return bytes.Clone(coming[:rapid.IntRange(0, len(coming)-1).Draw(f.draw, "length")])
}

// Whatever a forger puts in: nothing of it is taken for an answer, the device's answer to the request as it was first sent
// is taken when it comes, and the next question needs no more than a round trip, two if the forger made the poller doubt.
func TestForgersGetNothingThrough(t *testing.T) {
	users := map[string]*usm.User{}
	for _, l := range levels()[1:] {
		users[l[0]+l[1]] = newUser(t, "u1", l[0], l[1], "password")
	}
	names := []string{"sha", "sha256aes", "md5des", "shaaes256c"}
	own := newUser(t, "u1", "sha256", "aes", "another password")
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, users[rapid.SampledFrom(names).Draw(t, "user")])
		f := &forger{r, t, own}
		r.expect("first", 2)
		for range rapid.IntRange(1, 4).Draw(t, "rounds") {
			r.newTicket()
			coming := r.answer(r.request())
			for range rapid.IntRange(0, 6).Draw(t, "forged") {
				bad := f.forge(coming)
				if o := r.open(bytes.Clone(bad)); o.Verdict == usm.Answered {
					t.Fatalf("taken: %x", bad)
				}
			}
			r.seen = append(r.seen, bytes.Clone(coming))
			if o := r.open(coming); o.Verdict != usm.Answered || o.PDU[len(o.PDU)-1] != r.value {
				t.Fatalf("the true answer: %v", o.Verdict)
			}
			r.expect("afterwards", 1)
		}
	})
}

// Before anything is known of a device, a forger may make the poller ask a wrong engine, but the right one is found as
// soon as the forger is silent.
func TestAForgedDiscoveryIsOvercome(t *testing.T) {
	u, own := newUser(t, "u1", "sha256", "aes", "password"), newUser(t, "u1", "sha256", "aes", "another password")
	rapid.Check(t, func(t *rapid.T) {
		r := newRig(t, u)
		f := &forger{r, t, own}
		r.newTicket()
		for range rapid.IntRange(1, 6).Draw(t, "forged") {
			coming := r.answer(r.request())
			if coming == nil {
				t.Fatalf("no answer to the request")
			}
			if o := r.open(f.forge(coming)); o.Verdict == usm.Answered {
				t.Fatalf("taken")
			}
		}
		r.remote.Silent()
		r.expect("afterwards", 2)
	})
}

func FuzzOpen(f *testing.F) {
	t := &testing.T{}
	r := newRig(t, newUser(t, "u1", "sha256", "aes", "password"))
	r.ask()
	for _, message := range r.seen {
		f.Add(message)
	}
	r.newTicket()
	f.Add(r.request())
	f.Fuzz(func(t *testing.T, message []byte) {
		if o := r.open(message); o.Verdict == usm.Answered {
			t.Error("taken")
		}
		r.remote.Silent()
	})
}
