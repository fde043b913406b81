package train_test

import (
	"context"
	"math"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/haidang-noc/haidang/plugins/probe/schedule"
	"github.com/haidang-noc/haidang/plugins/probe/socket"
	"github.com/haidang-noc/haidang/plugins/probe/stamp"
	"github.com/haidang-noc/haidang/plugins/probe/train"
)

// peer answers test packets as a test says.
type peer struct {
	conn *net.UDPConn
	at   netip.AddrPort
}

// listen answers each packet with what answer sends, which may be nothing, much, or from elsewhere.
func listen(t *testing.T, answer func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort)) *peer {
	t.Helper()
	conn, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	p := &peer{conn, conn.LocalAddr().(*net.UDPAddr).AddrPort()}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		for buf := make([]byte, 2000); ; {
			n, from, err := conn.ReadFromUDPAddrPort(buf)
			if err != nil {
				return
			}
			if test, err := stamp.ParseTest(buf[:n], false); err == nil {
				answer(p, test, buf[:n], from)
			}
		}
	}()
	return p
}

// reply is an honest one.
func reply(test stamp.Test) stamp.Reply {
	now := stamp.At(time.Now())
	return stamp.Reply{Sequence: test.Sequence, Received: now, Sent: now, Error: stamp.NewEstimate(time.Millisecond, true), Session: test.Session, TTL: 60, Test: test}
}

func (p *peer) send(r stamp.Reply, packet []byte, to netip.AddrPort) {
	_, _ = p.conn.WriteToUDPAddrPort(stamp.AppendReply(nil, packet, r, nil), to)
}

// bench is a lane with targets.
type bench struct {
	lane   *train.Lane
	reg    *prometheus.Registry
	turns  []schedule.Turn
	rounds map[string]*train.Round
}

func newBench(t *testing.T) *bench {
	t.Helper()
	conn, err := socket.UDP(netip.MustParseAddrPort("127.0.0.1:0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{reg: prometheus.NewRegistry(), rounds: map[string]*train.Round{}}
	protocol := stamp.NewSender(false, func() stamp.Estimate { return stamp.NewEstimate(time.Millisecond, true) })
	b.lane = train.NewLane(protocol, conn, train.NewPace(100_000), train.NewMetrics(b.reg))
	return b
}

// patient is how long answers are waited for that must come, and how late this machine may be without the round being void.
const patient = 4 * time.Second

func (b *bench) add(name string, p *peer, change func(*train.Config)) {
	c := train.Config{Name: name, Peer: p.at, Session: uint16(len(b.turns) + 1), Packets: 10, Spacing: 5 * time.Millisecond, Timeout: patient, Once: true}
	if change != nil {
		change(&c)
	}
	b.turns = append(b.turns, b.lane.Add(c, func(r *train.Round) { b.rounds[name] = r }))
}

// run does one round of all targets.
func (b *bench) run(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- b.lane.Receive(ctx) }()
	schedule.New(b.turns, b.lane.Flush).Run(ctx)
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func (b *bench) dropped(t *testing.T, reason string) float64 {
	t.Helper()
	families, err := b.reg.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetName() == "haidang_probe_replies_dropped_total" && m.GetLabel()[0].GetValue() == reason {
				return m.GetCounter().GetValue()
			}
		}
	}
	return 0
}

func TestWhatIsLostDoubledAndSwapped(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var held *stamp.Test
	p := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) {
		switch test.Sequence {
		case 2, 3, 7: // lost
		case 4: // twice
			p.send(reply(test), packet, from)
			p.send(reply(test), packet, from)
		case 5: // after the next one
			held = &test
		case 6:
			p.send(reply(test), packet, from)
			p.send(reply(*held), packet, from)
		default:
			p.send(reply(test), packet, from)
		}
	})
	b.add("one", p, nil)
	b.run(t)
	r := b.rounds["one"]
	if r.Unknown != "" || r.Sent != 10 || r.Answers != 7 || r.Twice != 1 || r.Swapped != 1 || math.Abs(r.Loss()-0.3) > 1e-9 {
		t.Errorf("%+v", r)
	}
	if math.Abs(r.Burst-1.05) > 1e-9 { // three lost in two runs, with a loss of 0.3
		t.Errorf("burst %v, want 1.05", r.Burst)
	}
	if got := b.dropped(t, "duplicate"); got != 1 {
		t.Errorf("%v duplicates counted", got)
	}
}

// The time at the peer is not the network's.
func TestDwellIsTakenOff(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const dwell = 30 * time.Millisecond
	p := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) {
		r := reply(test)
		<-time.After(dwell)
		r.Sent = r.Received.Add(dwell)
		p.send(r, packet, from)
	})
	liar := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) {
		r := reply(test)
		r.Sent = r.Received.Add(time.Hour) // longer than the round trip
		p.send(r, packet, from)
	})
	one := func(c *train.Config) { c.Packets = 1 }
	b.add("slow", p, one)
	b.add("liar", liar, one)
	b.run(t)
	if r := b.rounds["slow"]; r.Answers != 1 || r.Trip.N != 1 || !r.Synced || r.ClockError < time.Millisecond {
		t.Errorf("%+v", r)
	}
	if r := b.rounds["liar"]; r.Answers != 1 || r.Trip.N != 0 || r.There.N != 0 || r.Synced {
		t.Errorf("times that cannot be are believed: %+v", r)
	}
}

// What others send counts for nobody: not from another address or port, not with a guessed number or time, not for another
// packet of the same peer, not for another peer.
func TestForgedRepliesAreNobodys(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	thief := listen(t, func(*peer, stamp.Test, []byte, netip.AddrPort) {})
	victim := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) {
		thief.send(reply(test), packet, from) // another port
		for _, change := range []func(*stamp.Reply){
			func(r *stamp.Reply) { r.Test.Sent ^= 1 },
			func(r *stamp.Reply) { r.Test.Sequence++ },
			func(r *stamp.Reply) { r.Session = 0x7777 },
		} {
			r := reply(test)
			change(&r)
			p.send(r, packet, from)
		}
		_, _ = p.conn.WriteToUDPAddrPort([]byte("short"), from)
	})
	honest := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) { p.send(reply(test), packet, from) })
	b.add("victim", victim, nil)
	b.add("honest", honest, nil)
	b.run(t)
	if r := b.rounds["victim"]; r.Answers != 0 || r.Sent != 10 || r.Twice != 0 {
		t.Errorf("forged replies were credited: %+v", r)
	}
	if r := b.rounds["honest"]; r.Answers != 10 || r.Twice != 0 {
		t.Errorf("%+v", r)
	}
	for reason, want := range map[string]float64{"source": 10, "unknown": 10, "forged": 20, "malformed": 10} {
		if got := b.dropped(t, reason); got != want {
			t.Errorf("%s: %v dropped, want %v", reason, got, want)
		}
	}
}

// A reply that comes when its round is over is late, also when the next round has begun.
func TestLateRepliesAreLosses(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	answered := make(chan struct{})
	p := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) {
		packet = append([]byte(nil), packet...)
		time.AfterFunc(100*time.Millisecond, func() {
			p.send(reply(test), packet, from)
			close(answered)
		})
	})
	b.add("late", p, func(c *train.Config) { c.Packets, c.Timeout = 1, 20*time.Millisecond })
	honest := listen(t, func(p *peer, test stamp.Test, packet []byte, from netip.AddrPort) { p.send(reply(test), packet, from) })
	b.add("other", honest, func(c *train.Config) { c.Packets = 1 })
	b.run(t)
	<-answered
	if r := b.rounds["late"]; r.Answers != 0 {
		t.Errorf("%+v", r)
	}
	if got := b.dropped(t, "late"); got != 1 {
		t.Errorf("%v late, want 1", got)
	}
}

// An address that there is no way to is this machine's matter: nothing is known of the target.
func TestNoRouteIsUnknown(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.add("nowhere", &peer{at: netip.MustParseAddrPort("203.0.113.1:862")}, func(c *train.Config) { c.Timeout = time.Millisecond }) // the socket is bound to 127.0.0.1
	b.run(t)
	if r := b.rounds["nowhere"]; r.Unknown != train.NoRoute || r.Sent != 0 {
		t.Errorf("%+v", r)
	}
}
