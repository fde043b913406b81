package ber_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/gosnmp/gosnmp"
	"pgregory.net/rapid"

	"github.com/haidang-noc/haidang/internal/simnet/ber"
)

// What is written here, gosnmp reads back.
func TestValuesAgreeWithGosnmp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i, u := rapid.Int32().Draw(t, "i"), rapid.Uint64().Draw(t, "u")
		text := rapid.SliceOfN(rapid.Byte(), 0, 300).Draw(t, "text")
		for _, c := range []struct {
			value []byte
			want  any
		}{
			{ber.AppendInt(nil, ber.Integer, int64(i)), int(i)},
			{ber.AppendUint(nil, ber.Counter64, u), u},
			{ber.AppendUint(nil, ber.Counter32, u&0xffffffff), uint(u & 0xffffffff)},
			{ber.AppendUint(nil, ber.TimeTicks, u&0xffffffff), uint32(u & 0xffffffff)},
			{ber.AppendBytes(nil, ber.OctetString, text), text},
		} {
			got := decode(t, c.value)
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Fatalf("% x is %v for gosnmp, want %v", c.value, got, c.want)
			}
		}
	})
}

// decode has gosnmp read a message with one binding of the value.
func decode(t *rapid.T, value []byte) any {
	t.Helper()
	bind := ber.AppendBytes(nil, ber.Sequence, append(ber.AppendBytes(nil, ber.ObjectID, []byte{0x2b, 6, 1}), value...))
	pdu := append([]byte{ber.Integer, 1, 1, ber.Integer, 1, 0, ber.Integer, 1, 0}, ber.AppendBytes(nil, ber.Sequence, bind)...)
	message := append([]byte{ber.Integer, 1, 1, ber.OctetString, 1, 'c'}, ber.AppendBytes(nil, ber.Response, pdu)...)
	p, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c}).SnmpDecodePacket(ber.AppendBytes(nil, ber.Sequence, message))
	if err != nil || len(p.Variables) != 1 {
		t.Fatalf("% x: %v", value, err)
	}
	return p.Variables[0].Value
}

func TestIntegersComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := rapid.Int32().Draw(t, "i")
		got, rest, err := ber.TakeInt(ber.AppendInt(nil, ber.Integer, int64(i)))
		if got != i || len(rest) != 0 || err != nil {
			t.Fatalf("%d came back as %d, %v", i, got, err)
		}
	})
}

// Encoded names are in the order of their arcs, whatever the arcs' lengths.
func TestOrderIsThatOfArcs(t *testing.T) {
	arc := rapid.OneOf(rapid.Uint32Range(0, 3), rapid.Uint32Range(120, 130), rapid.Uint32Range(16380, 16390), rapid.Uint32())
	rapid.Check(t, func(t *rapid.T) {
		arcs := rapid.SliceOfN(arc, 0, 5)
		a, b := append([]uint32{1, 3}, arcs.Draw(t, "a")...), append([]uint32{1, 3}, arcs.Draw(t, "b")...)
		want, got := slices.Compare(a, b), ber.CompareOID(ber.AppendArcs(nil, a...), ber.AppendArcs(nil, b...))
		if want < 0 != (got < 0) || want > 0 != (got > 0) {
			t.Fatalf("%v and %v: %d, want %d", a, b, got, want)
		}
	})
}

func TestParseOID(t *testing.T) {
	for text, want := range map[string][]byte{
		"1.3.6.1.2.1": {0x2b, 6, 1, 2, 1}, ".1.3.6.1.4.1.2011": {0x2b, 6, 1, 4, 1, 0x8f, 0x5b},
		"1.0.8802": {0x28, 0xc4, 0x62}, "1": {0x28}, "2.100.3": {0x81, 0x34, 3},
	} {
		if got, err := ber.ParseOID(text); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: % x, %v, want % x", text, got, err, want)
		}
	}
	for _, bad := range []string{"", ".", "1.3.x", "1.3.4294967296", "3.1", "1.40", "1..3", "-1.3", strings.Repeat("9", 40)} {
		if got, err := ber.ParseOID(bad); err == nil {
			t.Errorf("%q is % x", bad, got)
		}
	}
}

func FuzzTake(f *testing.F) {
	f.Add([]byte{0x30, 0x82, 0, 3, 2, 1, 5})
	f.Add([]byte{0x30, 0x84, 0xff, 0xff, 0xff, 0xff})
	f.Fuzz(func(t *testing.T, data []byte) {
		_, content, rest, err := ber.Take(data)
		if err == nil && len(content)+len(rest) > len(data)-2 {
			t.Errorf("% x: %d octets of content and %d after it", data, len(content), len(rest))
		}
	})
}
