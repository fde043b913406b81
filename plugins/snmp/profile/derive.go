package profile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// derived is a name made of another one when a table is learned: what an expression matches, bits of a number, or the
// word that stands for a number.
type derived struct {
	of    int
	match *regexp.Regexp
	shift uint
	bits  uint
	names map[string]string
}

// derivedText is a derived name as a profile has it.
type derivedText struct {
	Of    string            `yaml:"of,omitempty"`
	Match string            `yaml:"match,omitempty"`
	Shift uint              `yaml:"shift,omitempty"`
	Bits  uint              `yaml:"bits,omitempty"`
	Names map[string]string `yaml:"names,omitempty"`
}

func (t derivedText) compile(names []string) (d derived, err error) {
	ways := 0
	for _, used := range []bool{t.Match != "", t.Bits > 0, len(t.Names) > 0} {
		if used {
			ways++
		}
	}
	d = derived{of: slices.Index(names, t.Of), shift: t.Shift, bits: t.Bits, names: t.Names}
	switch {
	case d.of < 0:
		return d, fmt.Errorf("of: %q: want one of %s", t.Of, strings.Join(names, ", "))
	case ways != 1:
		return d, errors.New("of: want one of match, bits and names beside it")
	case t.Shift+t.Bits > 64:
		return d, fmt.Errorf("shift: %d: want shift and bits within 64 bits", t.Shift)
	case t.Match == "":
		return d, nil
	}
	if d.match, err = regexp.Compile(t.Match); err != nil {
		return d, fmt.Errorf("match: %w", err)
	}
	if d.match.NumSubexp() > 1 {
		return d, fmt.Errorf("match: %q: want at most one group in parentheses", t.Match)
	}
	return d, nil
}

// from makes the word; an empty one if there is none.
func (d derived) from(w word) word {
	switch {
	case d.match != nil:
		if m := d.match.FindStringSubmatch(w.text); m != nil {
			return guess(m[len(m)-1])
		}
	case d.bits > 0 && w.isNum:
		return numberWord(w.num.whole >> d.shift & (1<<d.bits - 1))
	case d.names != nil:
		return textWord(d.names[w.text])
	}
	return word{}
}

// guess is a word that may be a number.
func guess(s string) word {
	w := textWord(s)
	if n, err := strconv.ParseFloat(s, 64); err == nil && n-n == 0 {
		w.num, w.isNum = number{n, uint64(max(n, 0))}, true
	}
	return w
}
