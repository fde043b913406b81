package inventory

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/haidang-noc/haidang/collector/model"
)

// row is one CSV record. Its methods read one cell each, in the order of the header, so a struct
// literal that calls them reads like the header; a cell that cannot be read is reported and yields
// the zero value, so that one mistake does not cause others.
type row struct {
	file   string
	header []string
	more   string // last columns that may be missing
	found  *Problems
	texts  *texts
	most   int // how many rows the file may have

	line  int
	cells []string
	next  int    // index of the next cell
	last  moment // the one read before
}

// moment is an instant as it stands in a file. Rows often have the same as the row before them.
type moment struct {
	text string
	at   int64
}

// fail reports the cell read last.
func (r *row) fail(format string, args ...any) {
	r.found.add(r.file, r.line, r.header[r.next-1], format, args...)
}

// text reads any text, to be kept; it may be empty.
func (r *row) text() string { return r.texts.keep(r.cell()) }

// cell is the next cell's text for as long as the record's memory is worth keeping.
func (r *row) cell() string {
	s := r.cells[r.next]
	r.next++
	if why := unclean(s); why != "" {
		r.fail("%s %s", quote(s), why)
		return ""
	}
	return s
}

// name reads text that must not be empty.
func (r *row) name() string {
	before := r.found.Total
	s := r.text()
	if s == "" && r.found.Total == before {
		r.fail("is empty: want a value")
	}
	return s
}

// unclean says what is wrong with a text, if anything.
func unclean(s string) string {
	switch {
	case !utf8.ValidString(s):
		return "is not UTF-8"
	case strings.ContainsFunc(s, unicode.IsControl):
		return "holds a control character"
	case strings.TrimSpace(s) != s:
		return "has spaces at its edge"
	}
	return ""
}

// quote shows a value from a file, bounded in length.
func quote(s string) string {
	const longest = 120
	if len(s) > longest {
		return fmt.Sprintf("%.*q…", longest, s)
	}
	return strconv.Quote(s)
}

// largest is the greatest count a cell may hold; sums over the nation stay far below 2^63.
const largest = 1_000_000_000_000

// count reads a number of things; empty means 0.
func (r *row) count() int64 {
	s := r.cell()
	if s == "" {
		return 0
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || n > largest {
		r.fail("%s is not a count: want a whole number from 0 to %d, without sign or separators", quote(s), int64(largest))
		return 0
	}
	return n
}

// coordinate reads a row or column of the tile map.
func (r *row) coordinate() int {
	s := r.cell()
	n, err := strconv.ParseUint(s, 10, 8)
	if err != nil {
		r.fail("%s is not a place on the tile map: want a whole number from 0 to 255", quote(s))
	}
	return int(n)
}

// instant reads a point in time; an empty cell means absent.
func (r *row) instant(absent int64) int64 {
	s := r.cell()
	if s == "" {
		return absent
	}
	if s == r.last.text {
		return r.last.at
	}
	t, err := parseInstant(s)
	if err != nil {
		r.fail("%v", err)
		return absent
	}
	r.last = moment{s, t}
	return t
}

// mustInstant reads a point in time that has to be given.
func (r *row) mustInstant() int64 {
	t := r.instant(-1)
	if t == -1 && r.cells[r.next-1] == "" {
		r.fail("is empty: want a time, for example 2026-10-01T22:00:00+07:00")
	}
	return t
}

// day reads a date.
func (r *row) day() model.Day {
	s := r.cell()
	t, err := time.ParseInLocation(time.DateOnly, s, model.Local)
	if err != nil {
		r.fail("%s is not a date: want for example 2026-09-02", quote(s))
		return 0
	}
	return model.DayOf(t.Unix())
}

// validity reads valid_from and valid_to, the end exclusive; empty cells leave the interval open.
func (r *row) validity() model.Validity {
	v := model.Validity{From: r.instant(0), To: r.instant(model.Forever)}
	if v.To <= v.From {
		r.fail("%s is not after valid_from %s", quote(r.cells[r.next-1]), quote(r.cells[r.next-2]))
		v.To = model.Forever
	}
	return v
}

// parseInstant reads a date, which means its local midnight, or an RFC 3339 time with its offset.
func parseInstant(s string) (int64, error) {
	t, err := time.ParseInLocation(time.DateOnly, s, model.Local)
	if err != nil {
		t, err = time.Parse(time.RFC3339, s)
	}
	if err != nil || t.Unix() < 0 || t.Year() > 9999 {
		return 0, fmt.Errorf("%s is not a time: want 2026-10-01 (midnight in Việt Nam) or 2026-10-01T22:00:00+07:00", quote(s))
	}
	return t.Unix(), nil
}

// address reads an IP address or a host name, either with or without a port; it may be empty.
func (r *row) address() string {
	s := r.text()
	if s == "" || isAddress(s) {
		return s
	}
	r.fail("%s is not an address: want 10.1.2.3, 2001:db8::1 or a host name, with :port if needed", quote(s))
	return ""
}

func isAddress(s string) bool {
	if _, err := netip.ParseAddr(s); err == nil {
		return true
	}
	if _, err := netip.ParseAddrPort(s); err == nil {
		return true
	}
	host, port, found := strings.Cut(s, ":")
	if n, err := strconv.ParseUint(port, 10, 16); found && (err != nil || n == 0) {
		return false
	}
	return isHost(host)
}

// isHost follows RFC 1123; a last label of digits only is a mistyped IP address.
func isHost(s string) bool {
	labels := strings.Split(strings.TrimSuffix(s, "."), ".")
	for _, label := range labels {
		if label == "" || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' || strings.ContainsFunc(label, notHostRune) {
			return false
		}
	}
	_, err := strconv.ParseUint(labels[len(labels)-1], 10, 64)
	return err != nil && len(s) <= 253
}

func notHostRune(c rune) bool {
	return c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
}

// token reads a lower-case word of letters, digits, - and _, or nothing.
func (r *row) token() string {
	s := r.text()
	if isToken(s) {
		return s
	}
	r.fail("%s is not a word: want lower-case letters, digits, - and _", quote(s))
	return ""
}

func isToken(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}
