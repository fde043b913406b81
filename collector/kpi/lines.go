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
	j := p.Join(m, end)
	j.Add(chunks)
	return j.Lines()
}

// Join begins to join chunks like Lines, for whoever does not have all of them at a time.
func (p *Plan) Join(m model.Month, end int64) *Joining {
	return begin(MonthInput{Month: m, End: end, Plan: p}).joining()
}
