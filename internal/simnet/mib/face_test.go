package mib_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/internal/conf"
	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
)

// site is a network that answers SNMP while the test runs.
type site struct {
	*nation.Network
	overlay *atomic.Pointer[nation.Overlay]
	port    uint16
}

func start(t testing.TB) *site {
	t.Helper()
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices, cfg.Only = "../../../configs/provinces/provinces-34.csv", 60, []string{"01", "48", "79"}
	n, err := nation.Build(cfg)
	if err != nil {
		t.Fatal(err)
	}
	s := &site{Network: n, overlay: &atomic.Pointer[nation.Overlay]{}}
	s.faults(t)
	face, err := mib.NewFace(s.overlay, mib.Access{Community: "public", Users: users()}, 1472)
	if err != nil {
		t.Fatal(err)
	}
	server, err := snmpd.Listen(0, 1472, face, prometheus.NewRegistry())
	if err != nil {
		t.Fatal(err)
	}
	s.port = uint16(server.Port())
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- server.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return s
}

func (s *site) faults(t testing.TB, faults ...fault.Fault) {
	t.Helper()
	o, err := s.Overlay(faults)
	if err != nil {
		t.Fatal(err)
	}
	s.overlay.Store(o)
}

// How long a client waits for answers that must come, and for such that must not.
const (
	patient   = time.Minute
	impatient = 300 * time.Millisecond
)

func (s *site) client(t testing.TB, device int32, version gosnmp.SnmpVersion) *gosnmp.GoSNMP {
	t.Helper()
	c := &gosnmp.GoSNMP{Target: s.Address(device).String(), Port: s.port, Community: "public", Version: version,
		Timeout: patient, Retries: 0, MaxOids: 60, MaxRepetitions: 20}
	if err := c.Connect(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Conn.Close() })
	return c
}

const (
	sysUpTime = ".1.3.6.1.2.1.1.3.0"
	sysName   = ".1.3.6.1.2.1.1.5.0"
	hcIn      = ".1.3.6.1.2.1.31.1.1.1.6"
)

// The walk by GETNEXT, the walk by GETBULK and GETs of what they found are the same objects.
func TestWalks(t *testing.T) {
	s := start(t)
	for _, d := range []int32{0, 10, 59} {
		c := s.client(t, d, gosnmp.Version2c)
		bulk, err := c.BulkWalkAll(".1.3")
		if err != nil {
			t.Fatal(err)
		}
		next, err := c.WalkAll(".1.3")
		if err != nil {
			t.Fatal(err)
		}
		if want := 7 + 1 + 1 + 2 + 25*int(s.Ports(d)); len(bulk) != want || len(next) != want {
			t.Fatalf("device %d: %d objects by GETBULK, %d by GETNEXT, want %d", d, len(bulk), len(next), want)
		}
		for i := range bulk {
			if bulk[i].Name != next[i].Name || bulk[i].Type != next[i].Type {
				t.Fatalf("%s %v by GETBULK, %s %v by GETNEXT", bulk[i].Name, bulk[i].Type, next[i].Name, next[i].Type)
			}
			got, err := c.Get([]string{bulk[i].Name})
			if err != nil || got.Variables[0].Type != bulk[i].Type {
				t.Fatalf("GET %s: %v, %v", bulk[i].Name, got, err)
			}
		}
	}
}

func TestVersion1(t *testing.T) {
	s := start(t)
	c := s.client(t, 3, gosnmp.Version1)
	all, err := c.WalkAll(".1.3")
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range all {
		if v.Type == gosnmp.Counter64 {
			t.Fatalf("%s is a Counter64, which v1 has not", v.Name)
		}
	}
	if want := 11 + 21*int(s.Ports(3)); len(all) != want {
		t.Errorf("%d objects, want %d", len(all), want)
	}
	got, err := c.Get([]string{sysName, hcIn + ".1"})
	if err != nil || got.Error != gosnmp.NoSuchName || got.ErrorIndex != 2 {
		t.Errorf("GET of a Counter64: %+v, %v", got, err)
	}
}

func TestExceptions(t *testing.T) {
	s := start(t)
	c := s.client(t, 3, gosnmp.Version2c)
	got, err := c.Get([]string{sysName, "1.3.6.1.2.1.1.3.1", hcIn + ".9999", "1.3.6.1.9.9", "1.3.6.1.2.1.1.5"})
	if err != nil {
		t.Fatal(err)
	}
	want := []gosnmp.Asn1BER{gosnmp.OctetString, gosnmp.NoSuchInstance, gosnmp.NoSuchInstance, gosnmp.NoSuchObject, gosnmp.NoSuchObject}
	for i, v := range got.Variables {
		if v.Type != want[i] {
			t.Errorf("%s: %v, want %v", v.Name, v.Type, want[i])
		}
	}
	end, err := c.GetBulk([]string{"1.3.6.1.2.1.1.4.0", "1.3.6.1.2.1.31.1.5", "1.3.6.1.2.1.99", "1.3.7"}, 1, 3)
	if err != nil {
		t.Fatal(err)
	}
	kinds := make([]string, 0, len(end.Variables))
	for _, v := range end.Variables {
		kinds = append(kinds, fmt.Sprintf("%s %v", v.Name, v.Type))
	}
	const last, change = ".1.3.6.1.2.1.99.1.1.1.4.1 ", ".1.3.6.1.2.1.31.1.5.0 "
	wantKinds := ".1.3.6.1.2.1.1.5.0 OctetString|" + change + "TimeTicks|" + last + "Integer|.1.3.7 EndOfMibView|" +
		last + "Integer|" + last + "EndOfMibView|.1.3.7 EndOfMibView"
	if g := strings.Join(kinds, "|"); g != wantKinds {
		t.Errorf("got  %s\nwant %s", g, wantKinds)
	}
	set, err := c.Set([]gosnmp.SnmpPDU{{Name: sysName, Type: gosnmp.OctetString, Value: "x"}})
	if err != nil || set.Error != gosnmp.NotWritable {
		t.Errorf("SET: %+v, %v", set, err)
	}
}

func TestLargeAnswers(t *testing.T) {
	s := start(t)
	c := s.client(t, 3, gosnmp.Version2c)
	many := make([]string, 0, 60)
	for i := range 60 {
		many = append(many, fmt.Sprintf("%s.%d", hcIn, 1+i%10))
	}
	c.MaxOids = 200
	if got, err := c.Get(append(many, many...)); err != nil || got.Error != gosnmp.TooBig || len(got.Variables) != 0 {
		t.Errorf("a GET that does not fit: %+v, %v", got, err)
	}
	got, err := c.GetBulk([]string{".1.3"}, 0, 255)
	if err != nil || len(got.Variables) < 40 {
		t.Errorf("GETBULK: %d bindings, %v", len(got.Variables), err)
	}
}

// What a poller reads is what the model says for the sysUpTime that came with it.
func TestValuesAgreeWithModel(t *testing.T) {
	s := start(t)
	for d := range int32(20) {
		c := s.client(t, d, gosnmp.Version2c)
		got, err := c.Get([]string{sysUpTime, hcIn + ".1", sysName})
		if err != nil {
			t.Fatal(err)
		}
		o := s.overlay.Load()
		var r nation.Reading
		clock := s.Clock(fault.TickOf(time.Now()))
		r.Read(o, d, &clock)
		at := clock.Tick() - fault.Tick(r.Uptime()-got.Variables[0].Value.(uint32))
		clock = s.Clock(at)
		r.Read(o, d, &clock)
		if want := r.Counters(0).InOctets; got.Variables[1].Value.(uint64) != want {
			t.Errorf("%s: ifHCInOctets %v, want %d", s.Devices[d].Name, got.Variables[1].Value, want)
		}
		if name := string(got.Variables[2].Value.([]byte)); name != s.Devices[d].Name {
			t.Errorf("sysName %q, want %q", name, s.Devices[d].Name)
		}
	}
}

func TestFaults(t *testing.T) {
	s := start(t)
	name, since := s.Devices[5].Name, fault.Time{Time: time.Now().Add(-time.Minute)}
	c := s.client(t, 5, gosnmp.Version2c)
	get := func(kind fault.Fault) (*gosnmp.SnmpPacket, error) {
		kind.Device, kind.From = name, since
		s.faults(t, kind)
		return c.Get([]string{sysName, ".1.3.6.1.2.1.31.1.1.1.1.1", ".1.3.6.1.2.1.2.2.1.1.1"})
	}
	c.Timeout = impatient
	for _, silent := range []fault.Fault{{Kind: fault.Dead}, {Kind: fault.Loss, Ratio: 1}, {Kind: fault.Truncate}, {Kind: fault.WrongSource}} {
		if got, err := get(silent); err == nil {
			t.Errorf("%s: an answer %v", silent.Kind, got)
		}
	}
	c.Timeout = patient
	if got, err := get(fault.Fault{Kind: fault.TooBig, Bytes: 200}); err != nil || got.Error != gosnmp.NoError {
		t.Errorf("too_big, small GET: %v %v", got, err)
	}
	if got, err := c.Get([]string{sysName, sysName, sysName, sysName, sysName, sysName, sysName, sysName, sysName}); err != nil || got.Error != gosnmp.TooBig {
		t.Errorf("too_big, large GET: %v %v", got, err)
	}
	plain, err := get(fault.Fault{Kind: fault.Latency, Delay: conf.Duration(50 * time.Millisecond)})
	if err != nil {
		t.Fatalf("latency: %v", err)
	}
	moved, err := get(fault.Fault{Kind: fault.Reindex})
	if err != nil || string(plain.Variables[1].Value.([]byte)) == string(moved.Variables[1].Value.([]byte)) {
		t.Errorf("reindex: ifName.1 is %s before and %s after, %v", plain.Variables[1].Value, moved.Variables[1].Value, err)
	}
}

// The wrong source address is a real datagram from another device.
func TestWrongSource(t *testing.T) {
	s := start(t)
	s.faults(t, fault.Fault{Kind: fault.WrongSource, Device: s.Devices[5].Name, From: fault.Time{Time: time.Now().Add(-time.Hour)}})
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ask, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}).SnmpEncodePacket(gosnmp.GetRequest,
		[]gosnmp.SnmpPDU{{Name: sysName, Type: gosnmp.Null}}, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.WriteToUDP(ask, &net.UDPAddr{IP: s.Address(5).AsSlice(), Port: int(s.port)}); err != nil {
		t.Fatal(err)
	}
	var room [1500]byte
	if err := conn.SetReadDeadline(time.Now().Add(5 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, from, err := conn.ReadFromUDP(room[:]); err != nil || from.IP.String() == s.Address(5).String() {
		t.Errorf("an answer from %v, %v", from, err)
	}
}

func TestWrongCommunityIsIgnored(t *testing.T) {
	s := start(t)
	c := s.client(t, 1, gosnmp.Version2c)
	c.Community, c.Timeout = "private", impatient
	if got, err := c.Get([]string{sysName}); err == nil {
		t.Errorf("an answer %v", got)
	}
}
