package ran

import (
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/report"
)

// NR always leaves out mo-Signalling; LTE what is configured, nothing by default, and only where causes tell it
// apart. Other counters are left as they are.
func TestExcludedCauses(t *testing.T) {
	byCause := map[string]float64{"RRC.ConnEstabAtt.sum": 101, "RRC.ConnEstabAtt.mo-Data": 60, "RRC.ConnEstabAtt.mo-Signalling": 30, "RRC.ConnEstabAtt.mt-Access": 10,
		"ERAB.EstabInitAttNbr.mo-Signalling": 5}
	whole := map[string]float64{"RRC.ConnEstabAtt.sum": 101}
	for _, c := range []struct {
		kind     string
		counters map[string]float64
		excluded []string
		want     int64
	}{
		{LTE, byCause, nil, 101},
		{LTE, byCause, []string{"MO-signalling"}, 70},
		{LTE, byCause, []string{"mo-Signalling", "mt-Access"}, 60},
		{LTE, byCause, []string{"emergency"}, 100},
		{LTE, whole, []string{"mo-Signalling"}, 101},
		{NR, byCause, nil, 70},
		{NR, byCause, []string{"mt-Access"}, 70},
	} {
		r := NewReader()
		r.LTEExcluded = c.excluded
		r.Begin(c.kind, 900)
		for name, v := range c.counters {
			r.Counter([]byte(name), v)
		}
		var got report.Report
		if !r.Report(&got) || got.Values[rrcAtt] != c.want {
			t.Errorf("%+v: %d attempts", c, got.Values[rrcAtt])
		}
		if c.kind == LTE && len(c.counters) > 1 && got.Values[bearerAtt] != 5 {
			t.Errorf("%+v: %d bearers, want 5", c, got.Values[bearerAtt])
		}
	}
}

func TestIsCause(t *testing.T) {
	for suffix, want := range map[string]bool{"mo-Signalling": true, "Fault": true, "delay_Tolerant": true, "": false, "sum": false, "9": false, "226F04": false,
		"010003e8": false, "a.b": false, "mo Data": false, "ồ": false} {
		if IsCause(suffix) != want {
			t.Errorf("IsCause(%q) is %t", suffix, !want)
		}
	}
}
