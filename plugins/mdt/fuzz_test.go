package mdt

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// FuzzMessage takes any message in any encoding: with vendors' files, so that their messages are read, too.
func FuzzMessage(f *testing.F) {
	in := New()
	if err := in.Configure(sdk.Config{Agent: "a1", File: "agent.yaml", Line: 1, Dir: "testdata", YAML: []byte(local + "protos: protos\n")}); err != nil {
		f.Fatal(err)
	}
	built, err := in.build()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(message(f, counters, "Gi0"), byte(cisco))
	f.Add([]byte(huaweiMessage("huawei-ifm:ifm/interfaces/interface", pb{}.message(5, pb{}.message(1, pb{}.text(25, "x"))))), byte(huawei))
	f.Add([]byte(pb{}.text(1, "mx1").message(101, pb{}.message(2636, pb{}.message(3, pb{}.message(1, pb{}.text(1, "x")))))), byte(juniper))
	addr := netip.MustParseAddr("127.0.0.1")
	f.Fuzz(func(t *testing.T, octets []byte, as byte) {
		account, _ := built.gate.Enter(addr, built.setup.limit(addr), time.Now())
		built.message(octets, encoding(as%3), addr, account, time.Now())
		stop := make(chan struct{})
		close(stop)
		if err := built.backlog.Run(t.Context(), stop, (&checker{t}).write); err != nil {
			t.Fatal(err)
		}
	})
}

// checker makes sure that what is written is line protocol.
type checker struct{ t *testing.T }

func (c *checker) write(_ context.Context, lines []byte, points int) error {
	s := point.NewScanner(lines, point.Options{})
	n := 0
	for s.Next() {
		n++
	}
	if n != points {
		c.t.Errorf("%d good lines of %d: %q", n, points, lines)
	}
	return nil
}

// FuzzHeader reads any header, and what may follow it.
func FuzzHeader(f *testing.F) {
	f.Add(framed(1, []byte("x")))
	in := &intake{setup: &setup{settings: defaults()}}
	f.Fuzz(func(t *testing.T, octets []byte) {
		if len(octets) < headerOctets {
			return
		}
		h := readHeader(octets)
		if h.check(1<<20) == nil && h.length > 1<<20 {
			t.Error(h)
		}
		if plain, err := in.inflate(h, octets[headerOctets:]); err == nil && len(plain) > int(in.setup.MaxMessage) {
			t.Errorf("%d octets", len(plain))
		}
	})
}
