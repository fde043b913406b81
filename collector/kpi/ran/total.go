package ran

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// Total is what days add up to under one plan. It merges. It must not be changed once it was handed over.
type Total struct {
	Plan     string
	From, To model.Day
	Groups   []GroupTotal // by province, kind
	Cells    []CellTotal  // by name
	Meters   []Meter      // by device, object
	Unlisted int          // objects that stand in no row of cells.csv, the most of any day
	Suspect  int64        // reports left out
	Conflict int64        // periods of which two reports said different things
}

// GroupTotal is one province's (or the nation's: "") cells of one kind, or its devices that tell what they consume.
type GroupTotal struct {
	Province, Kind string
	Expected       int64 // seconds in service outside planned windows
	Planned        int64 // seconds inside them
	Sums           Sums
}

// CellTotal is one cell.
type CellTotal struct {
	Name           string
	Province, Kind string // the last ones
	RBs            int64  // the month's weight; of several months that of the last one
	Expected       int64  // seconds in service outside planned windows
	Serving        int64  // seconds in service
	Busy           Busy
	Volume         Quantity // in the busy hours
	Time           Time
	Means          []CellMean // those it reported, in their order
}

// CellMean is one of a cell's means: Num over Den is its value.
type CellMean struct {
	Mean              int32 // its number
	Num, Den, Seconds int64
}

func compareMeans(a, b CellMean) int { return int(a.Mean - b.Mean) }

func (m *CellMean) plus(o *CellMean) CellMean {
	return CellMean{m.Mean, m.Num + o.Num, m.Den + o.Den, m.Seconds + o.Seconds}
}

// Sum adds up one local day, which must be over: what was kept of it may be its sums alone. days are those of
// all partitions.
func (p *Plan) Sum(day model.Day, days []report.Day) *Total {
	b := summing{plan: p, day: day, total: &Total{Plan: p.hash, From: day, To: day + 1}, groups: map[groupKey]*GroupTotal{}, stations: make([]station, len(p.sites))}
	reported := b.sort(days)
	for i := range p.cells {
		b.rbs = p.weight(i, day)
		b.cell(&p.cells[i], reported[int32(i)])
	}
	b.consumption()
	for _, g := range b.groups {
		b.total.Groups = append(b.total.Groups, *g)
	}
	slices.SortFunc(b.total.Groups, compareGroups)
	return b.total
}

// Empty says that no cell was in service and nothing was reported.
func (t *Total) Empty() bool {
	return len(t.Groups) == 0 && t.Unlisted == 0 && t.Suspect == 0 && t.Conflict == 0
}

type groupKey struct{ province, kind string }

// summing is the work on one day.
type summing struct {
	plan   *Plan
	day    model.Day
	total  *Total
	groups map[groupKey]*GroupTotal

	meters   []*report.Day // objects that tell what they consume
	stations []station     // the plan's sites
	rbs      int64         // the weight of the cell at hand
	all, one Sums          // its sums, and those of one of its objects
	means    []CellMean    // the cell's
}

// reported is what there is of one cell's day: its own reports, by object, and those of its parts.
type reported struct {
	own   []*report.Day
	parts []*report.Day
}

func (b *summing) sort(days []report.Day) map[int32]reported {
	out := make(map[int32]reported, len(days))
	for i := range days {
		d := &days[i]
		if !counts(d.Kind) {
			continue
		}
		b.total.Suspect += int64(d.Suspect)
		b.total.Conflict += int64(d.Conflicts)
		rows, itself := b.plan.rows(d)
		if consumes(d, b.day) {
			b.meters = append(b.meters, d)
		} else if len(rows) == 0 {
			b.total.Unlisted++
		}
		for _, row := range rows {
			r := out[row]
			if itself {
				r.own = append(r.own, d)
			} else {
				r.parts = append(r.parts, d)
			}
			out[row] = r
		}
	}
	return out
}

// cell adds one row of a cell to its groups, stay by stay.
func (b *summing) cell(c *Cell, r reported) {
	whole := Span{b.day.Start(), b.day.End()}
	for _, stay := range c.Stays {
		if stay.clip(whole).seconds() == 0 {
			continue
		}
		sums := b.sums(c, stay.Span, r)
		b.carried(c, whole, sums)
		open, planned := c.expected(b.day, stay.Span)
		b.group(groupKey{"", c.Kind}, open, planned, sums)
		if stay.Province != "" {
			b.group(groupKey{stay.Province, c.Kind}, open, planned, sums)
		}
		b.count(c, stay, open, planned, sums)
	}
}

// at is the group, which is made if there is none.
func (b *summing) at(key groupKey) *GroupTotal {
	if b.groups[key] == nil {
		b.groups[key] = &GroupTotal{Province: key.province, Kind: key.kind}
	}
	return b.groups[key]
}

func (b *summing) group(key groupKey, open, planned int64, sums *Sums) {
	g := b.at(key)
	g.Expected += open
	g.Planned += planned
	g.Sums.add(sums)
}

func (b *summing) count(c *Cell, stay Stay, open, planned int64, sums *Sums) {
	one := CellTotal{
		Name: c.Name, Province: stay.Province, Kind: c.Kind, RBs: b.rbs, Expected: open, Serving: open + planned,
		Busy: sums.Busy, Volume: sums.Metrics[BusyThroughput], Time: sums.Time, Means: b.meansOf(sums),
	}
	if n := len(b.total.Cells); n > 0 && b.total.Cells[n-1].Name == c.Name {
		b.total.Cells[n-1] = b.total.Cells[n-1].plus(&one)
		return
	}
	b.total.Cells = append(b.total.Cells, one)
}

// meansOf are the cell's means, for the group's sums cannot tell how its cells are spread.
func (b *summing) meansOf(s *Sums) []CellMean {
	b.means = b.means[:0]
	for i := range meanCount {
		if q := &s.Metrics[meanMetric(i)]; int64(q.Den.Lo) > 0 {
			b.means = append(b.means, CellMean{int32(i), int64(q.Num.Lo), int64(q.Den.Lo), q.Seconds})
		}
	}
	return slices.Clone(b.means)
}

// sums adds the cell's own reports and those of its parts, and weighs its PRBs. The result is valid until the
// next cell's.
func (b *summing) sums(c *Cell, stay Span, r reported) *Sums {
	out := &b.all
	*out = Sums{}
	for _, d := range r.own {
		b.object(stay, d, c.judge(stay))
		out.unite(&b.one)
	}
	for _, d := range r.parts {
		b.object(stay, d, c.judge(stay))
		out.join(&b.one)
	}
	if out.Metrics[Execution].Seconds == 0 {
		out.Metrics[Execution] = out.Metrics[executionByCell]
	}
	out.Metrics[executionByCell] = Quantity{}
	for _, m := range [...]Metric{PRBDownlink, PRBUplink, PRBFull, PRBFullUplink} {
		out.Metrics[m] = out.Metrics[m].times(b.rbs)
	}
	out.Metrics[Energy], out.Metrics[Power] = Quantity{}, Quantity{} // the device's: see consumption
	return out
}

// object makes one of an object's share in a stay. A day without reports, only sums, was plain when it was closed.
func (b *summing) object(stay Span, d *report.Day, of judge) {
	if len(d.Sums) == 0 {
		b.one.of(b.day, &d.Rows, of)
		return
	}
	middle := b.day.Start() + model.DaySeconds/2
	if err := b.one.Decode(d.Sums); err != nil || stay.From > middle || stay.To <= middle {
		b.one = Sums{} // what cannot be decoded was refused with its chunk
	}
}

func compareGroups(a, b GroupTotal) int {
	return cmp.Or(strings.Compare(a.Province, b.Province), strings.Compare(a.Kind, b.Kind))
}

// Merge joins totals of one plan over disjoint days, in any order. It returns nil for none.
func Merge(parts ...*Total) *Total {
	parts = slices.Clone(parts)
	slices.SortFunc(parts, func(a, b *Total) int { return cmp.Compare(a.From, b.From) })
	var out *Total
	for _, p := range parts {
		if out == nil {
			out = p
			continue
		}
		out = &Total{
			Plan: out.Plan, From: out.From, To: max(out.To, p.To),
			Groups: mergeSorted(out.Groups, p.Groups, compareGroups, (*GroupTotal).plus),
			Meters: mergeSorted(out.Meters, p.Meters, compareMeters, (*Meter).plus),
			Cells: mergeSorted(out.Cells, p.Cells, func(a, b CellTotal) int { return strings.Compare(a.Name, b.Name) },
				func(a, b *CellTotal) CellTotal { return a.plus(b) }),
			Unlisted: max(out.Unlisted, p.Unlisted), Suspect: out.Suspect + p.Suspect, Conflict: out.Conflict + p.Conflict,
		}
	}
	return out
}

func (g *GroupTotal) plus(o *GroupTotal) GroupTotal {
	sum := *g
	sum.Expected += o.Expected
	sum.Planned += o.Planned
	sum.Sums.add(&o.Sums)
	return sum
}

// plus is c and the later o together.
func (c CellTotal) plus(o *CellTotal) CellTotal {
	c.Province, c.Kind, c.RBs = o.Province, o.Kind, o.RBs
	c.Expected += o.Expected
	c.Serving += o.Serving
	c.Busy.add(o.Busy)
	c.Volume = c.Volume.Plus(o.Volume)
	c.Time.add(o.Time)
	c.Means = mergeSorted(c.Means, o.Means, compareMeans, (*CellMean).plus)
	return c
}

// mergeSorted joins two sorted lists, adding those of the same key.
func mergeSorted[T any](a, b []T, compare func(a, b T) int, plus func(a, b *T) T) []T {
	if len(b) == 0 {
		return a
	}
	out := make([]T, 0, max(len(a), len(b)))
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && compare(a[0], b[0]) < 0:
			out, a = append(out, a[0]), a[1:]
		case len(a) == 0 || compare(b[0], a[0]) < 0:
			out, b = append(out, b[0]), b[1:]
		default:
			out = append(out, plus(&a[0], &b[0]))
			a, b = a[1:], b[1:]
		}
	}
	return out
}
