package month

import (
	"cmp"
	"slices"
	"strings"
)

// MeasuredKPI is what others measured in a province, or all together in the nation's (""): so many of so many.
type MeasuredKPI struct {
	Province string `json:"province"`
	Service  string `json:"service"`
	KPI      string `json:"kpi"`
	Num      int64  `json:"numerator"`
	Den      int64  `json:"denominator"`
	Status   string `json:"status"` // ok, or insufficient_data: less than a hundred
}

// measured are the month's measurements, and the nation's sums of them.
func (w *witness) measured() (out []MeasuredKPI) {
	nation := map[[2]string]int{}
	for _, m := range w.Net.Measured(unixTime(w.From).Format("2006-01")) {
		of := [2]string{m.Service, m.KPI}
		i, known := nation[of]
		if !known {
			i = len(out)
			nation[of], out = i, append(out, MeasuredKPI{Service: m.Service, KPI: m.KPI})
		}
		out[i].Num, out[i].Den = out[i].Num+m.Num, out[i].Den+m.Den
		out = append(out, MeasuredKPI{m.Province, m.Service, m.KPI, m.Num, m.Den, ""})
	}
	for i := range out {
		out[i].Status = "ok"
		if out[i].Den < 100 {
			out[i].Status = "insufficient_data"
		}
	}
	slices.SortFunc(out, func(a, b MeasuredKPI) int {
		return cmp.Or(strings.Compare(a.Province, b.Province), strings.Compare(a.Service, b.Service), strings.Compare(a.KPI, b.KPI))
	})
	return out
}
