// Package pm is what the base stations of the simulated network count: the counters of their cells for each granularity
// period, and the measurement files (TS 32.435) that element managers make of them.
//
// Everything is a function of the network, its faults and the period, so files and points that are made of one model agree.
package pm

import (
	"iter"
	"math"
	"time"

	"github.com/haidang-noc/haidang/internal/simnet/fault"
	"github.com/haidang-noc/haidang/internal/simnet/nation"
)

// Period is the granularity period.
const Period = 15 * fault.Minute

// PeriodSeconds is the same in seconds.
const PeriodSeconds = int(Period / fault.Second)

// Value is one counter under its standard name and in its standard unit.
type Value struct {
	Name  string
	Value float64
}

// Group is what one object counted in one period in one group of counters: a line of the measurement pm.
type Group struct {
	Object string // distinguished name, as in cells.csv
	Name   string
	RAT    string // lte or nr; "": the base station itself
	Values []Value
}

// Site is a base station with its cells.
type Site struct {
	Device int32
	cells  []nation.Cell
	rbs    uint32 // of all cells
}

// Sites are the base stations of a network that have cells.
func Sites(n *nation.Network) []Site {
	var all []Site
	for i := range n.Devices {
		cells := n.Cells(int32(i))
		if len(cells) == 0 {
			continue
		}
		s := Site{Device: int32(i), cells: cells}
		for _, c := range cells {
			s.rbs += c.RBs
		}
		all = append(all, s)
	}
	return all
}

// Reports says whether the site has counters of the period that ends at end: a station without power forgets them.
func (s *Site) Reports(o *nation.Overlay, end fault.Tick) bool {
	return !fault.Covered(o.Dark(s.Device), end-1)
}

// Count is what the cells counted in the period that ends at end. It yields nothing if the site does not report. A group is
// valid until the next one.
func (s *Site) Count(o *nation.Overlay, end fault.Tick) iter.Seq[*Group] {
	return func(yield func(*Group) bool) {
		if !s.Reports(o, end) {
			return
		}
		site := s.load(o, end)
		for i := range s.cells {
			c := site.cell(&s.cells[i], i)
			for c.next() {
				if !yield(&c.group) {
					return
				}
			}
		}
		yield(site.power())
	}
}

// load is what a site carries in a period, before it is shared out among its cells.
type load struct {
	o            *nation.Overlay
	device       int32
	end          fault.Tick
	rbs          uint32
	kbit         float64 // downwards
	dark, nobody float64 // seconds without power, and without a way to the core
}

func (s *Site) load(o *nation.Overlay, end fault.Tick) load {
	span := fault.Span{From: end - Period, To: end}
	l := load{o: o, device: s.Device, end: end, rbs: s.rbs, dark: seconds(o.Dark(s.Device), span)}
	l.nobody = seconds(o.Unreached(s.Device), span) - l.dark
	if l.dark+l.nobody < float64(PeriodSeconds) {
		l.kbit = float64(s.octets(o, span)) * 8 / 1000
	}
	return l
}

// power is what the base station consumed: a part of it always, the rest with its traffic. Without power it stands still.
func (l *load) power() *Group {
	watts := math.Round(float64(l.rbs)*(1.5+4*min(l.kbit/float64(PeriodSeconds)/nrBlock/float64(l.rbs), mostUsed))*100) / 100
	watts = math.Round(100*watts*(1-l.dark/float64(PeriodSeconds))) / 100
	return &Group{Object: "ManagedElement=" + l.o.Devices[l.device].Name, Name: "Power", Values: []Value{
		{"PEE.AvgPower", watts}, {"PEE.Energy", math.Round(watts*float64(PeriodSeconds)/3600) / 1000}}}
}

// octets is the site's traffic downwards: that of its first port, which leads to its gateway. What was counted before a reset
// is forgotten.
func (s *Site) octets(o *nation.Overlay, span fault.Span) uint64 {
	var before, after nation.Reading
	from, to := o.Clock(span.From), o.Clock(span.To)
	before.Read(o, s.Device, &from)
	after.Read(o, s.Device, &to)
	count := after.Counters(0).InOctets
	if before.Boots() == after.Boots() && before.Discontinuity() == after.Discontinuity() {
		count -= before.Counters(0).InOctets
	}
	return count
}

// seconds is how long the spans, which are disjoint, cover one.
func seconds(spans []fault.Span, one fault.Span) float64 {
	sum := fault.Tick(0)
	for _, s := range spans {
		sum += max(0, min(s.To, one.To)-max(s.From, one.From))
	}
	return float64(sum / fault.Second)
}

// Ends yields the ends of the periods in (from, to].
func Ends(from, to time.Time) iter.Seq[fault.Tick] {
	return func(yield func(fault.Tick) bool) {
		for end := fault.TickOf(from)/Period*Period + Period; end <= fault.TickOf(to); end += Period {
			if !yield(end) {
				return
			}
		}
	}
}
