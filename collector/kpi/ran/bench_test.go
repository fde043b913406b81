package ran

import (
	"fmt"
	"slices"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// One closed day of 20 000 cells: decoded from its chunk, and added up.
func BenchmarkClosedDay(b *testing.B) {
	const n = 20_000
	one := aDay("c", LTE, 96, map[string]float64{"RRC.ConnEstabAtt.sum": 1000, "RRC.ConnEstabSucc.sum": 990, "DRB.IPVolDl.9": 1e6, "DRB.IPTimeDl.9": 1e5, "RRU.PrbTotDl": 50, "RRU.CellUnavailableTime.sum": 1})
	day := folded(b, one)[day0][0]
	cells, days := make([]Cell, n), make([]report.Day, n)
	for i := range n {
		name := fmt.Sprintf("cell-%05d", i)
		cells[i], days[i] = cell(name, LTE, 100), day
		days[i].Object = name
	}
	slices.SortFunc(days, func(a, b report.Day) int { return a.Compare(&b) })
	Trim(day0, days, func(*report.Day) bool { return false })
	plan, encoded := NewPlan("p", cells, staying(cells)), report.AppendDays(nil, day0, days)
	for b.Loop() {
		again, _, err := report.DecodeDays(encoded, day0, day0+1)
		if err != nil {
			b.Fatal(err)
		}
		plan.Sum(day0, again)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/cell")
	b.ReportMetric(float64(len(encoded))/n, "bytes/cell")
}
