package partition_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// A PON port that links.csv names is a link: its state and its traffic are those of the OLT's pon points.
// 74 640 000 000 octets in 300 s are 1 990 400 kbit/s.
func TestPONPortsAreLinks(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Links = append(inv.Links, model.Link{Name: "pon1", A: model.Port{Device: "r3", IfName: "gpon 0/1"}, Class: model.Broadband, CapacityMbps: 2488, Validity: model.Validity{To: model.Forever}})
	})
	s.Start()
	defer s.Stop()
	var lines []string
	for i := range int64(3) {
		at := midnight() + i*300
		lines = append(lines, fmt.Sprintf("pon,agent=a1,device=r3,pon=gpon\\ 0/1 onts_online=%di,in_octets=0u,out_octets=%du,up=true,interval_s=300i %d000000000", i, i*74_640_000_000, at),
			fmt.Sprintf("pon,agent=a1,device=r3,pon=other out_octets=1u,in_octets=1u %d000000000", at))
	}
	s.Send(0, "", lines)
	s.Settle()
	got := s.Chunks()
	has := func(parts ...string) bool {
		return slices.ContainsFunc(got, func(row string) bool {
			return !slices.ContainsFunc(parts, func(p string) bool { return !strings.Contains(row, p) })
		})
	}
	if !has("IfName:gpon 0/1", "Out:[1990400 1990400 ") || !has("IfName:gpon 0/1", "NonUp:[") || has("IfName:other") {
		t.Errorf("rows: %.2000s", got)
	}
}

// What an event says of a part of a device, it does not say of the device.
func TestStatesOfPartsAreNotTheDevices(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	s.Send(0, "", []string{reach("r1", true, midnight(), 60), fmt.Sprintf("state,agent=a1,device=r1,object=NRCellDU\\=1,source=gnmi up=false %d000000000", midnight()+10)})
	s.Settle()
	if got := s.Chunks(); len(got) != 1 || strings.Contains(got[0], "State:down") {
		t.Errorf("%q", got)
	}
}

// A PON port is down while none of its ONTs is ranged, from the first of two polls that say so, whatever the interface
// says; without ONTs, or where it is not told how many are ranged, the interface alone decides.
func TestPONPortsServeONTs(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Links = append(inv.Links, model.Link{Name: "pon1", A: model.Port{Device: "r3", IfName: "gpon 0/1"}, Class: model.Broadband, CapacityMbps: 2488, Validity: model.Validity{To: model.Forever}})
	})
	s.Start()
	defer s.Stop()
	var lines []string
	for i, said := range []string{"onts_online=3i,onts_total=4i", "onts_online=0i,onts_total=4i", "onts_online=0i,onts_total=4i", "onts_online=1i", "onts_total=4i",
		"onts_online=0i", "onts_online=0i,onts_total=0i"} {
		at := midnight() + int64(i)*300
		lines = append(lines, fmt.Sprintf("pon,agent=a1,device=r3,pon=gpon\\ 0/1 %s,interval_s=300i %d000000000", said, at),
			fmt.Sprintf("interface,agent=a1,device=r3,ifname=gpon\\ 0/1 oper=1i,interval_s=300i %d000000000", at))
	}
	slices.Reverse(lines)
	s.Send(0, "", lines)
	s.Send(0, "", lines)
	s.Settle()
	chunks := s.Stored(partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}, 0)
	inv := s.Inventory.Load().Inventory
	month := kpi.Month(kpi.MonthInput{Month: partitiontest.Month(), Plan: kpi.NewPlan(inv), Chunks: chunks, Day: true, From: midnight(), End: midnight() + 7*300})
	i := slices.IndexFunc(month.Entities, func(e kpi.EntityMonth) bool { return e.Name == "pon1" })
	if i < 0 || month.Entities[i].Sums != (kpi.Sums{Up: 5 * 300, Down: 2 * 300, Outages: 1}) {
		t.Errorf("%+v, want 600 s down", month.Entities[i].Sums)
	}
}
