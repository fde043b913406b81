package partition

import (
	"fmt"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi"
)

// Every ifAdminStatus with every ifOperStatus: down(2) by intent is out of service at once, testing(3) is not;
// unknown(4) says nothing, and all else that is not up(1) is down.
func TestEveryPortStatus(t *testing.T) {
	byOper := map[string]kpi.Obs{"1": kpi.ObsUp, "2": kpi.ObsDown, "3": kpi.ObsDown, "4": kpi.ObsUnknown, "5": kpi.ObsDown, "6": kpi.ObsDown, "7": kpi.ObsDown, "0": kpi.ObsDown, "": none}
	pick := newPickers().port
	for _, admin := range []string{"", "1", "2", "3"} {
		for oper, want := range byOper {
			if admin == "2" {
				want = kpi.ObsExcluded
			}
			fields := "interval_s=60i"
			if admin != "" {
				fields = fmt.Sprintf("admin=%si,%s", admin, fields)
			}
			if oper != "" {
				fields = fmt.Sprintf("%s,oper=%si", fields, oper)
			}
			if got := portObs(pick.Pick([]byte(fields))); got != want {
				t.Errorf("%s: %d, want %d", fields, got, want)
			}
		}
	}
}
