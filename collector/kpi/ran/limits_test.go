package ran

import (
	"math/big"
	"testing"

	"github.com/haidang-noc/haidang/collector/kpi/score"
	"github.com/haidang-noc/haidang/collector/model"
)

// Each rule of cells at its edge.

// A few successes of attempts that the period before counted are kept, and are not more than all.
func TestNoMoreSuccessesThanAttempts(t *testing.T) {
	for over, want := range map[float64]*big.Rat{0: big.NewRat(1, 1), 2: big.NewRat(1, 1), 3: nil} {
		r := evaluate(t, []Cell{cell("c", LTE, 50)}, aDay("c", LTE, 96, map[string]float64{"RRC.ConnEstabAtt.sum": 10, "RRC.ConnEstabSucc.sum": 10 + over}))
		k := r.Find("01", LTE, "rrc_setup")
		if want == nil {
			if k != nil {
				t.Errorf("%v more: %s", over, k.Value)
			}
			continue
		}
		if k.Value.Cmp(want) != 0 || k.Lo.Cmp(want) != 0 || k.Hi.Cmp(want) != 0 || k.Num.Int64() != int64(10+over)*96 {
			t.Errorf("%v more: %s of %s, %s … %s", over, k.Value, k.Num, k.Lo, k.Hi)
		}
		if pooled, _ := r.Pool("01", "rrc_setup"); pooled.Cmp(want) != 0 {
			t.Errorf("%v more, pooled: %s", over, pooled)
		}
	}
}

// busyCell is a cell that carries the same in every period of the day, with so many of its PRB values.
func busyCell(t *testing.T, prb float64, values int) CellMonth {
	lines := aDay("c", LTE, 96, map[string]float64{"DRB.IPVolDl.9": 10, "DRB.IPTimeDl.9": 1, "RRU.PrbTotDl": prb})
	for i := values; i < len(lines); i++ {
		lines[i].counters = map[string]float64{"DRB.IPVolDl.9": 10, "DRB.IPTimeDl.9": 1}
	}
	return evaluate(t, []Cell{cell("c", LTE, 50)}, lines).Cells[0]
}

func TestACellAtTheta(t *testing.T) {
	if c := busyCell(t, 80, 96); !c.Congested || c.Load.Cmp(big.NewRat(80, 1)) != 0 {
		t.Errorf("%+v", c)
	}
	if c := busyCell(t, 79.999, 96); c.Congested || !c.Evaluated {
		t.Errorf("below: %+v", c)
	}
}

// 86 of 96 values are less than 90 %, 87 are more.
func TestACellOfFewValues(t *testing.T) {
	if c := busyCell(t, 95, 87); !c.Evaluated || !c.Congested {
		t.Errorf("87 values: %+v", c)
	}
	if c := busyCell(t, 95, 86); c.Evaluated || c.Congested || c.Coverage.Cmp(big.NewRat(86, 96)) != 0 {
		t.Errorf("86 values: %+v", c)
	}
}

// A product knows no more than the stage of which least is known.
func TestTheCoverageOfAProduct(t *testing.T) {
	stages := []string{"RRC.ConnEstab", "S1SIG.ConnEstab", "ERAB.EstabInit"}
	for least := range stages {
		lines := aDay("c", LTE, 96, nil)
		for i := range lines {
			lines[i].counters = map[string]float64{}
			for j, name := range stages {
				if j == least && i >= 48 {
					continue
				}
				att, succ := name+"Att.sum", name+"Succ.sum"
				if j == 2 {
					att, succ = name+"AttNbr.sum", name+"SuccNbr.sum"
				}
				lines[i].counters[att], lines[i].counters[succ] = 10, 9
			}
		}
		r := evaluate(t, []Cell{cell("c", LTE, 50)}, lines)
		k := r.Find("01", LTE, Accessibility)
		if k.Coverage.Cmp(big.NewRat(1, 2)) != 0 || k.Status != score.Insufficient || k.Value.Cmp(big.NewRat(729, 1000)) != 0 {
			t.Errorf("half of %s: coverage %s, %s, %s", stages[least], k.Coverage, k.Status, k.Value)
		}
		if k.Lo.Cmp(big.NewRat(729, 2000)) != 0 || k.Hi.Cmp(new(big.Rat).Mul(big.NewRat(81, 100), big.NewRat(19, 20))) != 0 {
			t.Errorf("half of %s: %s … %s", stages[least], k.Lo, k.Hi)
		}
	}
}

// Handovers by where they went stand in where nothing is told by relation, and are never added.
func TestHandoversByRelationOrByCell(t *testing.T) {
	byCell := map[string]float64{"HO.IntraEnbOutAtt.sum": 30, "HO.IntraEnbOutSucc.sum": 20, "HO.InterEnbOutAtt.sum": 10, "HO.InterEnbOutSucc.sum": 10}
	lines := aDay("c", LTE, 96, byCell)
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, lines)
	want(t, &r, LTE, "handover_execution", "3/4")
	want(t, &r, LTE, Mobility, "3/4")
	for _, m := range aDay("c,EUtranRelation=1", LTE, 96, map[string]float64{"HO.OutAttTarget.sum": 10, "HO.OutSuccTarget.sum": 9}) {
		lines = append(lines, m)
	}
	r = evaluate(t, []Cell{cell("c", LTE, 50)}, lines)
	want(t, &r, LTE, "handover_execution", "9/10")
}

// A cell is held against its own baseline in its own province.
func TestLikeForLikeOfAProvince(t *testing.T) {
	cells := []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}
	cells[1].Stays = []Stay{{"02", cells[1].Span}}
	speaks := map[string]float64{"DRB.IPVolDl.9": 1200, "DRB.IPTimeDl.9": 100}
	r := evaluate(t, cells, append(aDay("a", LTE, 96, speaks), aDay("b", LTE, 96, speaks)...))
	r.Compare([]model.SpeedBase{{Cell: "a", VolumeKbit: 10, TimeMs: 1}, {Cell: "b", VolumeKbit: 6, TimeMs: 1}}, rules())
	found := 0
	for _, g := range r.Growth {
		want := map[string]*big.Rat{"": big.NewRat(1, 2), "01": big.NewRat(1, 5), "02": big.NewRat(1, 1)}[g.Province]
		switch {
		case !g.LikeForLike:
		case g.Value == nil || g.Value.Cmp(want) != 0:
			t.Errorf("%q grew by %v, want %s: %+v", g.Province, g.Value, want, g)
		default:
			found++
		}
	}
	if found != 3 {
		t.Errorf("%d comparisons, want the nation and two provinces", found)
	}
}

// A cell of too few days is in nobody's count.
func TestAShortCellIsOutOfScope(t *testing.T) {
	cells := []Cell{cell("a", LTE, 50), cell("b", LTE, 50)}
	cells[1].Stays[0].From = day0.Start() + 900
	full := map[string]float64{"DRB.IPVolDl.9": 10, "DRB.IPTimeDl.9": 1, "RRU.PrbTotDl": 90}
	r := evaluate(t, cells, append(aDay("a", LTE, 96, full), aDay("b", LTE, 96, full)...))
	if c := r.Congestion[0]; c.Cells != 1 || c.Evaluated != 1 || c.Congested != 1 || c.NotEvaluated != 0 || c.RBsEvaluated != 50 || !r.Cells[1].Short {
		t.Errorf("%+v", c)
	}
}

// More blocks used than there are is all of them.
func TestNoMoreBlocksThanThereAre(t *testing.T) {
	lines := aDay("c", NR, 96, map[string]float64{"DRB.PdcpSduVolumeDL": 1, "RRU.PrbUsedDl": 120, "RRU.PrbAvailDl": 100})
	if c := evaluate(t, []Cell{cell("c", NR, 273)}, lines).Cells[0]; c.Load == nil || c.Load.Cmp(big.NewRat(100, 1)) != 0 {
		t.Errorf("%+v", c)
	}
}

// Of two hours of the same volume the earlier one is the busy hour, and three quarters of an hour make one.
func TestTheEarliestOfEqualHoursIsBusy(t *testing.T) {
	lines := aDay("c", LTE, 96, nil)
	for i := range lines {
		counters := map[string]float64{"DRB.IPVolDl.9": 1, "DRB.IPTimeDl.9": 1, "RRU.PrbTotDl": 10}
		switch hour := i / 4; {
		case i == 20 || i == 21: // half an hour is none, however much it carries
			counters["DRB.IPVolDl.9"] = 1000
		case i == 22 || i == 23:
			counters = map[string]float64{"RRU.PrbTotDl": 10}
		case hour == 7 || hour == 19:
			counters["DRB.IPVolDl.9"], counters["DRB.IPTimeDl.9"], counters["RRU.PrbTotDl"] = 100, float64(hour), float64(10*hour/2)
		}
		lines[i].counters = counters
	}
	r := evaluate(t, []Cell{cell("c", LTE, 50)}, lines)
	if c := r.Cells[0]; c.Load.Cmp(big.NewRat(35, 1)) != 0 {
		t.Errorf("the busy hour's load is %s %%, want that of 07:00", c.Load)
	}
	want(t, &r, LTE, "busy_throughput_dl", "100000/7")
}
