package scorecard_test

import (
	"fmt"
	"syscall"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// nation is a month of 63 units with 500 000 links, of which 2 in 100 are congested and 1 in 100
// is not evaluated, and 30 000 outages.
func nation() (*kpi.MonthResult, *model.Inventory) {
	inv := smallInventory()
	inv.Provinces = nil
	r := &kpi.MonthResult{Month: month, From: month.Start(), End: month.End()}
	codes := make([]string, 0, 63)
	for i := range 63 {
		code := fmt.Sprintf("%02d", i+1)
		codes = append(codes, code)
		inv.Provinces = append(inv.Provinces, model.Province{Set: "63", Code: code, Slug: "unit-" + code, NameVI: "Đơn vị " + code, NameEN: code, Region: "Bắc", Validity: model.Validity{To: model.Forever}})
		r.Availability = append(r.Availability, mane(code), olts(code))
		r.Congestion = append(r.Congestion, broadband(code))
	}
	for i := range 500_000 {
		l := measured(kpi.LinkMonth{Link: fmt.Sprintf("link-%06d", i), Class: model.Broadband, Provinces: codes[i%63 : i%63+1], CapacityMbps: 2488, Congested: i%100 < 2}, i)
		if i%100 == 2 {
			l.NotEvaluated = kpi.LowCoverage
		}
		r.Links = append(r.Links, l)
	}
	for i := range 30_000 {
		from := r.From + int64(i)*60
		r.Outages = append(r.Outages, kpi.Outage{Level: kpi.LevelDevice, Name: fmt.Sprintf("device-%05d", i), Province: codes[i%63], System: "olt-gpon", From: from, To: from + 300, Seconds: 300, Counted: true})
	}
	return r, inv
}

func BenchmarkWriteNation(b *testing.B) {
	r, inv := nation()
	dir := b.TempDir()
	b.ReportAllocs()
	for b.Loop() {
		files, err := scorecard.Write(dir, scorecard.Build(r, inv, 0), scorecard.Options{Formats: []string{"json", "csv"}})
		if err != nil || len(files) != 128 {
			b.Fatalf("%d files: %v", len(files), err)
		}
	}
}

// All workbooks and papers of a big month, with the greatest memory the process ever had (the month
// itself included).
func BenchmarkExportNation(b *testing.B) {
	r, inv := nation()
	docs := scorecard.Build(r, inv, 0)
	dir := b.TempDir()
	for b.Loop() {
		files, err := scorecard.Write(dir, docs, scorecard.Options{Formats: []string{"xlsx", "pdf"}})
		if err != nil || len(files) != 128 {
			b.Fatalf("%d files: %v", len(files), err)
		}
	}
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(use.Maxrss)/1024, "peak-MB")
}
