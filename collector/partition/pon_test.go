package partition_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
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
