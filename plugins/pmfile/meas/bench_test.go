package meas_test

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
)

// large is a file of 30 groups of 30 counters of three objects.
func large() []byte {
	var infos strings.Builder
	for g := range 30 {
		fmt.Fprintf(&infos, "<measInfo measInfoId=\"PM=1,PmGroup=Group%d\">\n  %s\n", g, gran)
		for c := range 30 {
			fmt.Fprintf(&infos, "  <measType p=\"%d\">pmCounterOfTheGroupNumber%d</measType>\n", c+1, c)
		}
		for o := range 3 {
			fmt.Fprintf(&infos, "  <measValue measObjLdn=\"ManagedElement=enb1,GNBDUFunction=1,NRCellDU=%d\">\n", o)
			for c := range 30 {
				fmt.Fprintf(&infos, "    <r p=\"%d\">%d</r>\n", c+1, c*o%7919)
			}
			infos.WriteString("  </measValue>\n")
		}
		infos.WriteString("</measInfo>\n")
	}
	return []byte(document(infos.String()))
}

func BenchmarkRead(b *testing.B) {
	text := large()
	r := meas.NewReader(meas.Options{MaxSize: 1 << 28, Local: hanoi})
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	values := 0
	for b.Loop() {
		f, err := r.Read(bytes.NewReader(text))
		if err != nil {
			b.Fatal(err)
		}
		values += f.Count()
	}
	b.ReportMetric(float64(values)/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}

// BenchmarkRawTokens is the floor of encoding/xml: its tokens, of which nothing is made.
func BenchmarkRawTokens(b *testing.B) {
	text := large()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		for d := xml.NewDecoder(bytes.NewReader(text)); ; {
			if _, err := d.RawToken(); err != nil {
				break
			}
		}
	}
}
