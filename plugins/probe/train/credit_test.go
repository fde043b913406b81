package train

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/probe/socket"
)

// plain is a protocol of key, sequence number and session, so that every field can be forged by itself. The first octet of a
// datagram stands for one of replies.
type plain struct{ replies map[byte]Reply }

func (plain) Key(_ time.Time, random uint64) uint64 { return random }
func (plain) Append(dst []byte, _ *Target, _ uint64, _ uint32) []byte {
	return dst // nothing is sent
}
func (p plain) Parse(text []byte, _ time.Time) (Reply, error) {
	return p.replies[text[0]], nil
}
func (plain) Genuine(t *Target, sequence uint32, r *Reply, _ []byte) bool {
	return r.Sequence == sequence && r.Session == t.Session
}

// A machine that stood still in the middle of a round has nothing to say of the network, and goes on with the next one.
func TestALateRoundIsUnknown(t *testing.T) {
	conn, err := socket.UDP(netip.MustParseAddrPort("127.0.0.1:0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	lane := NewLane(plain{}, conn, NewPace(1000), NewMetrics(prometheus.NewRegistry()))
	var rounds []string
	one := lane.Add(Config{Name: "one", Peer: conn.Local(), Packets: 2, Spacing: time.Second, Interval: time.Minute, Timeout: time.Second},
		func(r *Round) { rounds = append(rounds, r.Unknown) })
	now := time.Now()
	due := one.Act(now)
	for _, delay := range []time.Duration{0, 1100 * time.Millisecond, 0, 0, 900 * time.Millisecond, 0} { // two packets and the end, twice
		due = one.Act(due.Add(delay))
	}
	if !slices.Equal(rounds, []string{Late, ""}) || !due.After(now.Add(2*time.Minute)) {
		t.Errorf("rounds %q, then one after %v", rounds, due.Sub(now))
	}
}

// Whatever comes, in whatever order, however often: exactly those packets are answered whose own reply came from their own
// peer in time, each once.
func TestRepliesAreCreditedToTheirOwnPackets(t *testing.T) {
	conn, err := socket.UDP(netip.MustParseAddrPort("127.0.0.1:0"), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	rapid.Check(t, func(t *rapid.T) {
		forgeries := map[byte]Reply{}
		lane := NewLane(plain{forgeries}, conn, NewPace(1000), NewMetrics(prometheus.NewRegistry()))
		targets := make([]*Target, 0, 5)
		for i := range rapid.IntRange(1, 5).Draw(t, "targets") {
			peer := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, byte(1 + i/2)}), uint16(1000+i%2)) // they share addresses, or ports
			one := lane.Add(Config{Peer: peer, Session: uint16(i % 3), Timeout: time.Second}, nil)
			one.begin(time.Now())
			for range rapid.IntRange(1, 5).Draw(t, "packets") {
				lane.enter(one, time.Now())
			}
			targets = append(targets, one)
		}
		type answer struct{ target, packet int }
		want := map[answer]int{}
		for i := range rapid.IntRange(0, 40).Draw(t, "replies") {
			n := rapid.IntRange(0, len(targets)-1).Draw(t, "target")
			k := rapid.IntRange(0, len(targets[n].all)-1).Draw(t, "packet")
			one, p := targets[n], &targets[n].all[k]
			r, from, at := Reply{Key: p.key, Sequence: p.sequence, Session: one.Session}, one.Peer, lane.began.Add(p.sent+time.Millisecond)
			switch rapid.SampledFrom([]string{"honest", "honest", "key", "sequence", "session", "address", "port", "late", "other's key"}).Draw(t, "kind") {
			case "honest":
				want[answer{n, k}]++
			case "key":
				r.Key ^= 1 << rapid.IntRange(0, 63).Draw(t, "bit")
			case "sequence":
				r.Sequence++
			case "session":
				r.Session += 7
			case "address":
				from = netip.AddrPortFrom(netip.MustParseAddr("127.0.9.9"), from.Port())
			case "port":
				from = netip.AddrPortFrom(from.Addr(), 9)
			case "late":
				at = at.Add(time.Second)
			case "other's key":
				from = netip.AddrPortFrom(netip.MustParseAddr("127.0.9.8"), 8)
			}
			forgeries[byte(i)] = r
			lane.take(&socket.Datagram{Text: []byte{byte(i)}, From: from, At: at})
		}
		for n, one := range targets {
			twice := 0
			for k := range one.all {
				times := want[answer{n, k}]
				if one.all[k].answered != (times > 0) {
					t.Fatalf("target %d packet %d: answered %v, its own reply came %d times", n, k, one.all[k].answered, times)
				}
				twice += max(times-1, 0)
			}
			if one.twice != twice {
				t.Fatalf("target %d: %d duplicates, want %d", n, one.twice, twice)
			}
		}
	})
}
