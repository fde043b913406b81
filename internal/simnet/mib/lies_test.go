package mib_test

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// asker is a socket that shows what really comes back.
type asker struct {
	t    *testing.T
	conn *net.UDPConn
	to   netip.AddrPort
}

func (s *site) asker(t *testing.T, device int32) *asker {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &asker{t, conn, netip.AddrPortFrom(s.Address(device), s.port)}
}

// ask sends a GET and returns the answer as it came.
func (a *asker) ask(id uint32, names ...string) (*gosnmp.SnmpPacket, netip.AddrPort) {
	a.t.Helper()
	a.send(id, names...)
	return a.receive()
}

func (a *asker) send(id uint32, names ...string) {
	a.t.Helper()
	if _, err := a.conn.WriteToUDPAddrPort(getRequest(a.t, id, names...), a.to); err != nil {
		a.t.Fatal(err)
	}
}

func (a *asker) receive() (*gosnmp.SnmpPacket, netip.AddrPort) {
	a.t.Helper()
	room := make([]byte, 2000)
	if err := a.conn.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		a.t.Fatal(err)
	}
	n, from, err := a.conn.ReadFromUDPAddrPort(room)
	if err != nil {
		a.t.Fatal(err)
	}
	return decode(a.t, room[:n]), from
}

func getRequest(t testing.TB, id uint32, names ...string) []byte {
	t.Helper()
	binds := make([]gosnmp.SnmpPDU, 0, len(names))
	for _, n := range names {
		binds = append(binds, gosnmp.SnmpPDU{Name: n, Type: gosnmp.Null})
	}
	p := &gosnmp.SnmpPacket{Version: gosnmp.Version2c, Community: "public", PDUType: gosnmp.GetRequest, RequestID: id, Variables: binds}
	out, err := p.MarshalMsg()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decode(t testing.TB, answer []byte) *gosnmp.SnmpPacket {
	t.Helper()
	p, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c}).SnmpDecodePacket(answer)
	if err != nil {
		t.Fatalf("% x: %v", answer, err)
	}
	return p
}

func TestLies(t *testing.T) {
	s := start(t)
	a := s.asker(t, 5)
	lie := func(k fault.Kind) {
		s.faults(t, fault.Fault{Kind: k, Device: s.Devices[5].Name, From: fault.Time{Time: time.Now().Add(-time.Hour)}})
	}
	lie(fault.WrongID)
	if p, from := a.ask(77, sysName); p.RequestID == 77 || from != a.to {
		t.Errorf("wrong_id: request-id %d from %v", p.RequestID, from)
	}
	lie(fault.WrongPort)
	if p, from := a.ask(77, sysName); p.RequestID != 77 || from.Addr() != a.to.Addr() || from.Port() == a.to.Port() {
		t.Errorf("wrong_port: request-id %d from %v", p.RequestID, from)
	}
	lie(fault.WrongSource)
	if p, from := a.ask(77, sysName); p.RequestID != 77 || from.Addr() == a.to.Addr() || from.Port() != a.to.Port() {
		t.Errorf("wrong_source: request-id %d from %v", p.RequestID, from)
	}
	lie(fault.WrongNames)
	if p, from := a.ask(77, sysName); p.RequestID != 77 || from != a.to || p.Variables[0].Name == sysName {
		t.Errorf("wrong_names: %v from %v", p.Variables, from)
	}
}

// A lie with a ratio is told now and then.
func TestLiesNowAndThen(t *testing.T) {
	s := start(t)
	s.faults(t, fault.Fault{Kind: fault.WrongID, Ratio: 0.5, Device: s.Devices[5].Name, From: fault.Time{Time: time.Now().Add(-time.Hour)}})
	a, lies := s.asker(t, 5), 0
	for id := range uint32(200) {
		if p, _ := a.ask(id*2+100, sysName); p.RequestID != id*2+100 {
			lies++
		}
	}
	if lies < 50 || lies > 150 {
		t.Errorf("%d of 200 answers were lies, want about half", lies)
	}
}

// face is a face without a socket, whose clock the test moves.
func (s *site) face(t *testing.T) *mib.Face {
	t.Helper()
	f, err := mib.NewFace(s.overlay, mib.Access{}, 1472)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func (s *site) loopback(device int32) udp.Address {
	b := s.Address(device).As4()
	return udp.Address(b[0])<<24 | udp.Address(b[1])<<16 | udp.Address(b[2])<<8 | udp.Address(b[3])
}

// A slow device works off one request after the other and gives up on what it cannot do in ten seconds.
func TestSlow(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.faults(t, fault.Fault{Kind: fault.Slow, Delay: conf.Duration(time.Second), Device: s.Devices[5].Name, From: fault.Time{Time: now.Add(-time.Hour)}})
	f, at := s.face(t), s.loopback(5)
	f.Begin(now)
	for i, want := range []time.Duration{2 * time.Second, 4 * time.Second, 6 * time.Second, 8 * time.Second, 10 * time.Second, 0, 0} {
		answer, d := f.Answer(nil, getRequest(t, 1, sysName, sysUpTime), at)
		if d.Delay != want || (len(answer) > 0) != (want > 0) {
			t.Errorf("request %d: %d octets after %v, want %v", i, len(answer), d.Delay, want)
		}
	}
	f.Begin(now.Add(time.Minute))
	if _, d := f.Answer(nil, getRequest(t, 1, sysName), at); d.Delay != time.Second {
		t.Errorf("a minute later: %v, want 1s", d.Delay)
	}
	if _, d := f.Answer(nil, getRequest(t, 1, sysName), at+1); d.Delay != 0 {
		t.Errorf("the neighbour: %v, want no delay", d.Delay)
	}
}

func TestSingleThreaded(t *testing.T) {
	s := start(t)
	now := time.Now()
	s.faults(t, fault.Fault{Kind: fault.SingleThreaded, Delay: conf.Duration(time.Second), Device: "*", From: fault.Time{Time: now.Add(-time.Hour)}})
	f, ask := s.face(t), getRequest(t, 1, sysName)
	for _, c := range []struct {
		after    time.Duration
		device   int32
		answered bool
	}{{0, 5, true}, {0, 5, false}, {0, 6, true}, {999 * time.Millisecond, 5, false}, {time.Second, 5, true}, {time.Second, 5, false}} {
		f.Begin(now.Add(c.after))
		answer, d := f.Answer(nil, ask, s.loopback(c.device))
		if (len(answer) > 0) != c.answered || c.answered && d.Delay != time.Second {
			t.Errorf("device %d after %v: %d octets, delay %v", c.device, c.after, len(answer), d.Delay)
		}
	}
}

// sysUpTime stands still from the fault on, counters are off by another number every minute, and neither is so afterwards.
func TestValuesThatLie(t *testing.T) {
	s := start(t)
	begin := time.Now().Truncate(time.Minute)
	s.faults(t, fault.Fault{Kind: fault.UptimeStop, Device: s.Devices[5].Name, From: fault.Time{Time: begin}, To: fault.Time{Time: begin.Add(time.Hour)}},
		fault.Fault{Kind: fault.CounterJump, Device: s.Devices[5].Name, From: fault.Time{Time: begin}, To: fault.Time{Time: begin.Add(time.Hour)}})
	f := s.face(t)
	read := func(at time.Time) (uptime uint32, octets uint64) {
		f.Begin(at)
		answer, _ := f.Answer(nil, getRequest(t, 1, sysUpTime, hcIn+".1"), s.loopback(5))
		p := decode(t, answer)
		return p.Variables[0].Value.(uint32), p.Variables[1].Value.(uint64)
	}
	truth := func(at time.Time) (uint32, uint64) {
		o := s.overlay.Load()
		var r nation.Reading
		clock := s.Clock(fault.TickOf(at))
		r.Read(o, 5, &clock)
		return r.Uptime(), r.Counters(0).InOctets
	}
	frozen, _ := truth(begin)
	offsets := map[uint64]bool{}
	for minute := range 10 {
		at := begin.Add(time.Duration(minute) * time.Minute)
		uptime, octets := read(at)
		_, real := truth(at)
		if uptime != frozen {
			t.Errorf("minute %d: sysUpTime %d, want %d", minute, uptime, frozen)
		}
		offsets[octets-real] = true
	}
	if len(offsets) != 10 {
		t.Errorf("%d different offsets in ten minutes", len(offsets))
	}
	after := begin.Add(time.Hour)
	uptime, octets := read(after)
	if u, o := truth(after); uptime != u || octets != o {
		t.Errorf("afterwards: %d %d, want %d %d", uptime, octets, u, o)
	}
}
