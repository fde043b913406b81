package scorecard_test

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/scorecard"
)

// cellMonth is a month in which the cell's busy hours carried kbit in ms of every period.
func cellMonth(plan *kpi.Plan, m model.Month, kbit, ms float64) kpi.MonthResult {
	var all []*kpi.DayChunk
	for d := m.First(); d < m.Next().First(); d++ {
		all = append(all, &kpi.DayChunk{Day: d})
	}
	reportCell(all, kbit, ms)
	return kpi.Month(kpi.MonthInput{Month: m, Plan: plan, Chunks: all})
}

func equally() cmp.Option {
	return cmp.Options{cmp.Comparer(func(a, b *big.Rat) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 }),
		cmp.Comparer(func(a, b *big.Int) bool { return a == b || a != nil && b != nil && a.Cmp(b) == 0 })}
}

// A year of one month has that month's scores; one of two has those of their sums, not their mean.
func TestAYearIsTheSumOfItsMonths(t *testing.T) {
	inv := cellInventory()
	next := month.Next()
	inv.SpeedBase = append(inv.SpeedBase, model.SpeedBase{Month: model.Month{Year: 2020, Month: next.Month}, VolumeKbit: 30, TimeMs: 2})
	plan := kpi.NewPlan(inv)
	first, second := cellMonth(plan, month, 12_000, 1000), cellMonth(plan, next, 60_000, 3000)
	y := kpi.NewYear(plan)
	y.Add(&first)
	one := y.Result()
	if len(one.Scores) == 0 || one.Scores[0].Combined == nil {
		t.Fatalf("no score to compare: %+v", one.Scores)
	}
	for what, diff := range map[string]string{"scores": cmp.Diff(first.Scores, one.Scores, equally()), "units": cmp.Diff(first.Units, one.Units, equally()),
		"cells": cmp.Diff(first.Radio, one.Radio, equally()), "samples": cmp.Diff(first.Samples, one.Samples, equally())} {
		if diff != "" {
			t.Errorf("%s of a year of one month (-month +year):\n%s", what, diff)
		}
	}

	y.Add(&second)
	two := y.Result()
	a, b := first.Radio.Group("", ran.LTE).Sums.Metrics[ran.BusyThroughput], second.Radio.Group("", ran.LTE).Sums.Metrics[ran.BusyThroughput]
	sum := a.Plus(b)
	want := new(big.Rat).SetFrac(sum.Num.Big(), sum.Den.Big()) // Mbit/s; the mean of the months is 16
	got := two.Scores[0].QoE.Services[0].KPIs[0]
	if got.V == nil || got.V.Cmp(want) != 0 || got.V.Cmp(big.NewRat(16, 1)) == 0 {
		t.Errorf("%v Mbit/s in the year, want %v", got.V, want)
	}
	g := two.Radio.Growth[0]
	if g.Volume.Cmp(sum.Num.Big()) != 0 || g.Time.Cmp(sum.Den.Big()) != 0 || g.BaseVolume.Int64() != 40 || g.BaseTime.Int64() != 3 {
		t.Errorf("growth of the year: %+v, want the sums of both months on both sides", g)
	}
}

// The year's document counts the published months that met each gate, of units only those of their set.
func TestYearDocument(t *testing.T) {
	inv := cellInventory()
	plan := kpi.NewPlan(inv)
	first := cellMonth(plan, month, 12_000, 1000)
	y := kpi.NewYear(plan)
	y.Add(&first)
	result := y.Result()
	published := scorecard.Build(&first, inv, 2)[0]
	other := *published
	other.Scope.UnitSet, other.Revision = "63 of old", 1
	doc := scorecard.BuildYear(&result, inv, []*scorecard.Document{published, &other})
	outcomes := map[string][2]int{}
	for _, v := range doc.Verdicts {
		outcomes[v.ID+" "+v.Outcome] = [2]int{v.MonthsMet, v.Months}
	}
	want := map[string][2]int{"T1 not_met": {0, 2}, "T2 not_met": {0, 2}, "T3 not_met": {0, 2}, "T4 not_met": {0, 2}, "T5 met": {2, 2}}
	if diff := cmp.Diff(want, outcomes); diff != "" {
		t.Errorf("verdicts, months met, months (-want +got):\n%s", diff)
	}
	for _, u := range doc.Units {
		if want := map[string]int{"01": 1}[u.Scope.Code]; u.FloorMonths != want || u.GoodMonths != 0 {
			t.Errorf("%s reached the floor in %d months, want %d; good in %d", u.Scope.Code, u.FloorMonths, want, u.GoodMonths)
		}
	}
	text, err := doc.JSON()
	if err != nil || doc.Complete || !strings.Contains(string(text), `"schema": "haidang.scorecard-year/1"`) {
		t.Errorf("%v %s", err, text)
	}
	csv, err := doc.CSV()
	if err != nil || !strings.Contains(string(csv), ",unit,01,Hà Nội,3.00,3.13,3.07,,1,0,,2,,,\r\n") || !strings.Contains(string(csv), ",verdict,T5,,,,,met,,,2,2,,,\r\n") {
		t.Errorf("%v %s", err, csv)
	}
}
