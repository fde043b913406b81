package engine

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/plugins/snmptrap/packet"
)

const password = "auth-pass-12345"

// peer makes messages as a sender does: with the keys of one user on one engine.
type peer struct {
	*Receiver
	user *usm.User
}

func user(t *testing.T, secret string) *usm.User {
	t.Helper()
	return named(t, "u1", secret)
}

func named(t *testing.T, name, secret string) *usm.User {
	t.Helper()
	u, err := usm.NewUser(usm.Credentials{Name: name, Auth: usm.AuthProtocols()["sha256"], Priv: usm.PrivProtocols()["aes"], AuthPassword: secret, PrivPassword: secret})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func newPeer(t *testing.T, id byte, now time.Time) *peer {
	t.Helper()
	u := user(t, password)
	return &peer{New(Identity{bytes.Repeat([]byte{id}, 8), 3}, []*usm.User{u}, now), u}
}

// send makes a message about linkDown: a trap of the peer's own engine, at a time on its clock.
func (p *peer) send(t *testing.T, tag, flags byte, now time.Time) []byte {
	t.Helper()
	trap := []byte("\x30\x17\x06\x0a\x2b\x06\x01\x06\x03\x01\x01\x04\x01\x00\x06\x09\x2b\x06\x01\x06\x03\x01\x01\x05\x03")
	list := append([]byte{0x30, byte(len(trap))}, trap...)
	pdu := append([]byte{0x02, 1, 9, 0x02, 1, 0, 0x02, 1, 0}, list...)
	body := append([]byte{tag, byte(len(pdu))}, pdu...)
	h := p.head(&usm.Message{Header: usm.Header{ID: 77}}, p.user.Level()|flags, now)
	h.User = []byte(p.user.Name())
	p.salt++
	return usm.Append(nil, &h, &usm.Scoped{PDU: body}, p.ownKeys(p.user, p.self.ID), p.salt)
}

const (
	trap   = 0xa7
	inform = 0xa6
)

func reasonOf(t *testing.T, err error) string {
	t.Helper()
	var r *Refusal
	if err == nil {
		return ""
	}
	if !errors.As(err, &r) {
		t.Fatalf("%v is no refusal", err)
	}
	return r.Reason
}

// A trap is taken once, while it is no older than the window on its sender's clock, and from this boot of it or a later one.
func TestTrapsAreTakenOnceAndInTime(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	us, sender := newPeer(t, 1, now), newPeer(t, 2, now)
	later := newPeer(t, 2, now)
	later.self.Boots++
	open := func(message []byte, after time.Duration) string {
		_, _, err := us.Open(message, now.Add(after))
		return reasonOf(t, err)
	}
	first := sender.send(t, trap, 0, now)
	for _, step := range []struct {
		message []byte
		after   time.Duration
		want    string
	}{
		{first, 0, ""},
		{first, time.Second, "replay"},
		{first, 200 * time.Second, "time_window"},
		{sender.send(t, trap, 0, now.Add(60*time.Second)), 200 * time.Second, ""}, // its clock is behind: the latest heard
		{sender.send(t, trap, 0, now.Add(20*time.Second)), 201 * time.Second, ""}, // overtaken on the way
		{sender.send(t, trap, 0, now.Add(20*time.Second)), 400 * time.Second, "time_window"},
		{later.send(t, trap, 0, now), 400 * time.Second, ""},                                  // restarted
		{sender.send(t, trap, 0, now.Add(999*time.Second)), 401 * time.Second, "time_window"}, // from before the restart
	} {
		if got := open(step.message, step.after); got != step.want {
			t.Errorf("after %v: %q; want %q", step.after, got, step.want)
		}
	}
}

// Every single changed octet of a message costs it its validity, and never more than that.
func TestNoChangedMessageIsTaken(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	us, sender := newPeer(t, 1, now), newPeer(t, 2, now)
	good := sender.send(t, trap, 0, now)
	for i := range good {
		for _, flip := range []byte{1, 0x80, 0xff} {
			bad := bytes.Clone(good)
			bad[i] ^= flip
			if _, _, err := us.Open(bad, now); err == nil {
				t.Errorf("octet %d changed by %#x: taken", i, flip)
			}
		}
	}
	if _, _, err := us.Open(good, now); err != nil {
		t.Errorf("unchanged: %v", err)
	}
	if len(us.senders) != 1 {
		t.Errorf("%d engines learned; want that of the only sender with the keys", len(us.senders))
	}
}

func TestRefusalsNameTheirReason(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	us, sender, toUs := newPeer(t, 1, now), newPeer(t, 2, now), newPeer(t, 1, now)
	wrong := newPeer(t, 1, now)
	wrong.user = user(t, "another-password")
	unknown := newPeer(t, 1, now)
	unknown.user = named(t, "u2", password)
	for name, c := range map[string]struct {
		message []byte
		after   time.Duration
		reason  string
		counter string // of the report
	}{
		"an inform for another engine":   {sender.send(t, inform, usm.Reportable, now), 0, "unknown_engine", "4.0"},
		"one that wants no report":       {sender.send(t, inform, 0, now), 0, "unknown_engine", ""},
		"wrong password":                 {wrong.send(t, inform, usm.Reportable, now), 0, "wrong_digest", "5.0"},
		"unknown user":                   {unknown.send(t, inform, usm.Reportable, now), 0, "unknown_user", "3.0"},
		"late":                           {toUs.send(t, inform, usm.Reportable, now), 151 * time.Second, "time_window", "2.0"},
		"early":                          {toUs.send(t, inform, usm.Reportable, now.Add(151*time.Second)), 0, "time_window", "2.0"},
		"at the last moment of its time": {toUs.send(t, inform, usm.Reportable, now), 150 * time.Second, "", ""},
	} {
		_, answer, err := us.Open(c.message, now.Add(c.after))
		if got := reasonOf(t, err); got != c.reason || (answer != nil) != (c.reason == "") {
			t.Errorf("%s: %q; want %q", name, got, c.reason)
			continue
		}
		var r *Refusal
		if !errors.As(err, &r) || c.counter == "" {
			continue
		}
		counter, _ := packet.ParseOID("1.3.6.1.6.3.15.1.1." + c.counter)
		if m, err := usm.Parse(r.Report); err != nil || m.ID != 77 || !bytes.Contains(m.Body, counter) || (m.Flags == usm.Auth) != (c.counter == "2.0") {
			t.Errorf("%s: report %x, %v", name, r.Report, err)
		}
	}
}

func TestBootCountsAndKeepsTheEngine(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "state")
	first, err := Boot(dir, nil)
	second, err2 := Boot(dir, nil)
	if err != nil || err2 != nil || first.Boots != 1 || second.Boots != 2 || !bytes.Equal(first.ID, second.ID) || !Valid(first.ID) {
		t.Errorf("%+v, %+v, %v, %v", first, second, err, err2)
	}
	other, err := Boot(dir, []byte{0x80, 0, 0, 0, 5, 9})
	if err != nil || other.Boots != 1 {
		t.Errorf("another engine: %+v, %v; want its first boot", other, err)
	}
	if err := os.WriteFile(filepath.Join(dir, identityFile), []byte("zz 3\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Boot(dir, nil); err == nil || !strings.Contains(err.Error(), identityFile) {
		t.Errorf("a damaged file: %v", err)
	}
}

// After a restart an old trap is as old as before.
func TestClocksOutliveARestart(t *testing.T) {
	now, dir := time.Unix(1_800_000_000, 0), t.TempDir()
	us, sender := newPeer(t, 1, now), newPeer(t, 2, now)
	old := sender.send(t, trap, 0, now)
	if _, _, err := us.Open(sender.send(t, trap, 0, now.Add(time.Hour)), now.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := us.Save(dir); err != nil {
		t.Fatal(err)
	}
	again := newPeer(t, 1, now)
	if err := again.Load(dir, now.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := again.Open(old, now.Add(2*time.Hour)); reasonOf(t, err) != "time_window" {
		t.Errorf("a trap an hour old: %v", err)
	}
	if _, _, err := again.Open(sender.send(t, trap, 0, now.Add(2*time.Hour)), now.Add(2*time.Hour)); err != nil {
		t.Errorf("a new one: %v", err)
	}
}

func FuzzOpen(f *testing.F) {
	t, now := &testing.T{}, time.Unix(1_800_000_000, 0)
	sender := newPeer(t, 2, now)
	f.Add(sender.send(t, trap, 0, now))
	f.Add(newPeer(t, 1, now).send(t, inform, usm.Reportable, now))
	us := newPeer(t, 1, now)
	f.Fuzz(func(t *testing.T, message []byte) {
		_, answer, err := us.Open(message, now)
		if (answer != nil) && err != nil {
			t.Error("an answer and an error")
		}
	})
}
