package kpi

import "github.com/haidang-noc/haidang/collector/model"

// Lines are the time lines of everything a plan names over one month and a day either side, which both
// traffic and availability are laid upon. They are safe for concurrent reading.
type Lines struct {
	plan  *Plan
	month model.Month
	seen  *gathered
}

// Lines joins the chunks, as MonthInput has them, up to the instant end (0: the month's end).
func (p *Plan) Lines(m model.Month, end int64, chunks []*DayChunk) *Lines {
	e := begin(MonthInput{Month: m, End: end, Plan: p})
	return e.lines(chunks)
}

// lines joins the chunks for the period.
func (e *evaluation) lines(chunks []*DayChunk) *Lines {
	first, last := model.DayOf(e.period.from), model.DayOf(max(e.period.to-1, e.period.from))
	h := horizon{from: first - 1, to: e.month.Next().First() + 1, countFrom: first, countTo: last + 1}
	return &Lines{plan: e.plan, month: e.month, seen: e.plan.gather(chunks, h)}
}
