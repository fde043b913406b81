//go:build conformance

package ran

import (
	"encoding/json"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"github.com/haidang-noc/haidang/collector/model"
)

// The RAN examples with the numbers of the file, from counters to KPIs.
func TestConformanceRANExamples(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(os.Getenv("SHARED"), "kpi", "examples.json"))
	if err != nil {
		t.Fatal(err, "SHARED must name the folder of the shared material")
	}
	var all struct {
		R1, R6 struct {
			RRC, S1, ERAB, NG, DRB [2]float64
			Acc                    float64
		}
		R2 struct {
			Rel     float64
			Session float64 `json:"session_s"`
			PerHour float64 `json:"per_hour"`
		}
		R3 struct {
			Base, Cur [2]int64
			BaseKbps  float64 `json:"base_kbps"`
			CurKbps   float64 `json:"cur_kbps"`
		}
		R4 struct {
			A, B   [2]float64
			Pooled float64
		}
		R5 struct {
			Period, Unavail int64
			A               float64
		}
		R7 struct {
			Prep, Exe [2]float64
			Ho        float64
		}
		C4 struct {
			Cells []struct {
				Util float64
				N    int64
			}
			Weighted float64
		}
		N1 struct {
			Att, Succ, Periods, Missing int64
			Point, Lo, Hi, Coverage     float64
		}
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	for id, into := range map[string]any{"R1_acc": &all.R1, "R2_ret": &all.R2, "R3_thp": &all.R3, "R4_pool": &all.R4, "R5_avail": &all.R5, "R6_nr_acc": &all.R6,
		"R7_ho": &all.R7, "C4_prb": &all.C4, "N1_bounds": &all.N1} {
		if err := json.Unmarshal(raw[id], into); err != nil {
			t.Fatal(id, err)
		}
	}
	done := map[string]bool{}
	near := func(id string, got *big.Rat, want float64) {
		t.Helper()
		f := 0.0
		if got != nil {
			f, _ = got.Float64()
		}
		if diff := f - want; got == nil || diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s = %v, want %v", id, got, want)
		}
		done[id] = true
	}
	of := func(kind, name string, counters map[string]float64, periods int) *KPI {
		r := evaluate(t, []Cell{cell("c", kind, 50)}, aDay("c", kind, periods, counters))
		return r.Find("01", kind, name)
	}
	x := all.R1
	near("R1", of(LTE, Accessibility, map[string]float64{"RRC.ConnEstabSucc.sum": x.RRC[0], "RRC.ConnEstabAtt.sum": x.RRC[1], "S1SIG.ConnEstabSucc.sum": x.S1[0], "S1SIG.ConnEstabAtt.sum": x.S1[1],
		"ERAB.EstabInitSuccNbr.sum": x.ERAB[0], "ERAB.EstabInitAttNbr.sum": x.ERAB[1]}, 96).Value, x.Acc)
	x = all.R6
	near("R6", of(NR, Accessibility, map[string]float64{"RRC.ConnEstabSucc.sum": x.RRC[0], "RRC.ConnEstabAtt.sum": x.RRC[1], "UECNTX.ConnEstabSucc.sum": x.NG[0], "UECNTX.ConnEstabAtt.sum": x.NG[1],
		"DRB.EstabSucc.sum": x.DRB[0], "DRB.EstabAtt.sum": x.DRB[1]}, 96).Value, x.Acc)
	near("R2", of(LTE, "retainability", map[string]float64{"ERAB.RelActNbr.sum": all.R2.Rel, "ERAB.SessionTimeUE.sum": all.R2.Session}, 96).Value, all.R2.PerHour)
	near("R7", of(NR, Mobility, map[string]float64{"MM.HoPrepInterSucc": all.R7.Prep[0], "MM.HoPrepInterReq": all.R7.Prep[1], "MM.HoExeInterSucc": all.R7.Exe[0], "MM.HoExeInterReq": all.R7.Exe[1]}, 96).Value, all.R7.Ho)
	near("R5", of(LTE, Availability, map[string]float64{"RRU.CellUnavailableTime.sum": float64(all.R5.Unavail * 900 / all.R5.Period)}, 96).Value, all.R5.A)
	n := of(LTE, "rrc_setup", map[string]float64{"RRC.ConnEstabAtt.sum": float64(all.N1.Att / all.N1.Periods), "RRC.ConnEstabSucc.sum": float64(all.N1.Succ / all.N1.Periods)}, int(all.N1.Periods))
	near("N1", n.Value, all.N1.Point)
	near("N1", n.Lo, all.N1.Lo)
	near("N1", n.Hi, all.N1.Hi)
	near("N1", n.Coverage, all.N1.Coverage)

	volume := func(v [2]float64) map[string]float64 {
		return map[string]float64{"DRB.IPVolDl.sum": v[0], "DRB.IPTimeDl.sum": v[1]}
	}
	r := evaluate(t, []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}, append(aDay("a", LTE, 96, volume(all.R4.A)), aDay("b", LTE, 96, volume(all.R4.B))...))
	near("R4", r.Find("", LTE, "throughput_dl").Value, all.R4.Pooled)
	r = evaluate(t, []Cell{cell("a", LTE, all.C4.Cells[0].N), cell("b", LTE, all.C4.Cells[1].N)}, append(
		aDay("a", LTE, 96, map[string]float64{"RRU.PrbTotDl": all.C4.Cells[0].Util}), aDay("b", LTE, 96, map[string]float64{"RRU.PrbTotDl": all.C4.Cells[1].Util})...))
	near("C4", times(r.Find("", LTE, "prb_dl").Value, 100), all.C4.Weighted)
	r = evaluate(t, []Cell{cell("a", LTE, 50)}, aDay("a", LTE, 96, volume([2]float64{float64(all.R3.Cur[0]), float64(all.R3.Cur[1])})))
	r.Compare([]model.SpeedBase{{VolumeKbit: all.R3.Base[0], TimeMs: all.R3.Base[1]}}, rules())
	near("R3", r.Find("", LTE, "busy_throughput_dl").Value, all.R3.CurKbps)
	near("R3", r.Growth[0].Value, 0.2)
	if !r.Growth[0].Meets {
		t.Error("R3 meets the goal")
	}
	t.Logf("RAN examples: %d of 9", len(done))
	if len(done) != 9 {
		t.Errorf("only %d of the 9 examples were tried", len(done))
	}
}
