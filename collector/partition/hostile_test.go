package partition_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// What a client may make up without end is bounded, and what is refused is counted and closes no day
// wrongly: the days close and can be read.
func TestMadeUpNamesAreBounded(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.CloseIdle = 0
	s.Start()
	defer func() { s.Stop() }()
	at := midnight()
	lines := []string{reach("r1", true, at, 60), reach(strings.Repeat("x", 2000), true, at, 60), "agent,agent=a\xff1 up=true 1000000000",
		fmt.Sprintf("interface,device=r1,ifname=%s oper=1i %d000000000", strings.Repeat("y", 600), at)}
	for i := range 40 {
		lines = append(lines, reach(fmt.Sprintf("stranger%d", i), true, at, 60),
			fmt.Sprintf("reach,device=r2,method=m%d up=true %d000000000", i, at))
	}
	s.Send(0, "", lines)
	s.Settle()
	s.Until(func() bool { return s.Value("haidang_partition_day_closings_total", "") == 1 })
	for label, want := range map[string]float64{"too_many_unknown_devices": 30, "too_many_methods": 32, "name_too_long": 2} {
		if n := s.Value("haidang_partition_dropped_points_total", label); n != want {
			t.Errorf("%v points dropped as %s, want %v", n, label, want)
		}
	}
	if n := s.Value("haidang_partition_unknown_devices", ""); n != 10 {
		t.Errorf("%v unknown devices, want 10", n)
	}
	if n := len(s.Chunks()); n != 1+8+10 {
		t.Errorf("%d entities, want r1, 8 methods of r2, 10 strangers", n)
	}
	devices, err := s.Store.AllDevices(t.Context())
	s.Must(err)
	if len(devices) != 12 {
		t.Errorf("%d devices claimed for ever, want 12", len(devices))
	}

	s.Crash() // what was met before counts as met
	s.Start()
	s.Send(0, "", []string{reach("stranger99", true, at+60, 60)})
	s.Settle()
	if n := s.Value("haidang_partition_unknown_devices", ""); n < 10 || n > 11 {
		t.Errorf("%v unknown devices after a restart", n)
	}
}

// A batch of another partition's devices that packs worse than it came is passed on in pieces.
func TestLargeBatchesArePassedOnInPieces(t *testing.T) {
	s := partitiontest.New(t, 2)
	s.Start()
	defer s.Stop()
	s.Send(1, "", []string{reach("r1", true, midnight(), 60)}) // r1 is partition 1's from now on
	s.Settle()
	r := rand.New(rand.NewPCG(1, 2))
	var lines []string
	noise := make([]byte, 2000)
	for i := range int64(4000) { // 10 MB
		for k := range noise {
			noise[k] = "0123456789abcdef"[r.IntN(16)]
		}
		lines = append(lines, fmt.Sprintf(`reach,agent=a1,device=r1,method=snmp up=true,interval_s=60i,noise="%s" %d000000000`, noise, midnight()+60*(i%1400)))
	}
	s.Send(0, spool+"/1", lines)
	s.Settle()
	if n := s.Value("haidang_partition_passed_on_lines_total", "0"); n != 4000 {
		t.Errorf("%v lines passed on, want 4000", n)
	}
	live := s.Live(partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()})
	if len(live) != 1 || len(live[0].Entities) != 1 || len(live[0].Entities[0].NonUp) != 1 {
		t.Fatalf("%+v: want r1 up all day but for the evening", live)
	}
}

// Whoever asks a partition that nobody runs any more is told so at once.
func TestAskingAfterTheEnd(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	s.Settle()
	s.Stop()
	if _, err := s.Parts[0].Open(context.Background(), partition.Days{From: 0, To: 1}, true); !errors.Is(err, partition.ErrNotOwner) {
		t.Errorf("Open = %v, want ErrNotOwner", err)
	}
	if err := s.Parts[0].Checkpoint(context.Background()); !errors.Is(err, partition.ErrNotOwner) {
		t.Errorf("Checkpoint = %v, want ErrNotOwner", err)
	}
}

// An owner whose lease was taken commits nothing more, whatever it was doing; the points are applied
// once by the next one.
func TestLosingTheLeaseInTheMiddle(t *testing.T) {
	want := reference(t)
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	for i, b := range batches(rand.New(rand.NewPCG(5, 5)), points()) {
		s.Send(0, fmt.Sprintf("%s/%d", spool, i+1), b)
		if i%3 == 0 { // the same name takes it at once, as a process does that was started again
			_, ok, err := s.Store.Acquire(t.Context(), 0, "test", 1)
			if s.Must(err); !ok {
				t.Fatal("the lease was not free for its owner")
			}
		}
	}
	s.Settle()
	same(t, "after losing the lease again and again", s.Chunks(), want)
	if s.Value("haidang_partition_failures_total", "") == 0 {
		t.Error("the lease was never lost: the test tests nothing")
	}
}

// A device that becomes a link's end with a reload is measured from then on; what a reload takes out of
// the inventory is unknown.
func TestReload(t *testing.T) {
	s := partitiontest.New(t, 1)
	s.Start()
	defer s.Stop()
	line := func(n int64) string {
		return fmt.Sprintf("interface,device=r3,ifname=xe1 oper=1i,interval_s=60i %d000000000", midnight()+n*60)
	}
	s.Send(0, "", []string{line(0), reach("r3", true, midnight(), 60)})
	s.Settle()
	s.Reload(func(inv *partitiontest.Inventory) {
		inv.Links[0].A.Device, inv.Links[0].A.IfName = "r3", "xe1"
		inv.Devices = inv.Devices[1:]
	})
	s.Send(0, "", []string{line(1), reach("r1", true, midnight(), 60)})
	s.Settle()
	var names []string
	for _, c := range s.Live(partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}) {
		for _, e := range c.Entities {
			names = append(names, e.Device+e.IfName)
		}
	}
	if want := []string{"r1", "r3", "r3xe1"}; !slices.Equal(names, want) {
		t.Errorf("entities %v, want %v", names, want)
	}
	if n := s.Value("haidang_partition_unknown_devices", ""); n != 1 {
		t.Errorf("%v unknown devices, want r1", n)
	}
}
