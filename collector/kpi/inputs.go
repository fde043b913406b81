package kpi

import (
	"encoding/binary"
	"slices"

	"github.com/cespare/xxhash/v2"

	"github.com/haidang-noc/haidang/collector/model"
)

// inputsVersion changes when the same inputs shall give other sums.
const inputsVersion = 4

// Inputs names, of each day from the month's first on, all that the sums of a shard's links depend on beside
// the rates of their ports: links, capacities, rules, and where windows, validity and failures touch slots.
// Days of the same inputs and the same rates have the same sums, whatever else has been edited.
func (l *Lines) Inputs(shard, days int) []uint64 {
	s := &l.plan.shards[shard]
	out := make([]uint64, days)
	for i := range out {
		out[i] = s.inputs
	}
	h := linkInputs{plan: l.plan}
	whole := span{l.month.Start(), l.month.End()}
	for _, i := range s.links {
		link := &l.plan.links[i]
		ln := link.line(l.seen)
		if link.quietIn(&ln, whole) {
			continue
		}
		for d := range out {
			if day := l.month.First() + model.Day(d); !link.quietIn(&ln, span{day.Start(), day.End()}) {
				out[d] += h.day(link, &ln, day) - link.inputs
			}
		}
	}
	for i := range out {
		d := l.month.First() + model.Day(i)
		at := binary.AppendVarint([]byte{inputsVersion, flag(l.plan.workingDay(d))}, int64(d))
		out[i] = xxhash.Sum64(binary.LittleEndian.AppendUint64(at, out[i]))
	}
	return out
}

// linkInputs hashes what a link's sums of a day are made of.
type linkInputs struct {
	plan *Plan
	text []byte
}

// quietIn says that nothing happens to the link in the span.
func (l *planLink) quietIn(ln *line, w span) bool {
	return len(l.rows) == 1 && ln.plain(w) && !slices.ContainsFunc(ln.weak, func(weak weakness) bool { return weak.from < w.to && weak.to > w.from })
}

// quiet is the hash of a day on which the link's first row is valid all day and nothing happens.
func (h *linkInputs) quiet(l *planLink) uint64 {
	h.begin(l, l.rows[0].Class)
	h.row(l.rows[0], span{0, model.DaySeconds})
	return xxhash.Sum64(h.text)
}

func (h *linkInputs) day(l *planLink, ln *line, d model.Day) uint64 {
	day := span{d.Start(), d.End()}
	h.begin(l, l.rowAt(day.from).Class)
	for _, r := range l.rows {
		if valid := r.valid().clip(day); valid.from < valid.to {
			h.row(r, span{valid.from - day.from, valid.to - day.from})
		}
	}
	for seg := range ln.segments(day) {
		if void := seg.excluded() || seg.planned; void || seg.base == Down {
			h.int(seg.from - day.from)
			h.int(seg.to - day.from)
			h.text = append(h.text, flag(void), flag(seg.base == Down), flag(seg.excluded()))
		}
	}
	for _, weak := range ln.weak {
		if s := weak.clip(day); s.from < s.to {
			h.int(s.from - day.from)
			h.int(s.to - day.from)
			h.int(weak.active)
			h.int(weak.of)
		}
	}
	return xxhash.Sum64(h.text)
}

func (h *linkInputs) begin(l *planLink, class model.LinkClass) {
	h.text = h.text[:0]
	h.name(l.name())
	rule := h.plan.inv.Targets.Congestion[class]
	h.int(int64(rule.ThetaPerMille))
	h.int(int64(rule.OverflowPerMill))
	h.int(rule.DropPerMillion)
	h.int(int64(rule.DropDays))
	for _, c := range l.cables {
		h.name(h.plan.composites[c.composite].name)
		h.int(c.during.from)
		h.int(c.during.to)
		h.int(c.mbps)
	}
}

func (h *linkInputs) row(r linkRow, valid span) {
	h.name(r.A.Device)
	h.name(r.A.IfName)
	h.int(r.CapacityMbps)
	h.int(valid.from)
	h.int(valid.to)
}

func (h *linkInputs) name(s string) {
	h.int(int64(len(s)))
	h.text = append(h.text, s...)
}

func (h *linkInputs) int(v int64) { h.text = binary.AppendVarint(h.text, v) }

func flag(yes bool) byte {
	if yes {
		return 1
	}
	return 0
}
