package partition_test

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/kpi/ran"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// A reload of the rules for cells counts for the reports that come after it: a suspect one, and the causes that
// LTE's attempts leave out. What is no counter of a cell, or breaks a rule itself, stays suspect.
func TestRulesForReports(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	at := partitiontest.Month().Start() + 86400
	cell := func(end int64, att int) string {
		return fmt.Sprintf("pm,agent=a1,device=r1,object=Cell\\=1,rat=lte,group=g period_s=900i,suspect=true,RRC.ConnEstabAtt.sum=%di,RRC.ConnEstabAtt.mo-Signalling=40i,RRC.ConnEstabAtt.mo-Data=60i,"+
			"RRC.ConnEstabSucc.sum=60i,RRC.ConnEstabSucc.mo-Data=60i %d000000000", att, end)
	}
	s.Send(0, "", []string{cell(at+900, 100)})
	s.Settle()
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Targets.RAN = model.RANRules{UseSuspect: true, LTEExcluded: []string{"mo-Signalling"}}
	})
	s.Send(0, "", []string{cell(at+1800, 100), cell(at+2700, -1)})
	s.Settle()

	day := model.DayOf(at)
	chunks := s.Stored(partition.Days{From: day, To: day + 1}, 0)
	if len(chunks) != 1 || len(chunks[0].Reports) != 1 || chunks[0].Reports[0].Suspect != 2 {
		t.Fatalf("%+v: want one object with two reports left out", chunks)
	}
	plan := kpi.NewPlan(s.Inventory.Load().Inventory)
	total := plan.RadioPlan().Sum(day, chunks[0].Reports)
	if q := total.Groups[0].Sums.Metrics[ran.RRC]; q.Num.Big().Int64() != 60 || q.Den.Big().Int64() != 60 {
		t.Errorf("%v of %v setups: want the 60 of the report that came after the reload", q.Num.Big(), q.Den.Big())
	}
}
