package icmp_test

import (
	"errors"
	"testing"

	"golang.org/x/net/icmp"
	"golang.org/x/net/ipv4"
	"golang.org/x/net/ipv6"
	"pgregory.net/rapid"

	own "github.com/haidang-noc/haidang/plugins/probe/icmp"
)

// A request is one to another implementation, and the reply that a host makes of it is read.
func TestEcho(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v6 := rapid.Bool().Draw(t, "v6")
		id, sequence, key := rapid.Uint16().Draw(t, "id"), rapid.Uint16().Draw(t, "sequence"), rapid.Uint64().Draw(t, "key")
		size := rapid.IntRange(0, 1473).Draw(t, "size")
		p := own.Append([]byte("before"), v6, own.Echo{ID: id, Sequence: sequence, Key: key}, size)[6:]
		if len(p) != max(size, own.Least) {
			t.Fatalf("%d octets, want %d", len(p), size)
		}
		protocol, reply := 1, byte(0)
		if v6 {
			protocol, reply = 58, 129
		} else if own.Checksum(p) != 0 {
			t.Fatal("the checksum is wrong")
		}
		m, err := icmp.ParseMessage(protocol, p)
		if err != nil || m.Type != ipv4.ICMPTypeEcho && m.Type != ipv6.ICMPTypeEchoRequest {
			t.Fatalf("%+v, %v", m, err)
		}
		if e := m.Body.(*icmp.Echo); e.ID != int(id) || e.Seq != int(sequence) {
			t.Fatalf("%+v", e)
		}
		if _, err := own.Parse(p, v6); !errors.Is(err, own.ErrOther) {
			t.Fatalf("a request is a reply: %v", err)
		}
		p[0] = reply
		if got, err := own.Parse(p, v6); err != nil || got != (own.Echo{ID: id, Sequence: sequence, Key: key}) {
			t.Fatalf("%+v, %v", got, err)
		}
	})
}

// Whatever comes is read or refused.
func FuzzParse(f *testing.F) {
	f.Add(own.Append(nil, false, own.Echo{ID: 1, Sequence: 2, Key: 3}, 0), false)
	f.Add([]byte{129, 0, 0, 0, 0, 0, 0, 0}, true)
	f.Fuzz(func(t *testing.T, p []byte, v6 bool) {
		if r, err := own.Parse(p, v6); err == nil && len(p) < own.Least {
			t.Fatalf("%+v of %d octets", r, len(p))
		}
		own.Checksum(p)
	})
}
