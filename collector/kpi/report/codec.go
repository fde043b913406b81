package report

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/bits"

	"github.com/haidang-noc/haidang/collector/model"
)

// errCorrupt is what every decoder's error wraps.
var errCorrupt = errors.New("corrupt encoding")

// AppendRange appends the encoding of the reports whose middle lies in seconds [from, to) of the day.
func (s *Set) AppendRange(dst []byte, from, to int64) []byte {
	var part []byte
	for rows := s.rows; len(rows) > 0; {
		v := view(rows)
		if middle := int64(v.end) - int64(v.period+1)/2; middle >= from && middle < to {
			part = append(part, rows[:v.size]...)
		}
		rows = rows[v.size:]
	}
	return append(binary.AppendUvarint(dst, uint64(len(part))), part...)
}

// MergeEncoded adds what AppendRange wrote and returns the bytes after it. On an error the set is
// unchanged.
func (s *Set) MergeEncoded(data []byte) (rest []byte, err error) {
	r := reader{data: data}
	other := r.set()
	if r.err != nil {
		return nil, r.err
	}
	s.Merge(&other)
	return r.data, nil
}

// reader takes varints off data; the first failure sticks.
type reader struct {
	data []byte
	err  error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("report: decode: %s: %w", what, errCorrupt)
	}
	r.data = nil
}

func (r *reader) below(limit uint64, what string) uint64 {
	v, n := binary.Uvarint(r.data)
	if n <= 0 || v >= limit {
		r.fail(what)
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) bytes(what string) []byte {
	n := r.below(1<<40, what)
	if n > uint64(len(r.data)) {
		r.fail(what)
	}
	if r.err != nil {
		return nil
	}
	b := r.data[:n:n]
	r.data = r.data[n:]
	return b
}

// set reads rows and writes them again, so that what is kept is in canonical form whatever was read.
func (r *reader) set() Set {
	rows := reader{data: r.bytes("rows")}
	var s Set
	for len(rows.data) > 0 && r.err == nil {
		row := reader{data: rows.bytes("row")}
		one := row.report()
		if rows.err != nil || row.err != nil || len(row.data) > 0 {
			r.fail("row")
			break
		}
		s.Add(0, one)
	}
	return s
}

// maxEnd is the greatest end of a period whose middle lies in a day, relative to the day's start.
const maxEnd = model.DaySeconds + MaxPeriod

// report reads one row, with times relative to day 0, as every day's rows have.
func (r *reader) report() *Report {
	start := model.Day(0).Start()
	one := &Report{End: start + int64(r.below(maxEnd, "end")), Period: int64(r.below(MaxPeriod+1, "period"))}
	marks := r.below(markRevision<<1, "marks")
	one.Conflict = marks&markConflict != 0
	if marks&markRevision != 0 {
		one.Revision = r.below(math.MaxUint64, "revision")
	}
	one.Suspect = r.below(2, "suspect") != 0
	one.Has = r.below(1<<MaxItems, "items")
	for has := one.Has; has != 0 && r.err == nil; has &= has - 1 {
		one.Values[bits.TrailingZeros64(has)] = int64(r.below(math.MaxInt64, "value"))
	}
	if day, _ := one.Day(); one.Period < MinPeriod || day != 0 {
		r.fail("period outside the day")
	}
	return one
}
