package kpi

import (
	"cmp"
	"slices"

	"github.com/haidang-noc/haidang/collector/model"
)

// Traffic is what the links' days add up to under one plan. It merges: a caller keeps the month so
// far and adds each day once at its close. A Traffic must not be changed once it was handed over.
type Traffic struct {
	Plan     string // Plan.Hash of the plan that divided by its capacities
	From, To model.Day
	Links    []LinkTraffic  // by Link
	Capacity []CapacityLoad // by Composite
	Reports
}

// LinkTraffic is one link in a Traffic.
type LinkTraffic struct {
	Link           string
	Expected       int32 // slots neither out of service, excluded nor in a planned window
	CongestedHours int32
	DropDays       int32
	Resets         int32
	SpeedMbps      uint32 // last one seen
	In, Out        DirTraffic
}

// DirTraffic is one direction of a LinkTraffic.
type DirTraffic struct {
	Slots, Suspect int32
	Sum            int64       // of per mille
	Top            []UtilCount // greatest first: the samples that can still be the month's P95
	Hours          [24]HourSum // working days, by clock hour
	Peaks          []DayPeak   // by day
}

// UtilCount counts the samples of one utilisation.
type UtilCount struct{ PerMille, Count uint16 }

// HourSum adds up the slots of one clock hour.
type HourSum struct{ Sum, Slots uint32 }

// topKept is how many of a direction's greatest samples decide its P95. A month has at most
// 31×288 = 8928 slots; the nearest-rank P95 of n is the (n - ceil(0.95 n) + 1)-th from the top,
// which is at most the 447th. What lies below never needs to be remembered.
const topKept = 447

// Traffic adds up one local day's link traffic. chunks are those of day d and of the day before,
// of all partitions; others are ignored. end cuts a running day (0: the whole day).
func (p *Plan) Traffic(d model.Day, end int64, chunks []*DayChunk) *Traffic {
	if end == 0 {
		end = d.End()
	}
	g := p.gather(chunks, horizon{from: d - 1, to: d + 1})
	t := &Traffic{Plan: p.hash, From: d, To: d + 1}
	w := linkDay{plan: p, ports: g.traffic, loads: loads{}}
	for i := range p.links {
		l := &p.links[i]
		ln := l.line(g.ports)
		if lt := w.sum(l, &ln, d, end); !lt.empty() {
			t.Links = append(t.Links, *lt)
		}
	}
	t.Capacity = w.loads.sums(p)
	t.Reports = p.reports(d, end, chunks)
	return t
}

func (t *LinkTraffic) empty() bool {
	return t.Expected == 0 && t.Resets == 0 && t.SpeedMbps == 0
}

// MergeTraffic joins sums of one plan over disjoint days, in any order. It returns nil for none.
func MergeTraffic(parts ...*Traffic) *Traffic {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b *Traffic) int { return int(a.From) - int(b.From) })
	var out *Traffic
	for _, p := range parts {
		if out == nil {
			out = p
			continue
		}
		out = &Traffic{Plan: out.Plan, From: out.From, To: max(out.To, p.To), Links: mergeLinks(out.Links, p.Links),
			Capacity: mergeCapacity(out.Capacity, p.Capacity), Reports: out.Reports.plus(p.Reports)}
	}
	return out
}

func mergeLinks(a, b []LinkTraffic) []LinkTraffic {
	out := make([]LinkTraffic, 0, max(len(a), len(b)))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].Link < b[0].Link:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || b[0].Link < a[0].Link:
			out, b = append(out, b[0]), b[1:]
		default:
			out, a, b = append(out, *a[0].plus(&b[0])), a[1:], b[1:]
		}
	}
	return out
}

// plus is t and the later days o together; neither is changed.
func (t *LinkTraffic) plus(o *LinkTraffic) *LinkTraffic {
	sum := *t
	t = &sum
	t.Expected += o.Expected
	t.CongestedHours += o.CongestedHours
	t.DropDays += o.DropDays
	t.Resets += o.Resets
	t.SpeedMbps = cmp.Or(o.SpeedMbps, t.SpeedMbps)
	t.In = t.In.plus(&o.In)
	t.Out = t.Out.plus(&o.Out)
	return t
}

func (d DirTraffic) plus(o *DirTraffic) DirTraffic {
	d.Slots += o.Slots
	d.Suspect += o.Suspect
	d.Sum += o.Sum
	d.Top = mergeTop(d.Top, o.Top)
	for h := range d.Hours {
		d.Hours[h].Sum += o.Hours[h].Sum
		d.Hours[h].Slots += o.Hours[h].Slots
	}
	d.Peaks = append(slices.Clip(d.Peaks), o.Peaks...)
	return d
}

// mergeTop joins two lists and forgets what fewer than topKept samples cannot reach.
func mergeTop(a, b []UtilCount) []UtilCount {
	if len(b) == 0 {
		return a
	}
	out := make([]UtilCount, 0, min(len(a)+len(b), topKept))
	above := 0
	for (len(a) > 0 || len(b) > 0) && above < topKept {
		var next UtilCount
		switch {
		case len(b) == 0 || len(a) > 0 && a[0].PerMille > b[0].PerMille:
			next, a = a[0], a[1:]
		case len(a) == 0 || b[0].PerMille > a[0].PerMille:
			next, b = b[0], b[1:]
		default:
			next = UtilCount{a[0].PerMille, a[0].Count + b[0].Count}
			a, b = a[1:], b[1:]
		}
		above += int(next.Count)
		out = append(out, next)
	}
	return out
}

// p95 is the exact nearest-rank 95th percentile in per mille, or -1 without samples.
func (d *DirTraffic) p95() int32 {
	n := int(d.Slots)
	fromTop := n - (95*n+99)/100 + 1
	for _, t := range d.Top {
		if fromTop -= int(t.Count); fromTop <= 0 {
			return int32(t.PerMille)
		}
	}
	return -1
}

// busyHour is the clock hour with the greatest mean over the month's working days.
func (d *DirTraffic) busyHour() (hour int8, mean Number) {
	hour = -1
	var best HourSum
	for h, s := range d.Hours {
		if s.Slots > 0 && (hour < 0 || s.above(best)) {
			hour, best = int8(h), s
		}
	}
	return hour, Quo(int64(best.Sum), int64(best.Slots))
}

func (d *DirTraffic) month() DirMonth {
	m := DirMonth{Slots: d.Slots, Suspect: d.Suspect, P95: d.p95(), Max: -1, Occ: Quo(d.Sum, int64(d.Slots)), Peaks: d.Peaks}
	if len(d.Top) > 0 {
		m.Max = int32(d.Top[0].PerMille)
	}
	m.BusyHour, m.BusyMean = d.busyHour()
	return m
}
