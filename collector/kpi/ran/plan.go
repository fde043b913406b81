package ran

import (
	"cmp"
	"slices"
	"strings"

	"github.com/haidang-noc/haidang/collector/kpi/report"
	"github.com/haidang-noc/haidang/collector/model"
)

// Span is a half-open stretch of time in Unix seconds.
type Span struct{ From, To int64 }

func (s Span) clip(o Span) Span { return Span{max(s.From, o.From), min(s.To, o.To)} }

func (s Span) seconds() int64 { return max(s.To-s.From, 0) }

// Stay is the time that a cell's device was in a province; "" holds national devices.
type Stay struct {
	Province string
	Span
}

// Cell is one row of cells.csv with what its device's rows say.
type Cell struct {
	Name    string
	Device  string
	Objects []string // of the device, that report its counters: an NR cell's stand at its CU and its DU
	Kind    string   // LTE or NR
	RBs     int64    // N_RB; the weight is that of the month's start
	Span             // validity
	Stays   []Stay   // within the validity, in order of time, disjoint
	Planned []Span   // planned windows, joined, in order
	site    int32    // its device's place in the plan
}

// Plan is the cells of an inventory, prepared for stage 2. It is immutable.
type Plan struct {
	hash  string
	cells []Cell // by name, then time
	index map[place][]int32
	sites [][]Stay         // of the devices with cells
	known map[string]int32 // their places in sites
	stays func(device string) []Stay
}

// place is where a cell's counters come from.
type place struct{ device, object, kind string }

// NewPlan prepares cells, which are named by hash and become the plan's. stays is where a device was, in order of
// time, disjoint, and whatever it is; it is called from several goroutines.
func NewPlan(hash string, cells []Cell, stays func(device string) []Stay) *Plan {
	slices.SortFunc(cells, func(a, b Cell) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.From, b.From)) })
	p := &Plan{hash: hash, cells: cells, index: make(map[place][]int32, len(cells)), known: map[string]int32{}, stays: stays}
	for i := range cells {
		cells[i].site = p.site(cells[i].Device)
		for _, object := range cells[i].Objects {
			at := place{cells[i].Device, object, cells[i].Kind}
			p.index[at] = append(p.index[at], int32(i))
		}
	}
	return p
}

// site is the place of a device with cells.
func (p *Plan) site(device string) int32 {
	i, known := p.known[device]
	if !known {
		i = int32(len(p.sites))
		p.known[device] = i
		p.sites = append(p.sites, p.stays(device))
	}
	return i
}

// rows are the cells to which an object of a device belongs, by its name or the nearest one above it, and
// whether it is the cell itself.
func (p *Plan) rows(d *report.Day) (rows []int32, itself bool) {
	at := place{d.Device, d.Object, d.Kind}
	for {
		if rows := p.index[at]; len(rows) > 0 {
			return rows, at.object == d.Object
		}
		up := strings.LastIndexByte(at.object, ',')
		if up < 0 {
			return nil, false
		}
		at.object = at.object[:up]
	}
}

// Touched says whether a window or an edge of validity meets the object's day, so that its reports must be
// kept to know which of them count.
func (p *Plan) Touched(day model.Day, d *report.Day) bool {
	rows, _ := p.rows(d)
	whole := Span{day.Start(), day.End()}
	for _, i := range rows {
		if c := &p.cells[i]; c.clip(whole).seconds() > 0 && !c.plain(whole) {
			return true
		}
	}
	return len(rows) == 0 && !settled(p.stays(d.Device), whole)
}

// settled says that no stay begins or ends within the day.
func settled(stays []Stay, day Span) bool {
	for _, s := range stays {
		if part := s.clip(day); part.seconds() > 0 && part != day {
			return false
		}
	}
	return true
}

// plain says that the cell is in one place and in no planned window in all of the day.
func (c *Cell) plain(day Span) bool {
	if len(c.Stays) == 0 || !settled(c.Stays, day) {
		return false
	}
	for _, w := range c.Planned {
		if w.clip(day).seconds() > 0 {
			return false
		}
	}
	return true
}

// judge holds reports against one stay and the windows.
func (c *Cell) judge(stay Span) judge {
	return func(r *report.Report) (serves, planned bool) {
		period := Span{r.Start(), r.End}
		return stay.serves(period), c.planned(period)
	}
}

// weight is the N_RB of the row that is valid when the day's month begins, of the first one after, or of the last one.
func (p *Plan) weight(i int, day model.Day) int64 {
	start, row := model.MonthOf(day.Start()).Start(), &p.cells[i]
	same := func(k int) bool {
		return k >= 0 && k < len(p.cells) && p.cells[k].Name == row.Name && p.cells[k].Kind == row.Kind
	}
	for same(i - 1) {
		i--
	}
	for p.cells[i].To <= start && same(i+1) {
		i++
	}
	return p.cells[i].RBs
}

// serves says that more than half of the period lies in the span.
func (s Span) serves(period Span) bool { return 2*s.clip(period).seconds() > period.seconds() }

func (c *Cell) planned(period Span) bool {
	inside := int64(0)
	for _, w := range c.Planned {
		inside += w.clip(period).seconds()
	}
	return 2*inside > period.seconds()
}

// gridSeconds is the period in which reports are expected.
const gridSeconds = 900

// expected are the seconds of the day's periods in a stay: those outside planned windows, and those inside.
func (c *Cell) expected(day model.Day, stay Span) (open, planned int64) {
	whole := Span{day.Start(), day.End()}
	if stay.clip(whole) == whole && c.plain(whole) {
		return model.DaySeconds, 0
	}
	for at := whole.From; at < whole.To; at += gridSeconds {
		period := Span{at, at + gridSeconds}
		switch {
		case !stay.serves(period):
		case c.planned(period):
			planned += gridSeconds
		default:
			open += gridSeconds
		}
	}
	return open, planned
}
