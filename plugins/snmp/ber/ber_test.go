package ber_test

import (
	"bytes"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/gosnmp/gosnmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

func TestNumbersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		u := rapid.Uint64().Draw(t, "u")
		tag, contents, rest, ok := ber.Cut(ber.AppendUint(nil, ber.Counter64, u))
		got, isNumber := ber.Uint(contents)
		if !ok || !isNumber || tag != ber.Counter64 || len(rest) != 0 || got != u {
			t.Errorf("Uint %d came back as %d (% x)", u, got, contents)
		}
		i := rapid.Int64().Draw(t, "i")
		_, contents, _, _ = ber.Cut(ber.AppendInt(nil, i))
		if back, _ := ber.Int(contents); back != i {
			t.Errorf("Int %d came back as %d (% x)", i, back, contents)
		}
	})
}

func TestNumbersOfCarelessAgents(t *testing.T) {
	for _, c := range []struct {
		tag  byte
		in   []byte
		want uint64
		ok   bool
	}{
		{ber.Counter32, []byte{0xff, 0xff, 0xff, 0xff}, math.MaxUint32, true}, // no leading zero
		{ber.Counter64, bytes.Repeat([]byte{0xff}, 8), math.MaxUint64, true},
		{ber.Counter64, append([]byte{0}, bytes.Repeat([]byte{0xff}, 8)...), math.MaxUint64, true},
		{ber.Gauge32, []byte{0, 0, 0, 1}, 1, true}, // more zeros than needed
		{ber.Integer, []byte{0xff}, 0, false},      // -1
		{ber.Counter32, nil, 0, false},
		{ber.Counter64, bytes.Repeat([]byte{1}, 9), 0, false},
		{ber.OctetString, []byte{1}, 0, false},
	} {
		v := ber.Varbind{Tag: c.tag, Value: c.in}
		if got, ok := v.Number(); ok != c.ok || ok && got != c.want {
			t.Errorf("tag %#x % x: %d, %v; want %d, %v", c.tag, c.in, got, ok, c.want, c.ok)
		}
	}
}

func TestElementsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{0, 1, 127, 128, 255, 256, 65535, 65536, 70000}).Draw(t, "length")
		contents := bytes.Repeat([]byte{7}, n)
		tag, got, rest, ok := ber.Cut(append(ber.AppendElement(nil, 4, contents), "rest"...))
		if !ok || tag != 4 || !bytes.Equal(got, contents) || string(rest) != "rest" {
			t.Errorf("an element of %d octets did not come back", n)
		}
	})
}

func TestLengthsBeyondTheEndAreRefused(t *testing.T) {
	for _, b := range [][]byte{{}, {4}, {4, 1}, {4, 0x80}, {4, 0x81}, {4, 0x81, 1}, {4, 0x82, 1}, {4, 0x84, 0xff, 0xff, 0xff, 0xff},
		{4, 0x85, 0, 0, 0, 0, 0}, {4, 0xff}} {
		if _, _, _, ok := ber.Cut(b); ok {
			t.Errorf("% x was taken for an element", b)
		}
	}
	if _, contents, _, ok := ber.Cut([]byte{4, 0x84, 0, 0, 0, 1, 'x'}); !ok || string(contents) != "x" {
		t.Error("a length in five octets was refused")
	}
}

func TestObjectIdentifiersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		arcs := append([]uint32{1, 3}, rapid.SliceOfN(rapid.Uint32(), 0, 20).Draw(t, "arcs")...)
		oid := ber.OID(arcs...)
		back, err := ber.ParseOID(ber.FormatOID(oid))
		if err != nil || !bytes.Equal(back, oid) {
			t.Errorf("%v: %x became %q and %x (%v)", arcs, oid, ber.FormatOID(oid), back, err)
		}
	})
	for _, bad := range []string{"", ".", "1", "1.3.x", "3.1", "1.40", "1.3.4294967296", "1..3"} {
		if oid, err := ber.ParseOID(bad); err == nil {
			t.Errorf("%q was read as %x", bad, oid)
		}
	}
	if got := ber.FormatOID([]byte{0x2b, 0x80}); got != "1.3.?" {
		t.Errorf("an identifier cut short is shown as %q", got)
	}
}

// The requests are read by a codec that is not ours.
func TestRequestsMeanWhatGosnmpReads(t *testing.T) {
	names := [][]byte{ber.OID(1, 3, 6, 1, 2, 1, 1, 3, 0), ber.OID(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 4_000_000_000)}
	for _, op := range []byte{ber.GetRequest, ber.GetNextRequest, ber.GetBulkRequest} {
		r := ber.NewRequest("pub lic", ber.PDU{Op: op, NonRepeaters: 1, MaxRepetitions: 300, Names: names})
		const id = 1<<30 | 12345
		wire := r.Append([]byte("before"), id)[len("before"):]
		if len(wire) != r.Len() {
			t.Errorf("op %#x: Len %d, message %d", op, r.Len(), len(wire))
		}
		p, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c}).SnmpDecodePacket(wire)
		if err != nil {
			t.Fatalf("op %#x: %v", op, err)
		}
		var got []string
		for _, v := range p.Variables {
			got = append(got, v.Name)
		}
		want := []string{".1.3.6.1.2.1.1.3.0", ".1.3.6.1.2.1.31.1.1.1.6.4000000000"}
		if pdu := r.AppendPDU(nil, id); !bytes.HasSuffix(wire, pdu) || len(wire)-len(pdu) != 2+3+2+len("pub lic") || pdu[0] != op {
			t.Errorf("op %#x: the PDU alone is % x", op, pdu)
		}
		if p.RequestID != id || p.Community != "pub lic" || byte(p.PDUType) != op || !cmp.Equal(got, want) {
			t.Errorf("op %#x: read as %+v", op, p)
		}
	}
}

func TestResponsesComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []byte
		n := rapid.IntRange(0, 40).Draw(t, "n")
		want := make([]ber.Varbind, 0, n)
		for i := range n {
			v := ber.Varbind{Name: ber.OID(1, 3, uint32(i)), Tag: ber.OctetString,
				Value: rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "value")}
			want = append(want, v)
			list = ber.AppendVarbind(list, v)
		}
		in := ber.Response{ID: rapid.Uint32Range(0, math.MaxInt32).Draw(t, "id"),
			Status: rapid.IntRange(0, 18).Draw(t, "status"), Index: 3, Varbinds: list}
		out, err := ber.ParseResponse(append(ber.AppendResponse(nil, "c", in), 0, 0))
		if err != nil || out.ID != in.ID || out.Status != in.Status || out.Index != 3 {
			t.Fatalf("%+v came back as %+v (%v)", in, out, err)
		}
		for _, w := range want {
			var v ber.Varbind
			rest, ok := v.Cut(out.Varbinds)
			if !ok || !bytes.Equal(v.Name, w.Name) || v.Tag != w.Tag || !bytes.Equal(v.Value, w.Value) {
				t.Fatalf("varbind %x came back as %x", w, v)
			}
			out.Varbinds = rest
		}
	})
}

func TestEveryCutOfAResponseIsRefusedOrRead(t *testing.T) {
	list := ber.AppendVarbind(nil, ber.Varbind{Name: ber.OID(1, 3, 6), Tag: ber.Counter64, Value: []byte{1, 2}})
	whole := ber.AppendResponse(nil, "public", ber.Response{ID: 1 << 30, Varbinds: list})
	for n := range whole {
		if r, err := ber.ParseResponse(whole[:n]); err == nil {
			t.Errorf("the first %d of %d octets were read as %+v", n, len(whole), r)
		}
	}
}

func FuzzParseResponse(f *testing.F) {
	list := ber.AppendVarbind(nil, ber.Varbind{Name: ber.OID(1, 3, 6), Tag: ber.Counter64, Value: []byte{1, 2}})
	f.Add(ber.AppendResponse(nil, "public", ber.Response{ID: 1 << 30, Varbinds: list}))
	f.Add([]byte("\x30\x84\xff\xff\xff\xff"))
	f.Add([]byte("\x30\x82\x00\x04\x02\x01\x01\x04"))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := ber.ParseResponse(text)
		if err != nil {
			return
		}
		for list, ok := r.Varbinds, true; ok && len(list) > 0; {
			var v ber.Varbind
			before := len(list)
			if list, ok = v.Cut(list); ok && len(list) >= before {
				t.Fatal("reading does not come forward")
			}
			_, _ = v.Number()
			_ = v.Missing()
			_ = ber.FormatOID(v.Name)
		}
	})
}

func FuzzFormatOID(f *testing.F) {
	f.Add([]byte{0x2b, 6, 1})
	f.Add([]byte{0x8f, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, contents []byte) {
		if text := ber.FormatOID(contents); text == "" {
			t.Errorf("% x is shown as nothing", contents)
		}
	})
}

// A varbind is read in one go or element by element, whichever way its lengths are written: both see the same.
func TestVarbindsAreReadTheSameEitherWay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := ber.Varbind{
			Name:  rapid.SliceOfN(rapid.Byte(), 1, 140).Draw(t, "name"),
			Tag:   rapid.Byte().Draw(t, "tag"),
			Value: rapid.SliceOfN(rapid.Byte(), 0, 140).Draw(t, "value"),
		}
		behind := rapid.SliceOfN(rapid.Byte(), 0, 8).Draw(t, "behind")
		long := func(tag byte, contents []byte) []byte {
			return append([]byte{tag, 0x82, byte(len(contents) >> 8), byte(len(contents))}, contents...)
		}
		for _, list := range [][]byte{
			ber.AppendVarbind(nil, want),
			long(ber.Sequence, append(long(ber.ObjectID, want.Name), long(want.Tag, want.Value)...)),
		} {
			var got ber.Varbind
			rest, ok := got.Cut(append(list, behind...))
			if !ok || !bytes.Equal(got.Name, want.Name) || got.Tag != want.Tag || !bytes.Equal(got.Value, want.Value) || !bytes.Equal(rest, behind) {
				t.Fatalf("% x: %v, %+v, rest % x", list, ok, got, rest)
			}
			at := rapid.IntRange(0, len(list)-1).Draw(t, "cut")
			if _, ok := got.Cut(list[:at]); ok {
				t.Fatalf("% x is read as a varbind", list[:at])
			}
		}
	})
}
