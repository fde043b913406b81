// Package table says what messages mean: which word a message has in it, what a pattern takes from what follows the word, and what
// that tells of an interface or of a part of the device. The tables are data (configs/syslog).
package table

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/haidang-noc/haidang/internal/conf"
)

// Meaning is what a message of one kind means.
type Meaning struct {
	Name     string
	Vendor   string
	Severity string // of X.733
	Tells    Tells
	Sensor   string // with Alarm and Cleared: the kind of part
}

// Tells is what a message tells of an interface or of a part.
type Tells int

// What there is to tell.
const (
	Nothing Tells = iota // it is only written as a message
	Up                   // the interface is up
	Down                 // the interface is down
	Shut                 // the interface was shut down by intent
	Alarm                // the part is not as it should be
	Cleared              // the part is as it should be
)

// Match is a message that the table knows.
type Match struct {
	*Meaning
	IfName string // as the SNMP input has it; empty: none is told
	Object string // the part; empty: none is told
}

// Table knows messages. Fill it with Add, then call Compile; any number of goroutines may then call Match.
type Table struct {
	rows  []*row
	adds  int // calls of Add so far
	finds *words
	by    [][]*row // by word
}

// Add takes the rows of all files that match a pattern of names. Rows that were added before are tried before.
func (t *Table) Add(files fs.FS, names string) error {
	t.adds++
	paths, err := fs.Glob(files, names)
	if err != nil || len(paths) == 0 {
		return fmt.Errorf("patterns: no file %s", names)
	}
	for _, path := range paths {
		text, err := fs.ReadFile(files, path)
		if err != nil {
			return fmt.Errorf("patterns: %w", err)
		}
		if err := t.AddFile(path, text); err != nil {
			return err
		}
	}
	return nil
}

// AddFile takes the rows of a file.
func (t *Table) AddFile(path string, text []byte) error {
	var f file
	if err := conf.Decode(path, 1, text, &f); err != nil {
		return err
	}
	if f.Vendor == "" || !oneLine(f.Vendor) {
		return conf.At(path, 1, "vendor", "want the maker's name")
	}
	for long, short := range f.Shorten {
		if long == "" || short == "" || strings.ContainsAny(long, "0123456789") {
			return conf.At(path, 1, "shorten", "%q: %q: want what stands before the first digit of a name, and what ifName has for it", long, short)
		}
	}
	for _, section := range f.Messages {
		r, err := readRow(section, &f)
		if err != nil {
			return err
		}
		r.added = t.adds
		t.rows = append(t.rows, r)
	}
	return nil
}

// Compile makes the table ready, and tries every row on its own example.
func (t *Table) Compile() error {
	index := map[string]int{}
	var all []string
	for _, r := range t.rows {
		n, ok := index[r.Word]
		if !ok {
			n = len(all)
			index[r.Word] = n
			all = append(all, r.Word)
			t.by = append(t.by, nil)
		}
		t.by[n] = append(t.by[n], r)
	}
	var err error
	if t.finds, err = newWords(all); err != nil {
		return fmt.Errorf("patterns: %w", err)
	}
	for _, r := range t.rows {
		if r.Example == "" {
			continue
		}
		if err := t.try(r); err != nil {
			return conf.At(r.section.File, r.section.Line, "example", "message %q: %v", r.Name, err)
		}
	}
	return nil
}

// try matches a row's own example. A row of a table that was added before may take it: that is what such a table is for.
func (t *Table) try(r *row) error {
	m, ok := t.Match([]byte(r.Example))
	if !ok {
		return errors.New("the row does not take it")
	}
	i := slices.IndexFunc(t.rows, func(other *row) bool { return &other.meaning == m.Meaning })
	if taker := t.rows[i]; taker != r && taker.added == r.added {
		return fmt.Errorf("the row in %s:%d takes it", taker.section.File, taker.section.Line)
	}
	return nil
}

// mostTries bounds the patterns that are tried on one message.
const mostTries = 32

// Match finds what a message means: that of the first row whose word is in it and whose pattern fits what follows.
func (t *Table) Match(text []byte) (m Match, ok bool) {
	tries := 0
	t.finds.find(text, func(word int32, end int) bool {
		for _, r := range t.by[word] {
			if m, ok = r.match(text[end:]); ok {
				return false
			}
			if tries++; tries == mostTries {
				return false
			}
		}
		return true
	})
	return m, ok
}

// Len is how many kinds of messages the table knows.
func (t *Table) Len() int { return len(t.rows) }

// maxName bounds the name of an interface or a part.
const maxName = 255

// name is a captured name; empty if it is none.
func name(b []byte) string {
	s := strings.Join(strings.Fields(string(b)), " ")
	if len(s) > maxName || !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) {
		return ""
	}
	return s
}

// shortened is an interface's name as the device's ifName has it: GigabitEthernet0/1 is Gi0/1.
func shortened(s string, by map[string]string) string {
	digit := strings.IndexAny(s, "0123456789")
	if digit <= 0 {
		return s
	}
	if short, ok := by[strings.TrimSpace(s[:digit])]; ok {
		return short + s[digit:]
	}
	return s
}

func oneLine(s string) bool { return !strings.ContainsAny(s, "\r\n") }
