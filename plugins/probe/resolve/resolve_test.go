package resolve_test

import (
	"net"
	"net/netip"
	"sync/atomic"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/haidang-noc/haidang/plugins/probe/resolve"
)

// server answers over UDP and TCP on one port.
func server(t *testing.T, udp, tcp dns.HandlerFunc) netip.AddrPort {
	t.Helper()
	for {
		conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		listener, err := net.Listen("tcp4", conn.LocalAddr().String())
		if err != nil { // the port is somebody's: another
			_ = conn.Close()
			continue
		}
		for _, s := range []*dns.Server{{PacketConn: conn, Handler: udp}, {Listener: listener, Handler: tcp}} {
			started := make(chan struct{})
			s.NotifyStartedFunc = func() { close(started) }
			go func() { _ = s.ActivateAndServe() }()
			<-started
			t.Cleanup(func() { _ = s.Shutdown() })
		}
		return netip.MustParseAddrPort(conn.LocalAddr().String())
	}
}

func answer(change func(*dns.Msg)) dns.HandlerFunc {
	return func(w dns.ResponseWriter, q *dns.Msg) {
		m := new(dns.Msg).SetReply(q)
		change(m)
		_ = w.WriteMsg(m)
	}
}

func address(m *dns.Msg) {
	rr, _ := dns.NewRR(m.Question[0].Name + " 60 IN A 192.0.2.1")
	m.Answer = append(m.Answer, rr)
}

func query(at netip.AddrPort) *resolve.Query {
	return &resolve.Query{Server: at, Name: "example.vn", Type: dns.TypeA, Timeout: 5 * time.Second, Attempts: 2}
}

func TestAnAnswer(t *testing.T) {
	at := server(t, answer(address), answer(address))
	q := query(at)
	q.Source = netip.MustParseAddr("127.0.0.1")
	for _, tcp := range []bool{false, true} {
		q.TCP = tcp
		if a, err := q.Ask(t.Context()); err != nil || a.Rcode != dns.RcodeSuccess || a.Records != 1 || a.TCP != tcp || a.Asked != 1 || a.Took <= 0 {
			t.Errorf("%+v, %v", a, err)
		}
	}
}

func TestAnAnswerThatIsCutOffIsAskedForOverTCP(t *testing.T) {
	at := server(t, answer(func(m *dns.Msg) { m.Truncated = true }), answer(address))
	if a, err := query(at).Ask(t.Context()); err != nil || !a.TCP || a.Records != 1 {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestErrorsOfTheServerAreAnswers(t *testing.T) {
	at := server(t, answer(func(m *dns.Msg) { m.Rcode = dns.RcodeServerFailure }), answer(address))
	if a, err := query(at).Ask(t.Context()); err != nil || a.Rcode != dns.RcodeServerFailure {
		t.Errorf("%+v, %v", a, err)
	}
}

// A question that is lost once is asked again; the time is that of both.
func TestOneLossIsMadeUpFor(t *testing.T) {
	var asked atomic.Int32
	at := server(t, func(w dns.ResponseWriter, q *dns.Msg) {
		if asked.Add(1) > 1 {
			answer(address)(w, q)
		}
	}, answer(address))
	q := query(at)
	q.Timeout, q.Attempts = 500*time.Millisecond, 5
	if a, err := q.Ask(t.Context()); err != nil || a.Asked < 2 || a.Took < q.Timeout {
		t.Errorf("%+v, %v", a, err)
	}
}

// What answers another question, or with another number, is no answer.
func TestForgedAnswersAreNone(t *testing.T) {
	for name, change := range map[string]func(*dns.Msg){
		"another name":   func(m *dns.Msg) { m.Question[0].Name = "example.org." },
		"another type":   func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeMX },
		"another number": func(m *dns.Msg) { m.Id++ },
		"no answer":      func(m *dns.Msg) { m.Response = false },
	} {
		t.Run(name, func(t *testing.T) {
			q := query(server(t, answer(func(m *dns.Msg) { address(m); change(m) }), answer(address)))
			q.Timeout, q.Attempts = 200*time.Millisecond, 1
			if a, err := q.Ask(t.Context()); err == nil {
				t.Errorf("%+v", a)
			}
		})
	}
}

func TestNobodyAnswers(t *testing.T) {
	q := query(netip.MustParseAddrPort("127.0.0.1:1"))
	if _, err := q.Ask(t.Context()); err == nil {
		t.Error("nobody listens, and somebody answered")
	}
}
