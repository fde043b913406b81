package ran

import (
	"maps"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// What a busy LTE cell costs for a day: 24 values in each of 96 periods while it is open, sums after.
func TestBytesOfACellDay(t *testing.T) {
	counters := map[string]float64{
		"RRC.ConnEstabAtt.sum": 18_211, "RRC.ConnEstabSucc.sum": 18_102, "S1SIG.ConnEstabAtt.sum": 17_900, "S1SIG.ConnEstabSucc.sum": 17_877,
		"ERAB.EstabInitAttNbr.sum": 21_003, "ERAB.EstabInitSuccNbr.sum": 20_950, "ERAB.EstabInitAttNbr.1": 907, "ERAB.EstabInitSuccNbr.1": 905,
		"ERAB.RelActNbr.sum": 31, "ERAB.RelActNbr.1": 2, "ERAB.SessionTimeUE": 191_233, "DRB.IPVolDl.9": 41_203_330, "DRB.IPVolDl.1": 90_112,
		"DRB.IPTimeDl.9": 1_811_200, "DRB.IPTimeDl.1": 60_001, "HO.OutAttTarget.sum": 4_120, "HO.OutSuccTarget.sum": 4_090, "RRU.PrbTotDl": 61, "RRU.PrbTotUl": 22,
		"RRU.CellUnavailableTime.Fault": 0}
	open, closed := bytesOf(t, counters)
	t.Logf("a cell-day: %d bytes open, %d closed, before compression", open, closed)
	if open > 96*66 || closed > 200 {
		t.Error("a cell-day has grown")
	}
	maps.Copy(counters, map[string]float64{"DRB.IPLateDl.1": 11, "DRB.IPLateDl.9": 31, "RRC.ConnMean": 77, "RRC.ConnMax": 120, "ERAB.SessionTimeQCI.1": 9_000,
		"RRU.PrbCongestionDl": 3, "CARR.WBCQIDist.Bin9": 120_000})
	open, closed = bytesOf(t, counters)
	t.Logf("with latency, users, sessions of voice, full blocks and channel qualities: %d bytes open, %d closed", open, closed)
}

// bytesOf are those of a day of the counters, before and after it is closed.
func bytesOf(t *testing.T, counters map[string]float64) (open, closed int) {
	d := folded(t, aDay("c", LTE, 96, counters))[day0]
	open = len(report.AppendDays(nil, day0, d))
	Trim(day0, d, func(*report.Day) bool { return false })
	return open, len(report.AppendDays(nil, day0, d))
}
