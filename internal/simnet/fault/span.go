package fault

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Tick is an instant in hundredths of a second since 1970, the unit of SNMP's TimeTicks.
type Tick int64

// Ticks of common lengths.
const (
	Second Tick = 100
	Minute      = 60 * Second
	Hour        = 60 * Minute
	Day         = 24 * Hour
	// Forever is the end of a fault that has none.
	Forever Tick = math.MaxInt64
	// localShift moves an instant to Asia/Ho_Chi_Minh, which has no daylight saving time.
	localShift = 7 * Hour
)

// TickOf is the tick that holds the instant.
func TickOf(t time.Time) Tick { return Tick(t.UnixMilli() / 10) }

// Time is an instant in a configuration or request: RFC 3339. (The YAML library would take anything
// else for no time at all.)
type Time struct{ time.Time }

// UnmarshalText reads RFC 3339.
func (t *Time) UnmarshalText(text []byte) error {
	v, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is not a time: want RFC 3339, for example 2026-10-01T00:00:00+07:00", text)
	}
	t.Time = v
	return nil
}

// UnixNano is the instant as line protocol writes it.
func (t Tick) UnixNano() int64 { return int64(t) * int64(10*time.Millisecond) }

// DayStart is the local midnight at or before t.
func (t Tick) DayStart() Tick { return t - (t+localShift)%Day }

// Span is a half-open interval [From, To).
type Span struct{ From, To Tick }

// Covers says whether t lies in the span.
func (s Span) Covers(t Tick) bool { return t >= s.From && t < s.To }

// Spans are when the fault holds: sorted and disjoint.
func (f Fault) Spans() []Span {
	whole := Span{TickOf(f.From.Time), Forever}
	if !f.To.IsZero() {
		whole.To = TickOf(f.To.Time)
	}
	if f.Daily == nil {
		return []Span{whole}
	}
	var out []Span
	for day := whole.From.DayStart(); day < whole.To; day += Day {
		s := Span{max(whole.From, day+Tick(f.Daily.From)*Hour), min(whole.To, day+Tick(f.Daily.To)*Hour)}
		if s.From < s.To {
			out = append(out, s)
		}
	}
	return out
}

// Union sorts spans and merges those that touch. It works in place.
func Union(spans []Span) []Span {
	slices.SortFunc(spans, func(a, b Span) int {
		return int(min(max(a.From-b.From, -1), 1))
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.From <= out[n-1].To {
			out[n-1].To = max(out[n-1].To, s.To)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Covered says whether t lies in one of the sorted, disjoint spans.
func Covered(spans []Span, t Tick) bool {
	i, exact := slices.BinarySearchFunc(spans, t, func(s Span, t Tick) int {
		return int(min(max(s.From-t, -1), 1))
	})
	return exact || i > 0 && t < spans[i-1].To
}
