package ran

import (
	"math/big"
	"testing"
)

// An NR cell's CU and DU may both say how long it was unavailable. That is one cell, which is no better than the
// worse of the two.
func TestACellOfTwoObjectsIsOneCell(t *testing.T) {
	c := cell("c", NR, 273)
	c.Objects = []string{"cu", "du"}
	away := func(object string, seconds float64) []told {
		return aDay(object, NR, 96, map[string]float64{"RRU.CellUnavailableTime.Fault": seconds})
	}
	for _, lines := range [][]told{append(away("cu", 0), away("du", 90)...), append(away("cu", 90), away("du", 0)...), away("du", 90), append(away("cu", 90), away("du", 90)[:48]...)} {
		r := evaluate(t, []Cell{c}, lines)
		want(t, &r, NR, Availability, "9/10")
		if k := r.Find("", NR, Availability); k.Den.Int64() != 86_400 || k.Coverage.Cmp(big.NewRat(1, 1)) != 0 {
			t.Errorf("%s s of one cell's day, coverage %s", k.Den, k.Coverage)
		}
	}
}
