package syslog

import (
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/simnet/control"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

func network(t *testing.T) *control.Script {
	t.Helper()
	c := nation.Defaults()
	c.Provinces, c.Only, c.Devices = "../../../configs/provinces/provinces-34.csv", []string{"01"}, 120
	n, err := nation.Build(c)
	if err != nil {
		t.Fatal(err)
	}
	s, err := control.NewScript(n, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// linkOf is a link whose A end is at a device of the maker, and whose far end is another device.
func linkOf(t *testing.T, n *nation.Overlay, vendor string) *nation.Link {
	t.Helper()
	for i := range n.Links {
		if l := &n.Links[i]; l.HasB() && n.Devices[l.A.Device].Vendor == vendor {
			return l
		}
	}
	t.Fatalf("no link of %s", vendor)
	return nil
}

func at(s string) time.Time {
	v, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		panic(err)
	}
	return v
}

// Both ends tell that a link goes down and comes back, each once, at the instant.
func TestBothEndsTell(t *testing.T) {
	s := network(t)
	link := linkOf(t, s.Overlay().Load(), "huawei")
	began, ended := at("2026-10-01T10:00:00.25+07:00"), at("2026-10-01T10:05:00+07:00")
	if err := s.Add([]fault.Fault{{Kind: fault.LinkDown, Link: link.Name, From: fault.Time{Time: began}, To: fault.Time{Time: ended}}}, began); err != nil {
		t.Fatal(err)
	}
	o := s.Overlay().Load()
	w := newWatch(o, fault.TickOf(began.Add(-time.Second)))
	look := func(when time.Time) []change { return w.look(o, fault.TickOf(when)) }
	if got := look(began.Add(-10 * time.Millisecond)); got != nil {
		t.Errorf("before: %v", got)
	}
	got := look(began.Add(time.Second))
	if len(got) != 2 || got[0].at != fault.TickOf(began) || got[1].at != fault.TickOf(began) {
		t.Fatalf("%v", got)
	}
	text := string(got[0].message())
	want := "<186>Oct  1 2026 10:00:00+07:00 " + o.Devices[link.A.Device].Name + " %%01IFNET/2/linkDown_active(l):"
	if !strings.HasPrefix(text, want) || !strings.Contains(text, "(ifName="+string(o.IfName(link.A))+", AdminStatus=UP, OperStatus=DOWN,") {
		t.Errorf("%s\nwant %s", text, want)
	}
	if got := look(ended.Add(-time.Second)); got != nil {
		t.Errorf("told twice: %v", got)
	}
	got = look(ended.Add(time.Second))
	if len(got) != 2 || !strings.Contains(string(got[0].message()), "linkDown_clear") || got[0].at != fault.TickOf(ended) {
		t.Errorf("%v", got)
	}
}

// A device without power tells nothing, its neighbours do; a port that is shut says so.
func TestWhoTells(t *testing.T) {
	s := network(t)
	o := s.Overlay().Load()
	link := linkOf(t, o, "cisco")
	began := at("2026-10-01T10:00:00+07:00")
	dead := []fault.Fault{{Kind: fault.Dead, Device: o.Devices[link.A.Device].Name, From: fault.Time{Time: began}}}
	if err := s.Add(dead, began); err != nil {
		t.Fatal(err)
	}
	w := newWatch(s.Overlay().Load(), fault.TickOf(began)-1)
	for _, c := range w.look(s.Overlay().Load(), fault.TickOf(began)+1) {
		if c.port.Device == link.A.Device {
			t.Errorf("it has no power and tells %s", c.message())
		}
	}
	s = network(t)
	shut := []fault.Fault{{Kind: fault.AdminDown, Device: o.Devices[link.A.Device].Name, IfName: string(o.IfName(link.A)), From: fault.Time{Time: began}}}
	if err := s.Add(shut, began); err != nil {
		t.Fatal(err)
	}
	w = newWatch(s.Overlay().Load(), fault.TickOf(began)-1)
	found := false
	for _, c := range w.look(s.Overlay().Load(), fault.TickOf(began)+1) {
		found = found || strings.HasSuffix(string(c.message()), "Interface "+string(o.IfName(link.A))+", changed state to administratively down")
	}
	if !found {
		t.Error("nobody says that the port is shut")
	}
}

func TestForms(t *testing.T) {
	when, name := at("2026-10-01T10:00:00.25+07:00"), []byte("ge-1")
	for got, want := range map[string]string{
		string(cisco(when, name, false, false)):                 "<187>: Oct  1 10:00:00.250 ICT: %LINK-3-UPDOWN: Interface ge-1, changed state to down",
		string(nokia("sr1", when.In(nation.Local), name, true)): "<188>Oct  1 10:00:00 sr1 TMNX: 1 Base SNMP-WARNING-linkUp-2005 [ge-1]:  Interface ge-1 is operational",
		string(zte(when, name, false)):                          "<187>03:00:00 10/01/2026 UTC alarm 18720 occurred %PORT% Interface down on ge-1 sent by NPC 1",
	} {
		if got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}

// A fault that is added while the network runs is told from the device's own address.
func TestMessagesAreSent(t *testing.T) {
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	s := network(t)
	link := linkOf(t, s.Overlay().Load(), "nokia")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	c := Config{Target: conn.LocalAddr().String()}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	err = Start(c, s.Overlay(), prometheus.NewRegistry(), func(_ string, run func(context.Context) error) { go func() { ended <- run(ctx) }() })
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add([]fault.Fault{{Kind: fault.LinkDown, Link: link.Name}}, time.Now()); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 2048)
	n, from, err := conn.ReadFromUDPAddrPort(buffer)
	if err != nil {
		t.Fatal(err)
	}
	o := s.Overlay().Load()
	if sender := from.Addr().Unmap(); sender != o.Address(link.A.Device) && sender != o.Address(link.B.Device) || !strings.Contains(string(buffer[:n]), "is not operational") {
		t.Errorf("%v: %s", from, buffer[:n])
	}
	cancel()
	<-ended
	for _, target := range []string{"10.0.0.1:514", "127.0.0.1", "127.0.0.1:0", "x"} {
		if (Config{Target: target}).Validate() == nil {
			t.Errorf("%s is taken", target)
		}
	}
}
