// Package report keeps what was reported for whole periods: the counters of a 3GPP granularity period,
// the measurement of a probe. It is the engine's stage 1 for them: sets that order, batches and
// duplicates leave no trace in, in a few bytes a report. What the values mean is known elsewhere
// (collector/kpi/ran, collector/kpi/probe).
package report

import (
	"bytes"
	"encoding/binary"
	"iter"
	"math/bits"

	"github.com/haidang-noc/haidang/collector/model"
)

// MaxItems is how many different values a report may hold.
const MaxItems = 62

// The longest and the shortest period of a report, in seconds.
const (
	MinPeriod = 1
	MaxPeriod = 3600
)

// Report is what one object said of one period, as one message. The zero value says nothing.
type Report struct {
	End      int64  // Unix seconds: the period is [End-Period, End)
	Period   int64  // seconds
	Revision uint64 // of the file that said it: the greatest wins, as a whole
	Suspect  bool   // the element doubts it, or it breaks a rule that values must keep
	Conflict bool   // another report of the same period said something else
	Has      uint64 // bit i: Values[i] was reported
	Values   [MaxItems]int64
}

// Day is the local day that holds the middle of the report's period, and the second of it.
func (r *Report) Day() (model.Day, int64) {
	middle := r.End - r.Period/2 - r.Period%2
	day := model.DayOf(middle)
	return day, middle - day.Start()
}

// Start is the first second of the report's period.
func (r *Report) Start() int64 { return r.End - r.Period }

// Put sets a value, which must not be negative.
func (r *Report) Put(item int, v int64) {
	r.Has |= 1 << item
	r.Values[item] = v
}

// Set is the reports of one series on one local day. The zero value is empty.
//
// A period is reported once: of two different reports of the same period the one of the greater
// revision counts, of equal revisions the greater one in byte order, and either way the pair is marked
// as a conflict. The rows are sorted by end and period and encoded as they are stored, so the set
// costs its bytes and no more, and adding in order is cheap.
type Set struct {
	rows []byte
	last int // where the last row begins
}

// A row is: length of the rest; end, relative to the day's start; period; marks; revision if marked;
// then the content: suspect, which items, their values. All numbers are varints.
const (
	markConflict = 1 << iota
	markRevision
)

// Empty says whether nothing was reported.
func (s *Set) Empty() bool { return s == nil || len(s.rows) == 0 }

// Size is the memory that the set's rows take, in bytes.
func (s *Set) Size() int { return cap(s.rows) }

// count is how many reports there are.
func (s *Set) count() (n int) {
	if s == nil {
		return 0
	}
	for rows := s.rows; len(rows) > 0; n++ {
		length, size := binary.Uvarint(rows)
		rows = rows[size+int(length):]
	}
	return n
}

// Add takes one report, whose Day must be day. It says whether the set changed.
func (s *Set) Add(day model.Day, r *Report) bool {
	var buf [MaxItems*binary.MaxVarintLen64 + 64]byte
	return s.add(appendRow(buf[:0], day.Start(), r))
}

// add puts one encoded row into its place.
func (s *Set) add(row []byte) bool {
	fresh := view(row)
	at := 0
	if len(s.rows) > 0 && view(s.rows[s.last:]).before(fresh) {
		at = len(s.rows) // the usual case: later than all
	}
	for at < len(s.rows) {
		old := view(s.rows[at:])
		switch {
		case old.before(fresh):
			at += old.size
			continue
		case fresh.before(old):
			s.replace(at, 0, row)
			return true
		}
		return s.join(at, old, fresh)
	}
	s.last = at
	s.rows = append(s.rows, row...)
	return true
}

// join decides between two reports of one period.
func (s *Set) join(at int, old, fresh rowView) bool {
	same := bytes.Equal(old.content, fresh.content)
	conflict := old.conflict || fresh.conflict || !same
	winner := old
	if fresh.revision > old.revision || fresh.revision == old.revision && bytes.Compare(fresh.content, old.content) > 0 {
		winner = fresh
	}
	row := winner.encode(conflict)
	if bytes.Equal(row, s.rows[at:at+old.size]) {
		return false
	}
	s.replace(at, old.size, row)
	return true
}

func (s *Set) replace(at, size int, row []byte) {
	tail := append([]byte(nil), s.rows[at+size:]...)
	s.rows = append(append(s.rows[:at], row...), tail...)
	if s.last > at || size == 0 { // an insertion is never behind the last row
		s.last += len(row) - size
	}
}

// All yields the reports in the order of their ends. The report is overwritten by the next one.
func (s *Set) All(day model.Day) iter.Seq[*Report] {
	return func(yield func(*Report) bool) {
		if s == nil {
			return
		}
		var r Report
		for rows := s.rows; len(rows) > 0; {
			v := view(rows)
			v.decode(day.Start(), &r)
			if !yield(&r) {
				return
			}
			rows = rows[v.size:]
		}
	}
}

// Merge adds all that other holds and says whether anything was new.
func (s *Set) Merge(other *Set) bool {
	changed := false
	for rows := other.rows; len(rows) > 0; {
		n := view(rows).size
		changed = s.add(rows[:n:n]) || changed
		rows = rows[n:]
	}
	return changed
}

// rowView is an encoded row taken apart.
type rowView struct {
	size        int // of the whole row
	end, period uint64
	conflict    bool
	revision    uint64
	content     []byte
}

// view takes the first of some rows apart, which must be well formed.
func view(rows []byte) rowView {
	length, n := binary.Uvarint(rows)
	v := rowView{size: n + int(length)}
	rest := rows[n:v.size]
	next := func() uint64 {
		x, n := binary.Uvarint(rest)
		rest = rest[n:]
		return x
	}
	v.end, v.period = next(), next()
	marks := next()
	v.conflict = marks&markConflict != 0
	if marks&markRevision != 0 {
		v.revision = next()
	}
	v.content = rest
	return v
}

func (v rowView) before(o rowView) bool {
	return v.end < o.end || v.end == o.end && v.period < o.period
}

func (v rowView) encode(conflict bool) []byte {
	marks := uint64(0)
	if conflict {
		marks |= markConflict
	}
	if v.revision != 0 {
		marks |= markRevision
	}
	var head [5 * binary.MaxVarintLen64]byte
	rest := head[:0]
	for _, x := range [...]uint64{v.end, v.period, marks} {
		rest = binary.AppendUvarint(rest, x)
	}
	if v.revision != 0 {
		rest = binary.AppendUvarint(rest, v.revision)
	}
	row := binary.AppendUvarint(make([]byte, 0, len(rest)+len(v.content)+2), uint64(len(rest)+len(v.content)))
	return append(append(row, rest...), v.content...)
}

func (v rowView) decode(start int64, r *Report) {
	*r = Report{End: start + int64(v.end), Period: int64(v.period), Revision: v.revision, Conflict: v.conflict}
	rest := v.content
	next := func() uint64 {
		x, n := binary.Uvarint(rest)
		rest = rest[n:]
		return x
	}
	r.Suspect = next() != 0
	r.Has = next()
	for has := r.Has; has != 0; has &= has - 1 {
		r.Values[bits.TrailingZeros64(has)] = int64(next())
	}
}

func appendRow(dst []byte, start int64, r *Report) []byte {
	var buf [(MaxItems + 2) * binary.MaxVarintLen64]byte
	suspect := uint64(0)
	if r.Suspect {
		suspect = 1
	}
	content := binary.AppendUvarint(binary.AppendUvarint(buf[:0], suspect), r.Has)
	for has := r.Has; has != 0; has &= has - 1 {
		content = binary.AppendUvarint(content, uint64(r.Values[bits.TrailingZeros64(has)]))
	}
	v := rowView{end: uint64(r.End - start), period: uint64(r.Period), revision: r.Revision, content: content}
	return append(dst, v.encode(r.Conflict)...)
}
