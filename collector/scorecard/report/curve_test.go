package report

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func shares(values ...string) []Cell {
	var out []Cell
	for _, v := range values {
		out = append(out, Cell{Kind: Percent, Value: v})
	}
	return out
}

func TestACurveHasGapsWhereNothingIsKnown(t *testing.T) {
	trend := Trend{Points: shares("0.99", "", "1.00", "0.98"), Limit: Cell{Kind: Percent, Value: "0.99"}}
	want := Curve{
		Runs:  [][]Spot{{{0.125, 0.5}}, {{0.625, 1}, {0.875, 0}}},
		Limit: 0.5, HasLimit: true, Low: trend.Points[3], High: trend.Points[2],
	}
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-9 && b-a < 1e-9 })
	if diff := cmp.Diff(want, trend.Curve(), near); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c := (&Trend{Points: shares("", ""), Limit: trend.Limit}).Curve(); len(c.Runs) != 0 || c.HasLimit {
		t.Errorf("nothing known: %+v", c)
	}
}

// Everything drawn lies within the drawing.
func TestACurveStaysInside(t *testing.T) {
	value := rapid.Map(rapid.IntRange(-1, 1_000_000), func(n int) string {
		if n < 0 {
			return ""
		}
		return strconv.FormatFloat(float64(n)/1e6, 'f', 6, 64)
	})
	rapid.Check(t, func(rt *rapid.T) {
		trend := Trend{Points: shares(rapid.SliceOfN(value, 0, 14).Draw(rt, "points")...), Limit: Cell{Kind: Percent, Value: value.Draw(rt, "limit")}}
		c := trend.Curve()
		known := 0
		for _, p := range trend.Points {
			if p.Value != "" {
				known++
			}
		}
		for _, run := range c.Runs {
			known -= len(run)
			for _, s := range run {
				if !(s.X > 0 && s.X < 1 && s.Y >= 0 && s.Y <= 1) {
					rt.Fatalf("%+v is outside", s)
				}
			}
		}
		if known != 0 || c.Limit < 0 || c.Limit > 1 {
			rt.Fatalf("%d points not drawn, limit at %v", known, c.Limit)
		}
	})
}
