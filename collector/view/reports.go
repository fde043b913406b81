package view

import (
	"fmt"

	"github.com/haidang-noc/haidang/collector/kpi"
	"github.com/haidang-noc/haidang/collector/model"
)

// closedReports keeps what the reports of a month's first closed days add up to.
type closedReports struct {
	made string
	sum  kpi.Reports
}

// addReports adds up the reports of all days, day by day, and keeps the sum of the closed ones.
func (s *summing) addReports(kept *closedReports) (kpi.Reports, error) {
	w, err := newWorker(s)
	if err != nil {
		return kpi.Reports{}, err
	}
	defer w.enc.Close()
	first := s.month.First()
	made := fmt.Sprint(s.plan.Hash(), first, s.closed)
	for d := range s.closed {
		made += fmt.Sprint(s.reports[first+model.Day(d)])
	}
	if kept.made != made {
		var sum kpi.Reports
		for d := range s.closed {
			if sum, err = w.addReportsOf(sum, first+model.Day(d)); err != nil {
				return sum, err
			}
		}
		*kept = closedReports{made, sum}
	}
	all := kept.sum
	for d := first + model.Day(s.closed); d < s.end() && err == nil; d++ {
		all, err = w.addReportsOf(all, d)
	}
	return all, err
}

func (w *worker) addReportsOf(sum kpi.Reports, d model.Day) (kpi.Reports, error) {
	var chunks []*kpi.DayChunk
	for _, c := range w.whole {
		if c.Day == d {
			chunks = append(chunks, c)
		}
	}
	for _, p := range w.reports[d] {
		chunk, err := w.part(p)
		if err != nil {
			return sum, err
		}
		chunks = append(chunks, chunk)
	}
	return sum.Plus(w.plan.Reports(d, w.until, chunks)), nil
}
