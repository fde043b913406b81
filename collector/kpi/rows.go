package kpi

import (
	"iter"
	"strings"

	"github.com/haidang-noc/haidang/collector/model"
)

// row is one chunk's row of an entity.
type row struct {
	entity *EntityDay
	chunk  *DayChunk
}

// before orders rows by entity, then day, then method, so that all of an entity come together.
func (a row) before(b row) bool {
	if a.entity.Device != b.entity.Device {
		return a.entity.Device < b.entity.Device
	}
	if a.entity.IfName != b.entity.IfName {
		return a.entity.IfName < b.entity.IfName
	}
	if a.chunk.Day != b.chunk.Day {
		return a.chunk.Day < b.chunk.Day
	}
	return strings.Compare(a.entity.Method, b.entity.Method) < 0
}

func (a row) sameEntity(b row) bool {
	return a.entity.Device == b.entity.Device && a.entity.IfName == b.entity.IfName
}

// eachEntity yields the rows of one entity after another, by (Device, IfName), from all chunks
// that touch days [from, to). The slice is reused.
func eachEntity(chunks []*DayChunk, from, to model.Day) iter.Seq[[]row] {
	return func(yield func([]row) bool) {
		h := newRowHeap(chunks, from, to)
		var rows []row
		for len(h) > 0 {
			rows = append(rows[:0], h[0].head())
			h = h.advance()
			for len(h) > 0 && h[0].head().sameEntity(rows[0]) {
				rows = append(rows, h[0].head())
				h = h.advance()
			}
			if !yield(rows) {
				return
			}
		}
	}
}

// rowHeap merges the sorted rows of many chunks: a binary heap of what is left of each.
type rowHeap []rowCursor

type rowCursor struct {
	chunk *DayChunk
	i     int
}

func (c rowCursor) head() row { return row{&c.chunk.Entities[c.i], c.chunk} }

func newRowHeap(chunks []*DayChunk, from, to model.Day) rowHeap {
	var h rowHeap
	for _, c := range chunks {
		if c != nil && len(c.Entities) > 0 && c.Day < to && c.End() > from {
			h = append(h, rowCursor{chunk: c})
		}
	}
	for i := len(h)/2 - 1; i >= 0; i-- {
		h.down(i)
	}
	return h
}

// advance moves the first cursor on and restores the order.
func (h rowHeap) advance() rowHeap {
	h[0].i++
	if h[0].i == len(h[0].chunk.Entities) {
		last := len(h) - 1
		h[0] = h[last]
		h = h[:last]
	}
	if len(h) > 0 {
		h.down(0)
	}
	return h
}

func (h rowHeap) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(h); c++ {
			if h[c].head().before(h[least].head()) {
				least = c
			}
		}
		if least == i {
			return
		}
		h[i], h[least] = h[least], h[i]
		i = least
	}
}
