package ran

import (
	"math/big"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// spoke is a month in which cells carried so many kbit in 96 busy seconds; those of none are in service and silent.
func spoke(t *testing.T, kbit map[string]float64) Result {
	var lines []told
	for name, v := range kbit {
		if v > 0 {
			lines = append(lines, aDay(name, LTE, 96, map[string]float64{"DRB.IPVolDl.9": v, "DRB.IPTimeDl.9": 250})...)
		}
	}
	return evaluate(t, []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}, lines)
}

// frozen is 4000 kbit of cell a and 8000 of cell b in a second each.
func frozen() []model.SpeedBase {
	return []model.SpeedBase{{VolumeKbit: 12_000, TimeMs: 2000}, {Cell: "a", VolumeKbit: 4000, TimeMs: 1000}, {Cell: "b", VolumeKbit: 8000, TimeMs: 1000}}
}

// A cell that says nothing now is in one of the two periods only: like for like does not know it.
func TestLikeForLikeLeavesSilentCellsOut(t *testing.T) {
	r := spoke(t, map[string]float64{"a": 1200})
	r.Compare(frozen(), rules())
	if g := r.Growth[1]; !g.LikeForLike || g.Status != "ok" || g.Value.Cmp(big.NewRat(1, 5)) != 0 || !g.Meets || g.Cells != 1 || g.Silent != 1 {
		t.Errorf("%+v", g)
	}
	r = spoke(t, nil)
	r.Compare(frozen(), rules())
	if g := r.Growth[1]; g.Status != string(score.NoData) || g.Silent != 2 {
		t.Errorf("all are silent: %+v", g)
	}
}

// In a year a cell counts in the months that have it on both sides, and in no other.
func TestLikeForLikeOfAYearIsByMonths(t *testing.T) {
	both, one := spoke(t, map[string]float64{"a": 1200, "b": 2400}), spoke(t, map[string]float64{"a": 1200})
	both.Compare(frozen(), rules())
	one.Compare(frozen(), rules())
	year := spoke(t, map[string]float64{"a": 2400, "b": 2400})
	year.CompareYear(append(frozen(), frozen()...), append(both.Growth, one.Growth...), rules())
	g := year.Growth[1]
	if g.Status != "ok" || g.BaseVolume.Int64() != 16_000 || g.BaseTime.Int64() != 3000 || g.Value.Cmp(big.NewRat(1, 5)) != 0 || g.Cells != 2 || g.Silent != 1 {
		t.Errorf("%+v", g)
	}
	if all := year.Growth[0]; all.BaseVolume.Int64() != 24_000 {
		t.Errorf("all cells: %+v", all)
	}
}

// What was measured with other counters is no baseline.
func TestAnotherCounterMapIsNoBaseline(t *testing.T) {
	base := frozen()
	for i := range base {
		base[i].CounterMap = "vendor-2025.1"
	}
	for wanted, status := range map[string]string{"": "ok", "vendor-2025.1": "ok", "vendor-2026.1": NoBaseline} {
		r, with := spoke(t, map[string]float64{"a": 1200, "b": 2400}), rules()
		with.CounterMap = wanted
		r.Compare(base, with)
		for _, g := range r.Growth[:2] {
			if g.Status != status || g.CounterMap != "vendor-2025.1" {
				t.Errorf("in use %q: %+v, want %s", wanted, g, status)
			}
		}
	}
}
