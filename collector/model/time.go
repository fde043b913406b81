// Package model holds what the operator's files say (devices, links, windows, targets, provinces)
// and the calendar everything is cut by. It has no I/O: collector/inventory reads the files.
package model

import (
	"fmt"
	"time"
)

// Local is Asia/Ho_Chi_Minh: fixed UTC+07:00, no DST, so a local day is always 86 400 s and a
// month needs no time zone database.
var Local = time.FixedZone("Asia/Ho_Chi_Minh", 7*3600)

const (
	// DaySeconds is the length of every local day.
	DaySeconds = 86400
	localShift = 7 * 3600
)

// Day is a local calendar day, counted from 1970-01-01 in Local.
type Day int32

// DayOf returns the local day that holds the instant sec (Unix seconds).
func DayOf(sec int64) Day {
	s := sec + localShift
	d := s / DaySeconds
	if s%DaySeconds < 0 {
		d--
	}
	return Day(d)
}

// Start is the day's first second, End the first second after it.
func (d Day) Start() int64 { return int64(d)*DaySeconds - localShift }

// End is the first second after the day.
func (d Day) End() int64 { return d.Start() + DaySeconds }

// String prints the day as 2026-10-31.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// Time is the day's start in Local.
func (d Day) Time() time.Time { return time.Unix(d.Start(), 0).In(Local) }

// Month is a local calendar month.
type Month struct {
	Year  int
	Month time.Month
}

// ParseMonth reads "2026-10".
func ParseMonth(s string) (Month, error) {
	t, err := time.ParseInLocation("2006-01", s, Local)
	if err != nil {
		return Month{}, fmt.Errorf("month %q: want YYYY-MM, for example 2026-10", s)
	}
	return Month{t.Year(), t.Month()}, nil
}

// MonthOf returns the local month that holds the instant sec.
func MonthOf(sec int64) Month {
	t := time.Unix(sec, 0).In(Local)
	return Month{t.Year(), t.Month()}
}

// First is the month's first day.
func (m Month) First() Day {
	return DayOf(time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, Local).Unix())
}

// Next is the month after m.
func (m Month) Next() Month {
	t := time.Date(m.Year, m.Month+1, 1, 0, 0, 0, 0, Local)
	return Month{t.Year(), t.Month()}
}

// Start and End bound the month, half-open, in Unix seconds.
func (m Month) Start() int64 { return m.First().Start() }

// End is the first second after the month.
func (m Month) End() int64 { return m.Next().Start() }

// String prints the month as 2026-10.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, int(m.Month)) }
