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

// A month of 100 000 cells with five means each: their percentiles, and all else.
func BenchmarkEvaluate(b *testing.B) {
	total := &Total{Groups: []GroupTotal{{Kind: LTE, Expected: 1}}}
	for m := range 5 {
		total.Groups[0].Sums.Metrics[meanMetric(m)].Seconds = 1
	}
	for i := range int64(100_000) {
		c := CellTotal{Name: fmt.Sprint(i), Province: fmt.Sprint(i % 34), Kind: LTE, RBs: 100, Expected: 2_592_000, Serving: 2_592_000, Busy: Busy{30, 1_000_000, 2_592_000}}
		for m := range int32(5) {
			c.Means = append(c.Means, CellMean{m, (i * 7919 % 100_003) * 2_592_000, 2_592_000 - i%900, 2_592_000 - i%900})
		}
		total.Cells = append(total.Cells, c)
	}
	for b.Loop() {
		Evaluate(total, rules(), 2_592_000, 2_592_000)
	}
}
