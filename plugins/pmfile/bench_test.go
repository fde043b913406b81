package pmfile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	shipped "github.com/haidang-noc/haidang/configs/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/counters"
	"github.com/haidang-noc/haidang/plugins/pmfile/meas"
	"github.com/haidang-noc/haidang/plugins/sdk"
)

// BenchmarkLines makes the lines of a file of 2,700 values that is read already.
func BenchmarkLines(b *testing.B) {
	var infos strings.Builder
	for g := range 30 {
		fmt.Fprintf(&infos, `<measInfo measInfoId="Group%d"><granPeriod duration="PT15M" endTime="2026-10-01T12:15:00+07:00"/><measTypes>`, g)
		for c := range 30 {
			fmt.Fprintf(&infos, "pmCounterOfTheGroupNumber%d ", c)
		}
		infos.WriteString("</measTypes>")
		for o := range 3 {
			fmt.Fprintf(&infos, `<measValue measObjLdn="GNBDUFunction=1,NRCellDU=%d"><measResults>%s</measResults></measValue>`, o, strings.Repeat("4711 ", 30))
		}
		infos.WriteString("</measInfo>")
	}
	text := `<measCollecFile><fileHeader vendorName="Ericsson AB"/><measData><managedElement localDn="e"/>` + infos.String() + `</measData></measCollecFile>`
	maps, err := counters.Load(counters.Folder{Files: shipped.Files()})
	if err != nil {
		b.Fatal(err)
	}
	config := sdk.Config{Agent: "a1"}
	w := &writer{key: config.Key, maps: maps, places: newPlaces(), vectors: true, metrics: newMetrics(prometheus.NewRegistry()), taken: map[string]bool{}}
	f, err := meas.NewReader(meas.Options{MaxSize: 1 << 20, Local: time.UTC}).Read(strings.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		w.file(f, origin{revision: 1, now: time.Unix(1<<33, 0)})
	}
	b.ReportMetric(float64(b.N)*float64(f.Count())/b.Elapsed().Seconds()/1e6, "Mvalues/s")
}
