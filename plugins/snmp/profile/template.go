package profile

import (
	"fmt"
	"slices"
	"strings"
)

// template makes the value of a tag: text with {names} in it, and alternatives that are tried when a name is not known.
// {if NAME} is the name of the interface whose ifIndex NAME is.
type template [][]piece

type piece struct {
	literal string
	name    int // -1: the literal
	ifName  bool
}

// parseTemplate reads "{name} | {descr} | slot {slot}".
func parseTemplate(source string, names []string) (template, error) {
	var t template
	for alternative := range strings.SplitSeq(source, "|") {
		pieces, err := parsePieces(strings.TrimSpace(alternative), names)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", source, err)
		}
		t = append(t, pieces)
	}
	return t, nil
}

func parsePieces(source string, names []string) (pieces []piece, err error) {
	for source != "" {
		before, rest, open := strings.Cut(source, "{")
		if before != "" {
			pieces = append(pieces, piece{literal: before, name: -1})
		}
		if !open {
			break
		}
		inside, after, closed := strings.Cut(rest, "}")
		name, isInterface := strings.CutPrefix(inside, "if ")
		i := slices.Index(names, name)
		if !closed || i < 0 {
			return nil, fmt.Errorf("{%s}: want a learned column, a part of the index or what is derived of them: %s", inside, strings.Join(names, ", "))
		}
		pieces = append(pieces, piece{name: i, ifName: isInterface})
		source = after
	}
	return pieces, nil
}

// uses says which names a template has.
func (t template) uses() (set uint64) {
	for _, pieces := range t {
		for _, p := range pieces {
			if p.name >= 0 {
				set |= 1 << p.name
			}
		}
	}
	return set
}

// interfaces finds the name of an interface by its ifIndex.
type interfaces func(index uint32) (name string, ok bool)

// fill is the first alternative all of whose names are known. An alternative without any is always so.
func (t template) fill(words []word, find interfaces) (string, bool) {
	for _, pieces := range t {
		if s, ok := fillPieces(pieces, words, find); ok {
			return s, true
		}
	}
	return "", false
}

func fillPieces(pieces []piece, words []word, find interfaces) (string, bool) {
	var b strings.Builder
	for _, p := range pieces {
		text := p.literal
		if p.name >= 0 {
			w := words[p.name]
			text = w.text
			if p.ifName {
				text = interfaceName(w, find)
			}
			if text == "" {
				return "", false
			}
		}
		b.WriteString(text)
	}
	return b.String(), true
}

func interfaceName(w word, find interfaces) string {
	if name, ok := find(uint32(w.num.whole)); ok && w.isNum {
		return name
	}
	return ""
}
