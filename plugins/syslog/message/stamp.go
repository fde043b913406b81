package message

import (
	"bytes"
	"time"
)

// Stamp is a time as a device writes it, which may lack the year or the zone.
type Stamp struct {
	year, month, day     int // year 0: not told; month 0: no stamp at all
	hour, minute, second int
	nanos                int
	offset               int  // seconds east of UTC
	zoned                bool // offset was told
	alone                bool // its form is one that no host follows
	Doubtful             bool // the device says that its clock is not set
}

// Told says whether there is a stamp.
func (s Stamp) Told() bool { return s.month > 0 }

// Near is the instant meant, as near to now as what was told allows: without a zone it is that of local or UTC, without a
// year that of now or one beside it. False: there is none.
func (s Stamp) Near(now time.Time, local *time.Location) (time.Time, bool) {
	if !s.Told() {
		return time.Time{}, false
	}
	best := s.in(now, local)
	if utc := s.in(now, time.UTC); utc.Sub(now).Abs() < best.Sub(now).Abs() {
		best = utc
	}
	return best, true
}

func (s Stamp) in(now time.Time, zone *time.Location) time.Time {
	if s.year > 0 {
		return s.date(s.year, zone)
	}
	year := now.Year()
	best := s.date(year, zone)
	if best.Sub(now).Abs() < 24*time.Hour { // as nearly all are
		return best
	}
	for _, other := range [...]int{year - 1, year + 1} {
		if t := s.date(other, zone); t.Sub(now).Abs() < best.Sub(now).Abs() {
			best = t
		}
	}
	return best
}

func (s Stamp) date(year int, zone *time.Location) time.Time {
	if s.zoned {
		zone = time.UTC
	}
	t := time.Date(year, time.Month(s.month), s.day, s.hour, s.minute, s.second, s.nanos, zone)
	return t.Add(-time.Duration(s.offset) * time.Second)
}

// stamp takes a time stamp in any of the forms that devices have:
//
//	Nov  3 08:00:00.123   Nov  3 2026 08:00:00+07:00   Nov 3 08:00:00 2026
//	2026 Nov  3 08:00:00  2026-11-03T08:00:00.123Z      08:00:00 11/03/2026 UTC
//
// with the zone behind it, if there is one. Without a stamp nothing is taken.
func (c *cursor) stamp() (Stamp, bool) {
	var s Stamp
	t := *c
	ok := false
	switch {
	case len(t) < len("Nov 3 08:00:00"):
	case t[0] >= 'A' && t[0] <= 'S':
		ok = t.monthFirst(&s)
	case t[2] == ':':
		ok = t.clock(&s) && t.skip(' ') && t.american(&s)
	case t[0] == '1' || t[0] == '2':
		ok = t.yearFirst(&s)
	}
	if !ok || !s.valid() {
		return Stamp{}, false
	}
	t.zone(&s)
	*c = t
	return s, true
}

func (s Stamp) valid() bool {
	return s.month >= 1 && s.month <= 12 && s.day >= 1 && s.day <= 31 && s.hour < 24 && s.minute < 60 && s.second <= 60
}

// monthFirst takes "Nov  3 [2026 ]08:00:00[ 2026]".
func (c *cursor) monthFirst(s *Stamp) bool {
	if !c.month(s) || !c.dayOfMonth(s) {
		return false
	}
	c.year(s)
	if !c.clock(s) {
		return false
	}
	if t := *c; s.year == 0 && t.skip(' ') && t.year(s) {
		*c = (*c)[len(" 2026"):] // leaves the space before the host
	}
	return true
}

// yearFirst takes "2026 Nov  3 08:00:00" and "2026-11-03T08:00:00", with / for - as well.
func (c *cursor) yearFirst(s *Stamp) bool {
	var ok bool
	if s.year, ok = c.number(4, 4); !ok || len(*c) == 0 {
		return false
	}
	separator := (*c)[0]
	if c.skip(' ') {
		return c.month(s) && c.dayOfMonth(s) && c.clock(s)
	}
	if separator != '-' && separator != '/' {
		return false
	}
	*c = (*c)[1:]
	s.month, _ = c.number(1, 2)
	if !c.skip(separator) {
		return false
	}
	s.day, _ = c.number(1, 2)
	return (c.skip('T') || c.skip(' ')) && c.clock(s)
}

// american takes "11/03/2026".
func (c *cursor) american(s *Stamp) (ok bool) {
	s.month, _ = c.number(2, 2)
	if !c.skip('/') {
		return false
	}
	s.day, _ = c.number(2, 2)
	if !c.skip('/') {
		return false
	}
	s.year, ok = c.number(4, 4)
	s.alone = true
	return ok
}

func (c *cursor) month(s *Stamp) bool {
	const names = "JanFebMarAprMayJunJulAugSepOctNovDec"
	t := *c
	if len(t) < 4 || t[3] != ' ' {
		return false
	}
	for i := 0; i < len(names); i += 3 {
		if string(t[:3]) == names[i:i+3] {
			s.month = i/3 + 1
			*c = bytes.TrimLeft(t[3:], " ")
			return true
		}
	}
	return false
}

func (c *cursor) dayOfMonth(s *Stamp) (ok bool) {
	s.day, ok = c.number(1, 2)
	return ok && c.skip(' ')
}

// year takes "2026 ".
func (c *cursor) year(s *Stamp) bool {
	t := *c
	n, ok := t.number(4, 4)
	if !ok || n < 1970 || !t.skip(' ') {
		return false
	}
	s.year, *c = n, t
	return true
}

// clock takes "08:00:00", with a fraction behind a point or a comma.
func (c *cursor) clock(s *Stamp) bool {
	var ok [3]bool
	s.hour, ok[0] = c.number(2, 2)
	first := c.skip(':')
	s.minute, ok[1] = c.number(2, 2)
	second := c.skip(':')
	s.second, ok[2] = c.number(2, 2)
	if !ok[0] || !ok[1] || !ok[2] || !first || !second {
		return false
	}
	if t := *c; len(t) > 1 && (t[0] == '.' || t[0] == ',') && t[1] >= '0' && t[1] <= '9' {
		*c = t[1:]
		c.fraction(s)
	}
	return true
}

func (c *cursor) fraction(s *Stamp) {
	scale := 100_000_000
	for len(*c) > 0 && (*c)[0] >= '0' && (*c)[0] <= '9' {
		s.nanos += int((*c)[0]-'0') * scale
		scale /= 10
		*c = (*c)[1:]
	}
}
