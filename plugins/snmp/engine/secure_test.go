package engine

import (
	"bytes"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/usm"
	"github.com/haidang-noc/haidang/internal/usm/usmtest"
	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

func newUser(t testing.TB, auth, priv string) *usm.User {
	t.Helper()
	u, err := usm.NewUser(usm.Credentials{Name: "u1", Auth: usm.AuthProtocols()[auth], Priv: usm.PrivProtocols()[priv],
		AuthPassword: "password", PrivPassword: "password"})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// secure makes all stations speak version 3.
func (w *world) secure(u *usm.User) {
	for i := range w.stations {
		w.lane.peers[i].remote = usm.NewRemote(u, "")
		w.agents[address(i)] = &usmtest.Agent{Engine: engineID(i), Boots: 3, Began: time.Now().Add(-time.Hour), Users: []*usm.User{u}}
	}
}

func engineID(i int) []byte { return []byte{0x80, 0, 0, 0, 5, byte(i >> 8), byte(i), 1} }

func quick(netip.AddrPort, int) []delivery { return after(5 * time.Millisecond) }

// Devices of version 3 are polled as all others are; to find each engine costs one request in its whole life.
func TestSecuredDevicesAreLikeOthers(t *testing.T) {
	for _, l := range [][2]string{{"", ""}, {"sha", ""}, {"sha256", "aes"}, {"sha", "aes256c"}} {
		u := newUser(t, l[0], l[1])
		synctest.Test(t, func(t *testing.T) {
			const devices, every = 100, 10 * time.Second
			w := newWorld(heard(t), usual, devices, every, quick)
			w.secure(u)
			w.run(t.Context(), 5*every+time.Second)
			rounds := 0
			for i, s := range w.stations {
				if len(s.answered) < 5 || s.silent > 0 {
					t.Errorf("station %d: %d rounds, %d in vain", i, len(s.answered), s.silent)
				}
				for n, rtt := range s.rtts {
					if rtt != 5*time.Millisecond {
						t.Errorf("station %d, round %d: rtt %v", i, n, rtt)
					}
				}
				rounds += len(s.answered)
			}
			if want := 2*rounds + devices; len(w.sent) < want || len(w.sent) > want+devices { // some are under way
				t.Errorf("%d requests in %d rounds", len(w.sent), rounds)
			}
			if n := w.metric(t, "haidang_snmp_datagrams_dropped_total", ""); n != 0 {
				t.Errorf("%v datagrams dropped", n)
			}
			if n := w.metric(t, "haidang_snmp_reports_total", "unknown_engine"); n != devices {
				t.Errorf("%v engines found", n)
			}
		})
	}
}

// Whatever becomes of a device between two rounds, the next round reaches it.
func TestADeviceThatBecomesAnotherLosesNoRound(t *testing.T) {
	u := newUser(t, "sha256", "aes")
	for name, change := range map[string]func(a *usmtest.Agent){
		"started again":       func(a *usmtest.Agent) { a.Boots, a.Began = 4, time.Now() },
		"boots set back":      func(a *usmtest.Agent) { a.Boots, a.Began = 1, time.Now() },
		"clock set back":      func(a *usmtest.Agent) { a.Began = time.Now() },
		"exchanged":           func(a *usmtest.Agent) { a.Engine = engineID(999); a.Forget() },
		"exchanged, and shy":  func(a *usmtest.Agent) { a.Engine, a.Shy = engineID(999), true; a.Forget() },
		"exchanged, same id":  func(a *usmtest.Agent) { a.Boots, a.Began = 70, time.Now().Add(-10*time.Hour) },
		"nothing, but silent": func(a *usmtest.Agent) { a.Mute = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const every = 10 * time.Second
				w := newWorld(heard(t), usual, 1, every, quick)
				w.secure(u)
				w.run(t.Context(), 2*every)
				before := len(w.stations[0].answered)
				change(w.agents[address(0)])
				w.run(t.Context(), 2*every)
				if s := w.stations[0]; before == 0 || len(s.answered) < before+2 || len(s.answered) != len(s.begun) || s.silent > 0 {
					t.Errorf("%d rounds before, %d of %d after, %d in vain", before, len(s.answered), len(s.begun), s.silent)
				}
			})
		})
	}
}

// A device that does not complain of what it does not understand is lost for a round, and found in the next.
func TestAMuteDeviceIsFoundAgain(t *testing.T) {
	u := newUser(t, "sha", "aes")
	synctest.Test(t, func(t *testing.T) {
		const every = 10 * time.Second
		w := newWorld(heard(t), usual, 1, every, quick)
		w.secure(u)
		w.run(t.Context(), 2*every)
		a := w.agents[address(0)]
		a.Engine, a.Mute = engineID(999), true
		a.Forget()
		w.run(t.Context(), 4*every)
		if s := w.stations[0]; s.silent != 1 || len(s.answered) != len(s.begun)-1 {
			t.Errorf("%d of %d rounds, %d in vain", len(s.answered), len(s.begun), s.silent)
		}
	})
}

// Thousands of engines are found as their rounds begin, not all at once.
func TestEnginesAreFoundOneAfterTheOther(t *testing.T) {
	u := newUser(t, "", "")
	synctest.Test(t, func(t *testing.T) {
		const devices, every = 3000, time.Minute
		w := newWorld(heard(t), usual, devices, every, quick)
		w.secure(u)
		w.run(t.Context(), every+time.Second)
		if n := w.busiest(time.Second, anyone); n > 2*3*devices/60 {
			t.Errorf("%d requests in the busiest second, the mean is %d", n, 3*devices/60)
		}
		for i, s := range w.stations {
			if len(s.answered) == 0 || s.silent > 0 {
				t.Errorf("station %d: %d rounds, %d in vain", i, len(s.answered), s.silent)
			}
		}
	})
}

// The log says once why a device is of no use, and says it again only after it was of use.
func TestTheLogSaysWhyOnce(t *testing.T) {
	right, wrong := newUser(t, "sha256", "aes"), newUser(t, "sha", "aes")
	synctest.Test(t, func(t *testing.T) {
		const every = 10 * time.Second
		var log bytes.Buffer
		cfg := usual
		cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
		w := newWorld(heard(t), cfg, 1, every, quick)
		w.secure(right)
		a := w.agents[address(0)]
		for _, users := range [][]*usm.User{{wrong}, {right}, {wrong}} {
			a.Users = users
			a.Forget()
			w.run(t.Context(), 4*every)
		}
		if n := bytes.Count(log.Bytes(), []byte("\n")); n != 2 || bytes.Count(log.Bytes(), []byte("device=hni-bts-0000 reason=wrong_digest")) != 2 {
			t.Errorf("log:\n%s", log.String())
		}
	})
}

// somebody sees every datagram and sends its own, from the device's address, before the device's answer comes.
type somebody struct {
	random *rand.Rand
	own    *usm.Keys // of another password
	seen   [][]byte
}

func (s *somebody) forge(request, answer []byte) (out [][]byte) {
	m, err := usm.Parse(request)
	if err != nil {
		return nil
	}
	for range s.random.IntN(4) {
		out = append(out, s.one(&m, request, answer))
	}
	if answer != nil {
		s.seen = append(s.seen, answer)
	}
	return out
}

func (s *somebody) one(m *usm.Message, request, answer []byte) []byte {
	list := ber.AppendVarbind(nil, ber.Varbind{Name: ber.OID(1, 3, 6, 6, 6), Tag: ber.Null})
	response := ber.AppendResponsePDU(nil, ber.Response{ID: m.ID, Varbinds: list})
	h := usm.Header{ID: m.ID, Engine: m.Engine, Boots: m.Boots, Time: m.Time, User: m.User}
	switch s.random.IntN(7) {
	case 0:
		return ber.AppendResponse(nil, "public", ber.Response{ID: m.ID, Varbinds: list})
	case 1:
		return request
	case 2:
		return usm.Append(nil, &h, &usm.Scoped{Engine: m.Engine, PDU: response}, nil, 0)
	case 3:
		h.Flags = usm.Auth | usm.Priv
		return usm.Append(nil, &h, &usm.Scoped{Engine: m.Engine, PDU: response}, s.own, 1)
	case 4:
		h.Engine = [][]byte{m.Engine, engineID(666)}[s.random.IntN(2)]
		c := usm.Complaint(1 + s.random.IntN(int(usm.OtherComplaint)))
		return usm.Append(nil, &h, &usm.Scoped{Engine: h.Engine, PDU: usm.Report(0, c, 1)}, nil, 0)
	case 5:
		if len(s.seen) > 0 {
			return s.seen[s.random.IntN(len(s.seen))]
		}
	}
	bad := bytes.Clone(request)
	if answer != nil {
		bad = bytes.Clone(answer)
	}
	bad[s.random.IntN(len(bad))] ^= byte(1 + s.random.IntN(255))
	return bad
}

// Nothing that is forged reaches a dialog, and nothing that is forged keeps the true answers from it.
func TestForgersReachNobody(t *testing.T) {
	u := newUser(t, "sha256", "aes")
	other, err := usm.NewUser(usm.Credentials{Name: "u1", Auth: usm.AuthProtocols()["sha256"], Priv: usm.PrivProtocols()["aes"],
		AuthPassword: "another password", PrivPassword: "another password"})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		s := &somebody{random: rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 0)), own: other.Localize(engineID(0))}
		bubble(t, rt, func(ctx context.Context, c *complaints) {
			w := newWorld(c, usual, 2, 10*time.Second, quick)
			w.secure(u)
			w.run(ctx, 11*time.Second) // the engines are known
			w.forge = s.forge
			w.run(ctx, 30*time.Second)
			for i, s := range w.stations {
				if s.silent > 0 || len(s.answered) < len(s.begun)-1 {
					c.add("station %d: %d of %d rounds, %d in vain", i, len(s.answered), len(s.begun), s.silent)
				}
			}
		})
	})
}

// Keys that take long to make are made beside the polling: those who need them wait, and nobody else does.
func TestCostlyKeysDelayNobodyElse(t *testing.T) {
	u := newUser(t, "sha", "aes256c")
	synctest.Test(t, func(t *testing.T) {
		const devices, every = 20, 10 * time.Second
		w := newWorld(heard(t), usual, devices, every, quick)
		w.secure(u)
		for i := range devices / 2 { // the others speak version 2c
			w.lane.peers[i].remote, w.agents[address(i)] = nil, nil
		}
		const ready = 3*every + time.Second
		start, goroutines, waited := time.Now(), 0, 0.0
		w.lane.keys.begin = func(work func()) {
			goroutines++
			time.AfterFunc(ready, func() {
				waited = w.metric(t, "haidang_snmp_devices_awaiting_keys", "")
				work()
			})
		}
		w.run(t.Context(), 6*every)
		for i, s := range w.stations {
			want := 6
			if i >= devices/2 {
				want = 2
				if first := s.answered[0].Sub(start); first < ready {
					t.Errorf("station %d: answered after %v, without keys", i, first)
				}
			}
			if len(s.answered) < want-1 || s.silent > 0 {
				t.Errorf("station %d: %d rounds, %d in vain", i, len(s.answered), s.silent)
			}
		}
		if left := w.metric(t, "haidang_snmp_devices_awaiting_keys", ""); goroutines != 1 || waited != devices/2 || left != 0 {
			t.Errorf("%d goroutines made keys for %v devices, %v still wait; want 1, %d, 0", goroutines, waited, left, devices/2)
		}
	})
}
