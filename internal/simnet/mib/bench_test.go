package mib_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gosnmp/gosnmp"

	"github.com/haidang-noc/haidang/internal/simnet/mib"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
	"github.com/haidang-noc/haidang/internal/simnet/udp"
)

// One operation is one answered GETBULK of a poller: sysUpTime and twelve columns of ten interfaces in
// two requests. The kernel's part is not in it.
func BenchmarkAnswer(b *testing.B) {
	cfg := nation.Defaults()
	cfg.Provinces, cfg.Devices = "../../../configs/provinces/provinces-34.csv", 20_000
	n, err := nation.Build(cfg)
	if err != nil {
		b.Fatal(err)
	}
	o, err := n.Overlay(nil)
	if err != nil {
		b.Fatal(err)
	}
	var current atomic.Pointer[nation.Overlay]
	current.Store(o)
	face, err := mib.NewFace(&current, mib.Access{Community: "public"}, 1472)
	if err != nil {
		b.Fatal(err)
	}
	names := make([]gosnmp.SnmpPDU, 0, 13)
	for _, oid := range []string{".1.3.6.1.2.1.1.3", ".1.3.6.1.2.1.2.2.1.7", ".1.3.6.1.2.1.2.2.1.8", ".1.3.6.1.2.1.2.2.1.13", ".1.3.6.1.2.1.2.2.1.14",
		".1.3.6.1.2.1.2.2.1.19", ".1.3.6.1.2.1.2.2.1.20", ".1.3.6.1.2.1.31.1.1.1.6", ".1.3.6.1.2.1.31.1.1.1.7", ".1.3.6.1.2.1.31.1.1.1.10",
		".1.3.6.1.2.1.31.1.1.1.11", ".1.3.6.1.2.1.31.1.1.1.15", ".1.3.6.1.2.1.31.1.1.1.19"} {
		names = append(names, gosnmp.SnmpPDU{Name: oid, Type: gosnmp.Null})
	}
	ask, err := (&gosnmp.GoSNMP{Version: gosnmp.Version2c, Community: "public"}).SnmpEncodePacket(gosnmp.GetBulkRequest, names, 1, 5)
	if err != nil {
		b.Fatal(err)
	}
	room := make([]byte, 0, 1472)
	binds, i := 0, 0
	b.ReportAllocs()
	for b.Loop() {
		if i%64 == 0 {
			face.Begin(time.Now())
		}
		_, d := face.Answer(room, ask, udp.Address(127<<24|16<<16|1+uint32(i%20_000)))
		binds += d.Binds
		i++
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(binds)*1e6, "s/Mvarbind")
}
