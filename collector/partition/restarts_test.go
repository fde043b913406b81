package partition_test

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/partition"
	"github.com/haidang-noc/haidang/collector/partition/partitiontest"
)

// A device that starts anew between two good polls is counted once, whichever method decides of it.
func TestARestartIsCountedForTheMethodThatDecides(t *testing.T) {
	for _, method := range []string{"snmp", "gnmi"} {
		s := partitiontest.New(t, 1)
		s.Reload(func(inv *partitiontest.Inventory) { inv.Devices[0].PrimaryMethod = method })
		s.Start()
		m := midnight()
		var lines []string
		for at := m; at < m+3600; at += 60 {
			start := m - 86400
			if at >= m+1800 {
				start = m + 1790
			}
			lines = append(lines, fmt.Sprintf("reach,agent=a1,device=r1,method=%s up=true,interval_s=60i %d000000000", method, at), uptime(at, start))
		}
		s.Send(0, spool+"/1", lines)
		s.Settle()
		var restarts uint32
		for _, chunk := range s.Live(partition.Days{From: partitiontest.Month().First(), To: partitiontest.Month().Next().First()}) {
			for _, e := range chunk.Entities {
				if e.Restarts > 0 && e.Method != method {
					t.Errorf("the restart is counted for method %q, not %q", e.Method, method)
				}
				restarts += e.Restarts
			}
		}
		s.Stop()
		if restarts != 1 {
			t.Errorf("decided by %s: %d restarts, 1 expected", method, restarts)
		}
	}
}
