package partition_test

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// Two readings of one instant that say different things are one conflict; the same one again is none.
func TestConflictsAreCounted(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	at := partitiontest.Month().Start() + 86400
	reading := func(at int64, octets int) string {
		return fmt.Sprintf("interface,agent=a1,device=r1,ifname=ge0 in_octets=%du,out_octets=1u,interval_s=300i %d000000000", octets, at)
	}
	s.Send(0, "", []string{reading(at, 100), reading(at+300, 200), reading(at+300, 200)})
	s.Send(0, "", []string{reading(at, 100), reading(at+600, 300)})
	s.Settle()
	if n := s.Value("haidang_partition_conflicting_readings_total", "0"); n != 0 {
		t.Errorf("%v conflicts of readings that came twice", n)
	}
	s.Send(0, "", []string{reading(at+300, 190), reading(at+300, 210), reading(at+300, 190)})
	s.Settle()
	day := model.DayOf(at)
	chunks := s.Stored(partition.Days{From: day, To: day + 1}, 0)
	if n := s.Value("haidang_partition_conflicting_readings_total", "0"); n != 1 || len(chunks) != 1 || len(chunks[0].Ports) != 1 || chunks[0].Ports[0].Conflicts != 1 {
		t.Errorf("%v conflicts, %+v; want one", n, chunks)
	}
}
