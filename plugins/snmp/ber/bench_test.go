package ber_test

import (
	"testing"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/plugins/snmp/ber"
)

// The answer that a poller sees most: 61 varbinds, five rows of twelve counters behind sysUpTime.
func sampleResponse() (datagram []byte, request *ber.Request, names []string) {
	var list []byte
	pdu := ber.PDU{Op: ber.GetRequest}
	add := func(tag byte, n uint64, arcs ...uint32) {
		oid := ber.OID(arcs...)
		_, contents, _, _ := ber.Cut(ber.AppendUint(nil, tag, n))
		list = ber.AppendVarbind(list, ber.Varbind{Name: oid, Tag: tag, Value: contents})
		pdu.Names = append(pdu.Names, oid)
		names = append(names, ber.FormatOID(oid))
	}
	add(ber.TimeTicks, 123456789, 1, 3, 6, 1, 2, 1, 1, 3, 0)
	for row := range uint32(5) {
		for c := range uint32(12) {
			add(ber.Counter64, 1<<40+uint64(c), 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, c+1, row+1)
		}
	}
	return ber.AppendResponse(nil, "public", ber.Response{ID: 1 << 30, Varbinds: list}), ber.NewRequest("public", pdu), names
}

func BenchmarkDecode(b *testing.B) {
	text, _, names := sampleResponse()
	values := make([]uint64, len(names))
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			r, err := ber.ParseResponse(text)
			if err != nil {
				b.Fatal(err)
			}
			var v ber.Varbind
			for i, list := 0, r.Varbinds; len(list) > 0; i++ {
				rest, ok := v.Cut(list)
				if !ok {
					b.Fatal("cut short")
				}
				list = rest
				values[i], _ = v.Number()
			}
		}
		perVarbind(b, len(names))
	})
	b.Run("gosnmp", func(b *testing.B) {
		b.ReportAllocs()
		x := &gosnmp.GoSNMP{Version: gosnmp.Version2c}
		for b.Loop() {
			if _, err := x.SnmpDecodePacket(text); err != nil {
				b.Fatal(err)
			}
		}
		perVarbind(b, len(names))
	})
}

func BenchmarkEncode(b *testing.B) {
	_, request, names := sampleResponse()
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		var buf []byte
		for b.Loop() {
			buf = request.Append(buf[:0], 1<<30)
		}
		perVarbind(b, len(names))
	})
	b.Run("gosnmp", func(b *testing.B) {
		b.ReportAllocs()
		x := &gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}
		pdus := make([]gosnmp.SnmpPDU, 0, len(names))
		for _, n := range names {
			pdus = append(pdus, gosnmp.SnmpPDU{Name: n, Type: gosnmp.Null})
		}
		for b.Loop() {
			if _, err := x.SnmpEncodePacket(gosnmp.GetRequest, pdus, 0, 0); err != nil {
				b.Fatal(err)
			}
		}
		perVarbind(b, len(names))
	})
}

func perVarbind(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/varbind")
}
