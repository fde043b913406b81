package inventory

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in one of the files.
type Problem struct {
	File string
	Line int    // 0: the file as a whole
	Key  string // column or YAML key; empty: the line as a whole
	Text string // the value and what is expected
}

// String is the mistake as file:line: key: text.
func (p Problem) String() string {
	place := p.File
	if p.Line > 0 {
		place = fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	if p.Key != "" {
		place += ": " + p.Key
	}
	return place + ": " + p.Text
}

const (
	maxShown = 100    // mistakes in the error text
	maxKept  = 10_000 // mistakes held in memory
)

// Problems is every mistake found in one Load. Only the first maxKept are kept, so that a wrong
// file of any size costs bounded memory; the rest is counted.
type Problems struct {
	List  []Problem // sorted by file, line and key
	Total int
}

// Error prints the first 100 mistakes, one a line.
func (p *Problems) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "inventory: %d mistakes", p.Total)
	if p.Total == 1 {
		b.Reset()
		b.WriteString("inventory: 1 mistake")
	}
	shown := p.List[:min(len(p.List), maxShown)]
	for _, one := range shown {
		b.WriteString("\n  " + one.String())
	}
	if more := p.Total - len(shown); more > 0 {
		fmt.Fprintf(&b, "\n  … and %d more", more)
	}
	return b.String()
}

func (p *Problems) add(file string, line int, key, format string, args ...any) {
	p.Total++
	if len(p.List) < maxKept {
		p.List = append(p.List, Problem{file, line, key, fmt.Sprintf(format, args...)})
	}
}

func (p *Problems) err() error {
	if p.Total == 0 {
		return nil
	}
	slices.SortStableFunc(p.List, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Key, b.Key), cmp.Compare(a.Text, b.Text))
	})
	return p
}
