package stamp_test

import (
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
)

// reflector is one that runs, and its counters.
type reflector struct {
	t    *testing.T
	at   netip.AddrPort
	reg  *prometheus.Registry
	conn *net.UDPConn // a sender
}

func start(t *testing.T, c stamp.ReflectorConfig) *reflector {
	t.Helper()
	conn, err := socket.UDP(netip.MustParseAddrPort("127.0.0.1:0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if c.Allow == nil {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	}
	c.Clock = func() stamp.Estimate { return stamp.NewEstimate(time.Millisecond, true) }
	r := &reflector{t: t, at: conn.Local(), reg: prometheus.NewRegistry()}
	ended := make(chan error, 1)
	go func() { ended <- stamp.NewReflector(c, conn, stamp.NewReflectorMetrics(r.reg)).Run(t.Context()) }()
	if r.conn, err = net.DialUDP("udp4", nil, net.UDPAddrFromAddrPort(r.at)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = conn.Close(), r.conn.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *reflector) ask(packet []byte) []byte {
	r.t.Helper()
	if _, err := r.conn.Write(packet); err != nil {
		r.t.Fatal(err)
	}
	buf := make([]byte, 2000)
	n, err := r.conn.Read(buf)
	if err != nil {
		r.t.Fatal(err)
	}
	return buf[:n]
}

func (r *reflector) dropped(reason string) float64 {
	return r.total("haidang_probe_reflector_dropped_total", reason)
}

// total is a counter's value; label is that of its only label, if it has one.
func (r *reflector) total(name string, label ...string) float64 {
	r.t.Helper()
	families, err := r.reg.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == name && (len(label) == 0 || m.GetLabel()[0].GetValue() == label[0]) {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func test(sequence uint32) []byte {
	return stamp.AppendTest(nil, stamp.Test{Sequence: sequence, Sent: stamp.At(time.Now()), Error: stamp.NewEstimate(0, true), Session: 5}, nil, 60)
}

func TestStateless(t *testing.T) {
	r := start(t, stamp.ReflectorConfig{Sessions: 10, Rate: 100})
	for _, sequence := range []uint32{7, 3, 0xffffffff} {
		before := stamp.At(time.Now())
		reply, err := stamp.ParseReply(r.ask(test(sequence)), false)
		if err != nil || reply.Sequence != sequence || reply.Test.Sequence != sequence || reply.Session != 5 || reply.TTL != 64 {
			t.Errorf("%+v, %v", reply, err)
		}
		if in, out := reply.Received.Sub(before), reply.Sent.Sub(reply.Received); in < -time.Millisecond || out < 0 {
			t.Errorf("received %v after sending, answered %v later", in, out)
		}
	}
}

// A stateful one counts by session, which is address, port and identifier.
func TestStateful(t *testing.T) {
	r := start(t, stamp.ReflectorConfig{Stateful: true, Sessions: 10, Rate: 100})
	for i, sequence := range []uint32{7, 9, 20} {
		if reply, _ := stamp.ParseReply(r.ask(test(sequence)), false); reply.Sequence != uint32(i) || reply.Test.Sequence != sequence {
			t.Errorf("%+v", reply)
		}
	}
	other := stamp.AppendTest(nil, stamp.Test{Sequence: 40, Session: 6}, nil, 0)
	if reply, _ := stamp.ParseReply(r.ask(other), false); reply.Sequence != 0 || reply.Session != 6 {
		t.Errorf("another session: %+v", reply)
	}
}

// Nobody is answered who is not to be; the packet after it shows that the reflector goes on.
func TestSilence(t *testing.T) {
	secret := []byte("0123456789abcdef")
	good := func(n uint32) []byte { return stamp.AppendTest(nil, stamp.Test{Sequence: n}, stamp.NewKey(secret), 0) }
	r := start(t, stamp.ReflectorConfig{Secret: secret, Sessions: 10, Rate: 1000})
	forged := stamp.AppendTest(nil, stamp.Test{Sequence: 1}, stamp.NewKey([]byte("fedcba9876543210")), 0)
	for reason, packets := range map[string][][]byte{"code": {forged}, "short": {nil, test(1), good(1)[:111]}} {
		for i, p := range packets {
			if _, err := r.conn.Write(p); err != nil {
				t.Fatal(err)
			}
			if reply, err := stamp.ParseReply(r.ask(good(50)), true); err != nil || reply.Test.Sequence != 50 {
				t.Errorf("%s: %+v, %v", reason, reply, err)
			}
			if got := r.dropped(reason); got != float64(i+1) {
				t.Errorf("%s: %v dropped, want %d", reason, got, i+1)
			}
		}
	}
}

// A port that reflectors have is never answered: two would answer each other for ever.
func TestReflectorsDoNotAnswerEachOther(t *testing.T) {
	r := start(t, stamp.ReflectorConfig{Sessions: 10, Rate: 1000})
	twin, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 2), Port: int(r.at.Port())}, net.UDPAddrFromAddrPort(r.at))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = twin.Close() }()
	if _, err := twin.Write(test(1)); err != nil {
		t.Fatal(err)
	}
	r.ask(test(2))
	if got := r.dropped("reflector"); got != 1 {
		t.Errorf("%v dropped, want 1", got)
	}
}

func TestOnlyWhoIsAllowedAndAsOftenAsIsAllowed(t *testing.T) {
	closed := start(t, stamp.ReflectorConfig{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, Sessions: 10, Rate: 1000})
	stranger, err := net.DialUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 3)}, net.UDPAddrFromAddrPort(closed.at))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stranger.Close() }()
	if _, err := stranger.Write(test(1)); err != nil {
		t.Fatal(err)
	}
	closed.ask(test(2))
	if got := closed.dropped("not_allowed"); got != 1 {
		t.Errorf("%v dropped, want 1", got)
	}
	busy := start(t, stamp.ReflectorConfig{Sessions: 10, Rate: 2})
	for range 50 {
		_, _ = busy.conn.Write(test(1))
	}
	for busy.total("haidang_probe_reflected_total")+busy.dropped("rate") < 50 {
		runtime.Gosched() // the counters are all there is to wait for
	}
	if got := busy.dropped("rate"); got == 0 {
		t.Error("50 packets at once were all answered")
	}
}
