// Package meas reads measurement files: TS 32.435 (measCollecFile), TS 28.532 and 28.550 (measDataFile), and the older form of
// TS 32.401 (mdc). Elements are known by their local names, in whatever namespace. What a file says is kept as it stands: no
// counter is renamed, no text taken for a number.
package meas

import (
	"fmt"
)

// File is what one file says. It belongs to its Reader and is valid until the next Read.
type File struct {
	Vendor   string
	Prefix   string // dnPrefix of all names
	Sender   string
	Elements []Element
	Records  []Record

	Types     int // measTypes, also those of groups that come again
	Missing   int // values that are empty or NIL
	Nameless  int // values that belong to no counter: a p that no measType has, or more results than types
	Merged    int // measValues that were added to an earlier one of the same group, object and period
	SuspectOf int // measValues that are suspect, by their own word or because counts differ

	names  []string
	values []Value
	parts  []part
	texts  []byte
}

// Element is what the values are of: a managedElement or measEntity.
type Element struct {
	Name    string // localDn
	Label   string // userLabel
	Version string // swVersion
}

// Record is what one object reported of one period in one group of counters.
type Record struct {
	Element int // index into Elements
	Group   string
	Object  string // measObjLdn
	End     int64  // Unix seconds
	Period  int64  // seconds
	Suspect bool

	first, last int32 // in parts
}

// part is a run of values; a record that was merged has several.
type part struct{ from, to, next int32 }

// Value is one value of a record, a number or a text.
type Value struct {
	Counter int32 // Name tells its name; numbers are small and the same in all records of a file
	IsText  bool  // a vector, or whatever else is no number
	Number  float64

	from, to int32 // in texts
}

// Values calls yield with each value of a record, in the order of the file. Two may have one counter.
func (f *File) Values(r *Record) func(yield func(*Value) bool) {
	return func(yield func(*Value) bool) {
		for at := r.first; at >= 0; at = f.parts[at].next {
			p := f.parts[at]
			for i := p.from; i < p.to; i++ {
				if !yield(&f.values[i]) {
					return
				}
			}
		}
	}
}

// Count is the number of values.
func (f *File) Count() int { return len(f.values) }

// Name is a counter's name.
func (f *File) Name(counter int32) string { return f.names[counter] }

// Names is the number of names that Name knows, of this file and of some before.
func (f *File) Names() int { return len(f.names) }

// Text is the value's text. The bytes belong to the file.
func (f *File) Text(v *Value) []byte { return f.texts[v.from:v.to] }

// Reason says in a word why a file is refused; metrics and the quarantine show it.
type Reason string

// The reasons.
const (
	Syntax         Reason = "syntax"
	Truncated      Reason = "truncated"
	TooLarge       Reason = "limit"
	Encoding       Reason = "encoding"
	Compression    Reason = "compression"
	NotMeasurement Reason = "not_pm"
	NoHeader       Reason = "no_header"
	NoElement      Reason = "no_element"
	NoData         Reason = "no_data"
	NoPeriod       Reason = "no_period"
)

// Refusal is why a file cannot be read.
type Refusal struct {
	Reason Reason
	Line   int // 0: of the whole file
	What   string
}

func (r *Refusal) Error() string {
	if r.Line == 0 {
		return fmt.Sprintf("meas: %s: %s", r.Reason, r.What)
	}
	return fmt.Sprintf("meas: %s: line %d: %s", r.Reason, r.Line, r.What)
}
