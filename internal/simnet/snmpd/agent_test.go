package snmpd_test

import (
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd"
	"github.com/haidang-noc/haidang/internal/simnet/snmpd/snmpdtest"
)

func request(t testing.TB, pdu gosnmp.PDUType, nonRepeaters uint8, max uint32, names ...string) []byte {
	t.Helper()
	binds := make([]gosnmp.SnmpPDU, 0, len(names))
	for _, n := range names {
		binds = append(binds, gosnmp.SnmpPDU{Name: n, Type: gosnmp.Null})
	}
	c := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}
	out, err := c.SnmpEncodePacket(pdu, binds, nonRepeaters, max)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func decode(t testing.TB, answer []byte) *gosnmp.SnmpPacket {
	t.Helper()
	p, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c}).SnmpDecodePacket(append([]byte(nil), answer...))
	if err != nil {
		t.Fatalf("% x: %v", answer, err)
	}
	return p
}

// Whatever room there is, an answer fits it and holds as many whole bindings as it can.
func TestBulkFitsItsLimit(t *testing.T) {
	ask := request(t, gosnmp.GetBulkRequest, 1, 40, ".1.3.6.1.9", ".1.3.6.1.9.3")
	last := 0
	for limit := 60; limit < 1500; limit++ {
		a := snmpd.Responder{Limit: limit}
		answer, binds := a.Answer(nil, ask, "public", snmpdtest.Table(500))
		if len(answer) > limit {
			t.Fatalf("%d octets, at most %d allowed", len(answer), limit)
		}
		p := decode(t, answer)
		if len(p.Variables) != binds || binds < last || binds > 41 {
			t.Fatalf("limit %d: %d bindings, %d said, %d with less room", limit, len(p.Variables), binds, last)
		}
		last = binds
		for i, v := range p.Variables {
			if want := i + 3; i > 0 && v.Value != want || i == 0 && v.Value != 1 {
				t.Fatalf("binding %d is %v", i, v.Value)
			}
		}
	}
	if last != 41 {
		t.Errorf("%d bindings with room for all, want 41", last)
	}
}

func TestLongValuesAndNames(t *testing.T) {
	a := snmpd.Responder{Limit: 2000}
	long := text(make([]byte, 300))
	answer, binds := a.Answer([]byte("kept"), request(t, gosnmp.GetRequest, 0, 0, ".1.3.6.1.9.1"), "", long)
	if string(answer[:4]) != "kept" || binds != 1 {
		t.Fatalf("%d bindings after % x", binds, answer[:4])
	}
	if p := decode(t, answer[4:]); len(p.Variables[0].Value.([]byte)) != 300 {
		t.Errorf("%+v", p.Variables)
	}
}

// text is a view of one long string.
type text []byte

func (v text) Len() int { return 1 }
func (v text) Find(name []byte) (int, bool) {
	c := ber.CompareOID(v.AppendName(nil, 0), name)
	return map[bool]int{true: 0, false: 1}[c >= 0], c == 0
}
func (v text) AppendName(dst []byte, _ int) []byte  { return ber.AppendArcs(dst, 1, 3, 6, 1, 9, 1) }
func (v text) AppendValue(dst []byte, _ int) []byte { return ber.AppendBytes(dst, ber.OctetString, v) }

// No datagram makes the responder panic, and every answer is one that gosnmp reads.
func FuzzAnswer(f *testing.F) {
	f.Add(request(f, gosnmp.GetBulkRequest, 1, 40, ".1.3.6.1.9", ".1.3.6.1.9.3"))
	f.Add(request(f, gosnmp.GetRequest, 0, 0, ".1.3.6.1.9.1", ".1.3.6.1.9.501"))
	f.Add(request(f, gosnmp.GetNextRequest, 0, 0, ".1.3"))
	f.Add(request(f, gosnmp.SetRequest, 0, 0, ".1.3.6.1.9.1"))
	f.Add([]byte{0x30, 0x03, 2, 1, 1})
	f.Fuzz(func(t *testing.T, datagram []byte) {
		a := snmpd.Responder{Limit: 1472}
		answer, _ := a.Answer(nil, datagram, "", snmpdtest.Table(50))
		if len(answer) == 0 {
			return
		}
		content, rest, err := ber.TakeAs(ber.Sequence, answer)
		if err != nil || len(rest) != 0 {
			t.Fatalf("% x answered with % x", datagram, answer)
		}
		for _, tag := range []byte{ber.Integer, ber.OctetString, ber.Response} {
			if _, content, err = ber.TakeAs(tag, content); err != nil {
				t.Fatalf("% x answered with % x", datagram, answer)
			}
		}
	})
}
