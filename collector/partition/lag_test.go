package partition_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// Members of an aggregate are kept though no link ends at them: of three, two have to be active.
func TestMembersDecideAboutAggregates(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Links = append(inv.Links, model.Link{Name: "lag", A: model.Port{Device: "r3", IfName: "ae0"}, Class: model.Transport, CapacityMbps: 30000,
			LAG: &model.LAG{Members: []string{"xe1", "xe2", "xe3"}, MinLinks: 2}, Validity: model.Validity{To: model.Forever}})
	})
	s.Start()
	defer s.Stop()
	var lines []string
	for i := range int64(24) {
		for port, oper := range map[string]int{"ae0": 1, "xe1": oneOrTwo(i >= 4 && i < 16), "xe2": oneOrTwo(i >= 8 && i < 12), "xe3": 1, "xe4": 2} {
			lines = append(lines, fmt.Sprintf("interface,agent=a1,device=r3,ifname=%s oper=%di,in_octets=%du,out_octets=0u,interval_s=300i %d000000000",
				port, oper, i*337_500_000_000, midnight()+i*300)) // 9 Gbit/s
		}
	}
	s.Send(0, "", lines)
	s.Settle()
	chunks := s.Stored(partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}, 0)
	month := kpi.Month(kpi.MonthInput{Month: partitiontest.Month(), Plan: kpi.NewPlan(s.Inventory.Load().Inventory), Chunks: chunks, End: midnight() + 23*300})
	i := slices.IndexFunc(month.Entities, func(e kpi.EntityMonth) bool { return e.Name == "lag" })
	if i < 0 || month.Entities[i].Sums != (kpi.Sums{Up: 19 * 300, Down: 4 * 300, Unknown: 10 * model.DaySeconds, Outages: 1}) {
		t.Errorf("%+v, want 1200 s down", month.Entities)
	}
	for _, c := range chunks {
		if slices.ContainsFunc(c.Ports, func(p kpi.PortDay) bool { return p.IfName != "ae0" && p.Device == "r3" }) {
			t.Error("a member's traffic was kept")
		}
	}
	k := slices.IndexFunc(month.Links, func(l kpi.LinkMonth) bool { return l.Link == "lag" })
	if k < 0 || month.Links[k].In.Max != 900 || month.Links[k].In.Occ != kpi.Quo(11*300+4*900+8*450, 23) {
		t.Errorf("%+v, want 30, 45 and 90 %%", month.Links)
	}
}

// oneOrTwo is ifOperStatus.
func oneOrTwo(down bool) int {
	if down {
		return 2
	}
	return 1
}
