package bench

import (
	"math"
	"slices"
	"strconv"
	"strings"
)

// histogram is how many observations there were up to each bound, in milliseconds.
type histogram []bucket

type bucket struct{ bound, count float64 }

// lateness is how late rounds began between two looks at an input.
func lateness(before, after metrics) (h histogram) {
	const name = "haidang_snmp_round_lateness_seconds_bucket"
	for line := range strings.Lines(string(after)) {
		rest, ok := strings.CutPrefix(line, name)
		if !ok {
			continue
		}
		_, rest, _ = strings.Cut(rest, `le="`)
		text, _, _ := strings.Cut(rest, `"`)
		bound, err := strconv.ParseFloat(text, 64)
		if err != nil {
			continue
		}
		label := `le="` + text + `"`
		h = append(h, bucket{bound * 1000, after.sum(name, label) - before.sum(name, label)})
	}
	slices.SortFunc(h, func(a, b bucket) int { return int(math.Copysign(1, a.bound-b.bound)) })
	return h
}

// quantile is where so large a share of the observations lies, evenly spread within their bucket; the greatest one is
// known to be within its bucket only, whose bound it is then.
func (h histogram) quantile(q float64) float64 {
	if len(h) == 0 || h[len(h)-1].count == 0 {
		return math.NaN()
	}
	want := q * h[len(h)-1].count
	low := bucket{}
	for _, b := range h {
		if b.count >= want {
			if q == 1 || math.IsInf(b.bound, 1) {
				return b.bound
			}
			return low.bound + (b.bound-low.bound)*(want-low.count)/(b.count-low.count)
		}
		low = b
	}
	return math.NaN()
}
