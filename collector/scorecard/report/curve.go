package report

import "strconv"

// Spot is a place in a drawing one wide and one high; Y grows upwards.
type Spot struct{ X, Y float64 }

// Curve is a trend ready to be drawn.
type Curve struct {
	Runs      [][]Spot // neighbouring points with values; one alone is a dot
	Limit     float64  // height of the target
	HasLimit  bool
	Low, High Cell // least and greatest value drawn, targets included
}

// Curve lays the trend out. A trend without any value has no runs.
func (t *Trend) Curve() Curve {
	var c Curve
	low, high, some := t.bounds()
	if !some {
		return c
	}
	c.Low, c.High = low, high
	from, span := decimal(low), decimal(high)-decimal(low)
	height := func(v Cell) float64 {
		if span == 0 {
			return 0.5
		}
		return (decimal(v) - from) / span
	}
	var run []Spot
	for i, v := range t.Points {
		if v.Value == "" {
			c.Runs, run = appendRun(c.Runs, run), nil
			continue
		}
		run = append(run, Spot{X: (float64(i) + 0.5) / float64(len(t.Points)), Y: height(v)})
	}
	c.Runs = appendRun(c.Runs, run)
	if t.Limit.Value != "" {
		c.Limit, c.HasLimit = height(t.Limit), true
	}
	return c
}

func appendRun(runs [][]Spot, run []Spot) [][]Spot {
	if len(run) == 0 {
		return runs
	}
	return append(runs, run)
}

// bounds are the least and the greatest of the values and the limit.
func (t *Trend) bounds() (low, high Cell, some bool) {
	for _, v := range t.Points {
		switch {
		case v.Value == "":
			continue
		case !some:
			low, high, some = v, v, true
		case decimal(v) < decimal(low):
			low = v
		case decimal(v) > decimal(high):
			high = v
		}
	}
	if some && t.Limit.Value != "" {
		if decimal(t.Limit) < decimal(low) {
			low = t.Limit
		}
		if decimal(t.Limit) > decimal(high) {
			high = t.Limit
		}
	}
	return low, high, some
}

// decimal is near enough to draw.
func decimal(c Cell) float64 {
	v, err := strconv.ParseFloat(c.Value, 64)
	if err != nil {
		return 0
	}
	return v
}
