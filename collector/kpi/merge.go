package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// MergeMonth joins one partition's chunks of days of a month and of one day either side, in any order, into one
// chunk: the month so far, to which the next day is merged. Days without a row of an entity are filled in from
// the machine its last row left, exactly as Month would. What is counted by day counts only within the
// month. The Ports and Reports are those of all chunks. It returns nil for none.
func MergeMonth(m model.Month, chunks ...*DayChunk) *DayChunk {
	if len(chunks) == 0 {
		return nil
	}
	first, end := chunks[0].Day, chunks[0].End()
	for _, c := range chunks {
		first, end = min(first, c.Day), max(end, c.End())
	}
	out := &DayChunk{Day: first, Days: int(end - first)}
	for rows := range eachEntity(chunks, first, end) {
		slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.entity.Method, b.entity.Method) })
		for len(rows) > 0 {
			n := 1
			for n < len(rows) && rows[n].entity.Method == rows[0].entity.Method {
				n++
			}
			out.Entities = append(out.Entities, mergeRows(m, rows[:n], first, end))
			rows = rows[n:]
		}
	}
	for _, c := range chunks {
		out.Ports = append(out.Ports, c.Ports...)
	}
	out.SortPorts()
	for _, c := range chunks {
		out.Reports = append(out.Reports, c.Reports...)
	}
	slices.SortStableFunc(out.Reports, func(a, b report.Day) int { return a.Compare(&b) })
	return out
}

// mergeRows joins the rows of one series, sorted by day.
func mergeRows(m model.Month, rows []row, first, end model.Day) EntityDay {
	e := rows[0].entity
	out := EntityDay{Device: e.Device, IfName: e.IfName, Method: e.Method}
	if rows[0].chunk.Day == first {
		out.DownSince = e.DownSince
	}
	next := first
	for _, r := range rows {
		if r.chunk.Day < next {
			continue
		}
		out.NonUp = out.Carry.unseen(out.NonUp, next, r.chunk.Day)
		for _, iv := range r.entity.NonUp {
			out.NonUp = extend(out.NonUp, iv)
		}
		out.Carry = r.entity.Carry
		if r.chunk.End() > m.First() && r.chunk.Day < m.Next().First() {
			out.Unconfirmed += r.entity.Unconfirmed
			out.Restarts += r.entity.Restarts
		}
		next = r.chunk.End()
	}
	out.NonUp = out.Carry.unseen(out.NonUp, next, end)
	return out
}

// Merging joins the time lines of days that come one after the other, like MergeMonth; their Ports and Reports are
// left out.
type Merging struct {
	Month   model.Month
	waiting []*DayChunk
}

// Add adds a day. A few at a time are joined: each takes as much memory as those joined before.
func (g *Merging) Add(c *DayChunk) {
	const atOnce = 8
	lines := *c
	lines.Ports, lines.Reports = nil, nil
	if g.waiting = append(g.waiting, &lines); len(g.waiting) == atOnce {
		g.waiting = []*DayChunk{MergeMonth(g.Month, g.waiting...)}
	}
}

// Lines are those of all days; nil if there were none.
func (g *Merging) Lines() *DayChunk { return MergeMonth(g.Month, g.waiting...) }
