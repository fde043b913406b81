package month_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/internal/simnet/month"
)

// compareLists holds what the truth lists against the collector's: peaks of cables, what freezes took of windows, and
// what others measured; of each, there is something to see.
func compareLists(t *testing.T, got kpi.MonthResult, truth month.Truth) {
	t.Helper()
	lists := month.Truth{Peaks: peaks(got), Measured: measured(got)}
	for _, v := range got.VoidWindows {
		lists.Frozen = append(lists.Frozen, month.FrozenWindow{Window: v.ID, Scope: v.Scope.String(), Freeze: v.Freeze, From: v.From, To: v.To})
	}
	if d := cmp.Diff(month.Truth{Peaks: truth.Peaks, Frozen: truth.Frozen, Measured: truth.Measured}, lists); d != "" {
		t.Error("truth -, collector +\n" + d)
	}
	congested, dropping := 0, 0
	for _, p := range truth.Peaks {
		if p.Congested {
			congested++
		}
	}
	for _, l := range truth.Links {
		if l.DropDays >= 3 && l.Congested && max(l.P95In, l.P95Out) < 800 {
			dropping++
		}
	}
	if congested == 0 || len(truth.Frozen) < 4 || len(truth.Measured) < 9 || dropping < 2 {
		t.Errorf("%d systems are congested without their largest link, %d windows frozen, %d measurements, %d links congested by what they drop: too easy",
			congested, len(truth.Frozen), len(truth.Measured), dropping)
	}
}

func peaks(got kpi.MonthResult) (out []month.Peak) {
	oneWay := func(p kpi.PeakLoad) month.PeakOneWay {
		return month.PeakOneWay{Slots: int(p.Slots), At: p.At, Kbps: uint64(p.Kbps), Mbps: uint64(p.Mbps), Largest: uint64(p.Largest)}
	}
	for _, c := range got.Composites {
		if m := c.Capacity; m != nil {
			out = append(out, month.Peak{Composite: c.Name, Expected: int(m.Expected), In: oneWay(m.In), Out: oneWay(m.Out), Congested: m.Congested})
		}
	}
	return out
}

func measured(got kpi.MonthResult) (out []month.MeasuredKPI) {
	for _, m := range got.Measured {
		out = append(out, month.MeasuredKPI{Province: m.Province, Service: m.Service, KPI: m.KPI, Num: m.Num, Den: m.Den, Status: string(m.Status)})
	}
	return out
}
