package partition

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
)

// What leaves a port is counted together where the line tells of more than unicast.
func TestPacketsAreThoseToOneToManyAndToAll(t *testing.T) {
	for fields, want := range map[string]uint64{
		"out_ucast_pkts=100u,out_discards=5u":                                                100,
		"out_ucast_pkts=100u,out_discards=5u,out_mcast_pkts=900u":                            1000,
		"out_ucast_pkts=100u,out_discards=5u,out_mcast_pkts=900u,out_bcast_pkts=7u":          1007,
		"out_ucast_pkts=100u,out_discards=5u,out_mcast_pkts=900u,out_bcast_pkts=7u,bits=32i": 100,
	} {
		c := counters(newPickers().port.Pick([]byte(fields)), 1e9)
		if c.OutPkts != want || c.Has&kpi.HasPackets == 0 {
			t.Errorf("%s: %d packets, %d expected", fields, c.OutPkts, want)
		}
	}
	if c := counters(newPickers().port.Pick([]byte("out_ucast_pkts=100u,out_mcast_pkts=900u")), 1e9); c.Has&kpi.HasPackets != 0 {
		t.Error("packets without discards are no reading")
	}
}
