package profile

import (
	"math"
	"time"

	"github.com/haidang-noc/haidang/internal/point"
)

// Plan is what a profile polls, its own tables and those of the profiles that it extends. It is immutable and shared by
// all devices that have it.
type Plan struct {
	Profile string
	Tables  []*Table
}

// Table is a table, or a few scalars, which are a table of one row. Columns come in this order: polled ones, then those
// that are read when the table is learned, then those of other tables.
type Table struct {
	Name    string
	Every   time.Duration // between two polls
	Floor   time.Duration // the least that Every may be
	MaxRows int
	Tested  bool // on a device or a recording of one
	Columns []Column
	Polled  int   // how many columns are polled; 0: the table is walked each time
	Anchors []int // a device with this table has one of these columns

	scalar bool
	index  []part
	derive []derived
	late   uint64
	lines  []line
}

// Column is one column of a table. One of another table has By: what its index is made of.
type Column struct {
	Name string
	OID  []byte // contents
	By   []int  // names; nil: the index is that of the row
}

// line is a line of line protocol that each row makes.
type line struct {
	measurement string
	tags        []tag // in order of their keys
	rows        []condition
	where       []condition
	fields      []field
	sums        []sum
	up          int // the field that says whether an ONT is up; -1: none does
}

type tag struct {
	key   string
	value template
}

// field is one field of a line.
type field struct {
	name     string
	kind     kind
	of       expr
	convert  conversion
	negative *conversion // of numbers below zero
	when     []condition
	none     []float64 // numbers that stand for no value
	names    map[float64]choice
	other    *choice // for numbers that names does not have
	bounds   bounds
	dark     string // the flag that says that there is no light; empty: it is not light
	text     int    // the name whose text is written; -1: a number
}

// choice is what an enumerated value stands for.
type choice struct {
	text   string
	number float64
	flag   bool
}

// sum says that a field is part of what is told of the device as a whole.
type sum struct {
	field int
	into  int // of summaries
	how   string
}

// Summary gathers what a poll tells of the device as a whole, and of its PON ports. The zero Summary is empty.
type Summary struct {
	n     [3]int
	value [3]float64
	ports map[string]*served // by their tag
}

func (s *Summary) add(into int, how string, v float64) {
	s.n[into]++
	switch {
	case s.n[into] == 1, how == "max" && v > s.value[into]:
		s.value[into] = v
	case how == "mean":
		s.value[into] += (v - s.value[into]) / float64(s.n[into])
	}
}

// Fields writes what was gathered.
func (s *Summary) Fields(e *point.Encoder) {
	for i, name := range summaries() {
		if s.n[i] > 0 {
			e.Float(name, math.Round(s.value[i]*1e9)/1e9)
		}
	}
}

// Output is where the lines of a row go.
type Output struct {
	Encoder *point.Encoder
	Device  []byte // the tags of all lines of the device, as they continue a measurement
	At      int64  // ns
	Summary *Summary
}

// Write writes the lines of a row whose polled values are in v; those learned are added to it.
func (t *Table) Write(o Output, r *Row, v *Values) {
	for _, k := range r.kept {
		v.set(int(k.name), k.number)
	}
	var buf [256]byte
	for i := range r.lines {
		l := &t.lines[r.lines[i].line]
		if !allHold(l.where, v) {
			continue
		}
		key := append(buf[:0], l.measurement...)
		key = append(append(key, o.Device...), r.lines[i].tail...)
		o.Encoder.Begin(key)
		if l.write(o, v, r.lines[i].texts) {
			o.Encoder.Int("interval_s", int64(t.Every/time.Second))
		}
		if l.up >= 0 {
			if up, ok := l.fields[l.up].holds(v); ok {
				o.Summary.ont(r.lines[i].tail, up, t.Every)
			}
		}
		o.Encoder.End(o.At)
	}
}

// write writes the fields and says whether there are any.
func (l *line) write(o Output, v *Values, texts []string) (some bool) {
	for i := range l.fields {
		f := &l.fields[i]
		if f.text >= 0 {
			if texts[i] != "" {
				o.Encoder.String(f.name, texts[i])
				some = true
			}
			continue
		}
		n, ok := f.write(o.Encoder, v)
		some = some || ok
		for _, s := range l.sums {
			if ok && s.field == i {
				o.Summary.add(s.into, s.how, n)
			}
		}
	}
	return some
}

// number is what the device told; false if that is none.
func (f *field) number(v *Values) (float64, bool) {
	n, ok := f.of.eval(v)
	return n, ok && n-n == 0 && allHold(f.when, v) && !contains(f.none, n)
}

// write writes one number and returns it; false if there is none.
func (f *field) write(e *point.Encoder, v *Values) (float64, bool) {
	n, ok := f.number(v)
	if !ok {
		return 0, false
	}
	switch {
	case f.names != nil:
		return n, f.writeChoice(e, n)
	case f.kind == counter:
		return n, f.writeCounter(e, v, n)
	case f.kind == flag:
		e.Bool(f.name, n != 0)
		return n, true
	}
	return f.writeQuantity(e, n)
}

// writeQuantity converts a number to the field's unit, and tells light from darkness.
func (f *field) writeQuantity(e *point.Encoder, n float64) (float64, bool) {
	c := &f.convert
	if n < 0 && f.negative != nil {
		c = f.negative
	}
	n, lit := c.apply(n)
	if f.dark != "" {
		const darkness = -40 // dBm: receivers that see nothing say this or less
		lit = lit && n > darkness
		e.Bool(f.dark, !lit)
	}
	if !lit || !f.bounds.hold(n) {
		return 0, f.dark != ""
	}
	if f.kind == integer {
		e.Int(f.name, int64(math.Round(n)))
	} else {
		e.Float(f.name, n)
	}
	return n, true
}

func (f *field) writeChoice(e *point.Encoder, n float64) bool {
	c, ok := f.names[n]
	if !ok {
		if f.other == nil {
			return false
		}
		c = *f.other
	}
	switch f.kind {
	case flag:
		e.Bool(f.name, c.flag)
	case text:
		e.String(f.name, c.text)
	case integer, counter:
		e.Int(f.name, int64(c.number))
	default:
		e.Float(f.name, c.number)
	}
	return true
}

// writeCounter writes all 64 bits of a counter.
func (f *field) writeCounter(e *point.Encoder, v *Values, n float64) bool {
	if c := f.of.lone(); c >= 0 && f.convert.mul == f.convert.div {
		e.Uint(f.name, v.number[c].whole)
		return true
	}
	n, _ = f.convert.apply(n)
	if n < 0 || n >= 1<<63 {
		return false
	}
	e.Uint(f.name, uint64(n))
	return true
}
