package stamp_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/probe/stamp"
)

func drawTest(t *rapid.T) stamp.Test {
	return stamp.Test{Sequence: rapid.Uint32().Draw(t, "sequence"), Sent: stamp.Timestamp(rapid.Uint64().Draw(t, "sent")),
		Error: stamp.Estimate(rapid.Uint16().Draw(t, "error")), Session: rapid.Uint16().Draw(t, "session")}
}

func drawKey(t *rapid.T) *stamp.Key {
	if rapid.Bool().Draw(t, "authenticated") {
		return stamp.NewKey(rapid.SliceOfN(rapid.Byte(), 16, 64).Draw(t, "secret"))
	}
	return nil
}

// The octets of RFC 8762's figures, by hand.
func TestOctets(t *testing.T) {
	test := stamp.Test{Sequence: 0x01020304, Sent: 0x1112131415161718, Error: 0x8123, Session: 0x5566}
	plain := "01020304" + "1112131415161718" + "8123" + "5566" + strings.Repeat("00", 28)
	if got := hex.EncodeToString(stamp.AppendTest(nil, test, nil, 0)); got != plain {
		t.Errorf("test packet\n%s, want\n%s", got, plain)
	}
	reply := stamp.Reply{Sequence: 0x21222324, Sent: 0x3132333435363738, Received: 0x4142434445464748, Error: 0x8001, Session: 0x5566, TTL: 0xfe, Test: test}
	want := "21222324" + "3132333435363738" + "8001" + "5566" + "4142434445464748" + "01020304" + "1112131415161718" + "8123" + "0000" + "fe" + "000000"
	packet, _ := hex.DecodeString(plain)
	if got := hex.EncodeToString(stamp.AppendReply(nil, packet, reply, nil)); got != want {
		t.Errorf("reply\n%s, want\n%s", got, want)
	}
	key := stamp.NewKey([]byte("0123456789abcdef"))
	signed := stamp.AppendTest(nil, test, key, 0)
	if got, want := hex.EncodeToString(signed[:28]), "01020304"+strings.Repeat("00", 12)+"1112131415161718"+"8123"+"5566"; got != want || len(signed) != stamp.AuthenticatedLen {
		t.Errorf("authenticated test packet of %d octets begins %s, want %s", len(signed), got, want)
	}
	if got, want := hex.EncodeToString(signed[96:]), "b08e5bbb8aed6e77adbd2234812459c1"; got != want { // by Python's hmac
		t.Errorf("code %s, want %s", got, want)
	}
	answer := stamp.AppendReply(nil, signed, reply, key)
	want = "21222324" + strings.Repeat("00", 12) + "3132333435363738" + "8001" + "5566" + "00000000" + "4142434445464748" + strings.Repeat("00", 8) +
		"01020304" + strings.Repeat("00", 12) + "1112131415161718" + "8123" + strings.Repeat("00", 6) + "fe" + strings.Repeat("00", 15)
	if got := hex.EncodeToString(answer[:96]); got != want || len(answer) != stamp.AuthenticatedLen {
		t.Errorf("authenticated reply\n%s, want\n%s", got, want)
	}
}

// What is written is read, a reply is as long as its question, and padding comes back.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		test, key, size := drawTest(t), drawKey(t), rapid.IntRange(0, 1500).Draw(t, "size")
		packet := stamp.AppendTest([]byte("before"), test, key, size)[6:]
		for i := stamp.AuthenticatedLen; i < len(packet); i++ {
			packet[i] = byte(i)
		}
		got, err := stamp.ParseTest(packet, key != nil)
		if err != nil || got != test || len(packet) < size {
			t.Fatalf("%+v, %v; want %+v", got, err, test)
		}
		reply := stamp.Reply{Sequence: rapid.Uint32().Draw(t, "own"), Received: 3, Sent: 4, Error: stamp.NewEstimate(time.Millisecond, true), Session: test.Session, TTL: 9, Test: test}
		answer := stamp.AppendReply([]byte("before"), packet, reply, key)[6:]
		if len(answer) != len(packet) || len(packet) > stamp.AuthenticatedLen && !bytes.Equal(answer[stamp.AuthenticatedLen:], packet[stamp.AuthenticatedLen:]) {
			t.Fatalf("%d octets for %d", len(answer), len(packet))
		}
		back, err := stamp.ParseReply(answer, key != nil)
		back.Test.Session = test.Session // a reply has it once
		if diff := cmp.Diff(reply, back); diff != "" || err != nil {
			t.Fatalf("%v, %s", err, diff)
		}
		if key != nil {
			checkCode(t, key, packet, answer)
		}
	})
}

// checkCode changes one bit that the code covers, or of the code.
func checkCode(t *rapid.T, key *stamp.Key, packets ...[]byte) {
	for _, p := range packets {
		if err := key.Check(p); err != nil {
			t.Fatal(err)
		}
		at, bit := rapid.IntRange(0, stamp.AuthenticatedLen-1).Draw(t, "octet"), rapid.IntRange(0, 7).Draw(t, "bit")
		p[at] ^= 1 << bit
		if err := key.Check(p); !errors.Is(err, stamp.ErrCode) {
			t.Fatalf("changed in octet %d: %v", at, err)
		}
	}
}

// TWAMP Light's senders may send as little as a reply holds; then they get no more.
func TestNoReplyIsLongerThanItsQuestion(t *testing.T) {
	packet := stamp.AppendTest(nil, stamp.Test{Sequence: 7}, nil, 0)[:41]
	if got := len(stamp.AppendReply(nil, packet, stamp.Reply{}, nil)); got != 41 {
		t.Errorf("%d octets for 41", got)
	}
	if _, err := stamp.ParseTest(packet[:40], false); !errors.Is(err, stamp.ErrShort) {
		t.Errorf("40 octets: %v", err)
	}
}

func TestTimestamps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(1_500_000_000, 4_000_000_000).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns")) // over the end of NTP's era in 2036
		d := time.Duration(rapid.Int64Range(-int64(10*time.Hour), int64(10*time.Hour)).Draw(t, "d"))
		a, b := stamp.At(at), stamp.At(at.Add(d))
		if got := b.Sub(a); (got - d).Abs() > 2 {
			t.Fatalf("%v later is %v", d, got)
		}
		if got := a.Add(d).Sub(b); got.Abs() > 2 {
			t.Fatalf("adding %v is off by %v", d, got)
		}
	})
}

// An estimate never says less than the error, and not much more.
func TestEstimates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "error"))
		got, ok := stamp.NewEstimate(e, true).Error()
		if !ok || got < e-1 || got > e+e/64+2 {
			t.Fatalf("%v is read as %v, %v", e, got, ok)
		}
		if _, ok := stamp.NewEstimate(e, false).Error(); ok {
			t.Fatal("a clock that runs freely has an error")
		}
	})
	if _, ok := stamp.Estimate(0x8000).Error(); ok {
		t.Error("the multiplier 0 is not allowed, and says nothing")
	}
	if _, ok := stamp.Estimate(0xbfff).Error(); ok {
		t.Error("an error of years is believed")
	}
}

// Whatever comes is read or refused.
func FuzzPackets(f *testing.F) {
	key := stamp.NewKey([]byte("0123456789abcdef"))
	f.Add(stamp.AppendTest(nil, stamp.Test{Sequence: 1, Sent: 2, Error: 3, Session: 4}, nil, 0))
	f.Add(stamp.AppendTest(nil, stamp.Test{Sequence: 1, Sent: 2, Error: 3, Session: 4}, key, 200))
	f.Add(stamp.AppendReply(nil, make([]byte, 44), stamp.Reply{Sequence: 1, Error: 0x4001}, nil))
	f.Fuzz(func(t *testing.T, packet []byte) {
		for _, authenticated := range []bool{false, true} {
			test, err := stamp.ParseTest(packet, authenticated)
			if err != nil {
				continue
			}
			var k *stamp.Key
			if authenticated {
				k = key
			}
			answer := stamp.AppendReply(nil, packet, stamp.Reply{Test: test, Session: test.Session}, k)
			if len(answer) > len(packet) {
				t.Fatalf("%d octets for %d", len(answer), len(packet))
			}
			if r, err := stamp.ParseReply(answer, authenticated); err != nil || r.Test.Sent != test.Sent || r.Test.Sequence != test.Sequence {
				t.Fatalf("%+v, %v; want that of %+v", r, err, test)
			}
		}
		if r, err := stamp.ParseReply(packet, false); err == nil {
			if e, ok := r.Error.Error(); ok && (e < 0 || e > 24*2*time.Hour) {
				t.Fatalf("an error of %v", e)
			}
		}
		_ = key.Check(packet)
	})
}
